"""What resources take and answer, as JSON Schema: a model in the place of a schema stands for its own."""
from flask_restx import fields
from flask_restx.model import Model, SchemaModel


def _schema_of(model):
    if isinstance(model, SchemaModel):
        return model._schema
    own = model._fields()
    made = {"type": "object", "properties": {name: fields._of_field(own[name]) for name in own}}
    required = [name for name in own if getattr(own[name], "required", None) is True]
    if required:
        made["required"] = required
    return made


def _of_view(view, method):
    """`(request, response, whether it lists, status)` of a method of a resource; `None` for what is not known."""
    cls = __marked__(view, "view_class")
    function = getattr(cls, method, None) if cls is not None else None
    if function is None:
        return None
    request, response, many, status = None, None, False, None
    for holder in (cls, function):
        said = __marked__(holder, "_apidoc") or {}
        if "request" in said and method in ("post", "put", "patch", "delete"):
            request = said["request"]
        if "response" in said:
            status, response, many = said["response"]
    return (request if isinstance(request, Model) else None), (response if isinstance(response, Model) else None), many, status
