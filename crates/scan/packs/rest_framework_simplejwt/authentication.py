from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication


class JWTAuthentication(BaseAuthentication):
    _scheme = "JWT"
    www_authenticate_realm = "api"
    media_type = "application/json"

    def authenticate(self, request):
        header = self.get_header(request)
        if header is None:
            return None
        raw_token = self.get_raw_token(header)
        if raw_token is None:
            return None
        validated_token = self.get_validated_token(raw_token)
        return self.get_user(validated_token), validated_token

    def authenticate_header(self, request): return "Bearer"
    def get_header(self, request): return request.META.get("HTTP_AUTHORIZATION")
    def get_raw_token(self, header): return header
    def get_validated_token(self, raw_token): return __labelled__(130, name="token")
    def get_user(self, validated_token): return __labelled__(130, name="user")


class JWTStatelessUserAuthentication(JWTAuthentication): pass


JWTTokenUserAuthentication = JWTStatelessUserAuthentication


def default_user_authentication_rule(user, *args): return True
