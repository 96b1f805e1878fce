"""Models of Peewee: fields are columns, a query runs when it is asked for rows."""

from sqlalchemy.orm import backref, relationship
from sqlalchemy.orm.session import Query
from sqlalchemy.schema import Column, ForeignKey


class Field(Column): pass


class ForeignKeyField(Field):
    def __init__(self, model, *arguments, **options):
        self.model = model
        Column.__init__(self, *arguments, **options)


AutoField = BigAutoField = IdentityField = IntegerField = BigIntegerField = SmallIntegerField = FloatField = DoubleField = Field
DecimalField = CharField = FixedCharField = TextField = BlobField = BitField = UUIDField = BinaryUUIDField = DateTimeField = Field
DateField = TimeField = TimestampField = IPField = BooleanField = BareField = DeferredForeignKey = Field
PrimaryKeyField = AutoField


class ModelSelect(Query):
    def get(self, *arguments):
        return self.first()

    get_or_none = peek = get

    def execute(self, *arguments):
        return self.all()

    def namedtuples(self, *arguments): return self
    dicts = tuples = objects = namedtuples


class _Write:
    """An update or a deletion: it happens when it is executed."""

    def __init__(self, entity, values, clauses):
        self._entity = entity
        self._values = values
        self._clauses = clauses

    def where(self, *conditions):
        return _Write(self._entity, self._values, [*self._clauses, *conditions])

    def execute(self, *arguments):
        if self._values is None:
            __event__("delete-where", self._entity, self._clauses)
        else:
            __event__("update", self._entity, self._clauses, self._values)
        return __unknown__("a number of rows")

    def returning(self, *columns): return self


class _Insert:
    def __init__(self, entity, values):
        self._entity = entity
        self._values = values

    def execute(self, *arguments):
        __event__("insert", self._entity, self._values)
        return __unknown__("the id of a new row")

    def on_conflict(self, *arguments, **options): return self
    on_conflict_ignore = on_conflict_replace = returning = on_conflict


def _is_key(value):
    return isinstance(value, Column) and bool(value.options.get("primary_key"))


def _named(cls, name, value):
    return getattr(cls, name) == value


class Model:
    def __init_subclass__(cls, **options):
        has_key = False
        for name in dir(cls):
            value = getattr(cls, name, None)
            if isinstance(value, ForeignKeyField):
                to = cls if value.model == "self" else value.model
                setattr(cls, name + "_id", Column(ForeignKey(to.id), nullable=bool(value.options.get("null"))))
                back = value.options.get("backref") or value.options.get("related_name") or cls.__name__.lower() + "_set"
                setattr(cls, name, relationship(to, backref=backref(back, lazy="dynamic", query_class=ModelSelect)))
            elif _is_key(value):
                has_key = True
        if not has_key:
            cls.id = Column(primary_key=True)
        __mapped__(cls)
        cls.__tablename__ = cls.__name__.lower()

    def __init__(self, *arguments, **values):
        __keep__(self, values)

    @classmethod
    def select(cls, *fields):
        query = ModelSelect()
        query._entity = cls
        return query

    @classmethod
    def filter(cls, *conditions, **values):
        return cls.select().where(*conditions, *[_named(cls, name, value) for name, value in values.items()])

    @classmethod
    def get(cls, *conditions, **values):
        return cls.filter(*conditions, **values).first()

    @classmethod
    def get_or_none(cls, *conditions, **values):
        return cls.filter(*conditions, **values).first()

    @classmethod
    def get_by_id(cls, key):
        return __event__("get", cls, key, gives=cls)

    @classmethod
    def get_or_create(cls, defaults=None, **values):
        return cls.filter(**values).first(), __unknown__("whether it is new")

    @classmethod
    def create(cls, **values):
        made = cls(**values)
        __event__("create", made)
        return made

    @classmethod
    def insert(cls, data=None, **values):
        return _Insert(cls, {**data, **values} if isinstance(data, dict) else data or values)

    insert_many = replace = insert

    @classmethod
    def update(cls, data=None, **values):
        return _Write(cls, {**data, **values} if isinstance(data, dict) else data or values, [])

    @classmethod
    def delete(cls):
        return _Write(cls, None, [])

    @classmethod
    def delete_by_id(cls, key):
        __event__("delete-where", cls, [cls.id == key])

    @classmethod
    def set_by_id(cls, key, values):
        __event__("update", cls, [cls.id == key], values)

    @classmethod
    def create_table(cls, *arguments, **options):
        __noted__("schema-change", "peewee.Model.create_table")

    drop_table = create_table

    def save(self, *arguments, **options):
        __event__("create", self)
        return 1

    def delete_instance(self, *arguments, **options):
        __event__("delete", self)


class DoesNotExist(Exception): pass
class IntegrityError(Exception): pass
class OperationalError(Exception): pass


class Database:
    def __init__(self, *arguments, **options): pass
    def init(self, *arguments, **options): pass
    def connect(self, *arguments, **options): pass
    def close(self): pass
    def is_closed(self): return __unknown__("whether a connection is open")
    def atomic(self, *arguments): return self
    transaction = connection_context = atomic
    def __enter__(self): return self
    def __call__(self, function): return function

    def execute_sql(self, sql, params=None, *arguments):
        return __event__("sql", sql, params)

    def create_tables(self, *arguments, **options):
        __noted__("schema-change", "peewee.Database.create_tables")

    drop_tables = create_tables


SqliteDatabase = PostgresqlDatabase = MySQLDatabase = Proxy = DatabaseProxy = Database


class _Functions:
    def __getattr__(self, name):
        return _applied


def _applied(*arguments, **options):
    return arguments[0] if arguments else None


fn = _Functions()
JOIN = __unknown__("a kind of join")


def prefetch(query, *more):
    return query.all()
