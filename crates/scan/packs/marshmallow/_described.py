"""Schemas of marshmallow as JSON Schema: a class in the place of a schema stands for its own."""
from marshmallow import _unseen, fields, validate
from marshmallow.schema import Schema
from marshmallow_sqlalchemy import _columns

# Schemas inside each other that are written out, since each leaves out something.
_DEPTH_MAX = 6


def _schema_of(cls):
    """The schema of a class."""
    return _object(_chosen(cls, None), cls, None, 0)


def _of_schema(given, depth=0):
    """The schema of a class or an instance, and whether a list is meant."""
    if __kind_of__(given) == "class":
        return {"$ref": given}, getattr(given.Meta, "many", False) is True
    if given.only is None and not given.exclude and not given.partial and not given.load_only and not given.dump_only:
        return {"$ref": type(given)}, given.many is True
    if depth >= _DEPTH_MAX:
        return {"type": "object"}, given.many is True
    return _object(_chosen(type(given), given), type(given), given, depth), given.many is True


def _object(chosen, cls, instance, depth):
    properties, required = {}, []
    for name, field in chosen:
        schema = _of_field(field, depth)
        key = _key(name, field)
        if _is_only(field, name, cls, instance, "dump_only"):
            schema["readOnly"] = True
        elif _must(field) and not _may_lack(instance, name):
            required.append(key)
        if _is_only(field, name, cls, instance, "load_only"):
            schema["writeOnly"] = True
        properties[key] = schema
    made = {"type": "object", "properties": properties}
    if required:
        made["required"] = required
    unknown = _unknown_fields(cls if instance is None else instance)
    if unknown == "kept":
        made["additionalProperties"] = {}
    elif unknown == "refused":
        made["additionalProperties"] = False
    return made


def _loaded(schema, data):
    """What comes of loading: each field by itself. What hooks make of it is not seen."""
    cls = type(schema)
    if [name for name in __names_of__(cls) if getattr(getattr(cls, name), "_loads", False) is True]:
        return _unseen.load(schema, data)
    made = {}
    for name, field in _chosen(cls, schema):
        key = _key(name, field)
        if not isinstance(field, fields.Field) or field.dump_only is True or __kind_of__(data) == "dict" and key not in data:
            continue
        made[field.attribute if __kind_of__(field.attribute) == "text" else name] = field._loaded(data[key])
    return __open_list__(made) if schema.many is True else made


def _taken_by(given):
    """What a schema takes, field by field."""
    cls, instance = (given, None) if __kind_of__(given) == "class" else (type(given), given)
    found = []
    for name, field in _chosen(cls, instance):
        if not _is_only(field, name, cls, instance, "dump_only"):
            key, schema, must = _taken_field(name, field)
            found.append((key, schema, must and not _may_lack(instance, name)))
    return found


def _taken_field(name, field):
    return _key(name, field), _of_field(field, 0), _must(field)


def _key(name, field):
    given = getattr(field, "data_key", None) if isinstance(field, fields.Field) else None
    return given if __kind_of__(given) == "text" else name


def _must(field):
    return isinstance(field, fields.Field) and field.required is True


def _may_lack(instance, name):
    if instance is None or not instance.partial:
        return False
    return instance.partial is True or (__kind_of__(instance.partial) in ("list", "tuple") and name in instance.partial)


def _is_only(field, name, cls, instance, which):
    if isinstance(field, fields.Field) and getattr(field, which) is True:
        return True
    for holder in (cls.Meta, instance):
        listed = getattr(holder, which, ()) if holder is not None else ()
        if __kind_of__(listed) in ("list", "tuple") and name in listed:
            return True
    return False


def _unknown_fields(given):
    said = getattr(given, "unknown", None) if isinstance(given, Schema) else None
    cls = given if __kind_of__(given) == "class" else type(given)
    if said is None:
        said = getattr(cls.Meta, "unknown", None)
    return {"exclude": "dropped", "include": "kept"}.get(said, "refused") if __kind_of__(said) in ("text", "constant") else None


