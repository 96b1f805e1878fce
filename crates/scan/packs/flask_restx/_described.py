"""What resources take and answer, as JSON Schema: a model in the place of a schema stands for its own."""
from _described import _of_arguments
from flask_restx import fields
from flask_restx.model import Model, SchemaModel


_KINDS = ("string", "integer", "number", "boolean", "array", "object")


def _schema_of(model):
    if isinstance(model, SchemaModel):
        return model._schema
    own = model._fields()
    made = {"type": "object", "properties": {name: fields._of_field(own[name]) for name in own}}
    required = [name for name in own if getattr(own[name], "required", None) is True]
    if required:
        made["required"] = required
    return made


def _of_view(view, method, names):
    """What a method of a resource takes and answers, as it is documented."""
    cls = __marked__(view, "view_class")
    function = getattr(cls, method, None) if cls is not None else None
    if function is None:
        return None
    made, arguments, named = {}, [], {}
    for holder in (cls, function):
        said = __marked__(holder, "_apidoc") or {}
        if "request" in said and method in ("post", "put", "patch", "delete"):
            model, many = said["request"]
            if isinstance(model, Model):
                made["body"] = {"type": "array", "items": model} if many else {"$ref": model}
        if "response" in said:
            made["status"], model, made["many"] = said["response"]
            made["response"] = {"$ref": model} if isinstance(model, Model) else None
        for parser in said.get("parsers") or []:
            arguments.extend(parser._arguments())
        named.update(said.get("params") or {})
    taken = _of_arguments(arguments, True)
    taken["parameters"].extend(_of_params(named, names))
    return dict(taken, **made, **({"optional": False} if "body" in made else {}))


def _of_params(named, names):
    """What `params` of `doc` and `param` say of each parameter; those that the path has stand in it."""
    found = []
    for name in named:
        said = named[name] if __kind_of__(named[name]) == "dict" else {}
        place = "path" if name in names else said.get("in", "query")
        kind = said.get("type")
        schema = {"type": kind} if isinstance(kind, str) and kind in _KINDS else {"$ref": kind} if kind is not None else {"type": "string"}
        if __kind_of__(said.get("enum")) in ("list", "tuple"):
            schema["enum"] = list(said["enum"])
        if place in ("query", "header", "cookie") or (place == "path" and kind is not None):
            found.append((name, place, schema, said.get("required") is True))
    return found
