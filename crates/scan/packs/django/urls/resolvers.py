class Resolver404(Exception): pass


class ResolverMatch:
    def __init__(self, route):
        self.func = route.callback
        self.url_name = route.name
        self.route = route.pattern
        self.namespaces = route.namespaces
        self.namespace = ":".join(route.namespaces)
        self.app_names = route.namespaces
        self.app_name = self.namespace
        self.kwargs = __labelled__(4, name="kwargs")
        self.args = ()

    @property
    def view_name(self):
        return ":".join(self.namespaces + [self.url_name]) if self.url_name else None


class RoutePattern:
    def __init__(self, route, name=None, is_endpoint=False):
        self._route = route
        self.name = name


class RegexPattern:
    def __init__(self, regex, name=None, is_endpoint=False):
        self._regex = regex
        self.name = name


class LocalePrefixPattern:
    def __init__(self, prefix_default_language=True):
        self.prefix_default_language = prefix_default_language


class URLPattern:
    def __init__(self, pattern, callback, default_args=None, name=None):
        self.pattern = pattern
        self.callback = callback
        self.default_args = default_args or {}
        self.name = name


class URLResolver:
    def __init__(self, pattern, urlconf_name, default_kwargs=None, app_name=None, namespace=None):
        self.pattern = pattern
        self.urlconf_name = self.urlconf_module = urlconf_name
        self.default_kwargs = default_kwargs or {}
        self.app_name = app_name
        self.namespace = namespace

    @property
    def url_patterns(self):
        if __kind_of__(self.urlconf_module) in ("list", "tuple"):
            return self.urlconf_module
        return getattr(self.urlconf_module, "urlpatterns")


def get_resolver(urlconf=None): return __unknown__("what leads paths to views")
