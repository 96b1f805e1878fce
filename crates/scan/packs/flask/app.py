from flask.blueprints import Blueprint
from flask.cli import AppGroup
from flask.config import Config
from flask.ctx import after_this_request
from flask.globals import _AppContext
from flask.scaffold import Scaffold, _endpoint_of
from flask.wrappers import Request, Response
from werkzeug.routing import Map, Rule


class Flask(Scaffold):
    request_class = Request
    response_class = Response
    url_rule_class = Rule
    url_map_class = Map
    config_class = Config
    testing = False
    debug = False
    secret_key = None
    default_config = {}

    def __init__(self, import_name, static_url_path=None, static_folder="static", static_host=None, host_matching=False, subdomain_matching=False,
                 template_folder="templates", instance_path=None, instance_relative_config=False, root_path=None):
        super().__init__(import_name, static_folder, static_url_path, template_folder, root_path)
        self.name = import_name
        self.config = self.make_config(instance_relative_config)
        self.url_map = Map(host_matching=host_matching)
        self.subdomain_matching = subdomain_matching
        self.blueprints = {}
        self.extensions = {}
        self.template_context_processors = {None: []}
        self.jinja_options = {}
        self.cli = AppGroup()
        self.logger = __unknown__("a logger")
        self.jinja_env = __unknown__("the environment of templates")
        self.instance_path = instance_path or __unknown__("the folder of an instance")
        self.json = __unknown__("how JSON is written")
        if self.has_static_folder:
            self.add_url_rule(self.static_url_path + "/<path:filename>", endpoint="static", host=static_host, view_func=self.send_static_file)

    def make_config(self, instance_relative=False):
        return self.config_class()

    def add_url_rule(self, rule, endpoint=None, view_func=None, provide_automatic_options=None, **options):
        if endpoint is None:
            endpoint = _endpoint_of(view_func)
        methods = options.pop("methods", None)
        if methods is None:
            methods = (getattr(view_func, "methods", None) if view_func is not None else None) or ("GET",)
        made = self.url_rule_class(rule, methods=methods, endpoint=endpoint, **options)
        self.url_map.add(made)
        if view_func is not None:
            self.view_functions[endpoint] = view_func

    def register_blueprint(self, blueprint, **options):
        if isinstance(blueprint, Blueprint):
            blueprint.register(self, options)
        else:
            self.url_map.add(Rule(_prefix_of(blueprint), methods=("GET",)))

    def iter_blueprints(self):
        return self.blueprints.values()

    def handle_user_exception(self, e): raise e
    def full_dispatch_request(self): pass
    def make_response(self, rv):
        from flask.helpers import _response
        return _response(rv)

    def ensure_sync(self, f): return f
    def async_to_sync(self, f): return f
    def app_context(self): return _AppContext(self)
    def request_context(self, environ): return _AppContext(self)
    def test_request_context(self, *args, **options): return _AppContext(self)
    def test_client(self, *args, **options): return __unknown__("a client for tests")
    def run(self, host=None, port=None, debug=None, load_dotenv=True, **options):
        __noted__("call", "flask.Flask.run", host, port, debug, **options)
    def before_serving(self, f): return f
    def wsgi_app(self, environ, start_response): pass
    def __call__(self, environ, start_response): pass
    def open_resource(self, *args, **options): return __unknown__("a file")
    def open_instance_resource(self, *args, **options): return __unknown__("a file")
    def auto_find_instance_path(self): return __unknown__("the folder of an instance")
    def create_jinja_environment(self): return __unknown__("the environment of templates")
    def select_jinja_autoescape(self, filename): return True
    def url_for(self, endpoint, **values): return __unknown__("an address")
    def _get_current_object(self): return self


def _prefix_of(blueprint):
    """Where the rules of something that is not known begin is not known, for the same reason."""
    return blueprint.url_prefix if __kind_of__(blueprint) == "unknown" else __unknown__("the rules of a blueprint that is not known")


def _view_of(app, rule):
    """What answers a rule: how a request reaches it may be asked of the rule itself."""
    return app.view_functions.get(rule.endpoint)


def _hooks_of(app, rule):
    """What runs before the handler, in order; those of blueprints concern their own rules, or all if they say so."""
    holders = [app] + [blueprint for name, blueprint in rule.blueprints]
    if rule.websocket and hasattr(app, "websocket_hooks"):
        return [hook for holder in holders for hook in holder.websocket_hooks]
    found = [hook for holder in holders for hook in holder.hooks]
    for name in [None] + [name for name, blueprint in rule.blueprints]:
        put = app.before_request_funcs.get(name, [])
        if put is not app.hooks:
            found.extend(put)
    return found + rule.hooks


def _owners_of(app, rule):
    """Who handles exceptions, the innermost last."""
    return [app] + [blueprint for name, blueprint in rule.blueprints] + rule.owners
