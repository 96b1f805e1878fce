class empty: pass
class SkipField(Exception): pass
class CreateOnlyDefault:
    def __init__(self, default): pass
class CurrentUserDefault: pass


class Field:
    def __init__(self, *args, **options):
        self.args = args
        self.options = options
        self.read_only = options.get("read_only", False)
        self.write_only = options.get("write_only", False)
        self.required = options.get("required")
        self.source = options.get("source")

    def bind(self, *args): pass
    def run_validation(self, data=None): return data
    def get_attribute(self, instance): return __unknown__("an attribute")
    def to_representation(self, value): return value
    def to_internal_value(self, data): return data

    # What of a value that a client gave it lets through.
    def _narrowed(self, value): return value


class _Plain(Field):
    """What it lets through is no text that a client wrote as it pleased."""

    def _narrowed(self, value): return __narrowed__(value, None)


class _Text(Field):
    """What it lets through is a text."""

    _pattern = None

    def _narrowed(self, value):
        text = str(value)
        return text if self._pattern is None else __narrowed__(text, self._pattern)


class BooleanField(_Plain): pass
class NullBooleanField(_Plain): pass
class CharField(_Text): pass
class EmailField(CharField): pass


class RegexField(CharField):
    def __init__(self, regex=None, **options):
        super().__init__(**options)
        self.regex = regex

    def _narrowed(self, value):
        regex = self.regex if isinstance(self.regex, str) else self.regex.pattern
        return __narrowed__(str(value), regex)


class SlugField(CharField):
    _pattern = "^[-a-zA-Z0-9_]+$"


class URLField(CharField): pass
class UUIDField(_Plain): pass
class IPAddressField(_Plain): pass
class IntegerField(_Plain): pass
class FloatField(_Plain): pass
class DecimalField(_Plain): pass
class DateTimeField(_Plain): pass
class DateField(_Plain): pass
class TimeField(_Plain): pass
class DurationField(_Plain): pass
class ChoiceField(_Plain): pass
class MultipleChoiceField(_Plain): pass
class FilePathField(Field): pass
class FileField(Field): pass
class ImageField(Field): pass
class DictField(Field): pass
class HStoreField(Field): pass
class JSONField(Field): pass
class ReadOnlyField(Field): pass
class HiddenField(Field): pass
class SerializerMethodField(Field): pass
class ModelField(Field): pass


class ListField(Field):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.child = options.get("child")


def get_error_detail(error): return __unknown__("what is wrong")
