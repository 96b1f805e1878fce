class Websockets:
    """What applications and blueprints of Quart have beside those of Flask: routes and hooks of WebSockets."""

    def websocket(self, rule, **options):
        def decorator(f):
            self.add_websocket(rule, options.pop("endpoint", None), f, **options)
            return f
        return decorator

    def add_websocket(self, rule, endpoint=None, view_func=None, **options):
        self.add_url_rule(rule, endpoint, view_func, methods=["GET"], websocket=True, **options)

    def before_websocket(self, f):
        self.websocket_hooks.append(f)
        return f

    def after_websocket(self, f): return f
    def teardown_websocket(self, f): return f
