from functools import wraps

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied


def user_passes_test(test_func, login_url=None, redirect_field_name="next"):
    def decorator(view_func):
        @wraps(view_func)
        def _wrapper_view(request, *args, **kwargs):
            if test_func(request.user):
                return view_func(request, *args, **kwargs)
            return redirect_to_login(request.scope["path"], login_url or settings.LOGIN_URL)
        return _wrapper_view
    return decorator


def login_required(function=None, redirect_field_name="next", login_url=None):
    decorator = user_passes_test(lambda u: u.is_authenticated, login_url)
    if function:
        return decorator(function)
    return decorator


def login_not_required(view_func):
    view_func.login_required = False
    return view_func


def permission_required(perm, login_url=None, raise_exception=False):
    perms = (perm,) if isinstance(perm, str) else perm

    def decorator(view_func):
        @wraps(view_func)
        def _wrapper_view(request, *args, **kwargs):
            if request.user.has_perms(perms):
                return view_func(request, *args, **kwargs)
            if raise_exception or request.user.is_authenticated:
                raise PermissionDenied()
            return redirect_to_login(request.scope["path"], login_url or settings.LOGIN_URL)
        return _wrapper_view
    return decorator
