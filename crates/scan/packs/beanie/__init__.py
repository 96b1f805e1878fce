"""Documents of Beanie: records of Pydantic that are kept in a collection."""

from pydantic.main import BaseModel
from sqlalchemy.orm.session import Query


class _Find(Query):
    def to_list(self, *arguments, **options):
        return self.all()

    def first_or_none(self):
        return self.first()

    def find(self, *conditions, **options):
        return self._with(conditions)

    find_many = find_all = find

    def set(self, values, *arguments, **options):
        __event__("update", self._entity, self._clauses, values)

    inc = set

    def update(self, values, *arguments, **options):
        __event__("update", self._entity, self._clauses, values.get("$set", values) if isinstance(values, dict) else values)


def _query(cls, conditions):
    query = _Find()
    query._entity = cls
    return query._with(conditions)


class Document(BaseModel):
    def __init_subclass__(cls, **options):
        __mapped__(cls)
        cls.__tablename__ = cls.__name__.lower()

    @classmethod
    def get(cls, document_id, *arguments, **options):
        return __event__("get", cls, document_id, gives=cls)

    @classmethod
    def find_one(cls, *conditions, **options):
        return _query(cls, conditions).first()

    @classmethod
    def find(cls, *conditions, **options):
        return _query(cls, conditions)

    find_many = find_all = all = find

    @classmethod
    def insert_one(cls, document, *arguments, **options):
        __event__("create", document)
        return document

    @classmethod
    def delete_all(cls, *arguments, **options):
        __event__("delete-where", cls, [])

    def insert(self, *arguments, **options):
        __event__("create", self)
        return self

    create = save = insert

    def set(self, values, *arguments, **options):
        if isinstance(values, dict):
            for name, value in values.items():
                setattr(self, name, value)
        else:
            setattr(self, values, values)
        return self

    def update(self, values, *arguments, **options):
        return self.set(values.get("$set", values) if isinstance(values, dict) else values)

    def replace(self, *arguments, **options):
        return self

    save_changes = replace

    def delete(self, *arguments, **options):
        __event__("delete", self)


class Link:
    def __class_getitem__(cls, of):
        return of


BackLink = Link
PydanticObjectId = str


class Indexed:
    def __new__(cls, of=None, *arguments, **options):
        return of


def init_beanie(*arguments, **options): pass
def before_event(*arguments, **options): return lambda function: function
after_event = before_event
