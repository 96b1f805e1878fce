from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied


def _may_look(user): return user.is_staff


def _guarded(view):
    """Who may look at what was recorded: everybody, unless the settings say otherwise."""
    may = getattr(settings, "SILKY_PERMISSIONS", _may_look)

    def asked(request, *args, **kwargs):
        if getattr(settings, "SILKY_AUTHORISATION", False) and not may(request.user):
            raise PermissionDenied()
        return view(request, *args, **kwargs)

    signed_in = login_required(asked)

    def shown(request, *args, **kwargs):
        if getattr(settings, "SILKY_AUTHENTICATION", False):
            return signed_in(request, *args, **kwargs)
        return asked(request, *args, **kwargs)
    return shown
