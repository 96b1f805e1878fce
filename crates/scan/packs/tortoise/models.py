"""Models of Tortoise: fields are columns, a query runs when it is awaited."""

from sqlalchemy.orm import backref, relationship
from sqlalchemy.orm.session import Query
from sqlalchemy.schema import Column, ForeignKey
from tortoise.fields import _Foreign


class QuerySet(Query):
    def filter(self, *conditions, **values):
        return self._with(conditions)._by(values)

    def _by(self, values):
        found = self
        for name, value in values.items():
            first, _, rest = name.partition("__")
            if rest in ("id", "pk"):
                found = found.filter_by(**{first + "_id": value})
            elif not rest:
                found = found.filter_by(**{"id" if first == "pk" else first: value})
        return found

    def get(self, *conditions, **values):
        return self.filter(*conditions, **values).first()

    get_or_none = get

    def all(self, *arguments, **options):
        return self

    def __await__(self):
        return Query.all(self)

    def __aiter__(self):
        return iter(Query.all(self))

    def update(self, **values):
        return Query.update(self, values)

    def values(self, *arguments, **options): return self
    values_list = order_by = limit = offset = prefetch_related = select_related = only = annotate = distinct = values


def _is_key(value):
    return isinstance(value, Column) and bool(value.options.get("pk") or value.options.get("primary_key"))


class Model:
    def __init_subclass__(cls, **options):
        has_key = False
        for name in dir(cls):
            value = getattr(cls, name, None)
            if isinstance(value, _Foreign):
                to = value.model.rpartition(".")[2]
                setattr(cls, name + "_id", Column(ForeignKey(to.lower() + ".id"), nullable=bool(value.options.get("null"))))
                back = value.options.get("related_name") or cls.__name__.lower() + "s"
                setattr(cls, name, relationship(to, backref=backref(back, lazy="dynamic", query_class=QuerySet)))
            elif _is_key(value):
                has_key = True
                setattr(cls, name, Column(primary_key=True))
        if not has_key:
            cls.id = Column(primary_key=True)
        __mapped__(cls)
        cls.__tablename__ = cls.__name__.lower()

    def __init__(self, *arguments, **values):
        __keep__(self, values)

    @classmethod
    def all(cls, *arguments, **options):
        query = QuerySet()
        query._entity = cls
        return query

    @classmethod
    def filter(cls, *conditions, **values):
        return cls.all().filter(*conditions, **values)

    exclude = filter

    @classmethod
    def get(cls, *conditions, **values):
        return cls.all().get(*conditions, **values)

    get_or_none = get

    @classmethod
    def first(cls, *arguments, **options):
        return cls.all().first()

    @classmethod
    def exists(cls, *conditions, **values):
        return cls.filter(*conditions, **values).exists()

    @classmethod
    def create(cls, **values):
        made = cls(**values)
        __event__("create", made)
        return made

    @classmethod
    def get_or_create(cls, defaults=None, **values):
        return cls.get(**values), __unknown__("whether it is new")

    update_or_create = get_or_create

    @classmethod
    def bulk_create(cls, objects, *arguments, **options):
        for one in objects:
            __event__("create", one)

    def save(self, *arguments, **options):
        __event__("create", self)

    def delete(self, *arguments, **options):
        __event__("delete", self)

    def update_from_dict(self, values):
        for name, value in values.items():
            setattr(self, name, value)
        return self

    def fetch_related(self, *names, **options): pass
    refresh_from_db = fetch_related
