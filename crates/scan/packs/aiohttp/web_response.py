from starlette.responses import Response as _Response


class StreamResponse(_Response):
    prepared = False
    keep_alive = True

    def __init__(self, *, status=200, reason=None, headers=None, **options):
        self.status_code = status
        self.headers = {} if headers is None else headers

    @property
    def status(self):
        return self.status_code

    @property
    def cookies(self):
        return {}

    def set_status(self, status, reason=None):
        self.status_code = status

    def del_cookie(self, name, **options): pass
    def enable_compression(self, *args, **options): pass
    def enable_chunked_encoding(self, *args, **options): pass

    async def prepare(self, request): return __unknown__("a writer")
    async def write(self, data): pass
    async def write_eof(self, data=b""): pass
    async def drain(self): pass


class Response(StreamResponse):
    def __init__(self, *, body=None, status=200, reason=None, text=None, headers=None, content_type=None, charset=None, **options):
        self.status_code = status
        self.content = body if text is None else text
        self.headers = {} if headers is None else headers
        self.reason = reason
        self.content_type = content_type

    @property
    def text(self):
        return self.content

    @text.setter
    def text(self, value):
        self.content = value

    @property
    def body(self):
        return self.content

    @body.setter
    def body(self, value):
        self.content = value


class FileResponse(StreamResponse):
    def __init__(self, path, chunk_size=262144, status=200, reason=None, headers=None):
        self.status_code = status
        self.path = path
        self.headers = {} if headers is None else headers


def json_response(data=None, *, text=None, body=None, status=200, reason=None, headers=None, content_type="application/json", dumps=None):
    return Response(body=data if text is None and body is None else text or body, status=status, headers=headers, content_type=content_type)


class ContentCoding:
    deflate, gzip, identity = "deflate", "gzip", "identity"


class ResponseKey:
    def __init__(self, name, t=None):
        self.name = name
