class NoValue:
    """What stands for a default that was not given: the program does not start without the variable."""


class Env:
    """django-environ: each call reads a variable of the environment, with a default."""

    ENVIRON = {}

    def __init__(self, **scheme):
        self.scheme = scheme

    def __call__(self, var, cast=None, default=NoValue, parse_default=False):
        if default is NoValue and var in self.scheme:
            scheme = self.scheme[var]
            default = scheme[1] if isinstance(scheme, tuple) else NoValue
        if default is NoValue:
            return __environment__(var)
        return __environment__(var, default)

    def _read(self, var, default=NoValue, **options):
        return self(var, default=default)

    str = bool = int = float = json = list = tuple = dict = url = bytes = path = get_value = _read

    def db(self, var="DATABASE_URL", default=None, **options): return {}

    db_url = cache = cache_url = email = email_url = search_url = channels = db

    @classmethod
    def read_env(cls, *args, **options): pass

    def prefixed(self, prefix): return self


class FileAwareEnv(Env): pass


class Path:
    def __init__(self, *parts): pass
    def __call__(self, *parts): return __unknown__("a path")
    def path(self, *parts): return self
    def __sub__(self, other): return self
    def __add__(self, other): return self


class ImproperlyConfigured(Exception): pass
