class BaseHTTPMiddleware:
    def __init__(self, app, dispatch=None):
        self.app = app
        self.dispatch_func = dispatch if dispatch is not None else self.dispatch

    async def dispatch(self, request, call_next):
        return await call_next(request)
