from _limited import _Limiter
from starlette.responses import JSONResponse


class Limiter(_Limiter):
    """Too many requests are answered with 429, whoever sends them."""

    key_style = "url"

    def __init__(self, key_func=None, default_limits=(), application_limits=(), **options):
        self._keep(key_func, dict(options, default_limits=default_limits, application_limits=application_limits))
        self.key_style = options.get("key_style", "url")

    def slowapi_startup(self): pass


def _rate_limit_exceeded_handler(request, exc):
    return JSONResponse({"error": "Rate limit exceeded"}, status_code=429)
