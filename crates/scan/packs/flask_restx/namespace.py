from _described import _securing
from flask.globals import request
from flask_restx.errors import abort
from flask_restx.marshalling import marshal, marshal_with
from flask_restx.model import Model, SchemaModel
from flask_restx.reqparse import RequestParser


class Namespace:
    def __init__(self, name, description=None, path=None, decorators=None, validate=None, authorizations=None, ordered=False, **kwargs):
        self.name = name
        self.description = description
        self._path = path
        self.models = {}
        self.decorators = decorators if decorators else []
        self.resources = []
        self.error_handlers = {}
        self.authorizations = authorizations
        self.apis = []
        if "api" in kwargs:
            self.apis.append(kwargs["api"])
        self.logger = __unknown__("a logger")

    @property
    def path(self):
        return (self._path or ("/" + self.name)).rstrip("/")

    def add_resource(self, resource, *urls, **kwargs):
        kwargs.pop("route_doc", None)
        self.resources.append((resource, urls, kwargs))
        for api in self.apis:
            api.register_resource(self, resource, *api.ns_urls(self, urls), **kwargs)

    def route(self, *urls, **kwargs):
        def wrapper(cls):
            _told(cls, kwargs.pop("doc", None))
            self.add_resource(cls, *urls, **kwargs)
            return cls
        return wrapper

    def marshal_with(self, fields, as_list=False, code=200, description=None, **kwargs):
        return _answers(fields, code, as_list, marshal_with(fields))

    def marshal_list_with(self, fields, code=200, **kwargs):
        return _answers(fields, code, True, marshal_with(fields))

    def errorhandler(self, exception):
        if isinstance(exception, type):
            def wrapper(func):
                self.error_handlers[exception] = func
                return func
            return wrapper
        return exception

    def add_model(self, name, definition):
        self.models[name] = definition
        return definition

    def model(self, name=None, model=None, mask=None, strict=False, **kwargs):
        return self.add_model(name, Model(name, model))

    def schema_model(self, name=None, schema=None):
        return self.add_model(name, SchemaModel(name, schema))

    def abort(self, *args, **kwargs):
        abort(*args, **kwargs)

    def extend(self, name, parent, fields=None): return self.add_model(name, Model.extend(name, *_specs(parent), fields))
    def clone(self, name, *specs): return self.add_model(name, Model.clone(name, *specs))
    def inherit(self, name, *specs): return self.add_model(name, Model.inherit(name, *specs))
    def doc(self, shortcut=None, **kwargs): return lambda documented: _told(documented, kwargs)
    def hide(self, func): return func
    def expect(self, *inputs, **kwargs): return lambda documented: _told(documented, {"expect": list(inputs)})

    def param(self, name, description=None, _in="query", **kwargs):
        return lambda documented: _told(documented, {"params": {name: dict(kwargs, **{"in": _in})}})

    def response(self, code, description, model=None, **kwargs):
        return lambda documented: _told(documented, {"responses": {code: (description, model)}})

    def header(self, name, description=None, **kwargs): return _documented
    def produces(self, mimetypes): return _documented
    def vendor(self, *args, **kwargs): return _documented
    def deprecated(self, func): return func
    def as_list(self, field): return field
    def parser(self): return RequestParser()
    def marshal(self, data, *args, **kwargs): return data

    @property
    def payload(self):
        return request.get_json()


def _documented(documented):
    return documented


def _specs(parent):
    return parent if __kind_of__(parent) in ("list", "tuple") else [parent]


def _one(model):
    """A model, and whether a list of them is meant."""
    if __kind_of__(model) in ("list", "tuple") and len(model) == 1:
        return model[0], True
    return model, False


def _answers(fields, code, as_list, then):
    def decorator(documented):
        model, many = _one(fields)
        said = dict(__marked__(documented, "_apidoc") or {})
        said["response"] = (_number(code), model, many or as_list)
        made = then(documented)
        made._apidoc = said
        return made
    return decorator


def _told(documented, kwargs):
    """What `doc`, `expect` and `response` say of a resource or of one of its methods."""
    said = dict(__marked__(documented, "_apidoc") or {})
    given = kwargs if __kind_of__(kwargs) == "dict" else {}
    body = given.get("body")
    inputs = given.get("expect")
    inputs = list(inputs) if __kind_of__(inputs) in ("list", "tuple") else [inputs] if inputs is not None else []
    for one in inputs + [body, given.get("parser")]:
        if isinstance(one, RequestParser):
            said["parsers"] = list(said.get("parsers") or []) + [one]
        elif one is not None:
            # `[Model]`, `(Model, "what it is")`
            one = one[0] if __kind_of__(one) == "tuple" and len(one) > 1 else one
            said["request"] = _one(one)
    if __kind_of__(given.get("params")) == "dict":
        said["params"] = dict(said.get("params") or {}, **given["params"])
    if not inputs and body is None and __kind_of__(given.get("model")) == "instance" and "response" not in said:
        said["response"] = (200, given["model"], False)
    responses = given.get("responses")
    if __kind_of__(responses) == "dict":
        for code in responses:
            answer = responses[code]
            named = answer[1] if __kind_of__(answer) == "tuple" and len(answer) > 1 else None
            if str(code).startswith("2") and "response" not in said:
                model, many = _one(named)
                said["response"] = (_number(code), model, many)
    documented._apidoc = said
    return _securing(documented, documented, given["security"]) if "security" in given else documented


def _number(code):
    return int(code)
