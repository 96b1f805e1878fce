class SocketIO:
    """Its handlers answer messages on one address, which no router of Flask's knows."""

    def __init__(self, app=None, **kwargs): pass
    def init_app(self, app, **kwargs): pass
    def on(self, message, namespace=None): return lambda handler: handler
    def event(self, *args, **kwargs): return args[0] if args and callable(args[0]) else (lambda handler: handler)
    def on_error(self, namespace=None): return lambda handler: handler
    def on_error_default(self, handler): return handler
    def on_event(self, message, handler, namespace=None): pass
    def on_namespace(self, handler): pass
    def emit(self, *args, **kwargs): pass
    def send(self, *args, **kwargs): pass
    def run(self, app, *args, **kwargs): pass
    def start_background_task(self, target, *args, **kwargs): pass
    def sleep(self, seconds=0): pass


class Namespace: pass


def emit(*args, **kwargs): pass
def send(*args, **kwargs): pass
def join_room(*args, **kwargs): pass
def leave_room(*args, **kwargs): pass
def close_room(*args, **kwargs): pass
def disconnect(*args, **kwargs): pass
