class AutoSchema:
    def __init__(self, *args, **options): pass


class SchemaGenerator: pass
class ManualSchema(AutoSchema): pass


from rest_framework.response import Response
from rest_framework.views import APIView


class SchemaView(APIView):
    _ignore_model_permissions = True
    public = False

    def get(self, request, *args, **kwargs): return Response({})


def get_schema_view(title=None, url=None, public=False, permission_classes=None, authentication_classes=None, **options):
    initkwargs = {"public": public}
    if permission_classes is not None:
        initkwargs["permission_classes"] = permission_classes
    if authentication_classes is not None:
        initkwargs["authentication_classes"] = authentication_classes
    return SchemaView.as_view(**initkwargs)
