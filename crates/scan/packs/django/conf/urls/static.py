from django.conf import settings
from django.urls import re_path
from django.views.static import serve


def static(prefix, view=serve, **kwargs):
    if not settings.DEBUG or not isinstance(prefix, str):
        return []
    return [re_path("^" + prefix.lstrip("/") + "(?P<path>.*)$", view, kwargs=kwargs)]
