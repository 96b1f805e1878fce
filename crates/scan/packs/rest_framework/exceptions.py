from starlette.exceptions import HTTPException


class ErrorDetail(str): pass


class APIException(HTTPException):
    status_code = 500
    default_detail = "A server error occurred."
    default_code = "error"

    def __init__(self, detail=None, code=None):
        self.detail = detail if detail is not None else self.default_detail
        self.code = code


class ValidationError(APIException):
    status_code = 400
    default_code = "invalid"


class ParseError(APIException):
    status_code = 400


class AuthenticationFailed(APIException):
    status_code = 401


class NotAuthenticated(APIException):
    status_code = 401


class PermissionDenied(APIException):
    status_code = 403


class NotFound(APIException):
    status_code = 404


class MethodNotAllowed(APIException):
    status_code = 405

    def __init__(self, method=None, detail=None, code=None):
        super().__init__(detail, code)


class NotAcceptable(APIException):
    status_code = 406


class UnsupportedMediaType(APIException):
    status_code = 415


class Throttled(APIException):
    status_code = 429

    def __init__(self, wait=None, detail=None, code=None):
        super().__init__(detail, code)


def server_error(request, *args, **kwargs): return __unknown__("an answer")
def bad_request(request, exception=None, *args, **kwargs): return __unknown__("an answer")
