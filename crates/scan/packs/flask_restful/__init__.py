from functools import partial, wraps

from flask.views import MethodView
from flask.globals import request
from flask_restful import fields, inputs, reqparse
from werkzeug.exceptions import abort as _abort


def abort(http_status_code, **kwargs):
    _abort(http_status_code)


class Api:
    def __init__(self, app=None, prefix="", default_mediatype="application/json", decorators=None, catch_all_404s=False,
                 serve_challenge_on_401=False, url_part_order="bae", errors=None):
        self.prefix = prefix
        self.decorators = decorators if decorators else []
        self.url_part_order = url_part_order
        self.errors = errors or {}
        self.blueprint_setup = None
        self.endpoints = set()
        self.resources = []
        self.app = None
        self.blueprint = None
        if app is not None:
            self.app = app
            self.init_app(app)

    def init_app(self, app):
        if hasattr(app, "record"):
            self.blueprint = app
            app.record(self._deferred_blueprint_init)
        else:
            self._init_app(app)

    def _deferred_blueprint_init(self, setup_state):
        self.blueprint_setup = setup_state
        setup_state.add_url_rule = partial(_add_url_rule, setup_state)
        self._init_app(setup_state.app)

    def _init_app(self, app):
        for resource, urls, kwargs in self.resources:
            self._register_view(app, resource, *urls, **kwargs)

    def _complete_url(self, url_part, registration_prefix):
        parts = {"b": registration_prefix, "a": self.prefix, "e": url_part}
        return "".join(parts[key] for key in self.url_part_order if parts[key])

    def owns_endpoint(self, endpoint):
        return endpoint.rpartition(".")[2] in self.endpoints

    def add_resource(self, resource, *urls, **kwargs):
        if self.app is not None:
            self._register_view(self.app, resource, *urls, **kwargs)
        else:
            self.resources.append((resource, urls, kwargs))

    def resource(self, *urls, **kwargs):
        def decorator(cls):
            self.add_resource(cls, *urls, **kwargs)
            return cls
        return decorator

    def _register_view(self, app, resource, *urls, **kwargs):
        options = dict(kwargs)
        endpoint = options.pop("endpoint", None) or resource.__name__.lower()
        self.endpoints.add(endpoint)
        class_args = options.pop("resource_class_args", ())
        class_kwargs = options.pop("resource_class_kwargs", {})
        view = self.output(resource.as_view(endpoint, *class_args, **class_kwargs))
        for decorator in self.decorators:
            view = __decorate__(decorator, view)
        for url in urls:
            if self.blueprint is None:
                app.add_url_rule(self._complete_url(url, ""), view_func=view, owners=[self], **options)
            elif self.blueprint_setup is not None:
                self.blueprint_setup.add_url_rule(url, view_func=view, owners=[self], **options)
            else:
                app.add_url_rule(partial(self._complete_url, url), view_func=view, owners=[self], **options)

    def output(self, resource):
        @wraps(resource)
        def wrapper(*args, **kwargs):
            return resource(*args, **kwargs)
        return wrapper

    def _answer_to(self, error):
        """What an exception becomes that has a status by its name; none for what Flask answers."""
        known = self.errors.get(type(error).__name__)
        if known is None:
            return None
        return known, known.get("status", 500)

    def handle_error(self, e): raise e
    def error_router(self, original_handler, e): return self.handle_error(e)
    def url_for(self, resource, **values): return __unknown__("an address")
    def make_response(self, data, *args, **kwargs): return (data, *args)
    def representation(self, mediatype): return lambda f: f
    def mediatypes(self): return []
    def unauthorized(self, response): return response


def _add_url_rule(setup, rule, endpoint=None, view_func=None, **options):
    """How the rules of a blueprint with an `Api` are joined with its prefix."""
    if callable(rule):
        rule = rule(setup.url_prefix)
    elif setup.url_prefix:
        rule = setup.url_prefix + rule
    setup._add_joined(rule, endpoint, view_func, options)


class Resource(MethodView):
    representations = None
    method_decorators = []

    def dispatch_request(self, *args, **kwargs):
        name = request.method.lower()
        method = getattr(self, name)
        decorators = self.method_decorators
        if isinstance(decorators, dict):
            decorators = decorators.get(name, [])
        for decorator in decorators:
            method = decorator(method)
        return method(*args, **kwargs)


def marshal(data, fields, envelope=None, **options):
    return data


def marshal_with(fields, envelope=None, **options):
    return _as_it_is


def marshal_with_field(field):
    return _as_it_is


def _as_it_is(f):
    """What only changes how an answer is written."""
    @wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)
    return wrapper
