from django.urls import path, re_path
from rest_framework import views
from rest_framework.response import Response
from rest_framework.urlpatterns import format_suffix_patterns


class Route:
    def __init__(self, url, mapping, name, detail, initkwargs):
        self.url = url
        self.mapping = mapping
        self.name = name
        self.detail = detail
        self.initkwargs = initkwargs

    def _replace(self, **changes):
        made = Route(self.url, self.mapping, self.name, self.detail, self.initkwargs)
        for name, value in changes.items():
            setattr(made, name, value)
        return made


class DynamicRoute:
    def __init__(self, url, name, detail, initkwargs):
        self.url = url
        self.name = name
        self.detail = detail
        self.initkwargs = initkwargs

    def _replace(self, **changes):
        made = DynamicRoute(self.url, self.name, self.detail, self.initkwargs)
        for name, value in changes.items():
            setattr(made, name, value)
        return made


def escape_curly_brackets(url_path):
    return url_path.replace("{", "{{").replace("}", "}}")


class BaseRouter:
    def __init__(self):
        self.registry = []

    def register(self, prefix, viewset, basename=None, base_name=None):
        basename = basename or base_name
        if basename is None:
            basename = self.get_default_basename(viewset)
        self.registry.append((prefix, viewset, basename))

    def get_default_basename(self, viewset): return __unknown__("the name of a route")
    def is_already_registered(self, new_basename): return False

    @property
    def urls(self):
        return self.get_urls()


class SimpleRouter(BaseRouter):
    routes = [
        Route(r"^{prefix}{trailing_slash}$", {"get": "list", "post": "create"}, "{basename}-list", False, {"suffix": "List"}),
        DynamicRoute(r"^{prefix}/{url_path}{trailing_slash}$", "{basename}-{url_name}", False, {}),
        Route(r"^{prefix}/{lookup}{trailing_slash}$", {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"},
              "{basename}-detail", True, {"suffix": "Instance"}),
        DynamicRoute(r"^{prefix}/{lookup}/{url_path}{trailing_slash}$", "{basename}-{url_name}", True, {}),
    ]

    def __init__(self, trailing_slash=True, use_regex_path=True):
        self.trailing_slash = "/" if trailing_slash else ""
        self._use_regex = use_regex_path
        if use_regex_path:
            self._base_pattern = "(?P<{lookup_prefix}{lookup_url_kwarg}>{lookup_value})"
            self._default_value_pattern = "[^/.]+"
            self._url_conf = re_path
        else:
            self._base_pattern = "<{lookup_value}:{lookup_prefix}{lookup_url_kwarg}>"
            self._default_value_pattern = "str"
            self._url_conf = path
            self.routes = [route._replace(url=route.url.lstrip("^").rstrip("$")) for route in self.routes]
        super().__init__()

    def get_default_basename(self, viewset):
        queryset = getattr(viewset, "queryset", None)
        model = getattr(queryset, "model", None)
        return model._meta.model_name if model else viewset.__name__.lower()

    def get_routes(self, viewset):
        extra_actions = viewset.get_extra_actions()
        routes = []
        for route in self.routes:
            if isinstance(route, DynamicRoute):
                routes += [self._get_dynamic_route(route, action) for action in extra_actions if bool(action.detail) == bool(route.detail)]
            else:
                routes.append(route)
        return routes

    def _get_dynamic_route(self, route, action):
        initkwargs = dict(route.initkwargs)
        initkwargs.update(action.kwargs)
        return Route(route.url.replace("{url_path}", escape_curly_brackets(action.url_path)), action.mapping,
                     route.name.replace("{url_name}", action.url_name), route.detail, initkwargs)

    def get_method_map(self, viewset, method_map):
        bound_methods = {}
        for method, action in method_map.items():
            if hasattr(viewset, action):
                bound_methods[method] = action
        return bound_methods

    def get_lookup_regex(self, viewset, lookup_prefix=""):
        lookup_field = getattr(viewset, "lookup_field", "pk")
        lookup_url_kwarg = getattr(viewset, "lookup_url_kwarg", None) or lookup_field
        lookup_value = None
        if not self._use_regex:
            lookup_value = getattr(viewset, "lookup_value_converter", None)
        if lookup_value is None:
            lookup_value = getattr(viewset, "lookup_value_regex", self._default_value_pattern)
        return self._base_pattern.format(lookup_prefix=lookup_prefix, lookup_url_kwarg=lookup_url_kwarg, lookup_value=lookup_value)

    def get_urls(self):
        ret = []
        for prefix, viewset, basename in self.registry:
            lookup = self.get_lookup_regex(viewset)
            for route in self.get_routes(viewset):
                mapping = self.get_method_map(viewset, route.mapping)
                if not mapping:
                    continue
                regex = route.url.format(prefix=prefix, lookup=lookup, trailing_slash=self.trailing_slash)
                if not prefix:
                    if self._url_conf is path:
                        if regex[:1] == "/":
                            regex = regex[1:]
                    elif regex[:2] == "^/":
                        regex = "^" + regex[2:]
                initkwargs = dict(route.initkwargs)
                initkwargs.update({"basename": basename, "detail": route.detail})
                view = viewset.as_view(mapping, **initkwargs)
                ret.append(self._url_conf(regex, view, name=route.name.format(basename=basename)))
        return ret


class APIRootView(views.APIView):
    _ignore_model_permissions = True
    schema = None
    api_root_dict = None

    def get(self, request, *args, **kwargs):
        return Response({})


class DefaultRouter(SimpleRouter):
    include_root_view = True
    include_format_suffixes = True
    root_view_name = "api-root"
    default_schema_renderers = None
    APIRootView = APIRootView

    def __init__(self, trailing_slash=True, use_regex_path=True, root_renderers=()):
        self.root_renderers = root_renderers
        super().__init__(trailing_slash, use_regex_path)

    def get_api_root_view(self, api_urls=None):
        return self.APIRootView.as_view(api_root_dict={})

    def get_urls(self):
        urls = super().get_urls()
        if self.include_root_view:
            view = self.get_api_root_view(api_urls=urls)
            urls.append(path("", view, name=self.root_view_name))
        if self.include_format_suffixes:
            urls = format_suffix_patterns(urls)
        return urls
