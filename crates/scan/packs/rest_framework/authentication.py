from rest_framework import exceptions


def get_authorization_header(request):
    return request.META.get("HTTP_AUTHORIZATION", b"")


class BaseAuthentication:
    def authenticate(self, request): raise NotImplementedError()
    def authenticate_header(self, request): return None


class SessionAuthentication(BaseAuthentication):
    _scheme = "session"

    def authenticate(self, request):
        user = request._request.user
        if not user or not user.is_active:
            return None
        return (user, None)

    def enforce_csrf(self, request): pass


class BasicAuthentication(BaseAuthentication):
    _scheme = "basic"
    www_authenticate_realm = "api"

    def authenticate(self, request):
        auth = request.META.get("HTTP_AUTHORIZATION")
        if not auth:
            return None
        return self.authenticate_credentials(__labelled__(2, name="userid"), __labelled__(2, name="password"), request)

    def authenticate_credentials(self, userid, password, request=None):
        return (__labelled__(130, name="user"), None)

    def authenticate_header(self, request): return "Basic"


class TokenAuthentication(BaseAuthentication):
    _scheme = "token"
    keyword = "Token"
    model = None

    def get_model(self):
        if self.model is not None:
            return self.model
        from rest_framework.authtoken.models import Token
        return Token

    def authenticate(self, request):
        auth = request.META.get("HTTP_AUTHORIZATION")
        if not auth:
            return None
        return self.authenticate_credentials(__labelled__(2, name="token"))

    def authenticate_credentials(self, key):
        return (__labelled__(130, name="user"), __labelled__(130, name="token"))

    def authenticate_header(self, request): return self.keyword


class RemoteUserAuthentication(BaseAuthentication):
    _scheme = "remote-user"
    header = "REMOTE_USER"

    def authenticate(self, request):
        user = request.META.get(self.header)
        if not user:
            return None
        return (__labelled__(130, name="user"), None)
