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
            kwargs.pop("doc", None)
            self.add_resource(cls, *urls, **kwargs)
            return cls
        return wrapper

    def marshal_with(self, fields, as_list=False, code=200, description=None, **kwargs):
        return marshal_with(fields)

    def marshal_list_with(self, fields, **kwargs):
        return marshal_with(fields)

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
        return self.add_model(name, Model(name))

    def schema_model(self, name=None, schema=None):
        return self.add_model(name, SchemaModel(name))

    def abort(self, *args, **kwargs):
        abort(*args, **kwargs)

    def extend(self, name, *specs): return self.model(name)
    def clone(self, name, *specs): return self.model(name)
    def inherit(self, name, *specs): return self.model(name)
    def doc(self, shortcut=None, **kwargs): return _documented
    def hide(self, func): return func
    def expect(self, *inputs, **kwargs): return _documented
    def param(self, name, description=None, _in="query", **kwargs): return _documented
    def response(self, code, description, model=None, **kwargs): return _documented
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
