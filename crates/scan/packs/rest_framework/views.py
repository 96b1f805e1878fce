from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.views.generic import View
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings


class _Guards:
    """What a view runs before its handler: who asks, may they, how often."""

    def __init__(self, view):
        self.view = view
        self.__name__ = view.cls.__name__

    def __call__(self):
        from django.core.handlers.base import _arguments_of, _current
        kwargs = _arguments_of(_current.route)
        made = self.view._made(_current.request, kwargs)
        made.initial(made._wrapped(_current.request, **kwargs), **kwargs)
        _current.guarded = self.view.cls


def set_rollback(): pass


def exception_handler(exc, context):
    """The answer to an exception of this library or of Django's that says one; none to any other."""
    if isinstance(exc, (exceptions.APIException, PermissionDenied, Http404)):
        return Response(status=exc.status_code)
    return None


def get_view_name(view): return view.__class__.__name__
def get_view_description(view, html=False): return ""


class APIView(View):
    renderer_classes = ()
    parser_classes = ()
    authentication_classes = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    throttle_classes = api_settings.DEFAULT_THROTTLE_CLASSES
    permission_classes = api_settings.DEFAULT_PERMISSION_CLASSES
    versioning_class = None
    settings = api_settings
    schema = None
    response = None
    format_kwarg = None
    _denying = None

    @classmethod
    def as_view(cls, **initkwargs):
        def view(request, *args, **kwargs):
            self = view._made(request, kwargs)
            return self.dispatch(request, *args, **kwargs)

        def made(request, kwargs):
            self = cls(**initkwargs)
            self.setup(request, **kwargs)
            return self

        view._made = made
        view.cls = view.view_class = cls
        view.initkwargs = view.view_initkwargs = initkwargs
        view.csrf_exempt = True
        view._guards = _Guards(view)
        view._answer_to = cls._answering(made)
        return view

    @classmethod
    def _answering(cls, made):
        """What gives the answer of a view to an exception; the handler of this library answers nothing that the exception does not say itself."""
        def answer_to(error, request, kwargs):
            if cls.handle_exception is APIView.handle_exception and cls.get_exception_handler is APIView.get_exception_handler \
                    and cls.settings.EXCEPTION_HANDLER is exception_handler:
                return None
            self = made(request, kwargs)
            self._wrapped(request, **kwargs)
            return self.handle_exception(error)
        return answer_to

    def _wrapped(self, request, *args, **kwargs):
        self.args = args
        self.kwargs = kwargs
        request = self.initialize_request(request, *args, **kwargs)
        self.request = request
        self.headers = {}
        return request

    def dispatch(self, request, *args, **kwargs):
        request = self._wrapped(request, *args, **kwargs)
        from django.core.handlers.base import _current
        # To see what the handler does, its guards need not run twice.
        if not (__is_watched__() and _current.guarded is type(self)):
            self.initial(request, *args, **kwargs)
        return getattr(self, request.method.lower(), self.http_method_not_allowed)(request, *args, **kwargs)

    def initialize_request(self, request, *args, **kwargs):
        return Request(request, authenticators=self.get_authenticators())

    def initial(self, request, *args, **kwargs):
        self.format_kwarg = None
        self.perform_authentication(request)
        self.check_permissions(request)
        self.check_throttles(request)

    def perform_authentication(self, request):
        request.user

    def get_authenticators(self):
        return [auth() for auth in self.authentication_classes]

    def get_permissions(self):
        return [permission() for permission in self.permission_classes]

    def get_throttles(self):
        return [throttle() for throttle in self.throttle_classes]

    def check_permissions(self, request):
        for permission in self.get_permissions():
            if __kind_of__(permission) == "unknown":
                __doubt__("a permission class that is not seen")
                continue
            if not permission.has_permission(request, self):
                self._denying = permission
                self.permission_denied(request, message=getattr(permission, "message", None), code=getattr(permission, "code", None))

    def check_object_permissions(self, request, obj):
        for permission in self.get_permissions():
            if not permission.has_object_permission(request, self, obj):
                self._denying = permission
                self.permission_denied(request, message=getattr(permission, "message", None), code=getattr(permission, "code", None))

    def permission_denied(self, request, message=None, code=None):
        if request.authenticators and not request.successful_authenticator:
            unauthenticated = exceptions.NotAuthenticated()
            unauthenticated._by = self._denying
            raise unauthenticated
        denied = exceptions.PermissionDenied(detail=message, code=code)
        denied._by = self._denying
        raise denied

    def check_throttles(self, request):
        for throttle in self.get_throttles():
            if not throttle.allow_request(request, self):
                self.throttled(request, None)

    def throttled(self, request, wait): raise exceptions.Throttled(wait)
    def handle_exception(self, exc):
        response = self.get_exception_handler()(exc, self.get_exception_handler_context())
        if response is None:
            raise exc
        return response

    def raise_uncaught_exception(self, exc): raise exc
    def get_exception_handler(self): return self.settings.EXCEPTION_HANDLER
    def finalize_response(self, request, response, *args, **kwargs): return response
    def http_method_not_allowed(self, request, *args, **kwargs): raise exceptions.MethodNotAllowed(request.method)
    def get_parser_context(self, http_request): return {}
    def get_renderer_context(self): return {}
    def get_exception_handler_context(self): return {"view": self, "args": self.args, "kwargs": self.kwargs, "request": self.request}
    def get_authenticate_header(self, request): return None
    def get_view_name(self): return ""
    def determine_version(self, request, *args, **kwargs): return (None, None)
    def options(self, request, *args, **kwargs): return Response({})

    @property
    def allowed_methods(self): return []

    @property
    def default_response_headers(self): return {}
