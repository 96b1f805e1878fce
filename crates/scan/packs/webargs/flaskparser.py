from functools import wraps

from _described import _taking
from flask.values import _at, _named
from werkzeug.exceptions import abort as _abort


def abort(http_status_code, exc=None, **kwargs):
    _abort(http_status_code)


def _does(unknown):
    """What becomes of fields that a schema does not name."""
    return {"exclude": "dropped", "include": "kept", "raise": "refused"}.get(unknown) if isinstance(unknown, str) else None


class FlaskParser:
    def use_args(self, argmap, req=None, *, location="json", as_kwargs=False, arg_name=None, **options):
        def decorator(func):
            @wraps(func)
            def wrapper(*args, **kwargs):
                if as_kwargs:
                    return func(*args, **{**_named(func, location, kwargs), **kwargs})
                if arg_name is not None:
                    kwargs[arg_name] = _at(location)
                    return func(*args, **kwargs)
                return func(*args, _at(location), **kwargs)
            return _taking(wrapper, func, argmap, location, unknown=_does(options.get("unknown")))
        return decorator

    def use_kwargs(self, argmap, *args, **kwargs):
        return self.use_args(argmap, *args, as_kwargs=True, **kwargs)

    def parse(self, argmap, req=None, *, location="json", **options):
        __noted__("parsed", argmap, location)
        return _at(location)

    def error_handler(self, func): return func
    def location_loader(self, name): return lambda f: f


parser = FlaskParser()
use_args = parser.use_args
use_kwargs = parser.use_kwargs
parse = parser.parse
