"""Documents of MongoEngine: their fields are columns, `objects` is a query."""

from sqlalchemy.orm.session import Query
from sqlalchemy.schema import Column

Q = __unknown__("a condition")


class QuerySet(Query):
    def __call__(self, *conditions, **values):
        return self.filter(*conditions, **values)

    def filter(self, *conditions, **values):
        return self._with(conditions).filter_by(**values)

    def get(self, *conditions, **values):
        return self.filter(*conditions, **values).first()

    def update(self, *arguments, **values):
        named = {name.replace("set__", ""): value for name, value in values.items()}
        return Query.update(self, named)

    update_one = update

    def get_or_404(self, *conditions, **values):
        return self.get(*conditions, **values)

    first_or_404 = get_or_404


class _Objects:
    __code__ = True

    def __get__(self, instance, owner):
        query = QuerySet()
        query._entity = owner
        return query


class BaseDocument:
    def __init__(self, *arguments, **values):
        __keep__(self, values)

    def save(self, *arguments, **options):
        __event__("create", self)
        return self

    def delete(self, *arguments, **options):
        __event__("delete", self)

    def update(self, **values):
        for name, value in values.items():
            setattr(self, name.replace("set__", ""), value)

    modify = update
    def reload(self, *arguments, **options): return self
    def validate(self, *arguments, **options): pass
    def to_json(self): return __unknown__("a document as a text")
    def to_mongo(self): return self


class Document(BaseDocument):
    objects = _Objects()

    def __init_subclass__(cls, **options):
        __mapped__(cls)
        cls.__tablename__ = cls.__name__.lower()


DynamicDocument = Document


class EmbeddedDocument(BaseDocument): pass


DynamicEmbeddedDocument = EmbeddedDocument
StringField = IntField = LongField = FloatField = BooleanField = DateTimeField = DateField = EmailField = URLField = Column
ObjectIdField = UUIDField = DecimalField = DictField = ListField = SortedListField = MapField = BinaryField = FileField = Column
EmbeddedDocumentField = EmbeddedDocumentListField = DynamicField = EnumField = SequenceField = GenericReferenceField = Column
ReferenceField = LazyReferenceField = CachedReferenceField = Column
CASCADE = PULL = NULLIFY = DENY = DO_NOTHING = None


def connect(*arguments, **options): pass
def disconnect(*arguments, **options): pass


class DoesNotExist(Exception): pass
class ValidationError(Exception): pass
class NotUniqueError(Exception): pass
