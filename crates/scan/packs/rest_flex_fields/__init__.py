from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ModelViewSet


class FlexFieldsSerializerMixin: pass
class FlexFieldsModelSerializer(FlexFieldsSerializerMixin, ModelSerializer): pass
class FlexFieldsMixin: pass
class FlexFieldsModelViewSet(FlexFieldsMixin, ModelViewSet): pass


def is_expanded(request, field): return __labelled__(4, name="expand")
def is_included(request, field): return __labelled__(4, name="fields")
