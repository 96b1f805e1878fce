from flask.globals import request
from flask.views import MethodView


class Resource(MethodView):
    representations = None
    method_decorators = []

    def __init__(self, api=None, *args, **kwargs):
        self.api = api

    def dispatch_request(self, *args, **kwargs):
        method = getattr(self, request.method.lower())
        for decorator in self.method_decorators:
            method = decorator(method)
        return method(*args, **kwargs)

    def validate_payload(self, func): pass
