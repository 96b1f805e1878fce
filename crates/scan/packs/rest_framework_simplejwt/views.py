from rest_framework import generics
from rest_framework.response import Response


class TokenViewBase(generics.GenericAPIView):
    permission_classes = ()
    authentication_classes = ()
    serializer_class = None
    _serializer_class = ""
    www_authenticate_realm = "api"

    def post(self, request, *args, **kwargs): return Response({})


class TokenObtainPairView(TokenViewBase): pass
class TokenRefreshView(TokenViewBase): pass
class TokenObtainSlidingView(TokenViewBase): pass
class TokenRefreshSlidingView(TokenViewBase): pass
class TokenVerifyView(TokenViewBase): pass
class TokenBlacklistView(TokenViewBase): pass


token_obtain_pair = TokenObtainPairView.as_view()
token_refresh = TokenRefreshView.as_view()
token_obtain_sliding = TokenObtainSlidingView.as_view()
token_refresh_sliding = TokenRefreshSlidingView.as_view()
token_verify = TokenVerifyView.as_view()
token_blacklist = TokenBlacklistView.as_view()
