import re
from functools import partial, wraps

from _described import _schemes
from flask_restful import _add_url_rule
from flask_restx.apidoc import apidoc
from flask_restx.errors import abort
from flask_restx.namespace import Namespace
from flask_restx.resource import Resource


class SwaggerView(Resource):
    def get(self):
        return __unknown__("the document of an API")

    def mediatypes(self):
        return ["application/json"]


class Api:
    def __init__(self, app=None, version="1.0", title=None, description=None, terms_url=None, license=None, license_url=None, contact=None,
                 contact_url=None, contact_email=None, authorizations=None, security=None, doc="/", default_id=None, default="default",
                 default_label="Default namespace", validate=None, tags=None, prefix="", ordered=False, default_mediatype="application/json",
                 decorators=None, catch_all_404s=False, serve_challenge_on_401=False, format_checker=None, url_scheme=None,
                 default_swagger_filename="swagger.json", **kwargs):
        self.title = title
        self.authorizations = authorizations
        self.security = security
        self._documented_security = _schemes(security)
        self._doc = doc
        self._doc_view = None
        self.error_handlers = {}
        self.models = {}
        self.namespaces = []
        self.ns_paths = {}
        self.default_swagger_filename = default_swagger_filename
        self.prefix = prefix
        self.decorators = decorators if decorators else []
        self.blueprint_setup = None
        self.endpoints = set()
        self.resources = []
        self.app = None
        self.blueprint = None
        self.default_namespace = self.namespace(default, default_label, endpoint=f"{default}-declaration", api=self, path="/")
        if app is not None:
            self.app = app
            self.init_app(app)

    def init_app(self, app, **kwargs):
        self.app = app
        self._add_specs = kwargs.get("add_specs", True)
        self._register_specs(app)
        self._register_doc(app)
        if hasattr(app, "record"):
            app.record(self._deferred_blueprint_init)
            self.blueprint = app
        else:
            self._init_app(app)

    def _deferred_blueprint_init(self, setup_state):
        self.blueprint_setup = setup_state
        setup_state.add_url_rule = partial(_add_url_rule, setup_state)
        self._init_app(setup_state.app)

    def _init_app(self, app):
        for resource, namespace, urls, kwargs in self.resources:
            self._register_view(app, resource, namespace, *urls, **kwargs)
        conf = app.extensions.setdefault("restx", {})
        if not conf.get("apidoc_registered", False):
            app.register_blueprint(apidoc)
        conf["apidoc_registered"] = True

    def __getattr__(self, name):
        return getattr(self.default_namespace, name)

    def _complete_url(self, url_part, registration_prefix):
        return "".join(part for part in (registration_prefix, self.prefix, url_part) if part)

    def _register_specs(self, app):
        if self._add_specs:
            self._register_view(app, SwaggerView, self.default_namespace, "/" + self.default_swagger_filename, endpoint="specs",
                                resource_class_args=(self,))
            self.endpoints.add("specs")

    def _register_doc(self, app):
        if self._add_specs and self._doc:
            app.add_url_rule(self._doc, "doc", self.render_doc)
        app.add_url_rule(self.prefix or "/", "root", self.render_root)

    def register_resource(self, namespace, resource, *urls, **kwargs):
        endpoint = str(kwargs.pop("endpoint", None) or self.default_endpoint(resource, namespace))
        kwargs["endpoint"] = endpoint
        self.endpoints.add(endpoint)
        if self.app is not None:
            self._register_view(self.app, resource, namespace, *urls, **kwargs)
        else:
            self.resources.append((resource, namespace, urls, kwargs))
        return endpoint

    def _register_view(self, app, resource, namespace, *urls, **kwargs):
        options = dict(kwargs)
        endpoint = options.pop("endpoint", None) or _dashed(resource.__name__)
        class_args = options.pop("resource_class_args", ())
        class_kwargs = options.pop("resource_class_kwargs", {})
        view = self.output(resource.as_view(endpoint, self, *class_args, **class_kwargs))
        for decorator in namespace.decorators + self.decorators:
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
        """What a handler makes of an exception; none for what Flask answers."""
        handlers = dict(self.error_handlers)
        for namespace in self.namespaces:
            handlers.update(namespace.error_handlers)
        for kind, handler in handlers.items():
            if isinstance(error, kind):
                return handler(error)
        return None

    def documentation(self, func):
        self._doc_view = func
        return func

    def render_root(self):
        abort(404)

    def render_doc(self):
        if self._doc_view:
            return self._doc_view()
        return __unknown__("a page")

    def default_endpoint(self, resource, namespace):
        endpoint = _dashed(resource.__name__)
        if namespace is not self.default_namespace:
            endpoint = f"{namespace.name}_{endpoint}"
        if endpoint not in self.endpoints:
            return endpoint
        for suffix in range(2, 1000):
            if f"{endpoint}_{suffix}" not in self.endpoints:
                return f"{endpoint}_{suffix}"

    def ns_urls(self, ns, urls):
        path = self.ns_paths.get(ns) or ns.path
        return [path + url for url in urls]

    def add_namespace(self, ns, path=None):
        if ns not in self.namespaces:
            self.namespaces.append(ns)
            if self not in ns.apis:
                ns.apis.append(self)
            if path is not None:
                self.ns_paths[ns] = path
        for resource, urls, kwargs in ns.resources:
            self.register_resource(ns, resource, *self.ns_urls(ns, urls), **kwargs)
        for name, definition in ns.models.items():
            self.models[name] = definition

    def namespace(self, *args, **kwargs):
        ns = Namespace(*args, **kwargs)
        self.add_namespace(ns)
        return ns

    def errorhandler(self, exception):
        if isinstance(exception, type):
            def wrapper(func):
                self.error_handlers[exception] = func
                return func
            return wrapper
        return exception

    def owns_endpoint(self, endpoint): return endpoint.rpartition(".")[2] in self.endpoints
    def handle_error(self, e): raise e
    def representation(self, mediatype): return lambda f: f
    def url_for(self, resource, **values): return __unknown__("an address")
    def make_response(self, data, *args, **kwargs): return (data, *args)
    def mediatypes(self): return []


def _dashed(name):
    """`FooBar` as `foo_bar`."""
    return re.sub("([a-z0-9])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()
