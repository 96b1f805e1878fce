from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.datastructures import State
from starlette.routing import Router


class Starlette:
    def __init__(self, debug=False, routes=None, middleware=None, exception_handlers=None, on_startup=None, on_shutdown=None, lifespan=None, **extra):
        self.debug = debug
        self.state = State()
        self.router = Router(routes, on_startup=on_startup, lifespan=lifespan)
        self.exception_handlers = {} if exception_handlers is None else dict(exception_handlers)
        self.user_middleware = [] if middleware is None else list(middleware)

    @property
    def routes(self):
        return self.router.routes

    def mount(self, path, app, name=None):
        self.router.mount(path, app=app, name=name)

    def host(self, host, app, name=None):
        self.router.host(host, app=app, name=name)

    def add_middleware(self, middleware_class, *args, **kwargs):
        self.user_middleware.insert(0, Middleware(middleware_class, *args, **kwargs))

    def add_exception_handler(self, exc_class_or_status_code, handler):
        self.exception_handlers[exc_class_or_status_code] = handler

    def exception_handler(self, exc_class_or_status_code):
        def decorator(function):
            self.add_exception_handler(exc_class_or_status_code, function)
            return function
        return decorator

    def add_event_handler(self, event_type, func):
        self.router.add_event_handler(event_type, func)

    def on_event(self, event_type):
        return self.router.on_event(event_type)

    def add_route(self, path, route, methods=None, name=None, include_in_schema=True):
        self.router.add_route(path, route, methods=methods, name=name, include_in_schema=include_in_schema)

    def add_websocket_route(self, path, route, name=None):
        self.router.add_websocket_route(path, route, name=name)

    def route(self, path, methods=None, name=None, include_in_schema=True):
        return self.router.route(path, methods=methods, name=name, include_in_schema=include_in_schema)

    def websocket_route(self, path, name=None):
        return self.router.websocket_route(path, name=name)

    def middleware(self, middleware_type):
        def decorator(function):
            self.add_middleware(BaseHTTPMiddleware, dispatch=function)
            return function
        return decorator
