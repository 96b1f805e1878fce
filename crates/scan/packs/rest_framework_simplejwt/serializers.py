from rest_framework.serializers import Serializer


class TokenObtainSerializer(Serializer):
    @classmethod
    def get_token(cls, user):
        from rest_framework_simplejwt.tokens import RefreshToken
        return RefreshToken()


class TokenObtainPairSerializer(TokenObtainSerializer): pass
class TokenObtainSlidingSerializer(TokenObtainSerializer): pass
class TokenRefreshSerializer(Serializer): pass
class TokenVerifySerializer(Serializer): pass
class TokenBlacklistSerializer(Serializer): pass
