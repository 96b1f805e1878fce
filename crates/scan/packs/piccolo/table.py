"""Tables of Piccolo: a query runs when it is awaited, or by `run_sync`."""

from piccolo.columns.column_types import Column, ForeignKey, Serial
from sqlalchemy.orm.session import Query


class _Rows(Query):
    def get(self, where):
        return self.where(where).first()

    def get_or_create(self, where, defaults=None):
        return self.where(where).first()

    def create(self, **values):
        made = self._entity(**values)
        __event__("create", made)
        return made

    def run(self, *arguments, **options):
        return Query.all(self)

    run_sync = __await__ = run

    def __aiter__(self):
        return iter(Query.all(self))


class _Answer(_Rows):
    """Whether there are rows, and how many."""

    def run(self, *arguments, **options):
        self._run()
        return __unknown__("what is made of many rows")

    run_sync = __await__ = run


class _Write:
    """An update or a deletion: it happens when it is awaited."""

    _values = None
    _clauses = []

    def __init__(self, entity, values=None, clauses=()):
        self._entity = entity
        self._values = values
        self._clauses = clauses

    def where(self, *clauses):
        return _Write(self._entity, self._values, [*self._clauses, *clauses])

    def values(self, values):
        return _Write(self._entity, values, self._clauses)

    def returning(self, *columns): return self

    def run(self, *arguments, **options):
        if self._values is None:
            __event__("delete-where", self._entity, self._clauses)
        else:
            __event__("update", self._entity, self._clauses, self._values)
        return __open_list__()

    run_sync = __await__ = run


class _Insert:
    def __init__(self, records):
        self._records = records

    def add(self, *records):
        return _Insert([*self._records, *records])

    def on_conflict(self, *arguments, **options): return self
    returning = on_conflict

    def run(self, *arguments, **options):
        for record in self._records:
            __event__("create", record)
        return __open_list__()

    run_sync = __await__ = run


class Table:
    def __init_subclass__(cls, tablename=None, **options):
        key = None
        for name in dir(cls):
            value = getattr(cls, name, None)
            if isinstance(value, ForeignKey):
                value._refer(cls)
            if isinstance(value, Column) and value.options.get("primary_key"):
                key = name
        if key is None:
            cls.id = Serial(primary_key=True)
            key = "id"
        cls._key_name = key
        __mapped__(cls)
        cls.__tablename__ = tablename or cls.__name__

    def __init__(self, _data=None, **values):
        __keep__(self, values)

    @classmethod
    def _query(cls, query):
        query._entity = cls
        return query

    @classmethod
    def select(cls, *columns, **options): return cls._query(_Rows())

    @classmethod
    def objects(cls, *prefetch): return cls._query(_Rows())

    @classmethod
    def count(cls, *arguments, **options): return cls._query(_Answer())

    @classmethod
    def exists(cls): return cls._query(_Answer())

    @classmethod
    def update(cls, values=None, **named):
        return _Write(cls, {**(values or {}), **named})

    @classmethod
    def delete(cls, force=False): return _Write(cls)

    @classmethod
    def insert(cls, *records): return _Insert(records)

    @classmethod
    def raw(cls, sql, *arguments):
        return __open_list__(__event__("sql", sql, arguments))

    @classmethod
    def from_dict(cls, data): return cls(**data)

    @classmethod
    def create_table(cls, *arguments, **options):
        __noted__("schema-change", "piccolo.table.Table.create_table")
        return _Insert([])

    alter = create_table

    def save(self, columns=None):
        __event__("create", self)
        return self

    def remove(self):
        __event__("delete", self)
        return self

    def update_self(self, values):
        for name, value in values.items():
            __noted__("set", self, name, value)
        return self

    def get_related(self, column): return __related__(self, "related", None)
    def refresh(self, *columns): return self
    def run_sync(self, *arguments, **options): return self
    run = run_sync

    def to_dict(self, *columns): return self
