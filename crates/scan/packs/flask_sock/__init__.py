from functools import wraps


class ConnectionClosed(Exception): pass


class Sock:
    """WebSockets as routes: the handshake is a request for them."""

    def __init__(self, app=None):
        self.app = None
        self.deferred = []
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        if self.app is None:
            self.app = app
        for path, view, bp, options in self.deferred:
            if bp is None:
                app.add_url_rule(path, view_func=view, **options)
        self.deferred = []

    def route(self, path, bp=None, **kwargs):
        def decorator(f):
            @wraps(f)
            def websocket_route(*args, **values):
                f(_Socket(), *args, **values)
                return ""
            options = dict(kwargs, websocket=True)
            if bp is not None:
                bp.add_url_rule(path, view_func=websocket_route, **options)
            elif self.app is not None:
                self.app.add_url_rule(path, view_func=websocket_route, **options)
            else:
                self.deferred.append((path, websocket_route, bp, options))
            return f
        return decorator


class _Socket:
    connected = True

    def receive(self, timeout=None): return __labelled__(16, name="message")
    def send(self, data): pass
    def close(self, reason=None, message=None): pass
