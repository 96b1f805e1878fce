"""Schemas around views: what a request is checked by and an answer is written through."""

from functools import wraps

from flask.values import _named
from flask.views import MethodView as MethodResource


def use_kwargs(args, location="json", inherit=None, apply=None, **options):
    def decorator(func):
        @wraps(func)
        def wrapper(*args, **kwargs):
            return func(*args, **{**_named(func, location, kwargs), **kwargs})
        return wrapper
    return decorator


def _as_it_is(*arguments, **options):
    return lambda view: view


marshal_with = doc = _as_it_is


class FlaskApiSpec:
    def __init__(self, app=None, document_options=True): pass
    def init_app(self, app): pass
    def register(self, *arguments, **options): pass
    def register_existing_resources(self, *arguments, **options): pass
