from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse


class AuthenticationMiddleware:
    def __init__(self, app, backend, on_error=None):
        self.app = app
        self.backend = backend
        self.on_error = on_error
