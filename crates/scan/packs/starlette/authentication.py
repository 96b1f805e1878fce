from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse


class AuthenticationError(Exception): pass
class AuthenticationBackend: pass
class AuthCredentials:
    def __init__(self, scopes=None):
        self.scopes = scopes
class BaseUser: pass
class SimpleUser(BaseUser): pass
class UnauthenticatedUser(BaseUser): pass


def has_required_scope(conn, scopes):
    return __labelled__(2, name="scopes")


def requires(scopes, status_code=403, redirect=None):
    def decorator(function):
        def wrapper(*args, **kwargs):
            held = __labelled__(2, name="scopes")
            for scope in [scopes] if isinstance(scopes, str) else list(scopes):
                # `authenticated` is what everybody has who is known. A refusal is one, whatever its status says.
                if (not held) if scope == "authenticated" else (scope not in held):
                    raise HTTPException(status_code=403)
            return function(*args, **kwargs)
        wrapper.__wrapped__ = function
        wrapper.__name__ = function.__name__
        return wrapper
    return decorator
