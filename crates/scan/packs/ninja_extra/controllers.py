import re

from ninja.constants import NOT_SET
from ninja.errors import AuthorizationError
from ninja.operation import Operation
from ninja.router import Router, _joined
from rest_framework.exceptions import NotFound

# Controllers that register themselves where an API looks for them.
_DISCOVERED = []


class _Context:
    """What belongs to one request for a controller."""

    def __init__(self, request, kwargs):
        self.request = request
        self.kwargs = kwargs
        self.args = ()
        self.permission_classes = []

    @property
    def api(self): return __unknown__("the API of a request")

    @property
    def response(self): return __unknown__("an answer that is not sent yet")


class ControllerBase:
    context = None
    auto_import = True
    throttling_classes = []

    @classmethod
    def permission_denied(cls, permission):
        refusal = AuthorizationError()
        refusal._by = permission
        raise refusal

    def check_permissions(self):
        for permission in self.context.permission_classes:
            if not permission.has_permission(self.context.request, self):
                self.permission_denied(permission)

    async def async_check_permissions(self):
        for permission in self.context.permission_classes:
            if not await _asked(permission)(self.context.request, self):
                self.permission_denied(permission)

    def check_object_permissions(self, obj):
        for permission in self.context.permission_classes:
            if not permission.has_object_permission(self.context.request, self, obj):
                self.permission_denied(permission)

    async def async_check_object_permissions(self, obj):
        self.check_object_permissions(obj)

    def get_object_or_exception(self, klass, error_message=None, exception=NotFound, **kwargs):
        found = self.get_object_or_none(klass, **kwargs)
        if found is None:
            raise exception()
        return found

    def get_object_or_none(self, klass, **kwargs):
        queryset = klass if hasattr(klass, "filter") else klass._default_manager
        found = queryset.filter(**kwargs).first()
        if found is not None:
            self.check_object_permissions(found)
        return found

    async def aget_object_or_exception(self, klass, error_message=None, exception=NotFound, **kwargs):
        return self.get_object_or_exception(klass, error_message, exception, **kwargs)

    async def aget_object_or_none(self, klass, **kwargs): return self.get_object_or_none(klass, **kwargs)
    def create_response(self, message, status_code=200, **kwargs):
        from django.http import HttpResponse
        return HttpResponse(message, status=status_code)


def _asked(permission):
    """The question that an asynchronous route asks."""
    return getattr(permission, "has_permission_async", None) or permission.has_permission


class ModelService:
    def __init__(self, model): self.model = model
    def __getattr__(self, name): return __unknown__("what a service of a model does")


class ModelControllerBase(ControllerBase):
    model_config = None
    service_type = ModelService

    def __init__(self, service=None):
        self.service = service


_MODEL_ROUTES = ["create", "find_one", "update", "patch", "delete", "list"]


class ModelConfig:
    def __init__(self, model=None, allowed_routes=_MODEL_ROUTES, async_routes=False, create_schema=None, retrieve_schema=None, update_schema=None,
                 patch_schema=None, pagination=None, schema_config=None, create_route_info=None, find_one_route_info=None, update_route_info=None,
                 patch_route_info=None, delete_route_info=None, list_route_info=None, **options):
        self.model = model
        self.allowed_routes = allowed_routes
        self._schemas = {"create": create_schema, "update": update_schema, "patch": patch_schema}
        self.retrieve_schema = retrieve_schema
        self._infos = {"create": create_route_info, "find_one": find_one_route_info, "update": update_route_info, "patch": patch_route_info,
                       "delete": delete_route_info, "list": list_route_info}


class ModelPagination:
    def __init__(self, **options): pass


class ModelSchemaConfig:
    def __init__(self, **options): pass


class _Declared:
    """A route before it has a controller: a function, and how requests get to it."""

    def __init__(self, methods, path, auth, response, permissions, tags, deprecated, include_in_schema):
        self.methods = methods
        self.path = path
        self.auth = auth
        self.response = response
        self.permissions = permissions
        self.tags = tags
        self.deprecated = deprecated
        self.include_in_schema = include_in_schema


def _route(methods, path="", auth=NOT_SET, response=NOT_SET, permissions=None, tags=None, deprecated=None, include_in_schema=True, **options):
    def decorator(function):
        function._route = _Declared(methods, path, auth, response, permissions, tags, deprecated, include_in_schema)
        return function
    return decorator


def http_get(path="", **options): return _route(["GET"], path, **options)
def http_post(path="", **options): return _route(["POST"], path, **options)
def http_put(path="", **options): return _route(["PUT"], path, **options)
def http_patch(path="", **options): return _route(["PATCH"], path, **options)
def http_delete(path="", **options): return _route(["DELETE"], path, **options)
def http_generic(path="", methods=(), **options): return _route(methods, path, **options)


class route:
    get = http_get
    post = http_post
    put = http_put
    patch = http_patch
    delete = http_delete
    generic = http_generic


