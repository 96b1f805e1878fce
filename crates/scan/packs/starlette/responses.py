class Response:
    status_code = 200
    media_type = None

    def __init__(self, content=None, status_code=200, headers=None, media_type=None, background=None, **extra):
        self.status_code = status_code
        self.content = content
        self.media_type = type(self).media_type if media_type is None else media_type
        self.headers = {} if headers is None else headers

    def set_cookie(self, *args, **options):
        pass

    def delete_cookie(self, *args, **options):
        pass

    async def __call__(self, scope, receive, send):
        __answered__(self)


class HTMLResponse(Response):
    media_type = "text/html"


class PlainTextResponse(Response):
    media_type = "text/plain"


class JSONResponse(Response):
    media_type = "application/json"


class UJSONResponse(JSONResponse): pass
class ORJSONResponse(JSONResponse): pass


class RedirectResponse(Response):
    def __init__(self, url, status_code=307, headers=None, background=None):
        self.status_code = status_code
        self.url = url
        self.headers = {} if headers is None else headers


class StreamingResponse(Response):
    def __init__(self, content, status_code=200, headers=None, media_type=None, background=None):
        self.status_code = status_code
        self.headers = {} if headers is None else headers


class FileResponse(Response):
    def __init__(self, path, status_code=200, headers=None, media_type=None, background=None, filename=None, **extra):
        self.status_code = status_code
        self.path = path
        self.headers = {} if headers is None else headers
