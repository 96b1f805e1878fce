"""Columns of Piccolo: the type of each goes by the name of its class."""

from piccolo.columns.reference import LazyTableReference
from sqlalchemy import types
from sqlalchemy.schema import Column as _Column, ForeignKey as _Refers


class Column(_Column):
    _type = types.JSON

    def __init__(self, *arguments, default=..., null=False, primary_key=False, unique=False, **options):
        _Column.__init__(self, self._type, nullable=null, primary_key=primary_key, unique=unique, default=default)


class Varchar(Column): _type = types.String
class Char(Column): _type = types.String
class Text(Column): _type = types.String
class Email(Column): _type = types.String
class Secret(Column): _type = types.String
class Integer(Column): _type = types.Integer
class BigInt(Column): _type = types.Integer
class SmallInt(Column): _type = types.Integer
class Serial(Column): _type = types.Integer
class BigSerial(Column): _type = types.Integer
class UUID(Column): _type = types.UUID
class Boolean(Column): _type = types.Boolean
class Float(Column): _type = types.Float
class Real(Column): _type = types.Float
class DoublePrecision(Column): _type = types.Float
class Decimal(Column): _type = types.Numeric
class Numeric(Column): _type = types.Numeric
class Date(Column): _type = types.Date
class Time(Column): _type = types.Time
class Timestamp(Column): _type = types.DateTime
class Timestamptz(Column): _type = types.DateTime
class Interval(Column): _type = types.Interval
class Bytea(Column): _type = types.BLOB
class Array(Column): _type = types.ARRAY
class JSON(Column): pass
class JSONB(Column): pass


class PrimaryKey(Column):
    _type = types.Integer

    def __init__(self, **options):
        super().__init__(**{**options, "primary_key": True})


class ForeignKey(Column):
    def __init__(self, references=None, *, target_column=None, null=True, **options):
        super().__init__(null=null, **options)
        if isinstance(references, LazyTableReference):
            references = references.table_class_name
        self.references = references
        self.target_column = target_column

    def _refer(self, own):
        to = own if self.references == "self" else self.references
        if isinstance(to, str):
            self.arguments = [_Refers(to.rpartition(".")[2] + ".id")]
        elif isinstance(self.target_column, str):
            self.arguments = [_Refers(getattr(to, self.target_column))]
        else:
            self.arguments = [_Refers(__related__(to, __marked__(to, "_key_name"), None) if self.target_column is None else self.target_column)]
