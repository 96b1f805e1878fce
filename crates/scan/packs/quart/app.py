from flask import Flask
from quart.scaffold import Websockets


class Quart(Websockets, Flask):
    def __init__(self, import_name, static_url_path=None, static_folder="static", static_host=None, host_matching=False, subdomain_matching=False,
                 template_folder="templates", instance_path=None, instance_relative_config=False, root_path=None):
        Flask.__init__(self, import_name, static_url_path, static_folder, static_host, host_matching, subdomain_matching, template_folder,
                       instance_path, instance_relative_config, root_path)
        self.websocket_hooks = []

    def before_serving(self, f): return f
    def after_serving(self, f): return f
    def while_serving(self, f): return f
    def add_background_task(self, func, *args, **kwargs): pass
