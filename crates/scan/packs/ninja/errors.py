from starlette.exceptions import HTTPException


class ConfigError(Exception): pass


class HttpError(HTTPException):
    def __init__(self, status_code, message=None):
        self.status_code = status_code
        self.message = message


class AuthenticationError(HttpError):
    def __init__(self, status_code=401, message="Unauthorized"):
        super().__init__(status_code, message)


class AuthorizationError(HttpError):
    def __init__(self, status_code=403, message="Forbidden"):
        super().__init__(status_code, message)


class ValidationError(Exception): pass
class Throttled(HttpError):
    def __init__(self, wait=None):
        super().__init__(429)
