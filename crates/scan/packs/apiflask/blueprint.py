from apiflask.scaffold import APIScaffold
from flask import Blueprint


class APIBlueprint(APIScaffold, Blueprint):
    def __init__(self, name, import_name, *, tag=None, enable_openapi=True, **options):
        Blueprint.__init__(self, name, import_name, **options)
        self.tag = tag
        self.enable_openapi = enable_openapi

    def add_url_rule(self, rule, endpoint=None, view_func=None, provide_automatic_options=None, **options):
        endpoint, view_func = self._route_of_class(rule, endpoint, view_func)
        Blueprint.add_url_rule(self, rule, endpoint, view_func, **options)
