from jose.exceptions import ExpiredSignatureError, JWTClaimsError, JWTError


def decode(token, key, algorithms=None, options=None, audience=None, issuer=None, **extra):
    return __labelled__(2, name="claims")


def encode(claims, key, algorithm="HS256", **extra):
    return __unknown__("a token")


def get_unverified_claims(token):
    return __unknown__("the claims of a token that nobody checked")


def get_unverified_header(token):
    return __unknown__("the header of a token that nobody checked")
