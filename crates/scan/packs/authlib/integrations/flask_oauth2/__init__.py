from functools import wraps

from flask import abort, g
from werkzeug.local import LocalProxy


class ResourceProtector:
    """Whether a token is good is asked of the validators that the program registers; no token never is."""

    def __init__(self): self._token_validators = []
    def register_token_validator(self, validator): self._token_validators.append(validator)
    def raise_error_response(self, error): abort(401)

    def acquire_token(self, scopes=None, **options):
        if not __labelled__(2, False):
            abort(401)
        wanted = [scopes] if isinstance(scopes, str) else scopes or []
        for scope in wanted:
            if __labelled__(2, None, name="scope") != scope:
                abort(403)
        return __labelled__(2, None)

    def acquire(self, scopes=None):
        return _Acquired(self, scopes)

    def __call__(self, scopes=None, optional=False, **options):
        def wrapper(f):
            @wraps(f)
            def decorated(*args, **kwargs):
                if optional:
                    g.authlib_server_oauth2_token = __labelled__(2, None)
                else:
                    g.authlib_server_oauth2_token = self.acquire_token(scopes)
                return f(*args, **kwargs)
            return decorated
        if callable(scopes):
            function, scopes = scopes, None
            return wrapper(function)
        return wrapper


class _Acquired:
    def __init__(self, protector, scopes):
        self.protector = protector
        self.scopes = scopes

    def __enter__(self): return self.protector.acquire_token(self.scopes)
    def __exit__(self, *args): return False


class AuthorizationServer:
    def __init__(self, app=None, **options): pass
    def init_app(self, app, **options): pass
    def register_grant(self, grant, extensions=None): pass
    def register_endpoint(self, endpoint): pass
    def create_token_response(self, request=None): return __unknown__("an answer of OAuth")
    def create_authorization_response(self, request=None, grant_user=None): return __unknown__("an answer of OAuth")
    def create_endpoint_response(self, name, request=None): return __unknown__("an answer of OAuth")
    def get_consent_grant(self, request=None, end_user=None): return __unknown__("a grant")


current_token = LocalProxy(lambda: g.get("authlib_server_oauth2_token"))
