from pydantic.fields import FieldInfo
from sqlalchemy.schema import Column, ForeignKey, MetaData, UniqueConstraint
from sqlalchemy.sql.expression import and_, cast, delete, insert, not_, or_, select, update
from sqlmodel.main import Session, SQLModel

Field = FieldInfo


class Relationship:
    __relationship__ = True
    argument = None

    def __init__(self, **options):
        self.options = options


def col(column):
    return column
