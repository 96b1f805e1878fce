"""The application as this tool sees it: the middleware around its routes, and what begins and answers a request."""

# What a play of a request needs is there before the first one.
from django.contrib.auth.models import AnonymousUser, Caller
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest
from django.urls import converters
from django.utils.deprecation import MiddlewareMixin


class _Current:
    """The request that is played, and the route that it is for."""

    request = None
    route = None
    # The view whose guards ran before its handler is called.
    guarded = None


_current = _Current()


class Application:
    def __init__(self, settings, urlconf, middleware):
        self.settings = settings
        self.urlconf = urlconf
        self.middleware = middleware
        self.handle = _Middleware(middleware)

    def _answer_to(self, error):
        """What the view, or else the middleware, makes of an exception; none for what Django answers."""
        answer_to = __marked__(_current.route.callback, "_answer_to")
        answer = None
        if answer_to is not None:
            answer = answer_to(error, _current.request, _arguments_of(_current.route))
        return answer if answer is not None else self.handle._answer_to(error)


class Route:
    """A pattern with what stands around it."""

    def __init__(self, pattern, callback, name, namespaces, arguments, extra):
        self.pattern = pattern
        self.callback = callback
        self.name = name
        self.namespaces = namespaces
        self.arguments = arguments
        self.extra = extra
        self.endpoint = _Endpoint(self)


class _Middleware:
    """The middleware of an application, as one thing that runs before each view."""

    def __init__(self, classes):
        self.classes = classes
        self.__name__ = "middleware"

    def _answer_to(self, error):
        for factory in reversed(self.classes):
            if not hasattr(factory, "process_exception"):
                continue
            answer = factory(lambda request: None).process_exception(_current.request, error)
            if answer is not None:
                return answer
        return None

    def __call__(self):
        route = _current.route
        view_functions = []

        def behind(request):
            callback = __carrying__(32, route.callback)
            for process in view_functions:
                answer = process(request, callback, (), dict(_arguments_of(route)))
                if answer is not None:
                    return answer
            return __passed__()

        handler = behind
        for factory in reversed(self.classes):
            try:
                made = factory(handler)
            except MiddlewareNotUsed:
                continue
            if hasattr(made, "process_view"):
                view_functions.insert(0, made.process_view)
            # What only looks at a view, or at the answer, is no further call inside calls.
            if not isinstance(made, MiddlewareMixin) or hasattr(made, "process_request") or type(made).__call__ != MiddlewareMixin.__call__:
                handler = made
        return handler(_current.request)


def _arguments_of(route):
    return {name: __labelled__(4, name=name, given="path") for name in route.arguments}


class _Endpoint:
    """A view behind the middleware, called as Django calls it."""

    def __init__(self, route):
        self.route = route
        self.__name__ = _called(route.callback)

    def __call__(self, *args, **kwargs):
        return self.route.callback(_current.request, *args, **dict(self.route.extra, **kwargs))


def _called(callback):
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None) or callback
    name = getattr(view, "__name__", None)
    return name if isinstance(name, str) else "the view"


def _begin(app, route, scope):
    """A request for a route of an application."""
    request = HttpRequest(scope)
    _current.request = request
    _current.route = route
    _current.guarded = None
    request._enter(route, scope)
    return request


def _hooks_of(app, route):
    """What runs before a view, in order: the middleware, and what a library's class of views runs before its handlers."""
    found = []
    if app.middleware:
        found.append(app.handle)
    guards = __marked__(route.callback, "_guards")
    if guards is not None:
        found.append(guards)
    return found


def _regex_of(name):
    converter = converters.REGISTERED_CONVERTERS.get(name)
    return None if converter is None else converter.regex
