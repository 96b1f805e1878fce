from ninja.schema import ModelSchema


def create_schema(model, *, name="", depth=0, fields=None, exclude=None, optional_fields=None, custom_fields=None, base_class=ModelSchema):
    meta = type("Meta", (), {"model": model, "fields": fields, "exclude": exclude, "fields_optional": optional_fields})
    return type(name or model.__name__, (ModelSchema,), {"Meta": meta})


def register_field(*args): pass
