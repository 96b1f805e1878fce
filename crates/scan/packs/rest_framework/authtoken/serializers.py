from rest_framework.serializers import Serializer


class AuthTokenSerializer(Serializer): pass
