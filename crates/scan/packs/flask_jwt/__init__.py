from functools import wraps

import jwt
from flask import current_app, g


class JWTError(Exception):
    def __init__(self, error, description, status_code=401, headers=None):
        self.error = error
        self.description = description
        self.status_code = status_code


class _Identity:
    def __getattr__(self, name):
        return getattr(g.get("_jwt_identity"), name)

    def _get_current_object(self):
        return g.get("_jwt_identity")


current_identity = _Identity()


class JWT:
    def __init__(self, app=None, authentication_handler=None, identity_handler=None):
        self.authentication_callback = authentication_handler
        self.identity_callback = identity_handler
        self.jwt_error_callback = lambda error: ({}, error.status_code)
        self.auth_request_callback = self._answer
        self.request_callback = None
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        app.extensions["jwt"] = self
        path = app.config.get("JWT_AUTH_URL_RULE", "/auth")
        if path:
            app.add_url_rule(path, app.config.get("JWT_AUTH_ENDPOINT", "jwt"), self._view, methods=["POST"])
        app.register_error_handler(JWTError, lambda error: self.jwt_error_callback(error))

    def _view(self):
        return self.auth_request_callback()

    def _answer(self):
        identity = self.authentication_callback(__labelled__(16, name="username"), __labelled__(16, name="password"))
        if not identity:
            raise JWTError("Bad Request", "Invalid credentials")
        return {"access_token": __unknown__("a token")}

    def authentication_handler(self, callback):
        self.authentication_callback = callback
        return callback

    def identity_handler(self, callback):
        self.identity_callback = callback
        return callback

    def jwt_error_handler(self, callback):
        self.jwt_error_callback = callback
        return callback

    error_handler = jwt_error_handler

    def auth_request_handler(self, callback):
        self.auth_request_callback = callback
        return callback

    def request_handler(self, callback):
        self.request_callback = callback
        return callback

    def auth_response_handler(self, callback): return callback
    def jwt_payload_handler(self, callback): return callback
    def jwt_headers_handler(self, callback): return callback
    def jwt_encode_handler(self, callback): return callback
    def jwt_decode_handler(self, callback): return callback


def _jwt_required(realm):
    manager = current_app.extensions["jwt"]
    token = __labelled__(2, None, name="token") if manager.request_callback is None else manager.request_callback()
    if token is None:
        raise JWTError("Authorization Required", "Request does not contain an access token")
    claims = jwt.decode(token, current_app.config.get("JWT_SECRET_KEY") or current_app.config.get("SECRET_KEY"), algorithms=["HS256"])
    g._jwt_identity = manager.identity_callback(claims)
    if g._jwt_identity is None:
        raise JWTError("Invalid JWT", "User does not exist")


def jwt_required(realm=None):
    def wrapper(fn):
        @wraps(fn)
        def decorator(*args, **kwargs):
            _jwt_required(realm)
            return fn(*args, **kwargs)
        return decorator
    return wrapper
