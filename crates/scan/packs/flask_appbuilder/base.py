from flask import Blueprint
from flask_appbuilder.api import BaseApi, expose
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.menu import Menu, MenuApi
from flask_appbuilder.security.decorators import has_access, protect
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.views import IndexView, UtilView
from werkzeug.utils import import_string


class LocaleView(BaseView):
    route_base = "/lang"

    @expose("/<string:locale>")
    def index(self, locale): return __unknown__("what a change of the language answers")


class OpenApi(BaseApi):
    route_base = "/api"

    @expose("/<version>/_openapi")
    @protect()
    def get(self, version): return self.response(200)


class SwaggerView(BaseView):
    route_base = "/swagger"

    @expose("/<version>")
    @has_access
    def show(self, version): return self.render_template("swagger.html")


class AppBuilder:
    def __init__(self, app=None, session=None, menu=None, indexview=None, base_template="appbuilder/baselayout.html",
                 static_folder="static/appbuilder", static_url_path="/appbuilder", security_manager_class=None, update_perms=True):
        self._app = None
        self.session = session
        self.baseviews = []
        self.menu = menu or Menu()
        self.base_template = base_template
        self.security_manager_class = security_manager_class
        self.indexview = indexview
        self.static_folder = static_folder
        self.static_url_path = static_url_path
        self.sm = None
        self.addon_managers = {}
        if app is not None:
            self.init_app(app, session)

    def init_app(self, app, session=None):
        self._app = app
        self.session = session
        app.appbuilder = self
        app.extensions["appbuilder"] = self
        self.indexview = self._configured("FAB_INDEX_VIEW", self.indexview or IndexView)
        self.security_manager_class = self._configured("FAB_SECURITY_MANAGER_CLASS", self.security_manager_class or SecurityManager)
        self.sm = self.security_manager_class(self)
        static = Blueprint("appbuilder", __name__, url_prefix="/static", static_folder=self.static_folder, static_url_path=self.static_url_path)
        app.register_blueprint(static)
        app.before_request(self.sm.before_request)
        if self.indexview:
            self._indexview = self.add_view_no_menu(self.indexview)
        self.add_view_no_menu(UtilView)
        self.add_view_no_menu(LocaleView)
        self.sm.register_views()
        if app.config.get("FAB_ADD_OPENAPI_VIEWS", True) and app.config.get("FAB_API_SWAGGER_UI", False):
            self.add_api(OpenApi)
            self.add_view_no_menu(SwaggerView)
        if app.config.get("FAB_ADD_MENU_API", True):
            self.add_api(MenuApi)
        for addon in app.config.get("ADDON_MANAGERS", []):
            manager = import_string(addon)(self)
            manager.register_views()

    def _configured(self, name, default):
        """A class that a setting names."""
        named = self._app.config.get(name, None)
        if named is None:
            return default
        return import_string(named) if isinstance(named, str) else named

    @property
    def get_app(self):
        return self._app

    app = get_app

    @property
    def get_session(self):
        return self.session

    def add_view(self, baseview, name, href="", icon="", label="", category="", category_icon="", category_label="", menu_cond=None, **options):
        return self._add(baseview)

    def add_view_no_menu(self, baseview, endpoint=None, static_folder=None):
        return self._add(baseview, endpoint, static_folder)

    def add_api(self, baseview):
        return self._add(baseview)

    def _add(self, baseview, endpoint=None, static_folder=None):
        if isinstance(baseview, type):
            baseview = baseview()
        if all(one.__class__ is not baseview.__class__ for one in self.baseviews):
            baseview.appbuilder = self
            self.baseviews.append(baseview)
            self._app.register_blueprint(baseview.create_blueprint(self, endpoint=endpoint, static_folder=static_folder))
        return baseview

    def register_blueprint(self, baseview, endpoint=None, static_folder=None):
        self._app.register_blueprint(baseview.create_blueprint(self, endpoint=endpoint, static_folder=static_folder))

    def add_link(self, name, href, **options): pass
    def add_separator(self, category, cond=None): pass
    def add_permissions(self, update_perms=False): pass
    def security_cleanup(self): pass
    def security_converge(self, dry=False): return {}
    def post_init(self): pass
    def get_url_for_login_with(self, next_url=None): return __unknown__("an address")

    @property
    def get_url_for_login(self): return __unknown__("an address")

    get_url_for_index = get_url_for_logout = get_url_for_userinfo = get_url_for_login
