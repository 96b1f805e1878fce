from rest_framework.exceptions import ValidationError
from rest_framework.fields import *
from rest_framework.fields import Field
from rest_framework.relations import *
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator


class BaseSerializer(Field):
    """What a request holds, checked, or what an answer is made of."""

    @classmethod
    def __class_getitem__(cls, key): return cls

    def __init__(self, instance=None, data=None, **kwargs):
        super().__init__(**kwargs)
        self.instance = instance
        self.initial_data = data
        self._context = kwargs.get("context", {})
        self.partial = kwargs.get("partial", False)
        self.many = kwargs.get("many", False)

    @property
    def context(self): return self._context

    def is_valid(self, raise_exception=False): return __labelled__(16, name="is_valid")
    def save(self, **kwargs): return __labelled__(16, name="saved")

    @property
    def validated_data(self): return __labelled__(16, name="validated_data")

    @property
    def data(self): return __unknown__("what a serializer makes")

    @property
    def errors(self): return __labelled__(16, name="errors")

    def create(self, validated_data): return __labelled__(16, name="created")
    def update(self, instance, validated_data): return instance
    def to_representation(self, instance): return __unknown__("what a serializer makes")
    def to_internal_value(self, data): return __labelled__(16, name="validated_data")
    def validate(self, attrs): return attrs
    def get_fields(self): return {}

    @property
    def fields(self): return __unknown__("the fields of a serializer")


class Serializer(BaseSerializer): pass
class ListSerializer(BaseSerializer): pass
class ModelSerializer(Serializer): pass
class HyperlinkedModelSerializer(ModelSerializer): pass
