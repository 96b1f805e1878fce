"""Tables as they are declared. Types are not described: their names are enough."""


class MetaData:
    __code__ = True
    tables = {}

    def __init__(self, *arguments, **options):
        pass

    def create_all(self, *arguments, **options):
        __noted__("schema-change", "sqlalchemy.MetaData.create_all")

    def drop_all(self, *arguments, **options):
        __noted__("schema-change", "sqlalchemy.MetaData.drop_all")


class Column:
    __column__ = True

    def __init__(self, *arguments, **options):
        self.arguments = arguments
        self.options = options


class ForeignKey:
    def __init__(self, column, *arguments, **options):
        self.column = column


class ForeignKeyConstraint:
    def __init__(self, columns, refcolumns, **options):
        self.columns = columns
        self.references = refcolumns


class UniqueConstraint:
    def __init__(self, *columns, **options):
        self.columns = columns


class PrimaryKeyConstraint:
    def __init__(self, *columns, **options):
        self.columns = columns


class _Table:
    """A table that no class is declared for: its columns, and the statements that it makes."""

    @classmethod
    def select(cls, *clauses):
        return _statement("select", cls, clauses)

    @classmethod
    def insert(cls, *values, **options):
        made = _statement("insert", cls, ())
        return made.values(*values) if values else made

    @classmethod
    def update(cls, *clauses, **options):
        return _statement("update", cls, clauses)

    @classmethod
    def delete(cls, *clauses, **options):
        return _statement("delete", cls, clauses)

    @classmethod
    def alias(cls, *arguments, **options):
        return cls

    join = outerjoin = alias

    @classmethod
    def create(cls, *arguments, **options):
        __noted__("schema-change", "sqlalchemy.Table.create")

    @classmethod
    def drop(cls, *arguments, **options):
        __noted__("schema-change", "sqlalchemy.Table.drop")


def _statement(word, table, clauses):
    from sqlalchemy.sql import expression

    made = getattr(expression, word)(table)
    return made.where(*clauses) if clauses else made


def Table(name, *arguments, **options):
    members = {"__tablename__": name}
    for argument in arguments:
        if isinstance(argument, Column) and argument.arguments:
            members[argument.arguments[0]] = argument
    table = type(name, (_Table,), members)
    __mapped__(table)
    table.c = table
    table.columns = table
    return table


class Index:
    def __init__(self, *arguments, **options): pass


class Sequence(Index): pass
class CheckConstraint(Index): pass
class Identity(Index): pass
class Computed(Index): pass
