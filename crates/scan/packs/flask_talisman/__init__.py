from functools import wraps


class Talisman:
    """Sends browsers to HTTPS and adds headers: it refuses nobody."""

    def __init__(self, app=None, **kwargs): pass
    def init_app(self, app, **kwargs): pass

    def __call__(self, **kwargs):
        def decorator(f):
            @wraps(f)
            def decorated_function(*args, **kwargs):
                return f(*args, **kwargs)
            return decorated_function
        return decorator


ALLOW_FROM = "ALLOW-FROM"
DENY = "DENY"
SAMEORIGIN = "SAMEORIGIN"
DEFAULT_CSP_POLICY = {}
GOOGLE_CSP_POLICY = {}
NONCE_LENGTH = 32
