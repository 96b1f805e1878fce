from rest_framework.views import APIView


def api_view(http_method_names=None):
    http_method_names = ["GET"] if http_method_names is None else http_method_names

    def decorator(func):
        class WrappedAPIView(APIView): pass

        def handler(self, *args, **kwargs):
            return func(*args, **kwargs)

        for method in http_method_names:
            setattr(WrappedAPIView, method.lower(), handler)
        WrappedAPIView.http_method_names = [method.lower() for method in http_method_names] + ["options"]
        WrappedAPIView.__name__ = func.__name__
        for name in ("renderer_classes", "parser_classes", "authentication_classes", "throttle_classes", "permission_classes", "schema", "versioning_class"):
            if hasattr(func, name):
                setattr(WrappedAPIView, name, getattr(func, name))
        view = WrappedAPIView.as_view()
        view._written = func
        view.__name__ = func.__name__
        return view
    return decorator


def _sets(name):
    def made(value):
        def decorator(func):
            setattr(func, name, value)
            return func
        return decorator
    return made


renderer_classes = _sets("renderer_classes")
parser_classes = _sets("parser_classes")
authentication_classes = _sets("authentication_classes")
throttle_classes = _sets("throttle_classes")
permission_classes = _sets("permission_classes")
schema = _sets("schema")
versioning_class = _sets("versioning_class")


class MethodMapper:
    """The methods of an action, and by `@other.mapping.post` those of further functions."""

    def __init__(self, action, methods):
        self.methods = {}
        for method in methods:
            self.methods[method.lower()] = action.__name__

    def _map(self, method, function):
        self.methods[method] = function.__name__
        return function

    def items(self): return self.methods.items()
    def get(self, function): return self._map("get", function)
    def post(self, function): return self._map("post", function)
    def put(self, function): return self._map("put", function)
    def patch(self, function): return self._map("patch", function)
    def delete(self, function): return self._map("delete", function)
    def head(self, function): return self._map("head", function)
    def options(self, function): return self._map("options", function)
    def trace(self, function): return self._map("trace", function)


def action(methods=None, detail=None, url_path=None, url_name=None, **kwargs):
    methods = ["get"] if methods is None else methods

    def decorator(func):
        func._action = func
        func.mapping = MethodMapper(func, methods)
        func.detail = detail
        func.url_path = url_path if url_path else func.__name__
        func.url_name = url_name if url_name else func.__name__.replace("_", "-")
        func.kwargs = kwargs
        return func
    return decorator


def list_route(methods=None, **kwargs): return action(methods, detail=False, **kwargs)
def detail_route(methods=None, **kwargs): return action(methods, detail=True, **kwargs)
