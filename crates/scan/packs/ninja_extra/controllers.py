from ninja.constants import NOT_SET
from ninja.operation import Operation
from ninja.router import Router


class ControllerBase:
    context = None

    def get_object_or_exception(self, klass, **kwargs): return __unknown__("a record")
    def check_object_permissions(self, obj): pass


class ModelControllerBase(ControllerBase): pass


def _route(methods, path="", auth=NOT_SET, response=NOT_SET, permissions=None, tags=None, deprecated=None, include_in_schema=True, **options):
    def decorator(function):
        function._route = (methods, path, auth, response, permissions, tags, deprecated, include_in_schema)
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


def api_controller(prefix_or_class="", auth=NOT_SET, tags=None, permissions=None, **options):
    def decorator(cls):
        router = Router(auth=auth, tags=tags)
        for name in dir(cls):
            declared = __marked__(getattr(cls, name), "_route")
            if declared is None:
                continue
            methods, path, own, response, asked, own_tags, deprecated, shown = declared
            asked = permissions if asked is None else asked
            router._operations.append(Operation(path, methods, _bound(cls, getattr(cls, name)), own, response, own_tags, deprecated, shown,
                                                [made() for made in asked or []]))
        cls._prefix = prefix_or_class
        cls._router = router
        return cls
    if isinstance(prefix_or_class, type):
        cls = prefix_or_class
        prefix_or_class = ""
        return decorator(cls)
    return decorator


def _bound(cls, function):
    def view(request, *args, **kwargs):
        return function(cls(), *args, **kwargs)
    view.__wrapped__ = function
    return view
