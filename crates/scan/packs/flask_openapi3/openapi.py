from flask import Blueprint, Flask
from flask_openapi3.scaffold import APIScaffold


class OpenAPI(APIScaffold, Flask):
    def __init__(self, import_name, *, info=None, security_schemes=None, responses=None, servers=None, external_docs=None,
                 operation_id_callback=None, openapi_extensions=None, validation_error_status=422, validation_error_model=None,
                 validation_error_callback=None, doc_ui=True, doc_prefix="/openapi", doc_url="/openapi.json", **options):
        Flask.__init__(self, import_name, **options)
        if doc_ui:
            made = Blueprint("openapi", __name__, url_prefix=doc_prefix)
            made.add_url_rule(doc_url, "doc_url", self._document)
            made.add_url_rule("/", "index", self._document)
            self.register_blueprint(made)

    def _document(self):
        return __unknown__("the document of an API")

    def register_api(self, api, **options):
        self.register_blueprint(api, **options)

    def register_api_view(self, api_view, url_prefix=None, view_kwargs=None):
        api_view.register(self, url_prefix, view_kwargs)
