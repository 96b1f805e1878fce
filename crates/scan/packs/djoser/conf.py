from django.conf import settings as django_settings
from rest_framework.settings import import_from_string

_EVERYBODY = ["rest_framework.permissions.AllowAny"]
_OWN = ["djoser.permissions.CurrentUserOrAdmin"]
_PERMISSIONS = {
    "activation": _EVERYBODY, "password_reset": _EVERYBODY, "password_reset_confirm": _EVERYBODY, "set_password": _OWN,
    "username_reset": _EVERYBODY, "username_reset_confirm": _EVERYBODY, "set_username": _OWN, "user_create": _EVERYBODY,
    "user_delete": _OWN, "user": _OWN, "user_list": _OWN, "token_create": _EVERYBODY,
    "token_destroy": ["rest_framework.permissions.IsAuthenticated"],
}


def permissions_for(action):
    """The permission classes that the project sets for an action, or those that come with the library."""
    own = getattr(django_settings, "DJOSER", {}).get("PERMISSIONS", {})
    return [import_from_string(name) if isinstance(name, str) else name for name in own.get(action, _PERMISSIONS[action])]
