from starlette.requests import HTTPConnection


class AuthenticationMiddleware:
    def __init__(self, app, backend, on_error=None):
        self.app = app
        self.backend = backend
        self.on_error = on_error

    async def __call__(self, scope, receive, send):
        if scope["type"] in ("http", "websocket"):
            await self.backend.authenticate(HTTPConnection(scope))
        await self.app(scope, receive, send)
