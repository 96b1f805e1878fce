from rest_framework.generics import CreateAPIView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response


class ProviderAuthView(CreateAPIView):
    permission_classes = [AllowAny]

    def get(self, request, *args, **kwargs): return Response({})
    def create(self, request, *args, **kwargs): return Response({})
