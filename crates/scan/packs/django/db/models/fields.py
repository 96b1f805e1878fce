class Field:
    """What a model holds in a column: on a record it is not known."""

    def __init__(self, *args, **options):
        self.args = args
        self.options = options
        self.default = options.get("default")
        self.null = options.get("null", False)
        self.choices = options.get("choices")


class CharField(Field): pass
class TextField(Field): pass
class SlugField(Field): pass
class EmailField(Field): pass
class URLField(Field): pass
class UUIDField(Field): pass
class IntegerField(Field): pass
class BigIntegerField(Field): pass
class SmallIntegerField(Field): pass
class PositiveIntegerField(Field): pass
class PositiveSmallIntegerField(Field): pass
class PositiveBigIntegerField(Field): pass
class AutoField(Field): pass
class BigAutoField(Field): pass
class SmallAutoField(Field): pass
class FloatField(Field): pass
class DecimalField(Field): pass
class BooleanField(Field): pass
class NullBooleanField(Field): pass
class DateField(Field): pass
class DateTimeField(Field): pass
class TimeField(Field): pass
class DurationField(Field): pass
class BinaryField(Field): pass
class FileField(Field): pass
class ImageField(Field): pass
class FilePathField(Field): pass
class GenericIPAddressField(Field): pass
class IPAddressField(Field): pass
class JSONField(Field): pass
class GeneratedField(Field): pass


class ForeignKey(Field):
    __code__ = True
    _name = ""
    _to = None

    def __init__(self, to, *args, **options):
        super().__init__(*args, **options)
        self.to = to

    def __get__(self, instance, owner):
        kind = __kind_of__(instance)
        if kind == "constant" or kind == "instance" and not __is_watched__():
            return self
        return __related__(instance, self._name, self._to)


class OneToOneField(ForeignKey): pass


class ManyToManyField(ForeignKey):
    _back = ""

    def __get__(self, instance, owner):
        kind = __kind_of__(instance)
        if kind == "constant" or kind == "instance" and not __is_watched__():
            return self
        if self._to is None or not __is_watched__():
            return __related__(instance, self._name, None)
        from django.db.models.manager import _related_manager
        return _related_manager(self._to, {self._back: instance}, instance, self._name)


class ForeignObject(ForeignKey): pass


class ChoicesMeta: pass


from enum import Enum


class Choices(Enum): pass
class TextChoices(str, Choices): pass
class IntegerChoices(int, Choices): pass


NOT_PROVIDED = None
BLANK_CHOICE_DASH = [("", "---------")]
