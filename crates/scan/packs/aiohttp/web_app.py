from aiohttp.web_exceptions import HTTPException
from aiohttp.web_middlewares import _is_new
from aiohttp.web_request import Request, _State
from aiohttp.web_urldispatcher import MatchedSubAppResource, PrefixedSubAppResource, UrlDispatcher, UrlMappingMatchInfo


class AppKey:
    def __init__(self, name, t=None):
        self.name = name
        self.t = t

    @classmethod
    def __class_getitem__(cls, of):
        return cls


class Application(_State):
    frozen = False
    pre_frozen = False

    def __init__(self, *, logger=None, router=None, middlewares=(), handler_args=None, client_max_size=1048576, loop=None, debug=False):
        self._state = {}
        self.router = UrlDispatcher() if router is None else router
        self.middlewares = list(middlewares)
        self.logger = logger or __unknown__("a logger")
        self.debug = debug
        self.loop = loop
        self._subapps = []
        self.on_startup = []
        self.on_shutdown = []
        self.on_cleanup = []
        self.on_response_prepare = []
        self.cleanup_ctx = []

    def _absent(self, key):
        return __unknown__("what an application holds")

    def add_routes(self, routes):
        return self.router.add_routes(routes)

    def add_subapp(self, prefix, subapp):
        return self._add(PrefixedSubAppResource(prefix, subapp), subapp)

    def add_domain(self, domain, subapp):
        return self._add(MatchedSubAppResource(domain, subapp), subapp)

    def _add(self, resource, subapp):
        self.router.register_resource(resource)
        self._subapps.append(subapp)
        return resource

    def make_handler(self, *args, **options): return __unknown__("a server")
    def freeze(self): pass
    async def startup(self): pass
    async def shutdown(self): pass
    async def cleanup(self): pass
    def __call__(self): return self
    def __bool__(self): return True
    def __eq__(self, other): return self is other

    async def _answer_to(self, error):
        """What the middleware of an application makes of an exception that is none of aiohttp's own."""
        if isinstance(error, HTTPException):
            return None

        async def handler(request):
            raise error
        return await _around(_current.route.apps, {}, handler)(_current.request)


class _Current:
    """The request that is played, and the route that it is for."""

    request = None
    route = None


_current = _Current()


class _Route:
    """A route as it is reached through the applications around it."""

    def __init__(self, apps, resource_route, arguments):
        self.apps = apps
        self.resource_route = resource_route
        self.arguments = arguments
        self.match_info = UrlMappingMatchInfo(self)


class _Middleware:
    """The middleware of applications inside each other, as one thing that runs before handlers on which the same was set."""

    def __init__(self, apps, marks):
        self.apps = apps
        self.marks = marks
        self.__name__ = "middleware"

    def __call__(self):
        async def behind(request):
            return __passed__()
        return _around(self.apps, self.marks, behind)(_current.request)


def _around(apps, marks, handler):
    _mark(handler, marks)
    for app in reversed(apps):
        for middleware in reversed(app.middlewares):
            if __kind_of__(middleware) != "unknown":
                handler = _linked(middleware, app, handler)
                _mark(handler, marks)
    return handler


def _mark(handler, marks):
    """Middleware finds on what it is given what was set on the handler, as far in as that is."""
    handler.__name__ = __carrying__(32, __marked__(_current.route.resource_route.handler, "__name__"))
    for name, value in marks.items():
        setattr(handler, name, value)


def _linked(middleware, app, handler):
    """What answers where a middleware stands around a handler. Those of the old style are asked for it with the application."""
    # What code that is not seen may raise in one is not what those around it catch: their handlers are for what the program raises.
    if _is_new(middleware):
        return lambda request: middleware(_seen_by(app, __sealed__(request)), handler)
    return lambda request: middleware(app, handler)(_seen_by(app, __sealed__(request)))


def _seen_by(app, request):
    """Middleware sees the application that it is of."""
    if request._app is app:
        return request
    seen = Request(request.scope, request._route)
    seen._state = request._state
    seen._app = app
    return seen


class _View:
    """What answers for a class: each request has an object of its own."""

    def __init__(self, view_class):
        self.view_class = view_class

    def __call__(self, request):
        return self.view_class(request).__await__()


def _begin(app, route, scope):
    """A request for a route of an application."""
    request = Request(scope, route)
    request._app = route.apps[-1]
    _current.request = request
    _current.route = route
    return request


def run_app(app, **options): pass


class AppRunner:
    def __init__(self, app, **options):
        self.app = app

    async def setup(self): pass
    async def cleanup(self): pass


class TCPSite:
    def __init__(self, runner, host=None, port=None, **options): pass
    async def start(self): pass
    async def stop(self): pass


class UnixSite(TCPSite): pass
