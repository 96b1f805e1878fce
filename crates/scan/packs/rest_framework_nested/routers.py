from rest_framework.routers import DefaultRouter, DynamicRoute, Route, SimpleRouter


class NestedMixin:
    def __init__(self, parent_router, parent_prefix, *args, lookup=None, **kwargs):
        self.parent_router = parent_router
        self.parent_prefix = parent_prefix
        self.nest_count = getattr(parent_router, "nest_count", 0) + 1
        self.nest_prefix = (lookup or "nested_%i" % self.nest_count) + "_"
        super().__init__(*args, **kwargs)
        parent_viewset = [viewset for prefix, viewset, name in self.parent_router.registry if prefix == self.parent_prefix][0]
        parent_lookup_regex = self.parent_router.get_lookup_regex(parent_viewset, self.nest_prefix)
        self.parent_regex = f"{parent_prefix}/{parent_lookup_regex}/"
        if not self.parent_prefix and self.parent_regex[:1] == "/":
            self.parent_regex = self.parent_regex[1:]
        if hasattr(parent_router, "parent_regex"):
            self.parent_regex = parent_router.parent_regex + self.parent_regex
        escaped = self.parent_regex.replace("{", "{{").replace("}", "}}")
        self.routes = [route._replace(url=route.url.replace("^", "^" + escaped)) for route in self.routes]


class NestedSimpleRouter(NestedMixin, SimpleRouter): pass
class NestedDefaultRouter(NestedMixin, DefaultRouter): pass
