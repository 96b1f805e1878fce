from functools import wraps

from connexion.resolver import Resolver
from connexion.security import _hooks
from flask import Flask, g, request

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_CONVERTERS = {"integer": "int:", "number": "float:", "path": "path:"}


class FlaskApp(Flask):
    """Stands for the application and for Flask's inside of it."""

    def __init__(self, import_name, port=None, host=None, server=None, specification_dir="", arguments=None, auth_all_paths=False, debug=None,
                 resolver=None, options=None, skip_error_handlers=False, server_args=None, swagger_ui_options=None, **more):
        server_args = server_args or {}
        Flask.__init__(self, import_name, static_folder=server_args.get("static_folder", "static"))
        self.app = self
        self.specification_dir = specification_dir
        self.arguments = arguments
        self.resolver = resolver
        self.options = options
        self.swagger_ui_options = swagger_ui_options
        self.apis = []

    def add_api(self, specification, base_path=None, name=None, arguments=None, resolver=None, options=None, swagger_ui_options=None, **more):
        made = FlaskApi(self, specification, base_path, resolver or self.resolver or Resolver(), swagger_ui_options or self.swagger_ui_options)
        made.options = options or self.options or {}
        self.apis.append(made)
        return made

    def add_error_handler(self, code_or_exception, function):
        if len(__signature_of__(function)) > 1:
            self.register_error_handler(code_or_exception, lambda error: function(request, error))
        else:
            self.register_error_handler(code_or_exception, function)

    def add_middleware(self, middleware_class, position=None, **options): pass
    def get_root_path(self): return __unknown__("the folder of an application")


App = FlaskApp


class AsyncApp(FlaskApp): pass
class AioHttpApp(FlaskApp): pass


class _Operation:
    def __init__(self, path, method, declared, item):
        self.path = path
        self.method = method
        self.operation_id = declared.get("operationId")
        self.router_controller = None
        for holder in (item, declared):
            for name in ("x-swagger-router-controller", "x-openapi-router-controller"):
                if name in holder:
                    self.router_controller = holder[name]


class FlaskApi:
    """A document and what it adds. Its text is read by Doorward, once the program has run."""

    def __init__(self, app, specification, base_path, resolver, swagger_ui_options):
        self.app = app
        self.specification = specification
        self.specification_dir = app.specification_dir
        self.base_path = base_path
        self.resolver = Resolver(resolver) if __is_function__(resolver, False) else resolver
        self.swagger_ui_options = swagger_ui_options
        self.is_loaded = False

    def load(self, document):
        self.is_loaded = True
        self.document = document
        prefix = self._prefix(document)
        self._add_documents(prefix, "swagger" in document)
        schemes = document.get("securityDefinitions") or document.get("components", {}).get("securitySchemes", {})
        for path, item in document.get("paths", {}).items():
            item = self._followed(item)
            for method in _METHODS:
                if method in item:
                    self._add(prefix, path, method, self._followed(item[method]), item, schemes)

    def _prefix(self, document):
        if self.base_path is not None:
            return self.base_path.rstrip("/")
        servers = document.get("servers")
        if servers:
            url = servers[0].get("url", "")
            if "://" in url:
                url = "/" + url.split("://")[1].partition("/")[2]
            return url.rstrip("/")
        return document.get("basePath", "").rstrip("/")

    def _followed(self, node):
        """What a reference inside of the document leads to."""
        if "$ref" not in node:
            return node
        found = self.document
        for part in node["$ref"].lstrip("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return found

    def _add(self, prefix, path, method, declared, item, schemes):
        operation = _Operation(path, method, declared, item)
        resolution = self.resolver.resolve(operation)
        types = {}
        for parameter in item.get("parameters", []) + declared.get("parameters", []):
            parameter = self._followed(parameter)
            if parameter.get("in") == "path":
                schema = self._followed(parameter.get("schema", parameter))
                types[parameter["name"]] = "path" if schema.get("format") == "path" else schema.get("type")
        endpoint = f"{prefix}.{resolution.operation_id}.{method}.{path}".replace(".", "_")
        hooks = _hooks(declared.get("security", self.document.get("security", [])), schemes)
        view = _view(resolution.function)
        self.app.add_url_rule(prefix + _as_rule(path, types), endpoint, view, methods=[method.upper()], hooks=hooks)

    def _add_documents(self, prefix, is_swagger):
        options = self.swagger_ui_options
        shown = True if options is None else options.swagger_ui
        if options is None and isinstance(self.options, dict):
            shown = self.options.get("swagger_ui", True)
        where = "/ui" if options is None else options.swagger_ui_path
        text = (None if options is None else options.spec_path) or ("/swagger.json" if is_swagger else "/openapi.json")
        self.app.add_url_rule(prefix + text, f"{prefix}_document", self._document)
        if shown:
            self.app.add_url_rule(prefix + where + "/", f"{prefix}_ui", self._document)

    def _document(self, **values):
        return __unknown__("the document of an API")


def _as_rule(path, types):
    """A path template of a document as a rule of Flask's."""
    made = ""
    for part in path.split("{"):
        name, brace, rest = part.partition("}")
        if brace:
            made = made + "<" + _CONVERTERS.get(types.get(name), "") + name.replace("-", "_") + ">" + rest
        else:
            made = made + part
    return made


def _caller(name):
    """What the function that checked the credential gave, or who it says that is."""
    info = g.get("_connexion_token_info")
    if info is None:
        return __labelled__(2, None, name=name)
    return info if name == "token_info" else info.get("sub", info.get("uid"))


def _view(function):
    """Hands an operation what its signature names: what the document declares, by name."""
    @wraps(function)
    def view(**values):
        given = {}
        for name, kind, default, annotation in __signature_of__(function):
            if name in values:
                given[name] = values[name]
            elif name in ("user", "token_info"):
                given[name] = _caller(name)
            elif name == "body":
                given[name] = __labelled__(16, given="body")
            elif kind in (1, 3):
                given[name] = __labelled__(4, name=name, given="query")
        return function(**given)
    return view
