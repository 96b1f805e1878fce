"""Entities of Pony: a query is a generator over an entity, or a function of one, and its conditions are what that asks."""

from sqlalchemy.orm import relationship
from sqlalchemy.schema import Column, ForeignKey
from sqlalchemy.types import JSON, Integer, Text


class _Attribute(Column):
    _is_optional = False

    def __init__(self, kind=None, *arguments, **options):
        self.kind = kind
        Column.__init__(self, kind, **{"nullable": self._is_optional, **options})


class Required(_Attribute): pass
class Discriminator(_Attribute): pass


class Optional(_Attribute):
    _is_optional = True


class PrimaryKey(_Attribute):
    def __init__(self, kind=None, *arguments, **options):
        _Attribute.__init__(self, kind, **{**options, "primary_key": True})


def Set(entity, *arguments, **options):
    return relationship(entity, lazy="dynamic", query_class=Query, back_populates=options.get("reverse"))


class LongStr:
    impl = Text


class Json:
    impl = JSON


class Query:
    """Rows of an entity: one stands for all."""

    _entity = None
    _clauses = []
    _found = None
    _is_run = False

    @property
    def _row(self):
        if not self._is_run:
            self._is_run = True
            self._found = __event__("picked", self._entity, self._clauses, gives=self._entity)
        return self._found

    def filter(self, *conditions, **values):
        for condition in conditions:
            if __kind_of__(condition) == "function":
                __noted__("filter", self._row, condition(self._row))
        for name, value in values.items():
            __noted__("filter", self._row, __related__(self._row, name, None) == value)
        return self

    where = filter

    def select(self, *conditions, **values):
        return self.filter(*conditions, **values)

    def get(self, *arguments):
        __noted__("one", self._row)
        return self._row

    first = get

    def delete(self, *arguments, **options):
        __noted__("delete", self._row)
        return __unknown__("a number of rows")

    def _same(self, *arguments, **options): return self
    order_by = sort_by = distinct = without_distinct = prefetch = for_update = fetch = limit = page = random = load = copy = _same

    def _counted(self, *arguments, **options):
        __noted__("counted", self._row)
        return __unknown__("what is made of many rows")

    exists = count = sum = avg = min = max = group_concat = is_empty = __len__ = _counted

    def to_json(self, *arguments, **options): return self._row
    def to_list(self): return __open_list__(self._row)
    def __iter__(self): return __open_list__(self._row)
    def __getitem__(self, key): return self._row if __kind_of__(key) == "constant" else __open_list__(self._row)

    def create(self, **values):
        made = self._entity(**values)
        self.add(made)
        return made


class Entity:
    def __init_subclass__(cls, **options):
        has_key = False
        for name in dir(cls):
            value = getattr(cls, name, None)
            if isinstance(value, _Attribute):
                if __kind_of__(value.kind) == "text":
                    value.arguments = [ForeignKey(value.kind + ".id")]
                elif __kind_of__(value.kind) == "class" and issubclass(value.kind, Entity):
                    value.arguments = [ForeignKey(__related__(value.kind, __marked__(value.kind, "_key_name"), None))]
                if isinstance(value, PrimaryKey):
                    has_key = True
                    key = name
        if not has_key:
            cls.id = Column(Integer, primary_key=True)
            key = "id"
        cls._key_name = key
        __mapped__(cls)
        cls.__tablename__ = __marked__(cls, "_table_") or cls.__name__
        setattr(Database, cls.__name__, cls)

    def __init__(self, **values):
        __keep__(self, values)
        __event__("create", self)

    @classmethod
    def __each__(cls):
        return __open_list__(__event__("picked", cls, [], gives=cls))

    @classmethod
    def __class_getitem__(cls, key):
        return __event__("get", cls, key, gives=cls)

    @classmethod
    def select(cls, *conditions, **values):
        query = Query()
        query._entity = cls
        query._clauses = [__related__(cls, name, None) == value for name, value in values.items()]
        return query.filter(*conditions)

    @classmethod
    def get(cls, *conditions, **values):
        return cls.select(*conditions, **values).first()

    get_for_update = get

    @classmethod
    def exists(cls, *conditions, **values):
        return cls.select(*conditions, **values).exists()

    @classmethod
    def select_random(cls, limit):
        return cls.select()

    @classmethod
    def select_by_sql(cls, sql, *arguments):
        return __open_list__(__event__("sql", sql, None))

    @classmethod
    def get_by_sql(cls, sql, *arguments):
        return __event__("sql", sql, None)

    @classmethod
    def drop_table(cls, *arguments, **options):
        __noted__("schema-change", "pony.orm.Entity.drop_table")

    def set(self, **values):
        for name, value in values.items():
            __noted__("set", self, name, value)

    def delete(self):
        __event__("delete", self)

    def to_dict(self, only=None, exclude=None, **options):
        return __parts__(self, only, self) if isinstance(only, (list, tuple)) else self

    def get_pk(self): return __related__(self, __marked__(self, "_key_name") or "id", None)
    def flush(self, *arguments): pass
    load = flush


class Database:
    def __init__(self, *arguments, **options): pass
    Entity = Entity

    def bind(self, *arguments, **options): pass
    commit = rollback = flush = disconnect = check_tables = bind

    def generate_mapping(self, *arguments, **options): pass

    def execute(self, sql, *arguments):
        return __event__("sql", sql, None)

    get = execute

    def select(self, sql, *arguments):
        return __open_list__(__event__("sql", sql, None))

    exists = execute

    def create_tables(self, *arguments, **options):
        __noted__("schema-change", "pony.orm.Database.create_tables")

    def drop_all_tables(self, *arguments, **options):
        __noted__("schema-change", "pony.orm.Database.drop_all_tables")

    drop_table = drop_all_tables


class _Session:
    def __call__(self, function=None, **options):
        return self if function is None else function

    def __enter__(self): return self
    def __exit__(self, *arguments): pass


db_session = _Session()


def select(rows, *arguments):
    """`select(o for o in Order if o.user == user)`"""
    query = Query()
    for row in rows:
        query._found = row
        query._is_run = True
    return query


left_join = select


def get(rows, *arguments):
    return select(rows).first()


def exists(rows, *arguments):
    return select(rows).exists()


def delete(rows, *arguments):
    return select(rows).delete()


def _counted(rows=None, *arguments, **options):
    return __unknown__("what is made of many rows")


count = sum = min = max = avg = group_concat = _counted


def distinct(value): return value
desc = distinct


def commit(): pass
flush = rollback = commit


def show(*arguments, **options): pass
composite_key = composite_index = set_sql_debug = sql_debug = show


def raw_sql(sql, *arguments):
    return __unknown__("a part of a statement")


class OrmError(Exception): pass
class ObjectNotFound(OrmError): pass
class MultipleObjectsFoundError(OrmError): pass
class RowNotFound(OrmError): pass
class TransactionIntegrityError(OrmError): pass
class IntegrityError(Exception): pass
class OperationalError(Exception): pass
class ProgrammingError(Exception): pass
class DataError(Exception): pass
