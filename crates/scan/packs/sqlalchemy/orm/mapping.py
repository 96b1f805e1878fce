from typing import Annotated as Mapped

from sqlalchemy.schema import Column

mapped_column = Column


class Relationship:
    __relationship__ = True

    def __init__(self, argument=None, secondary=None, **options):
        self.argument = argument
        self.secondary = secondary
        self.options = options


relationship = relation = dynamic_loader = Relationship


def backref(name, **options):
    return name


def synonym(name, **options):
    return __unknown__("another name of a column")


composite = query_expression = synonym


def deferred(column, *columns, **options):
    return column


def column_property(*columns, **options):
    return __unknown__("an expression over columns")
