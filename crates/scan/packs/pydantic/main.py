from pydantic.fields import FieldInfo


class _Fields:
    """`Model.model_fields`: what each field is annotated with and defaults to."""

    def __get__(self, instance, owner):
        return __fields_of__(owner, FieldInfo)


class BaseModel:
    __record__ = True
    model_fields = _Fields()
    __fields__ = _Fields()
    model_config = {}

    def model_dump(self, **options):
        return __unknown__("the fields of a model")

    dict = model_dump

    def model_copy(self, **options):
        return self

    copy = model_copy

    @classmethod
    def model_validate(cls, obj, **options):
        return cls(**obj) if isinstance(obj, dict) else __unknown__("a validated model")

    parse_obj = model_validate

    @classmethod
    def model_rebuild(cls, **options):
        pass

    update_forward_refs = model_rebuild


class RootModel(BaseModel): pass


def create_model(name, *, __base__=None, __module__=None, __validators__=None, **fields):
    if isinstance(__base__, tuple):
        bases = __base__
    elif __base__ is None:
        bases = (BaseModel,)
    else:
        bases = (__base__,)
    return type(name, bases, {})
