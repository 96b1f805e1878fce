from flask import Blueprint
from flask_openapi3.scaffold import APIScaffold


class APIBlueprint(APIScaffold, Blueprint):
    def __init__(self, name, import_name, *, url_prefix=None, abp_tags=None, abp_security=None, abp_responses=None, doc_ui=True,
                 operation_id_callback=None, **options):
        Blueprint.__init__(self, name, import_name, url_prefix=url_prefix, **options)

    def register_api(self, api):
        self.register_blueprint(api)
