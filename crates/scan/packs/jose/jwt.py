from jose.exceptions import ExpiredSignatureError, JWTClaimsError, JWTError


def decode(token, key, algorithms=None, options=None, audience=None, issuer=None, **extra):
    extra = {"audience": audience, "issuer": issuer}
    checked = __noted__("token-check", "jose.jwt.decode", key=key, algorithms=algorithms, options=options, extra=extra)
    return __labelled__(2, name="claims", of=checked)


def encode(claims, key, algorithm="HS256", **extra):
    return __noted__("token-issue", "jose.jwt.encode", claims=claims, key=key, algorithm=algorithm)


def get_unverified_claims(token):
    return __unknown__("the claims of a token that nobody checked")


def get_unverified_header(token):
    return __unknown__("the header of a token that nobody checked")
