"""Types of arguments: functions that say which values they let through."""


def _checks(schema):
    def decorate(function):
        function._schema = schema
        return function
    return decorate


@_checks({"type": "string", "format": "ipv4"})
def ipv4(value): return value


@_checks({"type": "string", "format": "ipv6"})
def ipv6(value): return value


@_checks({"type": "string", "format": "ip"})
def ip(value): return value


@_checks({"type": "string", "format": "uri"})
def url(value): return value


@_checks({"type": "string", "format": "date"})
def date(value): return value


@_checks({"type": "string", "format": "date-time"})
def datetime(value): return value


@_checks({"type": "string", "format": "date-time"})
def datetime_from_iso8601(value): return value


@_checks({"type": "string", "format": "date-time"})
def datetime_from_rfc822(value): return value


@_checks({"type": "string", "format": "date"})
def date_from_iso8601(value): return value


@_checks({"type": "string"})
def iso8601interval(value, argument="argument"): return value


@_checks({"type": "integer", "minimum": 0})
def natural(value, argument="argument"): return value


@_checks({"type": "integer", "exclusiveMinimum": 0})
def positive(value, argument="argument"): return value


@_checks({"type": "boolean"})
def boolean(value): return value


class _Made:
    def __init__(self, *args, **options):
        self._schema = self._of(args, options)

    def __call__(self, value): return value
    def _of(self, args, options): return {"type": "string"}


class URL(_Made):
    def _of(self, args, options): return {"type": "string", "format": "uri"}


class email(_Made):
    def _of(self, args, options): return {"type": "string", "format": "email"}


class regex(_Made):
    def _of(self, args, options):
        pattern = args[0] if args else options.get("pattern")
        return {"type": "string", "pattern": pattern} if isinstance(pattern, str) else {"type": "string"}


class int_range(_Made):
    def _of(self, args, options):
        given = dict(zip(("low", "high"), args), **options)
        made = {"type": "integer"}
        for name, keyword in (("low", "minimum"), ("high", "maximum")):
            if isinstance(given.get(name), int):
                made[keyword] = given[name]
        return made
