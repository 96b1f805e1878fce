from functools import wraps

from flask import Blueprint, abort, render_template


def expose(url="/", methods=("GET",)):
    def wrap(f):
        if not hasattr(f, "_urls"):
            f._urls = []
        f._urls.append((url, methods))
        return f
    return wrap


def expose_plugview(url="/"):
    def wrap(view):
        view._plugview_url = url
        return view
    return wrap


class BaseView:
    """What is called before each exposed method decides who gets to it: `is_accessible`, or whatever a class makes of `_handle_view`."""

    def __init__(self, name=None, category=None, endpoint=None, url=None, static_folder=None, static_url_path=None, menu_class_name=None,
                 menu_icon_type=None, menu_icon_value=None):
        self.name = name
        self.category = category
        self.endpoint = self._get_endpoint(endpoint)
        self.url = url
        self.static_folder = static_folder
        self.static_url_path = static_url_path
        self.admin = None
        self.blueprint = None

    def _get_endpoint(self, endpoint):
        return endpoint or self.__class__.__name__.lower()

    def _get_view_url(self, admin, url):
        if url is None:
            if admin.url != "/":
                return f"{admin.url}/{self.endpoint}"
            return "/" if self is admin.index_view else f"/{self.endpoint}"
        return url if url.startswith("/") else f"{admin.url}/{url}"

    def create_blueprint(self, admin):
        self.admin = admin
        if not self.static_url_path:
            self.static_url_path = admin.static_url_path
        self.url = self._get_view_url(admin, self.url)
        if self.url == "/":
            self.url = None
            if not self.static_url_path:
                self.static_folder = "static"
                self.static_url_path = "/static/admin"
        self.blueprint = Blueprint(self.endpoint, __name__, url_prefix=self.url, subdomain=admin.subdomain, static_folder=self.static_folder,
                                   static_url_path=self.static_url_path)
        members = [(name, getattr(self, name)) for name in dir(self)]
        for name, member in members:
            if __is_function__(member, False) and hasattr(member, "_urls"):
                for url, methods in member._urls:
                    self.blueprint.add_url_rule(url, name, self._exposed(name, member), methods=methods)
            elif isinstance(member, type) and hasattr(member, "_plugview_url"):
                self._register_plugview(name, member)
        return self.blueprint

    def _exposed(self, name, member):
        @wraps(member)
        def inner(**kwargs):
            answer = self._handle_view(name, **kwargs)
            if answer is not None:
                return answer
            return self._run_view(member, **kwargs)
        return inner

    def _register_plugview(self, name, member):
        view = member.as_view(name)

        @wraps(view)
        def inner(**kwargs):
            answer = self._handle_view(name, **kwargs)
            if answer is not None:
                return answer
            return view(self, **kwargs)
        self.blueprint.add_url_rule(member._plugview_url, name, inner, methods=getattr(view, "methods", None))

    def _handle_view(self, name, **kwargs):
        if not self.is_accessible():
            return self.inaccessible_callback(name, **kwargs)

    def _run_view(self, fn, *args, **kwargs):
        return fn(*args, **kwargs)

    def inaccessible_callback(self, name, **kwargs):
        return abort(403)

    def is_accessible(self): return True
    def is_visible(self): return True
    def render(self, template, **kwargs): return render_template(template, **kwargs)
    def get_url(self, endpoint, **kwargs): return __unknown__("an address")


class AdminIndexView(BaseView):
    def __init__(self, name=None, category=None, endpoint=None, url=None, template="admin/index.html", menu_class_name=None, menu_icon_type=None,
                 menu_icon_value=None):
        super().__init__(name or "Home", category, endpoint or "admin", "/admin" if url is None else url, "static")
        self._template = template

    @expose()
    def index(self):
        return self.render(self._template)


class Admin:
    def __init__(self, app=None, name=None, url=None, subdomain=None, index_view=None, translations_path=None, endpoint=None,
                 static_url_path=None, theme=None, category_icon_classes=None, host=None, csp_nonce_generator=None, **options):
        self.app = app
        self._views = []
        self.name = name or "Admin"
        self.index_view = index_view or AdminIndexView(endpoint=endpoint, url=url)
        self.endpoint = endpoint or self.index_view.endpoint
        self.url = url or self.index_view.url
        self.static_url_path = static_url_path
        self.subdomain = subdomain
        self.host = host
        self.add_view(self.index_view)

    def init_app(self, app, index_view=None, endpoint=None, url=None):
        self.app = app
        if index_view is not None:
            self.index_view = index_view
            self.endpoint = endpoint or index_view.endpoint
            self.url = url or index_view.url
            self._views[0] = index_view
        for view in self._views:
            app.register_blueprint(view.create_blueprint(self))

    def add_view(self, view):
        self._views.append(view)
        if self.app is not None:
            self.app.register_blueprint(view.create_blueprint(self))

    def add_views(self, *args):
        for view in args:
            self.add_view(view)

    def add_link(self, link): pass
    def add_links(self, *args): pass
    def add_category(self, *args, **options): pass
    def add_sub_category(self, *args, **options): pass
    def add_menu_item(self, *args, **options): pass
