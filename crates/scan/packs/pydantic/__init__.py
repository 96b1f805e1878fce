import typing

from pydantic.fields import Field, FieldInfo, PrivateAttr
from pydantic.main import BaseModel, RootModel, create_model


class ValidationError(ValueError): pass


class BaseSettings(BaseModel):
    __settings__ = True


def _decorator(*names, **options):
    def decorate(function):
        return function
    return decorate


def field_validator(*names, **options):
    def decorate(function):
        function.__validates__ = names
        return function
    return decorate


validator = field_validator
root_validator = _decorator
model_validator = _decorator
field_serializer = _decorator
model_serializer = _decorator
validate_call = _decorator


def computed_field(function=None, **options):
    if function is None:
        return computed_field
    return function


class ConfigDict(dict): pass


class AfterValidator:
    """A function that checks a value behind its type."""

    def __init__(self, func):
        self.func = self.__func__ = func
        self.__validates__ = ("*",)


BeforeValidator = PlainValidator = AfterValidator


class StringConstraints:
    """What a text has to be like."""

    pattern = min_length = max_length = None

    def __init__(self, **given):
        __keep__(self, given, regex="pattern")


def constr(**given):
    return typing.Annotated[str, StringConstraints(**given)]


class SecretStr(str):
    def __init__(self, secret_value=""):
        self.secret = secret_value

    def get_secret_value(self):
        return self.secret


class SecretBytes(SecretStr): pass


class AliasChoices:
    def __init__(self, first_choice, *choices):
        self.choices = [first_choice, *choices]


class AliasPath:
    def __init__(self, first_arg, *args):
        self.path = [first_arg, *args]