def _chosen(cls, instance):
    """The fields of a schema by name: declared, of a model, or listed."""
    declared = _declared(cls)
    made = _columns(cls, declared)
    found = [(name, field) for name, field in made if name not in declared] + [(name, declared[name]) for name in declared]
    meta = cls.Meta
    listed = getattr(meta, "fields", None)
    if __kind_of__(listed) in ("list", "tuple"):
        own = dict(found)
        found = [(name, own.get(name)) for name in listed if __kind_of__(name) == "text"]
    more = getattr(meta, "additional", None)
    if __kind_of__(more) in ("list", "tuple"):
        found = found + [(name, None) for name in more]
    left_out = _names(getattr(meta, "exclude", ())) + (_names(instance.exclude) if instance is not None else [])
    only = _names(instance.only) if instance is not None and instance.only is not None else None
    return [(name, field) for name, field in found if name not in left_out and (only is None or name in only)]


def _names(listed):
    """The names at the top; `a.b` leaves out something of `a`."""
    return [name for name in listed if __kind_of__(name) == "text"] if __kind_of__(listed) in ("list", "tuple") else []


def _declared(cls):
    found = {}
    for name in __names_of__(cls):
        value = getattr(cls, name)
        if __kind_of__(value) == "instance" and isinstance(value, fields.Field):
            found[name] = value
        elif __kind_of__(value) == "class" and issubclass(value, fields.Field):
            found[name] = value()
    return found


def _of_field(field, depth):
    """The schema of a field."""
    if __kind_of__(field) == "class" and issubclass(field, fields.Field):
        field = field()
    if __kind_of__(field) == "unknown" or not isinstance(field, fields.Field):
        return {}
    schema = _bare(field, depth)
    schema = validate._limited(schema, field.validators)
    if field.options.get("allow_none") is True and __kind_of__(schema.get("type")) == "text":
        schema["type"] = [schema["type"], "null"]
    return schema


def _bare(field, depth):
    inner = field.args[0] if field.args else None
    if isinstance(field, fields.Pluck):
        return {}
    if isinstance(field, fields.Nested):
        return _nested(field, inner, depth)
    if isinstance(field, fields.List):
        inner = inner if inner is not None else field.options.get("cls_or_instance")
        return {"type": "array", "items": _of_field(inner, depth)}
    if isinstance(field, fields.Mapping):
        values = field.options.get("values")
        return {"type": "object"} if values is None else {"type": "object", "additionalProperties": _of_field(values, depth)}
    if isinstance(field, fields.Enum):
        return _members(inner, field.options.get("by_value"))
    if isinstance(field, fields.Constant) and __kind_of__(inner) in ("text", "constant"):
        return {"enum": [inner]}
    if isinstance(field, fields.Inferred) and __kind_of__(inner) == "tuple":
        return {"$column": inner + (field.options.get("allow_none") is True,)}
    if isinstance(field, fields.Integer) and field.options.get("as_string") is True:
        return {"type": "string"}
    return dict(field._schema)


def _members(enum, by_value):
    if __kind_of__(enum) != "class":
        return {"type": "string"}
    if by_value is True or isinstance(by_value, fields.Field) or __kind_of__(by_value) == "class":
        return {"$ref": enum}
    return {"type": "string", "enum": [member.name for member in enum]}


def _nested(field, inner, depth):
    inner = inner if inner is not None else field.options.get("nested")
    if __kind_of__(inner) == "function":
        inner = inner()
    if __kind_of__(inner) == "unknown":
        inner = None
    if __kind_of__(inner) == "text":
        inner = _named(inner)
    if __kind_of__(inner) == "dict":
        inner = Schema.from_dict(inner)
    many = field.options.get("many") is True
    is_class = __kind_of__(inner) == "class" and issubclass(inner, Schema)
    if is_class and (field.options.get("only") is not None or field.options.get("exclude")):
        inner = inner(only=field.options.get("only"), exclude=field.options.get("exclude") or ())
        is_class = False
    if not is_class and not isinstance(inner, Schema):
        return {"type": "array", "items": {}} if many else {}
    schema, listed = _of_schema(inner, depth + 1)
    return {"type": "array", "items": schema} if many or listed else schema


def _named(name):
    """A schema that another is told of by its name."""
    for cls in Schema.__subclasses__():
        if cls.__name__ == name or cls.__module__ + "." + cls.__name__ == name:
            return cls
    return None
