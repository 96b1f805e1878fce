from rest_framework.generics import GenericAPIView, RetrieveUpdateAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView


class LoginView(GenericAPIView):
    permission_classes = (AllowAny,)

    def get_response(self): return Response({})
    def login(self): pass
    def post(self, request, *args, **kwargs): return self.get_response()


class LogoutView(APIView):
    permission_classes = (AllowAny,)

    def get(self, request, *args, **kwargs): return self.logout(request)
    def post(self, request, *args, **kwargs): return self.logout(request)
    def logout(self, request): return Response({})


class UserDetailsView(RetrieveUpdateAPIView):
    permission_classes = (IsAuthenticated,)

    def get_object(self): return self.request.user


class PasswordResetView(GenericAPIView):
    permission_classes = (AllowAny,)

    def post(self, request, *args, **kwargs): return Response({})


class PasswordResetConfirmView(GenericAPIView):
    permission_classes = (AllowAny,)

    def post(self, request, *args, **kwargs): return Response({})


class PasswordChangeView(GenericAPIView):
    permission_classes = (IsAuthenticated,)

    def post(self, request, *args, **kwargs): return Response({})
