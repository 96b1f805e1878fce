from ninja.constants import NOT_SET
from ninja.errors import AuthenticationError


class Operation:
    def __init__(self, path, methods, view_func, auth=NOT_SET, response=NOT_SET, tags=None, deprecated=None, include_in_schema=True, permissions=None, owner=None):
        self.path = path
        self.methods = methods
        self.view_func = view_func
        self.auth = auth
        self.response = response
        self.tags = tags
        self.deprecated = deprecated
        self.include_in_schema = include_in_schema
        self.permissions = permissions
        # Whose class has it, where nobody wrote a function.
        self.owner = owner

    def _with(self, auth):
        made = Operation(self.path, self.methods, self.view_func, self.auth, self.response, self.tags, self.deprecated, self.include_in_schema, self.permissions,
                         self.owner)
        if made.auth is NOT_SET:
            made.auth = auth
        return made

    def _check(self, request):
        auth = self.auth
        callbacks = [] if auth is NOT_SET or auth is None else auth if isinstance(auth, (list, tuple)) else [auth]
        if not callbacks:
            return
        for callback in callbacks:
            __tried__(_scheme_of(callback))
        for callback in callbacks:
            found = callback(request)
            if found:
                request.auth = found
                return
        refusal = AuthenticationError()
        refusal._by = callbacks[0]
        raise refusal


def _scheme_of(callback):
    name = getattr(callback, "_scheme", None)
    if name is None:
        name = callback.__name__ if __is_function__(callback) else type(callback).__name__
    return name if isinstance(name, str) else "authentication"


class PathView:
    """What answers a path: one operation for each method."""

    def __init__(self, path, api):
        self.path = path
        self.api = api
        self.operations = []
        self._guards = _Guards(self)
        self._answer_to = lambda error, request, kwargs: api.on_exception(request, error) if api.exception_handlers else None

    def _operation(self, method):
        for operation in self.operations:
            if method in operation.methods:
                return operation
        return None

    def __call__(self, request, *args, **kwargs):
        operation = self._operation(request.method)
        operation._check(request)
        return operation.view_func(request, *args, **kwargs)


class _Guards:
    def __init__(self, view):
        self.view = view
        self.__name__ = "authentication"

    def __call__(self):
        from django.core.handlers.base import _current
        operation = self.view._operation(_current.request.method)
        operation._check(_current.request)
        if operation.permissions is not None:
            from django.core.handlers.base import _arguments_of
            operation.permissions._check(_current.request, _arguments_of(_current.route))
