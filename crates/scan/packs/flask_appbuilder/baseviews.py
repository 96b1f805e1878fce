from flask import Blueprint, redirect, render_template
from flask_appbuilder.const import PERMISSION_PREFIX
from flask_appbuilder.hooks import wrap_route_handler_with_hooks


def expose(url="/", methods=("GET",)):
    def wrap(f):
        if not hasattr(f, "_urls"):
            f._urls = []
        f._urls.append((url, methods))
        return f
    return wrap


def expose_api(name="", url="", methods=("GET",), description=""):
    return expose(url or f"/api/{name}", methods)


class AbstractViewApi:
    """What views and APIs have in common: methods with addresses, and permissions named for them."""

    appbuilder = None
    blueprint = None
    endpoint = None
    route_base = None
    base_permissions = None
    class_permission_name = None
    method_permission_name = None
    exclude_route_methods = set()
    include_route_methods = None
    extra_args = None

    def __init__(self):
        self.class_permission_name = self.class_permission_name or self.__class__.__name__
        self.method_permission_name = self.method_permission_name or {}
        if self.base_permissions is None:
            named = [self._permission(name, attr) for name, attr in self._members() if hasattr(attr, "_permission_name")]
            self.base_permissions = [PERMISSION_PREFIX + name for name in named]

    def _members(self):
        """What has an address or a permission and is not left out."""
        found = []
        for name in dir(self):
            if self.include_route_methods is not None and name not in self.include_route_methods:
                continue
            if name not in self.exclude_route_methods:
                found.append(name)
        return self._functions(found)

    def _functions(self, names):
        members = [(name, getattr(self, name)) for name in names]
        return [(name, member) for name, member in members if __is_function__(member, False)]

    def _permission(self, name, attr):
        return self.method_permission_name.get(name) or attr._permission_name

    def get_method_permission(self, method_name):
        return self._permission(method_name, getattr(self, method_name))

    def _register_urls(self):
        members = self._members()
        hooks = [hook for name, hook in self._functions(dir(self)) if hasattr(hook, "_before_request_hook")]
        for name, attr in members:
            if hasattr(attr, "_urls"):
                for url, methods in attr._urls:
                    self.blueprint.add_url_rule(url, name, wrap_route_handler_with_hooks(name, attr, hooks), methods=methods)

    def get_uninit_inner_views(self): return []
    def get_init_inner_views(self): return []


class BaseView(AbstractViewApi):
    default_view = "list"

    def create_blueprint(self, appbuilder, endpoint=None, static_folder=None):
        self.appbuilder = appbuilder
        self.endpoint = endpoint or self.__class__.__name__
        if self.route_base is None:
            self.route_base = "/" + self.__class__.__name__.lower()
        self.blueprint = Blueprint(self.endpoint, __name__, url_prefix=self.route_base, static_folder=static_folder)
        self._register_urls()
        return self.blueprint

    def render_template(self, template, **kwargs): return render_template(template, **kwargs)
    def update_redirect(self): pass
    def get_redirect(self): return __unknown__("an address")

    @classmethod
    def get_default_url(cls, **kwargs): return __unknown__("an address")


class BaseFormView(BaseView):
    def form_get(self, form): pass
    def form_post(self, form): pass


class BaseModelView(BaseView):
    datamodel = None
    related_views = None


class BaseCRUDView(BaseModelView):
    def pre_add(self, item): pass
    def post_add(self, item): pass
    def pre_update(self, item): pass
    def post_update(self, item): pass
    def pre_delete(self, item): pass
    def post_delete(self, item): pass
    def is_get_mutation_allowed(self): return __unknown__("whether a form may be sent by GET")
    def get_action_permission_name(self, name): return __unknown__("the permission of an action")
