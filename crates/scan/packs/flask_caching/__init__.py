from functools import wraps


class Cache:
    """What is kept is what was answered to somebody before: who may ask is not its matter."""

    def __init__(self, app=None, with_jinja2_ext=True, config=None): pass
    def init_app(self, app, config=None): pass
    def cached(self, *args, **options): return _kept
    def memoize(self, *args, **options): return _kept
    def get(self, *args, **options): return __unknown__("what a cache holds")
    def set(self, *args, **options): return True
    def delete(self, *args, **options): return True
    def delete_memoized(self, *args, **options): pass
    def clear(self): return True


def _kept(f):
    @wraps(f)
    def decorated_function(*args, **kwargs):
        return f(*args, **kwargs)
    decorated_function.uncached = f
    return decorated_function
