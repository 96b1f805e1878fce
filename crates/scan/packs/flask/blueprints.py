from flask.scaffold import Scaffold, _endpoint_of, _register


class _Recorded:
    """Where the program adds a rule to a blueprint: the rule itself is made where the blueprint is registered."""


class BlueprintSetupState:
    def __init__(self, blueprint, app, options, first_registration):
        self.app = app
        self.blueprint = blueprint
        self.options = options
        self.first_registration = first_registration
        subdomain = options.get("subdomain")
        self.subdomain = blueprint.subdomain if subdomain is None else subdomain
        url_prefix = options.get("url_prefix")
        self.url_prefix = blueprint.url_prefix if url_prefix is None else url_prefix
        self.name = options.get("name", blueprint.name)
        self.name_prefix = options.get("name_prefix", "")
        self.around = options.get("around", [])
        self.url_defaults = dict(blueprint.url_values_defaults)
        self.url_defaults.update(options.get("url_defaults") or {})

    def add_url_rule(self, rule, endpoint=None, view_func=None, **options):
        if self.url_prefix is not None:
            if rule:
                rule = "/".join((self.url_prefix.rstrip("/"), rule.lstrip("/")))
            else:
                rule = self.url_prefix
        self._add_joined(rule, endpoint, view_func, options)

    def _add_joined(self, rule, endpoint, view_func, options):
        """Adds a rule that was joined with the prefix already."""
        recorded = options.pop("_recorded", None)
        options.setdefault("subdomain", self.subdomain)
        if endpoint is None:
            endpoint = _endpoint_of(view_func)
        defaults = self.url_defaults
        if "defaults" in options:
            defaults = dict(defaults, **(options.pop("defaults") or {}))
        name = f"{self.name_prefix}.{self.name}".lstrip(".")
        rules = self.app.url_map.rules
        before = len(rules)
        self.app.add_url_rule(rule, f"{name}.{endpoint}", view_func, defaults=defaults, **options)
        for made in rules[before:]:
            made.blueprints = self.around + [(name, self.blueprint)]
            made.recorded = recorded


class Blueprint(Scaffold):
    def __init__(self, name, import_name, static_folder=None, static_url_path=None, template_folder=None, url_prefix=None, subdomain=None,
                 url_defaults=None, root_path=None, cli_group=None):
        super().__init__(import_name, static_folder, static_url_path, template_folder, root_path)
        self.name = name
        self.url_prefix = url_prefix
        self.subdomain = subdomain
        self.deferred_functions = []
        self.url_values_defaults = url_defaults or {}
        self._blueprints = []
        self.cli = __unknown__("commands")

    def record(self, func):
        self.deferred_functions.append(func)

    def record_once(self, func):
        self.record(lambda state: func(state) if state.first_registration else None)

    def make_setup_state(self, app, options, first_registration=False):
        return BlueprintSetupState(self, app, options, first_registration)

    def register_blueprint(self, blueprint, **options):
        self._blueprints.append((blueprint, options))

    def register(self, app, options):
        name = f"{options.get('name_prefix', '')}.{options.get('name', self.name)}".lstrip(".")
        first = self not in app.blueprints.values()
        app.blueprints[name] = self
        state = self.make_setup_state(app, options, first)
        if self.has_static_folder:
            state.add_url_rule(self.static_url_path + "/<path:filename>", view_func=self.send_static_file, endpoint="static")
        if first:
            app.hooks.extend(self.app_hooks)
        for deferred in self.deferred_functions:
            deferred(state)
        for blueprint, inner in self._blueprints:
            inner = dict(inner)
            prefix = inner.get("url_prefix")
            if prefix is None:
                prefix = blueprint.url_prefix
            if state.url_prefix is not None and prefix is not None:
                prefix = state.url_prefix.rstrip("/") + "/" + prefix.lstrip("/")
            elif prefix is None:
                prefix = state.url_prefix
            inner["url_prefix"] = prefix
            inner["name_prefix"] = name
            inner["around"] = state.around + [(name, self)]
            if state.subdomain is not None and inner.get("subdomain") is None and blueprint.subdomain is None:
                inner["subdomain"] = state.subdomain
            blueprint.register(app, inner)

    def add_url_rule(self, rule, endpoint=None, view_func=None, provide_automatic_options=None, **options):
        recorded = _Recorded()
        self.record(lambda state: state.add_url_rule(rule, endpoint, view_func, _recorded=recorded, **options))

    def endpoint(self, endpoint):
        def decorator(f):
            def register(state):
                state.app.view_functions[f"{state.name_prefix}.{state.name}.{endpoint}".lstrip(".")] = f
            self.record(register)
            return f
        return decorator

    def before_app_request(self, f):
        self.app_hooks.append(f)
        return f

    def app_errorhandler(self, code):
        def decorator(f):
            self.record_once(lambda state: _register(state.app.exception_handlers, code, f))
            return f
        return decorator

    def before_app_first_request(self, f): return f
    def after_app_request(self, f): return f
    def teardown_app_request(self, f): return f
    def app_context_processor(self, f): return f
    def app_url_value_preprocessor(self, f): return f
    def app_url_defaults(self, f): return f
    def app_template_filter(self, name=None): return lambda f: f
    def app_template_test(self, name=None): return lambda f: f
    def app_template_global(self, name=None): return lambda f: f
    def add_app_template_filter(self, f, name=None): pass
    def add_app_template_global(self, f, name=None): pass
