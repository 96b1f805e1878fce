from jwt.jwks_client import PyJWKClient


class PyJWTError(Exception): pass
class InvalidTokenError(PyJWTError): pass
class DecodeError(InvalidTokenError): pass
class InvalidSignatureError(DecodeError): pass
class ExpiredSignatureError(InvalidTokenError): pass
class InvalidAudienceError(InvalidTokenError): pass
class InvalidIssuerError(InvalidTokenError): pass
class InvalidIssuedAtError(InvalidTokenError): pass
class ImmatureSignatureError(InvalidTokenError): pass
class InvalidKeyError(PyJWTError): pass
class InvalidAlgorithmError(InvalidTokenError): pass
class MissingRequiredClaimError(InvalidTokenError): pass
class PyJWKClientError(PyJWTError): pass


def decode(jwt, key="", algorithms=None, options=None, **extra):
    """What a checked token says comes from whoever signed it: a credential, wherever the token was found."""
    checked = __noted__("token-check", "jwt.decode", key=key, algorithms=algorithms, options=options, extra=extra)
    return __labelled__(2, name="claims", of=checked)


def encode(payload, key, algorithm="HS256", headers=None, **extra):
    return __noted__("token-issue", "jwt.encode", claims=payload, key=key, algorithm=algorithm)


def get_unverified_header(jwt):
    return __unknown__("the header of a token that nobody checked")
