"""Schemas that are made of mapped classes."""
from marshmallow import fields as _fields
from marshmallow.schema import Schema, SchemaOpts


class SQLAlchemySchemaOpts(SchemaOpts): pass
class SQLAlchemyAutoSchemaOpts(SQLAlchemySchemaOpts): pass
class SQLAlchemySchema(Schema): pass
class SQLAlchemyAutoSchema(SQLAlchemySchema): pass
class ModelConversionError(Exception): pass
class ModelConverter: pass


class _Auto(_fields.Field):
    """The field that the column of the same name, or of another, makes."""

    def __init__(self, column_name=None, *, model=None, table=None, **options):
        super().__init__(**options)
        self.column_name = column_name
        self.model = model


def auto_field(column_name=None, **options): return _Auto(column_name, **options)
def field_for(model, property_name, **options): return _Auto(property_name, model=model, **options)
def fields_for_model(model, **options): return __unknown__("the fields of a mapped class")
def property2field(prop, **options): return _fields.Inferred(**options)
def column2field(column, **options): return _fields.Inferred(**options)


def _columns(cls, declared):
    """The fields that columns make: all of a mapped class, or those that are asked for one by one. They are told by the column."""
    model = getattr(cls.Meta, "model", None) or getattr(cls.Meta, "table", None)
    for name in list(declared):
        if isinstance(declared[name], _Auto):
            declared[name] = _asked(name, declared[name], model)
    if __kind_of__(model) != "class" or not issubclass(cls, SQLAlchemyAutoSchema):
        return []
    columns = _columns_of(model)
    with_keys = getattr(cls.Meta, "include_fk", False) is True
    return [(name, _of_column(model, name, columns[name], {})) for name in columns if with_keys or not _is_key(columns[name])]


def _columns_of(model):
    """The columns of a mapped class and its bases: read from the class itself, each would stand for an expression."""
    found = {}
    for base in reversed(model.__mro__) if __kind_of__(model) == "class" else ():
        held = vars(base)
        for name in __names_of__(base):
            column = held.get(name)
            if __kind_of__(column) == "instance" and hasattr(column, "__column__"):
                found[name] = column
    return found


def _is_key(column):
    return any(__kind_of__(one) == "instance" and hasattr(one, "column") for one in column.arguments)


def _asked(name, field, model):
    model, name = field.model or model, field.column_name or name
    column = _columns_of(model).get(name)
    if column is None:
        return _fields.Inferred(**field.options)
    return _of_column(model, name, column, field.options)


def _of_column(model, name, column, options):
    given = dict(options)
    said = column.options
    fills = "default" in said or "server_default" in said
    by_itself = said.get("primary_key") is True and said.get("autoincrement") is not False
    # An annotation may say that it holds nothing.
    nullable = said.get("nullable") is not False if "nullable" in said or name not in model.__annotations__ else None
    if said.get("primary_key") is True:
        nullable = False
    given.setdefault("required", nullable is False and not fills and not by_itself)
    given.setdefault("allow_none", nullable is True)
    return _fields.Inferred((model, name), **given)
