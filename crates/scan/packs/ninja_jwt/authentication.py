from ninja.security import HttpBearer


class JWTAuth(HttpBearer):
    _scheme = "JWT"

    def authenticate(self, request, token): return __labelled__(130, name="user")


class JWTStatelessUserAuthentication(JWTAuth): pass
class AsyncJWTAuth(JWTAuth): pass
