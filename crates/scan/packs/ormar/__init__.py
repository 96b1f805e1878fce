from ormar.exceptions import MultipleMatches, NoMatch
from ormar.fields import (
    JSON, UUID, BigInteger, Boolean, CASCADE, Date, DateTime, Decimal, EncryptBackends, Enum, Float, ForeignKey, Integer, LargeBinary,
    ManyToMany, NO_ACTION, RESTRICT, ReferentialAction, SET_DEFAULT, SET_NULL, SmallInteger, String, Text, Time,
)
from ormar.models import Extra, Model, ModelMeta, OrmarConfig, QuerySet, property_field
from sqlalchemy.schema import Index as IndexColumns, UniqueConstraint as UniqueColumns
from sqlalchemy.sql.expression import and_, or_


class DatabaseConnection:
    def __init__(self, *arguments, **options): pass
    def connect(self): pass
    disconnect = connect
    is_connected = __unknown__("whether there is a connection")
