"""The throttles of a view, as it names them where it is asked: which, how much each admits, and what it counts apart."""
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle, SimpleRateThrottle, UserRateThrottle
from rest_framework.views import APIView


def _of_view(callback, method):
    """`(throttles, whether nobody is identified, whether the settings name them)`"""
    make = __marked__(callback, "_made")
    if make is None:
        return None
    request = HttpRequest()
    view = make(request, {})
    view.request = Request(request)
    view.request.method = method.upper()
    actions = __marked__(callback, "actions")
    if __kind_of__(actions) == "dict":
        view.action = actions.get(method)
    throttles = view.get_throttles()
    by_settings = type(view).throttle_classes is APIView.throttle_classes and view.throttle_classes is APIView.throttle_classes
    return [_said(throttle, view) for throttle in throttles], _is_nobody(view), by_settings


def _is_nobody(view):
    """Whether no class says who asks."""
    classes = view.authentication_classes
    return __kind_of__(classes) in ("list", "tuple") and len(classes) == 0 and type(view).get_authenticators is APIView.get_authenticators


def _said(throttle, view):
    """`(name, rate, what a parser of its own makes of it, what is counted, the scope)`; nothing where it does not count."""
    if not isinstance(throttle, SimpleRateThrottle):
        name = type(throttle).__name__ if __kind_of__(throttle) == "instance" else None
        return name, None, None, "own", None
    cls = type(throttle)
    if isinstance(throttle, ScopedRateThrottle):
        throttle.scope = getattr(view, throttle.scope_attr, None)
        if throttle.scope is None or throttle.scope == "":
            return None
        rate = throttle.get_rate()
    else:
        rate = throttle.rate if throttle.rate is not None else throttle.get_rate()
    if rate is None:
        return None
    parsed = None if cls.parse_rate is SimpleRateThrottle.parse_rate else throttle.parse_rate(rate)
    return cls.__name__, rate, parsed, _counted(cls) if _is_asked(type(view)) else "sometimes", throttle.scope


def _is_asked(view):
    """Whether a class of views asks its throttles each time, as the library does."""
    return view.check_throttles is APIView.check_throttles and view.initial is APIView.initial


def _counted(cls):
    """What a class counts apart, where it is one of the library's ways."""
    if cls.get_ident is not SimpleRateThrottle.get_ident:
        return "own"
    if cls.__init__ is not SimpleRateThrottle.__init__ or cls.throttle_failure is not SimpleRateThrottle.throttle_failure:
        return "sometimes"
    if cls.throttle_success is not SimpleRateThrottle.throttle_success:
        return "sometimes"
    if cls.allow_request is not SimpleRateThrottle.allow_request and cls.allow_request is not ScopedRateThrottle.allow_request:
        return "sometimes"
    if cls.get_cache_key is AnonRateThrottle.get_cache_key:
        return "anonymous"
    if cls.get_cache_key is UserRateThrottle.get_cache_key or cls.get_cache_key is ScopedRateThrottle.get_cache_key:
        return "principal"
    return "own"
