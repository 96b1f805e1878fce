from functools import wraps

from flask import g, make_response, request


class HTTPAuth:
    def __init__(self, scheme=None, realm=None, header=None):
        self.scheme = scheme
        self.realm = realm or "Authentication Required"
        self.header = header
        self.get_password_callback = None
        self.get_user_roles_callback = None
        self.verify_callback = None
        self.auth_error_callback = None
        self.error_handler(lambda status: ("Unauthorized Access", status))

    def is_compatible_auth(self, headers):
        return __labelled__(2, False)

    def get_password(self, f):
        self.get_password_callback = f
        return f

    def get_user_roles(self, f):
        self.get_user_roles_callback = f
        return f

    def error_handler(self, f):
        @wraps(f)
        def decorated(status):
            """What the program answers to strangers is a refusal, whatever its status."""
            if _takes_one(f):
                f(status)
            else:
                f()
            return make_response("", status)
        self.auth_error_callback = decorated
        return f

    def get_auth(self):
        return request.authorization

    def authorize(self, role, user):
        if role is None:
            return True
        wanted = role if isinstance(role, (list, tuple)) else [role]
        return __labelled__(2, None, name="role") in [_named(one) for one in wanted]

    def login_required(self, f=None, role=None, optional=None):
        def login_required_internal(f):
            @wraps(f)
            def decorated(*args, **kwargs):
                if request.method == "OPTIONS":
                    return f(*args, **kwargs)
                user = self.authenticate()
                if not optional:
                    # That there is one is no role: to see what the handler does it is asked once.
                    if user is None or (user is False and not __is_watched__()):
                        return self.auth_error_callback(401)
                    if not self.authorize(role, user):
                        return self.auth_error_callback(403)
                g.flask_httpauth_user = user
                return f(*args, **kwargs)
            return decorated
        if f:
            return login_required_internal(f)
        return login_required_internal

    def username(self):
        return __labelled__(2, "", name="username")

    def current_user(self):
        return g.get("flask_httpauth_user")

    def ensure_sync(self, f): return f
    def authenticate_header(self): return __unknown__("a challenge")


class HTTPBasicAuth(HTTPAuth):
    def __init__(self, scheme=None, realm=None):
        super().__init__(scheme or "Basic", realm)

    def verify_password(self, f):
        self.verify_callback = f
        return f

    def hash_password(self, f): return f

    def authenticate(self):
        """Who the callback takes a request for: without a credential it is asked about an empty name and password."""
        if self.verify_callback is not None:
            return self.verify_callback(__labelled__(2, "", name="username"), __labelled__(2, "", name="password"))
        if self.get_password_callback is None:
            return None
        return __labelled__(2, None, name="user")


class HTTPDigestAuth(HTTPAuth):
    def __init__(self, scheme=None, realm=None, use_ha1_pw=False, qop="auth", algorithm="MD5"):
        super().__init__(scheme or "Digest", realm)

    def authenticate(self):
        return __labelled__(2, None, name="user")

    def generate_nonce(self, f): return f
    def verify_nonce(self, f): return f
    def generate_opaque(self, f): return f
    def verify_opaque(self, f): return f


class HTTPTokenAuth(HTTPAuth):
    def __init__(self, scheme="Bearer", realm=None, header=None):
        super().__init__(scheme, realm, header)

    def verify_token(self, f):
        self.verify_callback = f
        return f

    def authenticate(self):
        if self.verify_callback is None:
            return None
        return self.verify_callback(__labelled__(2, "", name="token"))


class MultiAuth:
    def __init__(self, main_auth, *args):
        self.main_auth = main_auth
        self.additional_auth = args

    def login_required(self, f=None, role=None, optional=None):
        """Without a credential the first is asked; with one, whichever it is for."""
        return self.main_auth.login_required(f, role, optional)

    def current_user(self):
        return g.get("flask_httpauth_user")


def _takes_one(f):
    return len(__signature_of__(f)) > 0


def _named(role):
    """Several roles that are asked for together are one."""
    return " and ".join(role) if isinstance(role, (list, tuple)) else role
