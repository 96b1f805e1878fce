import jwt
from flask import current_app, g


class _CurrentUser:
    def __getattr__(self, name):
        return getattr(get_current_user(), name)

    def __bool__(self):
        return bool(get_current_user())

    def _get_current_object(self):
        return get_current_user()


current_user = _CurrentUser()


def get_jwt():
    return g.get("_jwt_extended_jwt", {})


get_raw_jwt = get_jwt_claims = get_jwt


def get_jwt_header():
    return g.get("_jwt_extended_jwt_header", {})


def get_jwt_identity():
    return get_jwt().get(current_app.config.get("JWT_IDENTITY_CLAIM", "sub"), None)


def get_current_user():
    return g.get("_jwt_extended_jwt_user", None)


def decode_token(encoded_token, csrf_value=None, allow_expired=False):
    return jwt.decode(encoded_token, _key("JWT_PUBLIC_KEY"), algorithms=[_algorithm()])


def create_access_token(identity, fresh=False, expires_delta=None, additional_claims=None, additional_headers=None, user_claims=None):
    ends = current_app.config.get("JWT_ACCESS_TOKEN_EXPIRES") if expires_delta is None else expires_delta
    return jwt.encode(_claims(identity, "access", ends, additional_claims), _key("JWT_PRIVATE_KEY"), algorithm=_algorithm())


def create_refresh_token(identity, expires_delta=None, additional_claims=None, additional_headers=None, user_claims=None):
    ends = current_app.config.get("JWT_REFRESH_TOKEN_EXPIRES") if expires_delta is None else expires_delta
    return jwt.encode(_claims(identity, "refresh", ends, additional_claims), _key("JWT_PRIVATE_KEY"), algorithm=_algorithm())


def _claims(identity, kind, ends, more):
    claims = {"type": kind, current_app.config.get("JWT_IDENTITY_CLAIM", "sub"): identity}
    if ends is not False:
        claims["exp"] = __unknown__("when a token ends")
    claims.update(more or {})
    return claims


def _key(asymmetric):
    if _algorithm().startswith("HS"):
        return current_app.config.get("JWT_SECRET_KEY") or current_app.config.get("SECRET_KEY")
    return current_app.config.get(asymmetric)


def _algorithm():
    return current_app.config.get("JWT_ALGORITHM", "HS256")


def get_jwt_request_location(): return __unknown__("where a token was found")
def get_unverified_jwt_headers(encoded_token): return __unknown__("the header of a token that nobody checked")
def get_jti(encoded_token): return decode_token(encoded_token).get("jti")
def get_csrf_token(encoded_token): return __unknown__("a token against forged requests")
def set_access_cookies(response, encoded_access_token, max_age=None, domain=None): pass
def set_refresh_cookies(response, encoded_refresh_token, max_age=None, domain=None): pass
def unset_jwt_cookies(response, domain=None): pass
def unset_access_cookies(response, domain=None): pass
def unset_refresh_cookies(response, domain=None): pass
