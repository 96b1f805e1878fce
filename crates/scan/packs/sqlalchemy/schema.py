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


class Table:
    def __init__(self, name, *arguments, **options):
        self.name = name
        self.arguments = arguments
