"""Schemas around views: what a request is checked by and an answer is written through."""

from functools import wraps

from _described import _answering, _securing, _taking
from flask import Blueprint
from flask.values import _named
from flask.views import MethodView as MethodResource


def use_kwargs(args, location="json", inherit=None, apply=None, **options):
    def decorator(func):
        if isinstance(func, type):
            return _taking(func, func, args, location)

        @wraps(func)
        def wrapper(*args, **kwargs):
            return func(*args, **{**_named(func, location, kwargs), **kwargs})
        return _taking(wrapper, func, args, location)
    return decorator


def marshal_with(schema, code="default", description="", inherit=None, apply=None):
    def decorator(func):
        if isinstance(func, type):
            return _answering(func, func, schema, code)

        @wraps(func)
        def wrapper(*args, **kwargs):
            return func(*args, **kwargs)
        return _answering(wrapper, func, schema, code)
    return decorator


def doc(inherit=None, **options):
    return lambda view: _securing(view, view, options["security"]) if "security" in options else view


class FlaskApiSpec:
    def __init__(self, app=None, document_options=True):
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        blueprint = Blueprint("flask-apispec", __name__, static_folder="./static", static_url_path="/flask-apispec/static")
        for setting, path, view in (("SWAGGER_URL", "/swagger/", self.swagger_json), ("SWAGGER_UI_URL", "/swagger-ui/", self.swagger_ui)):
            url = app.config.get("APISPEC_" + setting, path)
            if url:
                blueprint.add_url_rule(url, None, view)
        app.register_blueprint(blueprint)

    def swagger_json(self): return __unknown__("the document of an API")
    def swagger_ui(self): return __unknown__("a page")
    def register(self, *arguments, **options): pass
    def register_existing_resources(self, *arguments, **options): pass
