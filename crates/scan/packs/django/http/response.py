from starlette.responses import Response


class BadHeaderError(ValueError): pass
class Http404(Exception): pass


class HttpResponseBase(Response):
    status_code = 200

    def __init__(self, content=b"", content_type=None, status=None, reason=None, charset=None, headers=None, **options):
        self.content = content
        self.content_type = content_type
        self.headers = {} if headers is None else headers
        self.cookies = {}
        if status is not None:
            self.status_code = status
        else:
            self.status_code = type(self).status_code

    def __setitem__(self, header, value): pass
    def __delitem__(self, header): pass
    def __getitem__(self, header): return __unknown__("a field of an answer")
    def __contains__(self, header): return __unknown__("whether an answer has a field")
    def has_header(self, header): return __unknown__("whether an answer has a field")
    def get(self, header, alternate=None): return __unknown__("a field of an answer")
    def items(self): return []
    def setdefault(self, key, value): pass
    def set_signed_cookie(self, *args, **options): pass
    def write(self, content): pass
    def writelines(self, lines): pass
    def flush(self): pass
    def close(self): pass
    def render(self): return self
    def add_post_render_callback(self, callback): pass
    def getvalue(self): return self.content


class HttpResponse(HttpResponseBase): pass


class StreamingHttpResponse(HttpResponseBase):
    streaming = True

    def __init__(self, streaming_content=(), *args, **options):
        super().__init__(b"", *args, **options)
        self.streaming_content = streaming_content


class FileResponse(StreamingHttpResponse):
    def __init__(self, *args, as_attachment=False, filename="", **options):
        super().__init__(*args, **options)


class HttpResponseRedirectBase(HttpResponse):
    def __init__(self, redirect_to="", *args, **options):
        super().__init__(b"")
        self.url = redirect_to


class HttpResponseRedirect(HttpResponseRedirectBase):
    status_code = 302


class HttpResponsePermanentRedirect(HttpResponseRedirectBase):
    status_code = 301


class HttpResponseNotModified(HttpResponse):
    status_code = 304


class HttpResponseBadRequest(HttpResponse):
    status_code = 400


class HttpResponseNotFound(HttpResponse):
    status_code = 404


class HttpResponseForbidden(HttpResponse):
    status_code = 403


class HttpResponseNotAllowed(HttpResponse):
    status_code = 405

    def __init__(self, permitted_methods=(), *args, **options):
        super().__init__(*args, **options)


class HttpResponseGone(HttpResponse):
    status_code = 410


class HttpResponseServerError(HttpResponse):
    status_code = 500


class JsonResponse(HttpResponse):
    def __init__(self, data=None, encoder=None, safe=True, json_dumps_params=None, **options):
        super().__init__(content=data, **options)
        self.data = data
