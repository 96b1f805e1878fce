class IntConverter:
    regex = "[0-9]+"

    def to_python(self, value): return int(value)
    def to_url(self, value): return str(value)


class StringConverter:
    regex = "[^/]+"

    def to_python(self, value): return value
    def to_url(self, value): return value


class UUIDConverter:
    regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def to_python(self, value): return value
    def to_url(self, value): return str(value)


class SlugConverter(StringConverter):
    regex = "[-a-zA-Z0-9_]+"


class PathConverter(StringConverter):
    regex = ".+"


REGISTERED_CONVERTERS = {}


def register_converter(converter, type_name):
    REGISTERED_CONVERTERS[type_name] = converter


def get_converters():
    return REGISTERED_CONVERTERS
