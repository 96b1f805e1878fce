from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.exceptions import WebSocketException


class HTTPException(StarletteHTTPException): pass
class FastAPIError(RuntimeError): pass
class ValidationException(Exception): pass
class RequestValidationError(ValidationException): pass
class WebSocketRequestValidationError(ValidationException): pass
class ResponseValidationError(ValidationException): pass
