from functools import wraps

from flask import abort, request


class OAuth2RequestValidator:
    def __init__(self, **getters): pass


class OAuth2Provider:
    """What a token is good for is asked of the program's own getters: no token is good for nothing."""

    def __init__(self, app=None, validator_class=None):
        self._before_request_funcs = []
        self._after_request_funcs = []
        self._invalid_response = None
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        app.extensions["oauthlib.provider.oauth2"] = self

    def before_request(self, f):
        self._before_request_funcs.append(f)
        return f

    def after_request(self, f):
        self._after_request_funcs.append(f)
        return f

    def invalid_response(self, f):
        self._invalid_response = f
        return f

    def exception_handler(self, f): return f
    def clientgetter(self, f): return f
    def usergetter(self, f): return f
    def tokengetter(self, f): return f
    def tokensetter(self, f): return f
    def grantgetter(self, f): return f
    def grantsetter(self, f): return f

    def verify_request(self, scopes):
        valid = __labelled__(2, False)
        for scope in scopes:
            valid = valid and __labelled__(2, None, name="scope") == scope
        return valid, request

    def authorize_handler(self, f):
        @wraps(f)
        def decorated(*args, **kwargs):
            return f(*args, **kwargs)
        return decorated

    def confirm_authorization_request(self): return __unknown__("an answer of OAuth")
    def token_handler(self, f): return self.authorize_handler(f)
    def revoke_handler(self, f): return self.authorize_handler(f)

    def require_oauth(self, *scopes):
        def wrapper(f):
            @wraps(f)
            def decorated(*args, **kwargs):
                for func in self._before_request_funcs:
                    func()
                valid, req = self.verify_request(scopes)
                for func in self._after_request_funcs:
                    valid, req = func(valid, req)
                if not valid:
                    if self._invalid_response is not None:
                        return self._invalid_response(req)
                    return abort(401)
                request.oauth = req
                return f(*args, **kwargs)
            return decorated
        return wrapper


class OAuth1Provider(OAuth2Provider):
    def require_oauth(self, *realms):
        return super().require_oauth()
