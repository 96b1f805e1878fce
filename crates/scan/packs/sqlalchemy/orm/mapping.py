from typing import Annotated as Mapped

from sqlalchemy.schema import Column

mapped_column = Column


# Told apart by the look-up that they make of a relationship.
class DynamicMapped: pass
class WriteOnlyMapped: pass


class Relationship:
    __relationship__ = True

    def __init__(self, argument=None, secondary=None, **options):
        self.argument = argument
        self.secondary = secondary
        self.options = options


relationship = relation = Relationship


def dynamic_loader(argument=None, **options):
    return Relationship(argument, **{**options, "lazy": "dynamic"})


class backref:
    def __init__(self, name, **options):
        self.name = name
        self.options = options


def synonym(name, **options):
    return __unknown__("another name of a column")


composite = query_expression = synonym


def deferred(column, *columns, **options):
    return column


def column_property(*columns, **options):
    return __unknown__("an expression over columns")
