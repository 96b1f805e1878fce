from _limited import _Limiter


class RequestLimit: pass
class RateLimitExceeded(Exception): pass


class Limiter(_Limiter):
    """Too many requests are answered with 429, whoever sends them."""

    def __init__(self, *args, **options):
        from flask.app import Flask
        app, key_func = options.get("app"), options.get("key_func", options.get("key_function"))
        # Before version 3 the application came first.
        for given in args:
            if isinstance(given, Flask):
                app = given
            elif key_func is None:
                key_func = given
        self._keep(key_func, options)
        if isinstance(app, Flask):
            self.init_app(app)

    def init_app(self, app):
        from flask.app import Flask
        if not isinstance(app, Flask):
            return
        enabled = app.config.get("RATELIMIT_ENABLED")
        if enabled is not None:
            self.enabled = enabled
        if not self.default_limits:
            self.default_limits = _listed(app.config.get("RATELIMIT_DEFAULT"))
        if not self.application_limits:
            self.application_limits = _listed(app.config.get("RATELIMIT_APPLICATION"))
        if app.config.get("RATELIMIT_DEFAULTS_PER_METHOD") is True:
            self.options = dict(self.options, default_limits_per_method=True)
        app._limiters = [one for one in getattr(app, "_limiters", []) if one is not self] + [self]


class ExemptionScope:
    NONE, APPLICATION, META, DEFAULT, DESCENDENTS, ANCESTORS = 0, 1, 2, 4, 8, 16


def _listed(text):
    """What a setting holds that the program makes: nothing where it makes none."""
    return (text,) if __kind_of__(text) == "text" else ()
