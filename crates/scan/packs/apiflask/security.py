from apiflask.exceptions import HTTPError
from flask_httpauth import HTTPBasicAuth as _Basic, HTTPTokenAuth as _Token, MultiAuth as _Multi


class _Auth:
    @property
    def current_user(self):
        from flask import g
        return g.get("flask_httpauth_user")

    def error_processor(self, f):
        self.error_handler(lambda status_code: f(HTTPError(status_code)))


class HTTPBasicAuth(_Auth, _Basic):
    def __init__(self, scheme="Basic", realm=None, description=None, security_scheme_name=None, **options):
        super().__init__(scheme, realm)


class HTTPTokenAuth(_Auth, _Token):
    def __init__(self, scheme="Bearer", realm=None, header=None, description=None, security_scheme_name=None, **options):
        super().__init__(scheme, realm, header)


class APIKeyHeaderAuth(_Auth, _Token):
    def __init__(self, scheme="ApiKey", realm=None, header="X-API-Key", description=None, security_scheme_name=None, **options):
        super().__init__(scheme, realm, header)


HTTPAPIKeyAuth = APIKeyHeaderAuth


class APIKeyCookieAuth(APIKeyHeaderAuth): pass
class APIKeyQueryAuth(APIKeyHeaderAuth): pass


class MultiAuth(_Auth, _Multi): pass
