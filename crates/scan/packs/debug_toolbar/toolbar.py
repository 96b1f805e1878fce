def debug_toolbar_urls(prefix="__debug__"):
    from django.conf import settings
    from django.urls import include, re_path
    if not settings.DEBUG:
        return []
    return [re_path("^" + prefix.lstrip("/") + "/", include("debug_toolbar.urls"))]
