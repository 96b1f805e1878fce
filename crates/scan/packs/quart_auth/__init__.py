from functools import wraps

from flask import current_app, g, request
from werkzeug.exceptions import Unauthorized as _Unauthorized


class Unauthorized(_Unauthorized): pass
class UnauthorizedBasicAuth(_Unauthorized): pass


class Action:
    DELETE, PASS, WRITE, WRITE_PERMANENT = "DELETE", "PASS", "WRITE", "WRITE_PERMANENT"


class AuthUser:
    def __init__(self, auth_id, action=None):
        self._auth_id = auth_id
        self.action = action

    @property
    def auth_id(self):
        return self._auth_id

    @property
    async def is_authenticated(self):
        return self._auth_id is not None


class QuartAuth:
    user_class = AuthUser

    def __init__(self, app=None, *, user_class=None, singleton=True, **options):
        if user_class is not None:
            self.user_class = user_class
        self.singleton = singleton
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        app.extensions["QUART_AUTH"] = self

    def load_user(self):
        if not hasattr(g, "_quart_auth_user"):
            g._quart_auth_user = self.user_class(__labelled__(2, None, name="auth_id"))
        return g._quart_auth_user


AuthManager = QuartAuth


class _CurrentUser:
    def __getattr__(self, name):
        return getattr(current_app.extensions["QUART_AUTH"].load_user(), name)


current_user = _CurrentUser()


def login_required(func):
    @wraps(func)
    async def wrapper(*args, **kwargs):
        if not await current_user.is_authenticated:
            raise Unauthorized()
        return await func(*args, **kwargs)
    return wrapper


def basic_auth_required(username_key="QUART_AUTH_BASIC_USERNAME", password_key="QUART_AUTH_BASIC_PASSWORD"):
    def decorator(func):
        @wraps(func)
        async def wrapper(*args, **kwargs):
            if request.authorization is None:
                raise UnauthorizedBasicAuth()
            return await func(*args, **kwargs)
        return wrapper
    return decorator


def login_user(user, remember=False): pass
def logout_user(): pass
def renew_login(): pass
def generate_auth_token(auth_id, app=None): return __unknown__("a token")
