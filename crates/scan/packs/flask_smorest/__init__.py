from flask import Blueprint as _Blueprint
from flask_smorest.blueprint import Blueprint
from flask_smorest.globals import current_api
from flask_smorest.pagination import Page
from werkzeug.exceptions import HTTPException
from webargs.flaskparser import abort


class Api:
    ERROR_SCHEMA = None

    def __init__(self, app=None, *, spec_kwargs=None, config_prefix=""):
        self._app = app
        self._spec_kwargs = spec_kwargs or {}
        self.config_prefix = config_prefix and config_prefix.upper().rstrip("_") + "_"
        self.spec = __unknown__("the document of an API")
        if app is not None:
            self.init_app(app)

    def init_app(self, app, *, spec_kwargs=None):
        self._app = app
        app.extensions.setdefault("flask-smorest", {"apis": {}, "blp_name_to_api": {}})
        self._register_doc_blueprint()
        app.register_error_handler(HTTPException, self.handle_http_exception)

    def _setting(self, name, default=None):
        return self._app.config.get(self.config_prefix + name, default)

    def _register_doc_blueprint(self):
        prefix = self._setting("OPENAPI_URL_PREFIX")
        if prefix is None:
            return
        name = f"{self.config_prefix}api-docs".replace("_", "-").lower()
        blueprint = _Blueprint(name, __name__, url_prefix=_slashed(prefix))
        path = self._setting("OPENAPI_JSON_PATH", "openapi.json")
        blueprint.add_url_rule(_slashed(path), endpoint="openapi_json", view_func=self._openapi_json)
        for word, view in (("redoc", self._openapi_redoc), ("swagger_ui", self._openapi_swagger_ui), ("rapidoc", self._openapi_rapidoc)):
            path = self._setting(f"OPENAPI_{word.upper()}_PATH")
            if path is not None and self._setting(f"OPENAPI_{word.upper()}_URL") is not None:
                blueprint.add_url_rule(_slashed(path), endpoint=f"openapi_{word}", view_func=view)
        self._app.register_blueprint(blueprint)

    def register_blueprint(self, blp, *, parameters=None, **options):
        self._app.register_blueprint(blp, **options)

    def handle_http_exception(self, error):
        return {}, error.code, {}

    def _openapi_json(self): return __unknown__("the document of an API")
    def _openapi_redoc(self): return __unknown__("a page")
    def _openapi_swagger_ui(self): return __unknown__("a page")
    def _openapi_rapidoc(self): return __unknown__("a page")
    def register_converter(self, converter, func): pass
    def register_field(self, field, *args): pass


def _slashed(text):
    return text if text.startswith("/") else "/" + text
