from aiohttp.web_response import Response
from starlette.exceptions import HTTPException as _HTTPException


class HTTPException(Response, _HTTPException):
    """A response that is raised, or returned."""

    status_code = -1
    empty_body = False

    def __init__(self, *, headers=None, reason=None, body=None, text=None, content_type=None):
        self.status_code = type(self).status_code
        self.headers = {} if headers is None else headers
        self.reason = reason
        self.content = body if text is None else text
        self.content_type = content_type


class HTTPError(HTTPException): pass
class HTTPRedirection(HTTPException): pass
class HTTPSuccessful(HTTPException): pass


class HTTPMove(HTTPRedirection):
    def __init__(self, location, *, headers=None, reason=None, body=None, text=None, content_type=None):
        super().__init__(headers=headers, reason=reason, body=body, text=text, content_type=content_type)
        self.location = location


class HTTPClientError(HTTPError): pass
class HTTPServerError(HTTPError): pass

class HTTPOk(HTTPSuccessful): status_code = 200
class HTTPCreated(HTTPSuccessful): status_code = 201
class HTTPAccepted(HTTPSuccessful): status_code = 202
class HTTPNonAuthoritativeInformation(HTTPSuccessful): status_code = 203
class HTTPNoContent(HTTPSuccessful): status_code = 204
class HTTPResetContent(HTTPSuccessful): status_code = 205
class HTTPPartialContent(HTTPSuccessful): status_code = 206
class HTTPMultipleChoices(HTTPMove): status_code = 300
class HTTPMovedPermanently(HTTPMove): status_code = 301
class HTTPFound(HTTPMove): status_code = 302
class HTTPSeeOther(HTTPMove): status_code = 303
class HTTPNotModified(HTTPRedirection): status_code = 304
class HTTPUseProxy(HTTPMove): status_code = 305
class HTTPTemporaryRedirect(HTTPMove): status_code = 307
class HTTPPermanentRedirect(HTTPMove): status_code = 308
class HTTPBadRequest(HTTPClientError): status_code = 400
class HTTPUnauthorized(HTTPClientError): status_code = 401
class HTTPPaymentRequired(HTTPClientError): status_code = 402
class HTTPForbidden(HTTPClientError): status_code = 403
class HTTPNotFound(HTTPClientError): status_code = 404
class HTTPNotAcceptable(HTTPClientError): status_code = 406
class HTTPProxyAuthenticationRequired(HTTPClientError): status_code = 407
class HTTPRequestTimeout(HTTPClientError): status_code = 408
class HTTPConflict(HTTPClientError): status_code = 409
class HTTPGone(HTTPClientError): status_code = 410
class HTTPLengthRequired(HTTPClientError): status_code = 411
class HTTPPreconditionFailed(HTTPClientError): status_code = 412
class HTTPRequestURITooLong(HTTPClientError): status_code = 414
class HTTPUnsupportedMediaType(HTTPClientError): status_code = 415
class HTTPRequestRangeNotSatisfiable(HTTPClientError): status_code = 416
class HTTPExpectationFailed(HTTPClientError): status_code = 417
class HTTPMisdirectedRequest(HTTPClientError): status_code = 421
class HTTPUnprocessableEntity(HTTPClientError): status_code = 422
class HTTPFailedDependency(HTTPClientError): status_code = 424
class HTTPUpgradeRequired(HTTPClientError): status_code = 426
class HTTPPreconditionRequired(HTTPClientError): status_code = 428
class HTTPTooManyRequests(HTTPClientError): status_code = 429
class HTTPRequestHeaderFieldsTooLarge(HTTPClientError): status_code = 431
class HTTPInternalServerError(HTTPServerError): status_code = 500
class HTTPNotImplemented(HTTPServerError): status_code = 501
class HTTPBadGateway(HTTPServerError): status_code = 502
class HTTPServiceUnavailable(HTTPServerError): status_code = 503
class HTTPGatewayTimeout(HTTPServerError): status_code = 504
class HTTPVersionNotSupported(HTTPServerError): status_code = 505
class HTTPVariantAlsoNegotiates(HTTPServerError): status_code = 506
class HTTPInsufficientStorage(HTTPServerError): status_code = 507
class HTTPNotExtended(HTTPServerError): status_code = 510
class HTTPNetworkAuthenticationRequired(HTTPServerError): status_code = 511


class HTTPMethodNotAllowed(HTTPClientError):
    status_code = 405

    def __init__(self, method, allowed_methods, *, headers=None, reason=None, body=None, text=None, content_type=None):
        super().__init__(headers=headers, reason=reason, body=body, text=text, content_type=content_type)
        self.method = method
        self.allowed_methods = allowed_methods


class HTTPRequestEntityTooLarge(HTTPClientError):
    status_code = 413

    def __init__(self, max_size, actual_size, **options):
        super().__init__(**options)


class HTTPUnavailableForLegalReasons(HTTPClientError):
    status_code = 451

    def __init__(self, link, **options):
        super().__init__(**options)
