from aiohttp import hdrs


class AbstractRouteDef: pass


class RouteDef(AbstractRouteDef):
    def __init__(self, method, path, handler, kwargs):
        self.method = method
        self.path = path
        self.handler = handler
        self.kwargs = kwargs

    def register(self, router):
        if self.method == "GET":
            return [router.add_get(self.path, self.handler, definition=self, **self.kwargs)]
        return [router.add_route(self.method, self.path, self.handler, definition=self, **self.kwargs)]


class StaticDef(AbstractRouteDef):
    def __init__(self, prefix, path, kwargs):
        self.prefix = prefix
        self.path = path
        self.kwargs = kwargs

    def register(self, router):
        return [router.add_static(self.prefix, self.path, definition=self, **self.kwargs)]


def route(method, path, handler, **kwargs): return RouteDef(method, path, handler, kwargs)
def head(path, handler, **kwargs): return RouteDef(hdrs.METH_HEAD, path, handler, kwargs)
def options(path, handler, **kwargs): return RouteDef(hdrs.METH_OPTIONS, path, handler, kwargs)
def get(path, handler, **kwargs): return RouteDef(hdrs.METH_GET, path, handler, kwargs)
def post(path, handler, **kwargs): return RouteDef(hdrs.METH_POST, path, handler, kwargs)
def put(path, handler, **kwargs): return RouteDef(hdrs.METH_PUT, path, handler, kwargs)
def patch(path, handler, **kwargs): return RouteDef(hdrs.METH_PATCH, path, handler, kwargs)
def delete(path, handler, **kwargs): return RouteDef(hdrs.METH_DELETE, path, handler, kwargs)
def view(path, handler, **kwargs): return RouteDef(hdrs.METH_ANY, path, handler, kwargs)
def static(prefix, path, **kwargs): return StaticDef(prefix, path, kwargs)


class RouteTableDef:
    """Routes that decorators collect until an application is given them."""

    def __init__(self):
        self._items = []

    def __iter__(self):
        return iter(self._items)

    def __len__(self):
        return len(self._items)

    def __getitem__(self, index):
        return self._items[index]

    def __contains__(self, item):
        return item in self._items

    def route(self, method, path, **kwargs):
        def inner(handler):
            self._items.append(RouteDef(method, path, handler, kwargs))
            return handler
        return inner

    def head(self, path, **kwargs): return self.route(hdrs.METH_HEAD, path, **kwargs)
    def get(self, path, **kwargs): return self.route(hdrs.METH_GET, path, **kwargs)
    def post(self, path, **kwargs): return self.route(hdrs.METH_POST, path, **kwargs)
    def put(self, path, **kwargs): return self.route(hdrs.METH_PUT, path, **kwargs)
    def patch(self, path, **kwargs): return self.route(hdrs.METH_PATCH, path, **kwargs)
    def delete(self, path, **kwargs): return self.route(hdrs.METH_DELETE, path, **kwargs)
    def options(self, path, **kwargs): return self.route(hdrs.METH_OPTIONS, path, **kwargs)
    def view(self, path, **kwargs): return self.route(hdrs.METH_ANY, path, **kwargs)

    def static(self, prefix, path, **kwargs):
        self._items.append(StaticDef(prefix, path, kwargs))
