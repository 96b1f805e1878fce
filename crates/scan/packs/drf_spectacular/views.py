from drf_spectacular.settings import spectacular_settings
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

_AUTHENTICATION = spectacular_settings.SERVE_AUTHENTICATION
if _AUTHENTICATION is None:
    _AUTHENTICATION = api_settings.DEFAULT_AUTHENTICATION_CLASSES


class _SpectacularView(APIView):
    permission_classes = spectacular_settings.SERVE_PERMISSIONS
    authentication_classes = _AUTHENTICATION
    urlconf = api_version = url_name = url = template_name = title = None
    serve_public = True
    custom_settings = None

    def get(self, request, *args, **kwargs): return Response({})


class SpectacularAPIView(_SpectacularView): pass
class SpectacularYAMLAPIView(SpectacularAPIView): pass
class SpectacularJSONAPIView(SpectacularAPIView): pass
class SpectacularSwaggerView(_SpectacularView): pass
class SpectacularSwaggerSplitView(SpectacularSwaggerView): pass
class SpectacularSwaggerOauthRedirectView(_SpectacularView): pass
class SpectacularRedocView(_SpectacularView): pass
