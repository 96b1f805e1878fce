from starlette.exceptions import HTTPException


class PermissionDenied(HTTPException):
    status_code = 403

    def __init__(self, *args):
        self.args = args


class SuspiciousOperation(HTTPException):
    status_code = 400

    def __init__(self, *args):
        self.args = args


class FieldDoesNotExist(Exception): pass
class AppRegistryNotReady(Exception): pass
class ObjectDoesNotExist(Exception): pass
class MultipleObjectsReturned(Exception): pass
class SuspiciousMultipartForm(SuspiciousOperation): pass
class SuspiciousFileOperation(SuspiciousOperation): pass
class DisallowedHost(SuspiciousOperation): pass
class DisallowedRedirect(SuspiciousOperation): pass
class TooManyFieldsSent(SuspiciousOperation): pass
class RequestDataTooBig(SuspiciousOperation): pass
class BadRequest(Exception): pass
class ViewDoesNotExist(Exception): pass
class MiddlewareNotUsed(Exception): pass
class ImproperlyConfigured(Exception): pass
class FieldError(Exception): pass
class EmptyResultSet(Exception): pass
class SynchronousOnlyOperation(Exception): pass


class ValidationError(Exception):
    def __init__(self, message, code=None, params=None):
        self.message = message
        self.code = code
        self.params = params


NON_FIELD_ERRORS = "__all__"
