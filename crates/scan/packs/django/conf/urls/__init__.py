from django.urls import include, re_path
from django.utils.module_loading import import_string

handler400 = "django.views.defaults.bad_request"
handler403 = "django.views.defaults.permission_denied"
handler404 = "django.views.defaults.page_not_found"
handler500 = "django.views.defaults.server_error"


def url(regex, view, kwargs=None, name=None, prefix=""):
    """Up to Django 1.9 a view may be given by its name."""
    if __kind_of__(view) != "text":
        return re_path(regex, view, kwargs, name)
    named = re_path(regex, import_string(f"{prefix}.{view}" if prefix else view), kwargs, name)
    named.view_name = view
    return named


def patterns(prefix, *args):
    """Up to Django 1.9."""
    made = []
    for one in args:
        if __kind_of__(one) == "tuple":
            one = url(*one, prefix=prefix)
        elif prefix and getattr(one, "view_name", None) is not None:
            one.callback = import_string(f"{prefix}.{one.view_name}")
        made.append(one)
    return made
