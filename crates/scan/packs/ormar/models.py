"""Models of Ormar: each is a model of Pydantic and a table, a query runs when it is awaited."""

from ormar.fields import _Foreign
from pydantic.main import BaseModel
from sqlalchemy.orm import backref, relationship
from sqlalchemy.orm.session import Query
from sqlalchemy.schema import Column, ForeignKey


class OrmarConfig:
    def __init__(self, tablename=None, **options):
        self.tablename = tablename
        self.options = options

    def copy(self, tablename=None, **options):
        return OrmarConfig(tablename, **{**self.options, **options})


class ModelMeta: pass


class Extra:
    ignore = "ignore"
    forbid = "forbid"


def property_field(function): return property(function)


def _condition(entity, name, value):
    """`user__id=...`, `order__user=...`: the way to a column; what stands behind it is another comparison."""
    at = entity
    compares = True
    for part in name.split("__"):
        if part in _OPERATORS:
            compares = part in ("exact", "iexact")
        else:
            at = __related__(at, __marked__(entity, "_key_name") if part == "pk" else part, None)
    return at == value if compares else at > value


_OPERATORS = ("exact", "iexact", "contains", "icontains", "in", "gt", "gte", "lt", "lte", "startswith", "istartswith", "endswith", "iendswith", "isnull")


class QuerySet(Query):
    def filter(self, *conditions, **values):
        return self._with([*conditions, *[_condition(self._entity, name, value) for name, value in values.items()]])

    def exclude(self, *conditions, **values):
        return self._with([not self.filter(*conditions, **values)._all()])

    def _all(self):
        return __every__(*self._clauses)

    def get(self, *conditions, **values):
        return self.filter(*conditions, **values)._result()._one()

    first = last = get_or_none = first_or_none = last_or_none = get

    def all(self, *conditions, **values):
        return Query.all(self.filter(*conditions, **values))

    iterate = all

    def values(self, *arguments, **options): return Query.all(self)
    values_list = values

    def __iter__(self): return Query.all(self)

    def count(self, *arguments, **options):
        self._run()
        return __unknown__("what is made of many rows")

    exists = sum = avg = min = max = count

    def update(self, each=False, **values): return Query.update(self, values)

    def delete(self, *conditions, each=False, **values): return Query.delete(self.filter(*conditions, **values))

    def create(self, **values):
        made = self._entity(**values)
        __event__("create", made)
        return made

    def get_or_create(self, _defaults=None, **values):
        return self.get(**values), __unknown__("whether it is new")

    def update_or_create(self, **values):
        found = self.get(id=values.get("id"))
        for name, value in values.items():
            __noted__("set", found, name, value)
        return found

    def bulk_create(self, objects):
        for one in objects:
            __event__("create", one)

    def bulk_update(self, objects, columns=None): pass


class _Objects:
    """`Order.objects`: a query for the class through which it is asked for."""

    __code__ = True

    def __get__(self, instance, owner):
        query = QuerySet()
        query._entity = owner
        return query


class Model(BaseModel):
    objects = _Objects()

    def __init_subclass__(cls, **options):
        config = __marked__(cls, "ormar_config") or __marked__(cls, "Meta")
        if config is None or __marked__(config, "abstract"):
            return
        for name in dir(cls):
            value = getattr(cls, name, None)
            if isinstance(value, _Foreign):
                to = value.to
                if __kind_of__(to) == "class":
                    value.sa_column = Column(ForeignKey(__related__(to, __marked__(to, "_key_name") or "id", None)))
                    back = __marked__(value, "related_name") or cls.__name__.lower() + "s"
                    setattr(cls, "_to_" + name, relationship(to, backref=backref(back, lazy="dynamic", query_class=QuerySet)))
            elif __marked__(value, "primary_key"):
                cls._key_name = name
        __mapped__(cls)
        cls.__tablename__ = __marked__(config, "tablename") or cls.__name__.lower() + "s"

    async def save(self):
        __event__("create", self)
        return self

    async def upsert(self, **values):
        return await self.update(**values)

    async def update(self, _columns=None, **values):
        for name, value in values.items():
            __noted__("set", self, name, value)
        return self

    async def delete(self):
        __event__("delete", self)

    async def load(self): return self
    async def load_all(self, *arguments, **options): return self
    async def save_related(self, *arguments, **options): return __unknown__("a number of rows")
