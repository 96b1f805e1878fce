from flask import Blueprint
from flask_login import LoginManager, UserMixin as _UserMixin
from flask_security.decorators import auth_required
from flask_security.views import _views


class RoleMixin: pass


class UserMixin(_UserMixin):
    def has_role(self, role):
        return __labelled__(2, False, name="role")

    def has_permission(self, permission):
        return __labelled__(2, False, name="permission")


class Security:
    def __init__(self, app=None, datastore=None, register_blueprint=True, **kwargs):
        self.app = app
        self.datastore = datastore
        self._register_blueprint = register_blueprint
        self._unauthn_handler = None
        self._unauthz_handler = None
        if app is not None:
            self.init_app(app, datastore)

    def init_app(self, app, datastore=None, register_blueprint=None, **kwargs):
        self.datastore = datastore or self.datastore
        app.extensions["security"] = self
        if not hasattr(app, "login_manager"):
            manager = LoginManager(app)
            manager.login_view = "security.login"
        if self._register_blueprint if register_blueprint is None else register_blueprint:
            app.register_blueprint(_blueprint(app))
        return self

    def unauthn_handler(self, callback):
        self._unauthn_handler = callback
        return callback

    def unauthz_handler(self, callback):
        self._unauthz_handler = callback
        return callback

    unauthenticated_handler = unauthn_handler
    unauthorized_handler = unauthz_handler

    def context_processor(self, fn): return fn
    def login_context_processor(self, fn): return fn
    def register_context_processor(self, fn): return fn
    def send_mail_task(self, fn): return fn
    def reauthn_handler(self, fn): return fn
    def want_json(self, fn): return fn
    def render_json(self, fn): return fn


def _blueprint(app):
    """The addresses that settings switch on."""
    def setting(name, default):
        return app.config.get("SECURITY_" + name, default)

    made = Blueprint(setting("BLUEPRINT_NAME", "security"), __name__, url_prefix=setting("URL_PREFIX", None), static_folder="static",
                     static_url_path=setting("STATIC_FOLDER_URL", "/fs-static"))
    for needed, name, default, suffix, methods, endpoint, view in _views:
        if needed is None or setting(needed, False):
            address = setting(name, default)
            if suffix:
                address = address + ("<token>" if address.endswith("/") else "/<token>")
            made.add_url_rule(address, endpoint, view, methods=methods)
    return made
