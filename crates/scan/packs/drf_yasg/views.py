from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView


def get_schema_view(info=None, url=None, patterns=None, urlconf=None, public=False, validators=None, generator_class=None, authentication_classes=None,
                    permission_classes=None):
    class SchemaView(APIView):
        _ignore_model_permissions = True
        schema = None

        def get(self, request, version="", format=None): return Response({})

        @classmethod
        def as_cached_view(cls, cache_timeout=0, cache_kwargs=None, **initkwargs): return cls.as_view(**initkwargs)

        @classmethod
        def without_ui(cls, cache_timeout=0, cache_kwargs=None): return cls.as_view()

        @classmethod
        def with_ui(cls, renderer="swagger", cache_timeout=0, cache_kwargs=None): return cls.as_view()

    if authentication_classes is not None:
        SchemaView.authentication_classes = authentication_classes
    SchemaView.permission_classes = permission_classes if permission_classes is not None else api_settings.DEFAULT_PERMISSION_CLASSES
    return SchemaView
