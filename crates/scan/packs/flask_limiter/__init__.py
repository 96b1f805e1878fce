class RequestLimit: pass
class RateLimitExceeded(Exception): pass


class Limiter:
    """Too many requests are answered with 429, whoever sends them."""

    def __init__(self, *args, **options): pass
    def init_app(self, app): pass
    def limit(self, *args, **options): return _same
    def shared_limit(self, *args, **options): return _same
    def exempt(self, obj=None, **options): return _same if obj is None else obj
    def request_filter(self, fn): return fn
    def check(self): pass
    def reset(self): pass


def _same(obj):
    return obj
