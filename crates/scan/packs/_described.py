"""What decorators and parsers say that a view takes and answers: schemas of marshmallow, dicts of its fields, models, arguments."""

from marshmallow import _described
from marshmallow.fields import Field
from marshmallow.schema import Schema

_PLACES = {"query": "query", "querystring": "query", "args": "query", "values": "query", "headers": "header", "header": "header", "cookies": "cookie",
           "cookie": "cookie", "path": "path", "view_args": "path", "match_info": "path"}
_MULTIPART = ("files", "form_and_files")


def _taking(made, function, schema, location="json", content=None, required=True, unknown=None):
    """Leaves on a view that it takes what a schema says from one place of the request."""
    return _saying(made, function, "takes", (location, schema, content, required, unknown))


def _answering(made, function, schema, status=200, many=False):
    """Leaves on a view what it answers; of several answers the first that says that all is well counts."""
    return _saying(made, function, "answers", (status, schema, many))


def _securing(made, function, security):
    """Leaves on a view which schemes its documentation names: nothing is checked by that."""
    made._documented_security = _schemes(security)
    return made


def _schemes(security):
    """The names in `"key"`, `["key", {"oauth2": ["read"]}]`, `{"key": []}`."""
    if isinstance(security, str):
        return [security]
    if __kind_of__(security) == "dict":
        return [name for name in security if isinstance(name, str)]
    if __kind_of__(security) in ("list", "tuple"):
        return [name for one in security for name in _schemes(one)]
    return []


def _saying(made, function, what, one):
    said = dict(__marked__(function, "_described") or {})
    said[what] = list(said.get(what) or []) + [one]
    made._described = said
    return made


def _of_view(view, method, names):
    cls = __marked__(view, "view_class")
    holders = [view] if cls is None else [getattr(cls, method, None), cls, view]
    takes, answers = [], []
    for holder in holders:
        said = (__marked__(holder, "_described") if holder is not None else None) or {}
        takes.extend(said.get("takes") or [])
        answers.extend(said.get("answers") or [])
    if not takes and not answers:
        return None
    made = _taken(takes)
    for status, schema, many in answers:
        if _is_well(status) and "status" not in made:
            made["status"] = _number(status)
            made["response"], listed = _whole(schema, False)
            made["many"] = many is True or listed
    return made


def _is_well(status):
    return __kind_of__(status) not in ("constant", "text") or str(status) == "default" or str(status).startswith("2")


def _number(status):
    return 200 if __kind_of__(status) not in ("constant", "text") or str(status) == "default" else int(status)


def _taken(takes):
    """Parameters, and one body of all that stands in it."""
    made = {"parameters": []}
    parts, wholes, content, optional = [], [], None, True
    for location, schema, own, required, unknown in takes:
        place = _PLACES.get(location)
        if place is not None:
            made["parameters"].extend([(name, place, said, must) for name, said, must in _fields_of(schema)])
            continue
        whole, listed = _whole(schema, True)
        wholes.append({"type": "array", "items": whole} if listed else whole)
        parts.extend(_fields_of(schema))
        content = own or _content(location, schema) or content
        optional = optional and required is False
        made["unknown"] = unknown or made.get("unknown") or _unknown(schema)
    if wholes:
        made["body"] = wholes[0] if len(wholes) == 1 else _object(parts)
        made["optional"] = optional
        if content is not None:
            made["content"] = content
    return made


def _content(location, schema):
    if location in _MULTIPART or any(said.get("format") == "binary" for name, said, must in _fields_of(schema)):
        return "multipart/form-data"
    return "application/x-www-form-urlencoded" if location == "form" else None


def _object(fields):
    made = {"type": "object", "properties": {name: said for name, said, must in fields}}
    required = [name for name, said, must in fields if must]
    if required:
        made["required"] = required
    return made


def _resolved(schema):
    """A schema that is made when it is asked for; none of what is not seen."""
    if __kind_of__(schema) == "function":
        schema = schema(__unknown__("the request"))
    return None if __kind_of__(schema) == "unknown" else schema


def _is_schema(schema):
    return isinstance(schema, Schema) or (__kind_of__(schema) == "class" and issubclass(schema, Schema))


def _whole(schema, loading):
    """A schema as JSON Schema, and whether a list of it is meant."""
    schema = _resolved(schema)
    if _is_schema(schema):
        return _described._of_schema(schema)
    if __kind_of__(schema) == "dict":
        return (_object(_fields_of(schema)) if len(schema) > 0 else {}), False
    if isinstance(schema, Field):
        return _described._of_field(schema, 0), False
    if __kind_of__(schema) in ("list", "tuple"):
        return _object(_fields_of(schema)), False
    return ({"$ref": schema} if __kind_of__(schema) == "class" else {}), False


def _fields_of(schema):
    """Name, schema and whether it must be given, of each field that is taken."""
    schema = _resolved(schema)
    if _is_schema(schema):
        return _described._taken_by(schema)
    if __kind_of__(schema) == "dict":
        return [_described._taken_field(name, schema[name]) for name in schema if __kind_of__(name) == "text"]
    if __kind_of__(schema) in ("list", "tuple"):
        return list(schema)
    if __kind_of__(schema) == "class":
        return _of_record(schema)
    return []


def _of_record(cls):
    """The fields of a model that annotations declare."""
    fields = getattr(cls, "model_fields", None)
    if __kind_of__(fields) != "dict":
        return []
    return [(fields[name].alias or name, {"$ref": fields[name].annotation}, fields[name].default is ...) for name in fields]


def _unknown(schema):
    schema = _resolved(schema)
    if _is_schema(schema):
        return _described._unknown_fields(schema)
    if __kind_of__(schema) == "class":
        return _of_record_unknown(schema)
    return "refused" if __kind_of__(schema) == "dict" else "dropped"


def _of_record_unknown(cls):
    """What a model of Pydantic does with fields that it does not declare."""
    config = getattr(cls, "model_config", None)
    extra = config.get("extra") if __kind_of__(config) == "dict" else getattr(getattr(cls, "Config", None), "extra", None)
    return {"allow": "kept", "forbid": "refused"}.get(extra, "dropped") if __kind_of__(extra) == "text" else "dropped"


def _of_parser(method, parser, location=None):
    """What a parser takes that a handler asks."""
    if location is not None:
        return _taken([(location, parser, None, True, None)])
    return _of_arguments(parser._arguments(), method in ("get", "head", "delete"))


def _of_arguments(arguments, in_query):
    """Arguments as `(name, place, schema, required)`; one of which it is not said where it stands is in the query or in the body."""
    made = {"parameters": [], "optional": True, "unknown": "dropped"}
    parts, content = [], None
    for name, place, schema, required in arguments:
        place = place or ("query" if in_query else "json")
        if place in ("json", "form", "files"):
            parts.append((name, schema, required))
            made["optional"] = made["optional"] and not required
            content = "multipart/form-data" if place == "files" or content == "multipart/form-data" else \
                "application/x-www-form-urlencoded" if place == "form" else content
        else:
            made["parameters"].append((name, place, schema, required))
    if parts:
        made["body"] = _object(parts)
        if content is not None:
            made["content"] = content
    return made
