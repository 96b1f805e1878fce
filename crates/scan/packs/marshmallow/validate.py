class Validator:
    """What a value is asked for: the limits that it was made with."""

    _named = ()

    def __init__(self, *args, **options):
        self.limits = dict(zip(self._named, args))
        self.limits.update(options)

    def __call__(self, value): return value


class Length(Validator): _named = ("min", "max")
class Range(Validator): _named = ("min", "max")
class OneOf(Validator): _named = ("choices", "labels")
class NoneOf(Validator): _named = ("iterable",)
class ContainsOnly(OneOf): pass
class ContainsNoneOf(NoneOf): pass
class Equal(Validator): _named = ("comparable",)
class Regexp(Validator): _named = ("regex", "flags")
class Predicate(Validator): _named = ("method",)
class URL(Validator): pass
class Email(Validator): pass


class And(Validator):
    def __init__(self, *validators, **options):
        super().__init__(**options)
        self.validators = list(validators)


def _list(validate):
    if validate is None:
        return []
    return list(validate) if isinstance(validate, (list, tuple)) else [validate]


def _limited(schema, validators):
    """A schema with what validators ask for; each says what stands in the text of a pattern, too, that Python and JSON Schema share."""
    kind = schema.get("type")
    least, most = ("minItems", "maxItems") if kind == "array" else ("minLength", "maxLength")
    for one in validators:
        if isinstance(one, And):
            _limited(schema, one.validators)
        if not isinstance(one, Validator):
            continue
        limits = one.limits
        if isinstance(one, Length):
            if limits.get("equal") is not None:
                schema[least] = schema[most] = limits["equal"]
            _put(schema, least, limits.get("min"))
            _put(schema, most, limits.get("max"))
        elif isinstance(one, Range) and kind in ("integer", "number"):
            _put(schema, "exclusiveMinimum" if limits.get("min_inclusive") is False else "minimum", limits.get("min"))
            _put(schema, "exclusiveMaximum" if limits.get("max_inclusive") is False else "maximum", limits.get("max"))
        elif isinstance(one, OneOf) and __kind_of__(limits.get("choices")) in ("list", "tuple") and kind != "array":
            schema["enum"] = list(limits["choices"])
        elif isinstance(one, Equal) and __kind_of__(limits.get("comparable")) in ("constant", "text"):
            schema["enum"] = [limits["comparable"]]
        elif isinstance(one, Regexp):
            _put(schema, "pattern", limits.get("regex"))
        elif isinstance(one, URL):
            schema["format"] = "uri"
        elif isinstance(one, Email):
            schema["format"] = "email"
    return schema


def _put(schema, keyword, limit):
    if __kind_of__(limit) in ("constant", "text") and limit is not None:
        schema[keyword] = limit
