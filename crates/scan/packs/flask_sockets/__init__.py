from flask_sock import _Socket


class Sockets:
    """WebSockets on an URL map of their own, in front of that of the application."""

    def __init__(self, app=None):
        self.app = None
        self.deferred = []
        if app:
            self.init_app(app)

    def init_app(self, app):
        self.app = app
        for path, view, options in self.deferred:
            app.add_url_rule(path, view_func=view, **options)

    def route(self, rule, **options):
        def decorator(f):
            self.add_url_rule(rule, options.pop("endpoint", None), f, **options)
            return f
        return decorator

    def add_url_rule(self, rule, _, f, **options):
        def websocket_route(**values):
            return f(_Socket(), **values)
        websocket_route.__wrapped__ = f
        websocket_route.__name__ = f.__name__
        options = {"websocket": True}
        if self.app is None:
            self.deferred.append((rule, websocket_route, options))
        else:
            self.app.add_url_rule(rule, view_func=websocket_route, **options)

    def register_blueprint(self, blueprint, **options):
        """Its rules are for sockets."""
        before = len(self.app.url_map.rules)
        self.app.register_blueprint(blueprint, **options)
        for rule in self.app.url_map.rules[before:]:
            view = self.app.view_functions[rule.endpoint]
            rule.websocket = True
            self.app.view_functions[rule.endpoint] = _with_socket(view)


def _with_socket(view):
    def websocket_route(**values):
        return view(_Socket(), **values)
    websocket_route.__wrapped__ = view
    return websocket_route
