from django.contrib.auth import get_user_model
from djoser.conf import permissions_for
from rest_framework import generics
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

User = get_user_model()
_USERNAME = getattr(User, "USERNAME_FIELD", "username")
_ASKED = {"create": "user_create", "list": "user_list", "resend_activation": "password_reset", "reset_username": "username_reset",
          "reset_username_confirm": "username_reset_confirm", "reset_password": "password_reset",
          "reset_password_confirm": "password_reset_confirm", "activation": "activation", "set_password": "set_password",
          "set_username": "set_username", "destroy": "user_delete"}


class TokenCreateView(generics.GenericAPIView):
    def get_permissions(self): return [permission() for permission in permissions_for("token_create")]
    def post(self, request, **kwargs): return Response({})


class TokenDestroyView(generics.GenericAPIView):
    def get_permissions(self): return [permission() for permission in permissions_for("token_destroy")]
    def post(self, request): return Response({})


class UserViewSet(ModelViewSet):
    def get_permissions(self):
        asked = _ASKED.get(self.action, "user")
        if self.action == "me" and self.request.method == "DELETE":
            asked = "user_delete"
        return [permission() for permission in permissions_for(asked)]

    def get_instance(self): return self.request.user

    @action(["get", "put", "patch", "delete"], detail=False)
    def me(self, request, *args, **kwargs): return Response({})

    @action(["post"], detail=False)
    def activation(self, request, *args, **kwargs): return Response({})

    @action(["post"], detail=False)
    def resend_activation(self, request, *args, **kwargs): return Response({})

    @action(["post"], detail=False)
    def set_password(self, request, *args, **kwargs): return Response({})

    @action(["post"], detail=False)
    def reset_password(self, request, *args, **kwargs): return Response({})

    @action(["post"], detail=False)
    def reset_password_confirm(self, request, *args, **kwargs): return Response({})

    @action(["post"], detail=False, url_path="set_" + _USERNAME)
    def set_username(self, request, *args, **kwargs): return Response({})

    @action(["post"], detail=False, url_path="reset_" + _USERNAME)
    def reset_username(self, request, *args, **kwargs): return Response({})

    @action(["post"], detail=False, url_path="reset_" + _USERNAME + "_confirm")
    def reset_username_confirm(self, request, *args, **kwargs): return Response({})
