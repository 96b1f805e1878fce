from rest_framework.exceptions import *
from rest_framework.exceptions import (
    APIException, AuthenticationFailed, ErrorDetail, MethodNotAllowed, NotAcceptable, NotAuthenticated, NotFound, ParseError, PermissionDenied, Throttled,
    UnsupportedMediaType, ValidationError,
)
