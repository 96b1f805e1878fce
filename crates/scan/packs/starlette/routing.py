from starlette._utils import get_route_path


class BaseRoute: pass


class Route(BaseRoute):
    def __init__(self, path, endpoint, *, methods=None, name=None, include_in_schema=True, middleware=None):
        self.path = path
        self.endpoint = endpoint
        self.methods = methods
        self.name = name or getattr(endpoint, "__name__", None)
        self.include_in_schema = include_in_schema
        self.middleware = middleware or []


class WebSocketRoute(BaseRoute):
    def __init__(self, path, endpoint, *, name=None, middleware=None):
        self.path = path
        self.endpoint = endpoint
        self.name = name
        self.middleware = middleware or []


class Mount(BaseRoute):
    def __init__(self, path, app=None, routes=None, name=None, *, middleware=None):
        self.path = path.rstrip("/")
        self.app = app if app is not None else Router(routes=routes)
        self.name = name
        self.middleware = middleware or []

    @property
    def routes(self):
        return getattr(self.app, "routes", [])


class Host(BaseRoute):
    def __init__(self, host, app, name=None):
        self.host = host
        self.app = app
        self.name = name

    @property
    def routes(self):
        return getattr(self.app, "routes", [])


class Router:
    def __init__(self, routes=None, redirect_slashes=True, default=None, on_startup=None, on_shutdown=None, lifespan=None, *, middleware=None):
        self.routes = [] if routes is None else list(routes)
        self.redirect_slashes = redirect_slashes
        self.lifespan_context = lifespan
        self.on_startup = list(on_startup or [])
        self.middleware = list(middleware or [])

    def mount(self, path, app, name=None):
        self.routes.append(Mount(path, app=app, name=name))

    def host(self, host, app, name=None):
        self.routes.append(Host(host, app=app, name=name))

    def add_route(self, path, endpoint, methods=None, name=None, include_in_schema=True):
        self.routes.append(Route(path, endpoint=endpoint, methods=methods, name=name, include_in_schema=include_in_schema))

    def add_websocket_route(self, path, endpoint, name=None):
        self.routes.append(WebSocketRoute(path, endpoint=endpoint, name=name))

    def route(self, path, methods=None, name=None, include_in_schema=True):
        def decorator(function):
            self.add_route(path, function, methods=methods, name=name, include_in_schema=include_in_schema)
            return function
        return decorator

    def websocket_route(self, path, name=None):
        def decorator(function):
            self.add_websocket_route(path, function, name=name)
            return function
        return decorator

    def add_event_handler(self, event_type, func):
        if event_type == "startup":
            self.on_startup.append(func)

    def on_event(self, event_type):
        def decorator(function):
            self.add_event_handler(event_type, function)
            return function
        return decorator
