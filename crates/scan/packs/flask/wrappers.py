from flask.values import Files, Values
from starlette.datastructures import Cookies, Credentials, Headers
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response


class Request:
    scope = {}
    url_rule = None
    routing_exception = None
    view_args = None

    def _enter(self, app, rule, scope):
        self.scope = scope
        self.url_rule = rule
        self.view_args = {name: __labelled__(4, name=name, given="path") for name in rule.arguments}
        self.max_content_length = app.config.get("MAX_CONTENT_LENGTH")

    def _leave(self):
        self.scope = {}
        self.url_rule = None
        self.view_args = None

    @property
    def method(self):
        return self.scope["method"]

    @property
    def path(self):
        if __is_watched__() and self.url_rule is None:
            # In what no endpoint leads to, it is any.
            return __labelled__(4, name="path")
        return self.scope["path"]

    script_root = path

    @property
    def full_path(self):
        return __labelled__(4, name="full_path") if __is_watched__() else self.scope["path"]

    @property
    def url(self):
        return __labelled__(4, name="url") if __is_watched__() else "http://localhost" + self.scope["path"]

    @property
    def base_url(self):
        if __is_watched__():
            return __labelled__(8, name="base_url", given="host")
        return "http://localhost" + self.scope["path"]

    @property
    def endpoint(self):
        return __carrying__(32, self.url_rule.endpoint)

    @property
    def blueprint(self):
        around = self.url_rule.blueprints
        return __carrying__(32, around[-1][0] if around else None)

    @property
    def blueprints(self):
        return __carrying__(32, [name for name, _ in reversed(self.url_rule.blueprints)])

    @property
    def headers(self):
        return __carrying__(2, Headers())

    @property
    def cookies(self):
        return __carrying__(2, Cookies())

    @property
    def authorization(self):
        return __labelled__(2, None, name="authorization")

    @property
    def environ(self):
        return __carrying__(2, Environ())

    args = __carrying__(4, Values(4, "query"))
    form = __carrying__(16, Values(16, "form"))
    files = __carrying__(16, Files())
    values = __carrying__(20, Values(20, "query"))

    @property
    def query_string(self):
        return __labelled__(4, name="query_string")

    @property
    def json(self):
        return __labelled__(16, given="body")

    data = stream = json

    def get_json(self, force=False, silent=False, cache=True):
        return __labelled__(16, given="body")

    def get_data(self, cache=True, as_text=False, parse_form_data=False):
        return __labelled__(16, given="body")

    @property
    def is_json(self):
        return __labelled__(256, name="is_json")

    @property
    def remote_addr(self):
        return __labelled__(8, name="remote_addr")

    access_route = remote_user = remote_addr

    @property
    def host(self):
        return __labelled__(8, name="host", given="host")

    host_url = url_root = host

    @property
    def origin(self):
        return __labelled__(8, name="origin")

    referrer = user_agent = mimetype = content_type = content_length = accept_mimetypes = host
    accept_languages = scheme = is_secure = if_none_match = if_modified_since = origin

    def on_json_loading_failed(self, e):
        raise BadRequest()

    def _get_current_object(self):
        return self


class Environ(Credentials):
    """The WSGI environment: fields of the request, among which a credential may be, and what is none."""

    def get(self, key, default=None):
        if key.startswith("HTTP_"):
            return Headers().get(key[5:].replace("_", "-"), default)
        return __labelled__(2, default, name=key) if key in ("REMOTE_USER", "AUTH_TYPE") else __labelled__(8, name=key)

    def __getitem__(self, key):
        return self.get(key)
