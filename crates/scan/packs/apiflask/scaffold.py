from functools import wraps

from _described import _answering, _securing, _taking
from flask.values import _at

class APIScaffold:
    """What `APIFlask` and `APIBlueprint` add to those of Flask's."""

    def auth_required(self, auth, roles=None, optional=None):
        def decorator(f):
            return auth.login_required(role=roles, optional=optional)(f)
        return decorator

    def input(self, schema, location="json", arg_name=None, schema_name=None, example=None, examples=None, validation=True, **kwargs):
        def decorator(f):
            @wraps(f)
            def wrapper(*args, **kwargs):
                kwargs[arg_name or f"{location}_data"] = _at(location)
                return f(*args, **kwargs)
            return _taking(wrapper, f, schema, location, unknown=kwargs.get("unknown"))
        return decorator

    def output(self, schema, status_code=200, **options):
        return lambda f: _answering(_as_it_is(f), f, schema, status_code)

    def doc(self, **options):
        return lambda f: _securing(_as_it_is(f), f, options["security"]) if options.get("security") is not None else _as_it_is(f)

    def _route_of_class(self, rule, endpoint, view):
        """The name and the function of a view that is handed over as a class."""
        if isinstance(view, type):
            endpoint = endpoint or view.__name__
            view = view.as_view(endpoint)
        return endpoint, view


def _as_it_is(f):
    """What only changes how an answer is written."""
    @wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)
    return wrapper
