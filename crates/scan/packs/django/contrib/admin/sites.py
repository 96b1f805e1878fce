from functools import update_wrapper

from django.contrib.admin.options import ModelAdmin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse


class AlreadyRegistered(Exception): pass
class NotRegistered(Exception): pass


class AdminSite:
    index_title = site_title = site_header = ""
    site_url = "/"
    enable_nav_sidebar = True
    login_form = index_template = app_index_template = login_template = logout_template = None
    password_change_template = password_change_done_template = None
    final_catch_all_view = True
    actions = []

    def __init__(self, name="admin"):
        self.name = name
        self._registry = {}

    def register(self, model_or_iterable, admin_class=None, **options):
        models = model_or_iterable if isinstance(model_or_iterable, (list, tuple, set)) else [model_or_iterable]
        for model in models:
            self._registry[model] = (admin_class or ModelAdmin)(model, self)

    def _register_user(self, model, admin_class):
        """The user model that comes with Django has its pages where the project has no other."""
        from django.conf import settings
        if settings.AUTH_USER_MODEL == "auth.User":
            self.register(model, admin_class)

    def unregister(self, model_or_iterable):
        models = model_or_iterable if isinstance(model_or_iterable, (list, tuple, set)) else [model_or_iterable]
        for model in models:
            self._registry.pop(model, None)

    def is_registered(self, model): return model in self._registry
    def add_action(self, *args, **options): pass
    def disable_action(self, name): pass
    def has_permission(self, request): return request.user.is_active and request.user.is_staff
    def each_context(self, request): return {}
    def get_app_list(self, request, app_label=None): return []

    def admin_view(self, view, cacheable=False):
        def inner(request, *args, **kwargs):
            if not self.has_permission(request):
                return redirect_to_login(request.get_full_path(), "/admin/login/")
            return view(request, *args, **kwargs)
        return update_wrapper(inner, view)

    def get_urls(self):
        from django.urls import include, path, re_path

        def wrap(view):
            def wrapper(*args, **kwargs):
                return self.admin_view(view)(*args, **kwargs)
            return update_wrapper(wrapper, view)

        urls = [
            path("", wrap(self.index), name="index"),
            path("login/", self.login, name="login"),
            path("logout/", wrap(self.logout), name="logout"),
            path("password_change/", wrap(self.password_change), name="password_change"),
            path("password_change/done/", wrap(self.password_change_done), name="password_change_done"),
            path("autocomplete/", wrap(self.autocomplete_view), name="autocomplete"),
            path("jsi18n/", wrap(self.i18n_javascript), name="jsi18n"),
            path("r/<path:content_type_id>/<path:object_id>/", wrap(self.view_on_site), name="view_on_site"),
        ]
        labels = []
        for model, model_admin in self._registry.items():
            urls.append(path("%s/%s/" % (model._meta.app_label, model._meta.model_name), include(model_admin.urls)))
            if model._meta.app_label not in labels:
                labels.append(model._meta.app_label)
        if labels:
            urls.append(re_path("^(?P<app_label>" + "|".join(labels) + ")/$", wrap(self.app_index), name="app_list"))
        if self.final_catch_all_view:
            urls.append(re_path(r"(?P<url>.*)$", wrap(self.catch_all_view)))
        return urls

    @property
    def urls(self):
        return _Site(self), "admin", self.name

    def index(self, request, extra_context=None): return HttpResponse()
    def login(self, request, extra_context=None): return HttpResponse()
    login.login_required = False
    def logout(self, request, extra_context=None): return HttpResponse()
    def password_change(self, request, extra_context=None): return HttpResponse()
    def password_change_done(self, request, extra_context=None): return HttpResponse()
    def autocomplete_view(self, request): return HttpResponse()
    def i18n_javascript(self, request, extra_context=None): return HttpResponse()
    def view_on_site(self, request, content_type_id, object_id): return HttpResponse()
    def app_index(self, request, app_label, extra_context=None): return HttpResponse()
    def catch_all_view(self, request, url): return HttpResponse()


class _Site:
    """The routes of a site, made when they are asked for: by then every model is registered."""

    def __init__(self, site):
        self.site = site

    @property
    def urlpatterns(self):
        return self.site.get_urls()


class DefaultAdminSite(AdminSite): pass


site = AdminSite()
