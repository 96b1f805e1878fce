from werkzeug.exceptions import default_exceptions, HTTPException


class Scaffold:
    """What applications and blueprints have in common: routes, hooks, handlers of exceptions."""

    def __init__(self, import_name, static_folder=None, static_url_path=None, template_folder=None, root_path=None):
        self.import_name = import_name
        self._root_path = root_path
        self.static_folder = static_folder
        self._static_url_path = static_url_path
        self.template_folder = template_folder
        self.view_functions = {}
        self.hooks = []
        self.before_request_funcs = {None: self.hooks}
        self.app_hooks = []
        self.exception_handlers = {}
        self.jinja_loader = None

    @property
    def root_path(self):
        if self._root_path is None:
            from flask.helpers import get_root_path
            return get_root_path(self.import_name)
        return self._root_path

    @root_path.setter
    def root_path(self, value):
        self._root_path = value

    @property
    def has_static_folder(self):
        return self.static_folder is not None

    @property
    def static_url_path(self):
        if self._static_url_path is not None:
            return self._static_url_path.rstrip("/")
        return "/" + str(self.static_folder).rstrip("/").split("/")[-1]

    @static_url_path.setter
    def static_url_path(self, value):
        self._static_url_path = value

    def send_static_file(self, filename):
        return __unknown__("a file")

    def route(self, rule, **options):
        def decorator(f):
            self.add_url_rule(rule, options.pop("endpoint", None), f, **options)
            return f
        return decorator

    def get(self, rule, **options):
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule, **options):
        return self.route(rule, methods=["POST"], **options)

    def put(self, rule, **options):
        return self.route(rule, methods=["PUT"], **options)

    def delete(self, rule, **options):
        return self.route(rule, methods=["DELETE"], **options)

    def patch(self, rule, **options):
        return self.route(rule, methods=["PATCH"], **options)

    def endpoint(self, endpoint):
        def decorator(f):
            self.view_functions[endpoint] = f
            return f
        return decorator

    def before_request(self, f):
        self.hooks.append(f)
        return f

    def before_first_request(self, f):
        return f

    def after_request(self, f): return f
    def teardown_request(self, f): return f
    def teardown_appcontext(self, f): return f
    def context_processor(self, f): return f
    def url_value_preprocessor(self, f): return f
    def url_defaults(self, f): return f
    def template_filter(self, name=None): return lambda f: f
    def template_test(self, name=None): return lambda f: f
    def template_global(self, name=None): return lambda f: f
    def add_template_filter(self, f, name=None): pass
    def add_template_test(self, f, name=None): pass
    def add_template_global(self, f, name=None): pass
    def shell_context_processor(self, f): return f

    def errorhandler(self, code_or_exception):
        def decorator(f):
            self.register_error_handler(code_or_exception, f)
            return f
        return decorator

    def register_error_handler(self, code_or_exception, f):
        _register(self.exception_handlers, code_or_exception, f)


def _register(handlers, code_or_exception, f):
    kind = default_exceptions.get(code_or_exception, HTTPException) if isinstance(code_or_exception, int) else code_or_exception

    def handle(request, error):
        from flask.helpers import _response
        return _response(f(error))
    handlers[kind] = handle


def _endpoint_of(view_func):
    return getattr(view_func, "__name__", None) or __unknown__("the name of a view")
