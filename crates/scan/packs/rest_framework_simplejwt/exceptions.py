from rest_framework import exceptions


class TokenError(Exception): pass
class ExpiredTokenError(TokenError): pass
class TokenBackendError(Exception): pass
class AuthenticationFailed(exceptions.AuthenticationFailed): pass
class InvalidToken(AuthenticationFailed): pass
