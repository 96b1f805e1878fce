from ninja.constants import NOT_SET
from ninja.operation import Operation, PathView


class Router:
    def __init__(self, auth=NOT_SET, throttle=NOT_SET, tags=None, by_alias=None, exclude_unset=None, exclude_defaults=None, exclude_none=None, **options):
        self.auth = auth
        self.tags = tags
        self.api = None
        self._operations = []
        self._routers = []

    def api_operation(self, methods, path, auth=NOT_SET, throttle=NOT_SET, response=NOT_SET, operation_id=None, summary=None, description=None, tags=None,
                      deprecated=None, by_alias=None, exclude_unset=None, exclude_defaults=None, exclude_none=None, url_name=None, include_in_schema=True,
                      openapi_extra=None, **options):
        def decorator(view_func):
            self._operations.append(Operation(path, methods, view_func, auth, response, tags, deprecated, include_in_schema))
            return view_func
        return decorator

    def get(self, path, **options): return self.api_operation(["GET"], path, **options)
    def post(self, path, **options): return self.api_operation(["POST"], path, **options)
    def delete(self, path, **options): return self.api_operation(["DELETE"], path, **options)
    def patch(self, path, **options): return self.api_operation(["PATCH"], path, **options)
    def put(self, path, **options): return self.api_operation(["PUT"], path, **options)

    def add_api_operation(self, path, methods, view_func, **options):
        self.api_operation(methods, path, **options)(view_func)

    def add_router(self, prefix, router, auth=NOT_SET, throttle=NOT_SET, tags=None, **options):
        if isinstance(router, str):
            module, _, name = router.rpartition(".")
            router = getattr(__import_module__(module), name)
        self._routers.append((prefix, router, auth))

    def add_decorator(self, *args, **options): pass

    def _paths(self, prefix, auth):
        """The operations of this router and of those in it, by full path in order."""
        own = auth if self.auth is NOT_SET else self.auth
        found = {}
        for operation in self._operations:
            full = _joined(prefix, operation.path)
            found.setdefault(full, []).append(operation._with(own))
        for inner, router, inner_auth in self._routers:
            for full, operations in router._paths(_joined(prefix, inner), own if inner_auth is NOT_SET else inner_auth).items():
                found.setdefault(full, []).extend(operations)
        return found


def _joined(prefix, path):
    joined = "/".join([part for part in (prefix, path) if part])
    while "//" in joined:
        joined = joined.replace("//", "/")
    return joined
