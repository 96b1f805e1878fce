from django.conf import settings


class AuthBase:
    openapi_type = None

    def __init__(self, csrf=False): pass
    def __call__(self, request): return None


class HttpAuthBase(AuthBase): pass


class HttpBearer(HttpAuthBase):
    openapi_scheme = "bearer"
    header = "Authorization"

    def __call__(self, request):
        value = request.headers.get(self.header)
        if not value:
            return None
        return self.authenticate(request, __labelled__(2, name="token"))

    def authenticate(self, request, token): return __unknown__("whoever has the token")


class HttpBasicAuth(HttpAuthBase):
    openapi_scheme = "basic"
    header = "Authorization"

    def __call__(self, request):
        value = request.headers.get(self.header)
        if not value:
            return None
        return self.authenticate(request, __labelled__(2, name="username"), __labelled__(2, name="password"))

    def authenticate(self, request, username, password): return __unknown__("whoever has the password")


class APIKeyBase(AuthBase):
    param_name = "key"

    def __init__(self, csrf=False):
        pass

    def __call__(self, request):
        return self.authenticate(request, self._get_key(request))

    def authenticate(self, request, key): return __unknown__("whoever has the key")


class APIKeyQuery(APIKeyBase):
    def _get_key(self, request): return __labelled__(2, None, name=self.param_name)


class APIKeyHeader(APIKeyBase):
    def _get_key(self, request): return request.headers.get(self.param_name)


class APIKeyCookie(APIKeyBase):
    def _get_key(self, request): return request.COOKIES.get(self.param_name)


class SessionAuth(APIKeyCookie):
    _scheme = "session"

    def authenticate(self, request, key):
        if request.user.is_authenticated:
            return request.user
        return None


class SessionAuthSuperUser(APIKeyCookie):
    _scheme = "session"

    def authenticate(self, request, key):
        if getattr(request.user, "is_superuser", None):
            return request.user
        return None


class SessionAuthIsStaff(SessionAuthSuperUser):
    def authenticate(self, request, key):
        if getattr(request.user, "is_superuser", None) or getattr(request.user, "is_staff", None):
            return request.user
        return None


django_auth = SessionAuth()
django_auth_superuser = SessionAuthSuperUser()
django_auth_is_staff = SessionAuthIsStaff()
