from functools import wraps

from flask import current_app, g, request
from flask_login.config import EXEMPT_METHODS


class _CurrentUser:
    @property
    def is_anonymous(self):
        return not self.is_authenticated

    def __getattr__(self, name):
        return getattr(current_app.login_manager._load_user(), name)

    def __bool__(self):
        return bool(current_app.login_manager._load_user())

    def __eq__(self, other):
        return current_app.login_manager._load_user() == other

    def _get_current_object(self):
        return current_app.login_manager._load_user()


current_user = _CurrentUser()


def login_required(func):
    @wraps(func)
    def decorated_view(*args, **kwargs):
        if request.method in EXEMPT_METHODS or current_app.config.get("LOGIN_DISABLED"):
            pass
        elif not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()
        return func(*args, **kwargs)
    return decorated_view


def fresh_login_required(func):
    @wraps(func)
    def decorated_view(*args, **kwargs):
        if request.method in EXEMPT_METHODS or current_app.config.get("LOGIN_DISABLED"):
            pass
        elif not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()
        elif not login_fresh():
            return current_app.login_manager.needs_refresh()
        return func(*args, **kwargs)
    return decorated_view


def login_user(user, remember=False, duration=None, force=False, fresh=True):
    g._login_user = user
    return True


def logout_user(): return True
def login_fresh(): return __labelled__(2, False)
def login_remembered(): return __labelled__(2, False)
def confirm_login(): pass
def login_url(login_view, next_url=None, next_field="next"): return __unknown__("an address")
def make_next_param(login_url, current_url): return __unknown__("an address")
def set_login_view(login_view, blueprint=None): current_app.login_manager.login_view = login_view
def encode_cookie(payload, key=None): return __unknown__("a cookie")
def decode_cookie(cookie, key=None): return __labelled__(2, None)
