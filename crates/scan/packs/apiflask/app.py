from apiflask.exceptions import HTTPError
from apiflask.scaffold import APIScaffold
from flask import Blueprint, Flask
from werkzeug.exceptions import HTTPException


class APIFlask(APIScaffold, Flask):
    def __init__(self, import_name, title="APIFlask", version="0.1.0", spec_path="/openapi.json", docs_path="/docs",
                 docs_oauth2_redirect_path="/docs/oauth2-redirect", docs_ui="swagger-ui", openapi_blueprint_url_prefix=None, json_errors=True,
                 enable_openapi=True, spec_plugins=None, **options):
        options.pop("docs_oauth2_redirect_path_external", None)
        Flask.__init__(self, import_name, **options)
        self.title = title
        self.error_callback = lambda error: (error.detail, error.status_code)
        if enable_openapi and (spec_path or docs_path):
            self._register_documents(openapi_blueprint_url_prefix, spec_path, docs_path, docs_ui == "swagger-ui" and docs_oauth2_redirect_path)
        self.register_error_handler(HTTPError, lambda error: self.error_callback(error))
        if json_errors:
            self.register_error_handler(HTTPException, lambda error: self.error_callback(HTTPError(error.code)))

    def _register_documents(self, prefix, spec_path, docs_path, redirect_path):
        made = Blueprint("openapi", __name__, url_prefix=prefix)
        if spec_path:
            made.add_url_rule(spec_path, "spec", self._document)
        if docs_path:
            made.add_url_rule(docs_path, "docs", self._document)
            if redirect_path:
                made.add_url_rule(redirect_path, "swagger_ui_oauth_redirect", self._document)
        self.register_blueprint(made)

    def _document(self):
        return __unknown__("the document of an API")

    def add_url_rule(self, rule, endpoint=None, view_func=None, provide_automatic_options=None, **options):
        endpoint, view_func = self._route_of_class(rule, endpoint, view_func)
        Flask.add_url_rule(self, rule, endpoint, view_func, **options)

    def error_processor(self, f):
        self.error_callback = f
        return f

    def spec_processor(self, f): return f
