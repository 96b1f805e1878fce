from marshmallow.validate import Equal, OneOf, Regexp, _list


class Field:
    """A field of a schema: what it holds, and what its options say."""

    _schema = {}
    default_error_messages = {}

    def __init__(self, *args, **options):
        self.args = args
        self.options = options
        self.required = options.get("required", False)
        self.data_key = options.get("data_key")
        self.attribute = options.get("attribute")
        self.load_only = options.get("load_only", False)
        self.dump_only = options.get("dump_only", False)
        self.metadata = options.get("metadata", {})
        self.validate = options.get("validate")
        self.validators = _list(options.get("validate"))
        self.error_messages = {}

    # Whether what it lets through is no text that a client wrote as it pleased.
    _is_plain = False

    def _loaded(self, value):
        """What it makes of a value that a client gave."""
        if self._is_plain or [one for one in self.validators if isinstance(one, (OneOf, Equal))]:
            return __narrowed__(value, None)
        for one in self.validators:
            if isinstance(one, Regexp):
                return __narrowed__(str(value), one.limits.get("regex"))
        return value

    def __getattr__(self, name): return __unknown__("what a field knows")
    def _serialize(self, value, attr, obj, **kwargs): return value
    def _deserialize(self, value, attr, data, **kwargs): return value
    def serialize(self, attr, obj, accessor=None, **kwargs): return __unknown__("a field of an answer")
    def deserialize(self, value, attr=None, data=None, **kwargs): return value
    def make_error(self, key, **kwargs): return __unknown__("what is wrong with a value")
    def fail(self, key, **kwargs): raise self.make_error(key)


class Raw(Field): pass
class String(Field): _schema = {"type": "string"}


class UUID(String):
    _is_plain = True
    _schema = {"type": "string", "format": "uuid"}


class Number(Field):
    _is_plain = True
    _schema = {"type": "number"}


class Integer(Number): _schema = {"type": "integer"}
class Float(Number): _schema = {"type": "number"}
class Decimal(Number): _schema = {"type": "number"}


class Boolean(Field):
    _is_plain = True
    _schema = {"type": "boolean"}


class DateTime(Field):
    _is_plain = True
    _schema = {"type": "string", "format": "date-time"}


class NaiveDateTime(DateTime): pass
class AwareDateTime(DateTime): pass
class LocalDateTime(DateTime): pass
class Time(DateTime): _schema = {"type": "string", "format": "time"}
class Date(DateTime): _schema = {"type": "string", "format": "date"}


class TimeDelta(Field):
    _is_plain = True
    _schema = {"type": "integer"}


class Url(String): _schema = {"type": "string", "format": "uri"}
class Email(String): _schema = {"type": "string", "format": "email"}


class IP(Field):
    _is_plain = True
    _schema = {"type": "string", "format": "ip"}


class IPv4(IP): _schema = {"type": "string", "format": "ipv4"}
class IPv6(IP): _schema = {"type": "string", "format": "ipv6"}


class IPInterface(Field):
    _is_plain = True
    _schema = {"type": "string"}


class IPv4Interface(IPInterface): pass
class IPv6Interface(IPInterface): pass
class Mapping(Field): _schema = {"type": "object"}
class Dict(Mapping): pass
class List(Field): _schema = {"type": "array"}
class Tuple(Field): _schema = {"type": "array"}
class Nested(Field): _schema = {"type": "object"}
class Pluck(Nested): pass


class Enum(Field):
    _is_plain = True


class Constant(Field):
    _is_plain = True


class Inferred(Field): pass


class Method(Field):
    """What a method makes: of what is loaded or of what is dumped, if it says one of both."""

    _names = ("serialize", "deserialize")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        given = dict(zip(self._names, args))
        given.update(options)
        dumps, loads = given.get(self._names[0]) is not None, given.get(self._names[1]) is not None
        self.dump_only = dumps and not loads
        self.load_only = loads and not dumps


class Function(Method): pass


Str, Bool, Int, URL = String, Boolean, Integer, Url
