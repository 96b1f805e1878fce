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



class BooleanField(Field): pass
class NullBooleanField(Field): pass
class CharField(Field): pass
class EmailField(Field): pass
class RegexField(Field): pass
class SlugField(Field): pass
class URLField(Field): pass
class UUIDField(Field): pass
class IPAddressField(Field): pass
class IntegerField(Field): pass
class FloatField(Field): pass
class DecimalField(Field): pass
class DateTimeField(Field): pass
class DateField(Field): pass
class TimeField(Field): pass
class DurationField(Field): pass
class ChoiceField(Field): pass
class MultipleChoiceField(Field): pass
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
