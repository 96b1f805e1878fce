from django.urls.resolvers import RegexPattern, RoutePattern, URLPattern, URLResolver


def include(arg, namespace=None):
    app_name = None
    if __kind_of__(arg) == "tuple":
        if len(arg) == 3:
            urlconf_module, app_name, namespace = arg
        else:
            urlconf_module, app_name = arg
    else:
        urlconf_module = arg
    if __kind_of__(urlconf_module) == "text":
        urlconf_module = __import_module__(urlconf_module)
    if app_name is None and __kind_of__(urlconf_module) == "module":
        app_name = getattr(urlconf_module, "app_name", None)
    return (urlconf_module, app_name, namespace or app_name)


def _path(pattern, view, kwargs, name):
    if __kind_of__(view) == "tuple":
        urlconf_module, app_name, namespace = view
        return URLResolver(pattern, urlconf_module, kwargs, app_name, namespace)
    return URLPattern(pattern, view, kwargs, name)


def path(route, view, kwargs=None, name=None):
    return _path(RoutePattern(route, name), view, kwargs, name)


def re_path(route, view, kwargs=None, name=None):
    return _path(RegexPattern(route, name), view, kwargs, name)
