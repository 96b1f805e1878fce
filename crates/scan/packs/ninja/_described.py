"""What operations answer, and schemas that are made of models, as JSON Schema."""
from django.db import models
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from rest_framework._described import _columns, _key_of, _known, _OF_COLUMN

from ninja.constants import NOT_SET


def _of_view(path, method, names):
    operation = path._operation(method.upper())
    if operation is None:
        return None
    made = _answered(operation.response)
    by = __marked__(operation.view_func, "_paginated")
    if by is not None:
        _paged(made, by)
    return made


def _answered(response):
    """The answer that says all is well."""
    if __kind_of__(response) == "dict":
        for code in response:
            for one in code if __kind_of__(code) in ("list", "tuple", "instance") else [code]:
                if __kind_of__(one) in ("constant", "text") and str(one).startswith("2"):
                    return dict(_said(response[code]), status=int(one))
        return {}
    return {} if response is NOT_SET else dict(_said(response), status=200)


def _said(response):
    return {} if response is None else {"response": {"$ref": response}}


def _paged(made, by):
    listed = [(name, "query", {"type": "integer", "minimum": least}, False) for name, least in getattr(by, "_parameters", ())]
    if not listed:
        # A pagination of the program's own: what it takes is not described, and what it answers not known.
        made.pop("response", None)
        return
    made["parameters"] = listed
    if made.get("response") is not None:
        made["response"] = {"type": "object", "properties": {"items": made["response"], "count": {"type": "integer"}}, "required": ["items", "count"]}


def _schema_of(cls):
    """The schema of a class that is made of a model, with what it declares itself."""
    meta = getattr(cls, "Meta", None) or getattr(cls, "Config", None)
    model = getattr(meta, "model", None)
    listed = getattr(meta, "fields", None) or getattr(meta, "model_fields", None)
    left_out = getattr(meta, "exclude", None) or getattr(meta, "model_exclude", None)
    optional = getattr(meta, "fields_optional", None) or getattr(meta, "model_fields_optional", None)
    properties, required = {}, []
    for name in _chosen(model, listed, left_out):
        schema, must = _of_column(model, name)
        if __kind_of__(optional) == "text" or (__kind_of__(optional) in ("list", "tuple") and name in optional):
            must = False
        if not must and __kind_of__(schema.get("type")) == "text":
            schema["type"] = [schema["type"], "null"]
        if _is_key(model, name):
            # It is given by its alias and answered by its name.
            properties[name] = dict(schema, readOnly=True)
            name = name + "_id"
            schema["writeOnly"] = True
        properties[name] = schema
        if must:
            required.append(name)
    for name, field in cls.model_fields.items():
        key = field.alias or name
        properties[key] = {"$ref": field.annotation}
        if field.default is ... and field.default_factory is None and key not in required:
            required.append(key)
    made = {"type": "object", "properties": properties}
    if required:
        made["required"] = required
    return made


def _chosen(model, listed, left_out):
    if __kind_of__(model) != "class":
        return []
    if __kind_of__(listed) in ("list", "tuple"):
        return [name for name in listed if __kind_of__(name) == "text"]
    every = _columns(model)
    if __kind_of__(left_out) in ("list", "tuple"):
        return [name for name in every if name not in left_out]
    return every


def _is_key(model, name):
    column = getattr(model, name, None)
    return isinstance(column, models.ForeignKey) and not isinstance(column, models.ManyToManyField)


_LENGTHS = [(models.EmailField, 254), (models.URLField, 200), (models.SlugField, 50)]


def _of_column(model, name):
    """The schema of a field of a model, and whether it must be given."""
    column = getattr(model, name, None)
    if not isinstance(column, models.Field):
        return ({"type": "integer"} if name == "id" else {}), False
    options = column.options
    must = not (options.get("null") is True or options.get("blank") is True or "default" in options or options.get("primary_key") is True)
    if isinstance(column, models.ManyToManyField):
        return {"type": "array", "items": _key_of(column.to)}, must
    if isinstance(column, models.ForeignKey):
        return _key_of(column.to), must
    schema = _known(_OF_COLUMN, column)
    for keyword in ("pattern", "minimum"):
        schema.pop(keyword, None)
    if schema.get("format") in ("email", "uri", "binary"):
        schema.pop("format")
    longest = options.get("max_length")
    for kind, default in _LENGTHS:
        if longest is None and isinstance(column, kind):
            longest = default
    if __kind_of__(longest) == "constant" and longest is not None and schema.get("type") == "string":
        schema["maxLength"] = longest
    return schema, must
