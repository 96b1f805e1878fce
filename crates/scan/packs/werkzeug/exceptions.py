from starlette.exceptions import HTTPException as _HTTPException


class HTTPException(_HTTPException):
    code = None

    def __init__(self, description=None, response=None, **extra):
        self.description = description
        self.response = response

    @property
    def status_code(self):
        return self.code if self.response is None else self.response.status_code

    @property
    def name(self):
        return __unknown__("the name of a status")

    def get_response(self, environ=None, scope=None):
        from werkzeug.wrappers import Response
        return Response(status=self.code) if self.response is None else self.response


class BadRequest(HTTPException): code = 400
class BadRequestKeyError(BadRequest): pass
class SecurityError(BadRequest): pass
class Unauthorized(HTTPException): code = 401
class Forbidden(HTTPException): code = 403
class NotFound(HTTPException): code = 404
class MethodNotAllowed(HTTPException): code = 405
class NotAcceptable(HTTPException): code = 406
class RequestTimeout(HTTPException): code = 408
class Conflict(HTTPException): code = 409
class Gone(HTTPException): code = 410
class LengthRequired(HTTPException): code = 411
class PreconditionFailed(HTTPException): code = 412
class RequestEntityTooLarge(HTTPException): code = 413
class RequestURITooLarge(HTTPException): code = 414
class UnsupportedMediaType(HTTPException): code = 415
class RequestedRangeNotSatisfiable(HTTPException): code = 416
class ExpectationFailed(HTTPException): code = 417
class ImATeapot(HTTPException): code = 418
class UnprocessableEntity(HTTPException): code = 422
class Locked(HTTPException): code = 423
class FailedDependency(HTTPException): code = 424
class PreconditionRequired(HTTPException): code = 428
class TooManyRequests(HTTPException): code = 429
class RequestHeaderFieldsTooLarge(HTTPException): code = 431
class UnavailableForLegalReasons(HTTPException): code = 451
class InternalServerError(HTTPException): code = 500
class NotImplemented(HTTPException): code = 501
class BadGateway(HTTPException): code = 502
class ServiceUnavailable(HTTPException): code = 503
class GatewayTimeout(HTTPException): code = 504


default_exceptions = {
    400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound, 405: MethodNotAllowed, 406: NotAcceptable, 408: RequestTimeout, 409: Conflict,
    410: Gone, 411: LengthRequired, 412: PreconditionFailed, 413: RequestEntityTooLarge, 414: RequestURITooLarge, 415: UnsupportedMediaType,
    416: RequestedRangeNotSatisfiable, 417: ExpectationFailed, 418: ImATeapot, 422: UnprocessableEntity, 423: Locked, 424: FailedDependency,
    428: PreconditionRequired, 429: TooManyRequests, 431: RequestHeaderFieldsTooLarge, 451: UnavailableForLegalReasons, 500: InternalServerError,
    501: NotImplemented, 502: BadGateway, 503: ServiceUnavailable, 504: GatewayTimeout,
}


def abort(status, *args, **kwargs):
    if isinstance(status, int):
        raise default_exceptions.get(status, HTTPException)(*args, **kwargs)
    raise HTTPException(response=status)


class Aborter:
    def __call__(self, status, *args, **kwargs):
        abort(status, *args, **kwargs)
