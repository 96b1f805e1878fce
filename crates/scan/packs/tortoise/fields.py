"""Fields of Tortoise's models."""

from sqlalchemy.schema import Column


class _Foreign(Column):
    def __init__(self, model="", *arguments, **options):
        self.model = model if isinstance(model, str) else ""
        Column.__init__(self, *arguments, **options)


ForeignKeyField = OneToOneField = _Foreign
IntField = BigIntField = SmallIntField = CharField = TextField = BooleanField = DecimalField = DatetimeField = DateField = Column
TimeField = TimeDeltaField = FloatField = JSONField = UUIDField = BinaryField = CharEnumField = IntEnumField = ManyToManyField = Column
CASCADE = RESTRICT = SET_NULL = SET_DEFAULT = NO_ACTION = None


class ForeignKeyRelation:
    def __class_getitem__(cls, of): return of


ForeignKeyNullableRelation = OneToOneRelation = ReverseRelation = ManyToManyRelation = OneToOneNullableRelation = ForeignKeyRelation
