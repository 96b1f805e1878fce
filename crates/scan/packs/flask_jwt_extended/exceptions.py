class JWTExtendedException(Exception): pass
class JWTDecodeError(JWTExtendedException): pass
class InvalidHeaderError(JWTExtendedException): pass
class InvalidQueryParamError(JWTExtendedException): pass
class NoAuthorizationError(JWTExtendedException): pass
class CSRFError(JWTExtendedException): pass
class WrongTokenError(JWTExtendedException): pass


class _About(JWTExtendedException):
    jwt_header = {}
    jwt_data = {}


class RevokedTokenError(_About): pass
class FreshTokenRequired(_About): pass
class UserLookupError(_About): pass
class UserClaimsVerificationError(_About): pass
UserLoadError = UserLookupError
