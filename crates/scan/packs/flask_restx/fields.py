class Raw:
    """A field of a model: what it holds, and what its options say."""

    _schema = {}

    def __init__(self, *args, **options):
        self.args = args
        self.options = options
        self.required = options.get("required")
        self.readonly = options.get("readonly")

    def format(self, value): return value
    def output(self, key, obj, **kwargs): return __unknown__("a field of an answer")


class String(Raw): _schema = {"type": "string"}
class Integer(Raw): _schema = {"type": "integer"}
class Float(Raw): _schema = {"type": "number"}
class Arbitrary(Raw): _schema = {"type": "number"}
class Fixed(Raw): _schema = {"type": "number"}
class Boolean(Raw): _schema = {"type": "boolean"}
class DateTime(Raw): _schema = {"type": "string", "format": "date-time"}
class Date(Raw): _schema = {"type": "string", "format": "date"}
class Url(Raw): _schema = {"type": "string", "format": "uri"}
class FormattedString(Raw): _schema = {"type": "string"}
class ClassName(String): pass
class StringMixin: pass
class NumberMixin: pass
class MinMaxMixin: pass
class Nested(Raw): pass
class Polymorph(Nested): _schema = {"type": "object"}
class Wildcard(Raw): _schema = {"type": "object"}


class List(Raw):
    _schema = {"type": "array"}


_BOUNDS = [
    ("max_length", "maxLength"), ("min_length", "minLength"), ("max", "maximum"), ("min", "minimum"), ("pattern", "pattern"),
    ("max_items", "maxItems"), ("min_items", "minItems"),
]


def _of_field(field):
    """The schema of a field; a model in it stands for its own."""
    if __kind_of__(field) == "class":
        return dict(field._schema) if issubclass(field, Raw) else {}
    if not isinstance(field, Raw):
        return {}
    inner = field.args[0] if field.args else field.options.get("model") or field.options.get("cls_or_instance")
    if isinstance(field, Nested):
        schema = {"$ref": inner} if __kind_of__(inner) == "instance" else {"type": "object"}
        if field.options.get("as_list") is True:
            schema = {"type": "array", "items": schema}
    elif isinstance(field, List):
        schema = {"type": "array", "items": _of_field(inner)}
    else:
        schema = dict(field._schema)
    for option, keyword in _BOUNDS:
        if __kind_of__(field.options.get(option)) in ("constant", "text") and field.options.get(option) is not None:
            schema[keyword] = field.options[option]
    if __kind_of__(field.options.get("enum")) in ("list", "tuple"):
        schema["enum"] = list(field.options["enum"])
    if field.options.get("readonly") is True:
        schema["readOnly"] = True
    return schema
