from pydantic.fields import Field, FieldInfo, PrivateAttr
from pydantic.main import BaseModel, RootModel, create_model


class ValidationError(ValueError): pass


class BaseSettings(BaseModel):
    __settings__ = True


def _decorator(*names, **options):
    def decorate(function):
        return function
    return decorate


validator = _decorator
field_validator = _decorator
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
