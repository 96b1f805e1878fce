from functools import wraps

from flask import current_app, g, request
from flask_login.config import EXEMPT_METHODS
from flask_login.login_manager import LoginManager

_UNSEEN = LoginManager()


def _manager():
    """That of the application. Without one nothing here would work: if none is seen, code that is not seen made it."""
    return getattr(current_app, "login_manager", None) or _UNSEEN


class _CurrentUser:
    @property
    def is_anonymous(self):
        return not self.is_authenticated

    def __getattr__(self, name):
        return getattr(_manager()._load_user(), name)

    def __bool__(self):
        return bool(_manager()._load_user())

    def __eq__(self, other):
        return _manager()._load_user() == other

    def _get_current_object(self):
        return _manager()._load_user()


current_user = _CurrentUser()


def login_required(func):
    @wraps(func)
    def decorated_view(*args, **kwargs):
        if request.method in EXEMPT_METHODS or current_app.config.get("LOGIN_DISABLED"):
            pass
        elif not current_user.is_authenticated:
            return _manager().unauthorized()
        return func(*args, **kwargs)
    return decorated_view


def fresh_login_required(func):
    @wraps(func)
    def decorated_view(*args, **kwargs):
        if request.method in EXEMPT_METHODS or current_app.config.get("LOGIN_DISABLED"):
            pass
        elif not current_user.is_authenticated:
            return _manager().unauthorized()
        elif not login_fresh():
            return _manager().needs_refresh()
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
def set_login_view(login_view, blueprint=None): _manager().login_view = login_view
def encode_cookie(payload, key=None): return __unknown__("a cookie")
def decode_cookie(cookie, key=None): return __labelled__(2, None)