class ModelEndpointFactory:
    """Routes of a controller that are made of schemas and a query: attributes of its class."""

    @classmethod
    def _made(cls, methods, path, options):
        def endpoint(self): return __unknown__("what a service of a model answers")
        return _route(methods, path, **{name: options[name] for name in options if name in ("auth", "response", "permissions", "tags", "deprecated")})(endpoint)

    @classmethod
    def create(cls, schema_in=None, schema_out=None, path="/", **options): return cls._made(["POST"], path, options)

    @classmethod
    def update(cls, path, lookup_param=None, schema_in=None, schema_out=None, **options): return cls._made(["PUT"], path, options)

    @classmethod
    def patch(cls, path, lookup_param=None, schema_in=None, schema_out=None, **options): return cls._made(["PATCH"], path, options)

    @classmethod
    def find_one(cls, path, lookup_param=None, schema_out=None, **options): return cls._made(["GET"], path, options)

    @classmethod
    def list(cls, schema_out=None, path="/", **options): return cls._made(["GET"], path, options)

    @classmethod
    def delete(cls, path, lookup_param=None, **options): return cls._made(["DELETE"], path, options)


def api_controller(prefix_or_class="", auth=NOT_SET, throttle=NOT_SET, tags=None, permissions=None, auto_import=True, urls_namespace=None,
                   use_unique_op_id=True, **options):
    def decorator(cls):
        if not issubclass(cls, ControllerBase):
            cls = _joined_with_base(cls)
        return _controlled(cls, prefix, Router(auth=auth, tags=tags), permissions, auto_import)
    prefix = "" if isinstance(prefix_or_class, type) else prefix_or_class
    if isinstance(prefix_or_class, type):
        return decorator(prefix_or_class)
    return decorator


def _joined_with_base(cls):
    class Controller(ControllerBase, cls): pass
    Controller.__name__ = cls.__name__
    return Controller


def _controlled(cls, prefix, router, permissions, auto_import):
    declared = []
    if issubclass(cls, ModelControllerBase) and cls.model_config is not None:
        declared.extend(_of_model(cls.model_config))
    for name in __names_of__(cls):
        found = __marked__(getattr(cls, name), "_route")
        if found is not None:
            declared.append((found, getattr(cls, name)))
    # A parameter in the prefix makes it a part of each path.
    has_parameter = isinstance(prefix, str) and re.search("{[^}]+}", prefix) is not None
    for one, function in declared:
        path = _joined(prefix, one.path) if has_parameter else one.path
        asked = one.permissions or permissions or []
        view = _bound(cls, function, asked)
        router._operations.append(Operation(path, one.methods, view, one.auth, one.response, one.tags, one.deprecated, one.include_in_schema,
                                            _Permissions(cls, function, asked), cls))
    cls._prefix = "" if has_parameter else prefix
    cls._router = router
    if getattr(cls, "auto_import", auto_import) and auto_import:
        _DISCOVERED.append(cls)
    return cls


def _key_of(model):
    """The converter and the name of the key of a model."""
    from django.db import models
    for name in __names_of__(model):
        column = getattr(model, name)
        if isinstance(column, models.Field) and column.options.get("primary_key") is True:
            kind = "uuid" if isinstance(column, models.UUIDField) else "int" if isinstance(column, (models.IntegerField, models.AutoField)) else "str"
            return kind, name
    return "int", "id"


def _of_model(config):
    """The routes that a controller of a model has by itself."""
    key = "/{%s:%s}" % _key_of(config.model)
    known = [("create", ["POST"], "/"), ("find_one", ["GET"], key), ("update", ["PUT"], key), ("patch", ["PATCH"], key), ("delete", ["DELETE"], key),
             ("list", ["GET"], "/")]
    made = []
    for name, methods, path in known:
        if name in config.allowed_routes:
            info = config._infos[name] or {}
            def endpoint(self): return __unknown__("what a service of a model answers")
            options = {word: info[word] for word in info if word in ("auth", "response", "permissions", "tags", "deprecated")}
            declared = _route(methods, path, **options)(endpoint)
            made.append((declared._route, declared))
    return made


def _instance(cls):
    """A controller for one request; what its constructor asks for is injected."""
    asked = [name for name, kind, default, annotation in __signature_of__(cls.__init__) if name not in ("self", "cls") and kind < 2]
    return cls(*[__unknown__("a service that is injected") for name in asked]) if asked else cls()


def _resolved(permission):
    """A permission as it is asked: a class, what `&`, `|` and `~` make of classes, or one that is made already."""
    is_made = __kind_of__(permission) == "instance" and hasattr(permission, "has_permission")
    return permission if is_made else permission()


class _Permissions:
    """What a controller asks before its route."""

    def __init__(self, cls, function, asked):
        self.cls = cls
        self.function = function
        self.asked = asked

    def _check(self, request, kwargs):
        controller = _instance(self.cls)
        controller.context = _Context(request, kwargs)
        controller.context.permission_classes = [_resolved(one) for one in self.asked]
        return controller.async_check_permissions() if __is_async__(self.function) else controller.check_permissions()


def _bound(cls, function, asked):
    takes_request = any(name == "request" for name, kind, default, annotation in __signature_of__(function))

    def view(request, *args, **kwargs):
        controller = _instance(cls)
        controller.context = _Context(request, kwargs)
        controller.context.permission_classes = [_resolved(one) for one in asked]
        if takes_request:
            kwargs = dict(kwargs, request=request)
        return function(controller, *args, **kwargs)
    view.__wrapped__ = function
    return view
