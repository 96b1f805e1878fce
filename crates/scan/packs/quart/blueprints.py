from flask import Blueprint as _Blueprint
from quart.scaffold import Websockets


class Blueprint(Websockets, _Blueprint):
    def __init__(self, *args, **options):
        _Blueprint.__init__(self, *args, **options)
        self.websocket_hooks = []

    def before_app_serving(self, f): return f
    def after_app_serving(self, f): return f
    def while_app_serving(self, f): return f

    def before_app_websocket(self, f):
        self.record_once(lambda state: state.app.websocket_hooks.append(f))
        return f
