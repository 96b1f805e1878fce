from rest_framework.exceptions import ValidationError
from rest_framework.fields import *
from rest_framework.fields import Field
from rest_framework.relations import *
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator


class BaseSerializer(Field):
    """What a request holds, checked, or what an answer is made of."""

    # The names of what a client may give, and of what an answer holds; not known where none are said.
    _writable = None
    _answered = None
    # What is filled in with the caller.
    _callers = ()
    _validated = None

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

    def save(self, **kwargs):
        if not __is_watched__():
            return __labelled__(16, name="saved")
        given = {**self.validated_data, **kwargs}
        if __kind_of__(self.instance) == "constant":
            self.instance = self.create(given)
        else:
            self.update(self.instance, given)
        return self.instance

    @property
    def validated_data(self):
        if not __is_watched__():
            return __labelled__(16, name="validated_data")
        if self._validated is None:
            self._validated = self._given()
        return self._validated

    def _given(self):
        given = __labelled__(16, given="body")
        if self._writable is None:
            return given
        found = __parts__(self.initial_data, self._writable, given)
        for name in found:
            field = getattr(self, name, None)
            if isinstance(field, Field):
                found[name] = field._narrowed(found[name])
        for name in self._callers:
            found[name] = self._context["request"].user
        return found

    @property
    def data(self):
        if not __is_watched__():
            return __unknown__("what a serializer makes")
        if __kind_of__(self.instance) == "constant":
            return __unknown__("what a serializer makes of what it was given")
        if not self.many:
            return self.to_representation(self.instance)
        return [self.to_representation(record) for record in self.instance]

    @property
    def errors(self): return __labelled__(16, name="errors")

    def create(self, validated_data): return __labelled__(16, name="created")
    def update(self, instance, validated_data): return instance

    def to_representation(self, instance):
        if not __is_watched__():
            return __unknown__("what a serializer makes")
        return instance if self._answered is None else __parts__(instance, self._answered, instance)

    def to_internal_value(self, data): return __labelled__(16, name="validated_data")
    def validate(self, attrs): return attrs
    def get_fields(self): return {}

    @property
    def fields(self): return __unknown__("the fields of a serializer")


class Serializer(BaseSerializer): pass
class ListSerializer(BaseSerializer): pass


class ModelSerializer(Serializer):
    def create(self, validated_data):
        if not __is_watched__():
            return __labelled__(16, name="created")
        return self.Meta.model._default_manager.create(**validated_data)

    def update(self, instance, validated_data):
        if __is_watched__():
            __noted__("assign", instance, validated_data)
            instance.save()
        return instance


class HyperlinkedModelSerializer(ModelSerializer): pass
