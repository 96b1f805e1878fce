"""What limiters leave on what they limit: the figures are read where all is put together."""


class _Declared:
    """A limit as the program declares it, around a view or a blueprint. The function that it stands around stays what it is."""

    def __init__(self, limiter, value, scope, options):
        self.limiter = limiter
        self.value = value
        self.scope = scope
        self.options = options

    def __call__(self, obj=None):
        obj._limits = list(__marked__(obj, "_limits") or []) + [self]
        return obj

    def __enter__(self): return self
    def __exit__(self, *args): return None


class _Limiter:
    """Too many requests are answered with 429, whoever sends them."""

    key_func = None
    enabled = True
    auto_check = True
    has_filters = False
    default_limits = application_limits = ()

    def _keep(self, key_func, options):
        self.key_func = key_func
        self.options = options
        for name in ("enabled", "auto_check", "default_limits", "application_limits"):
            if options.get(name) is not None:
                setattr(self, name, options[name])

    def limit(self, limit_value=None, key_func=None, **options):
        return _Declared(self, limit_value, None, dict(options, key_func=key_func))

    def shared_limit(self, limit_value=None, scope=None, key_func=None, **options):
        return _Declared(self, limit_value, scope, dict(options, key_func=key_func))

    def exempt(self, obj=None, **options):
        if obj is None:
            return self.exempt
        obj._unlimited = self
        return obj

    def request_filter(self, fn):
        self.has_filters = True
        return fn

    def check(self): pass
    def reset(self): pass
