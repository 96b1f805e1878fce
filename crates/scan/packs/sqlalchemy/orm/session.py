"""Sessions: what is looked up, made, changed and deleted through them."""

from sqlalchemy.sql.expression import Statement


class Result:
    """What a statement gave: one row stands for all."""

    def __init__(self, row):
        self._row = row

    def _one(self, *arguments, **options):
        __noted__("one", self._row)
        return self._row

    first = one = one_or_none = scalar = scalar_one = scalar_one_or_none = fetchone = _one

    def _many(self, *arguments, **options):
        return __open_list__(self._row)

    all = fetchall = fetchmany = partitions = __iter__ = _many
    rowcount = __unknown__("a number of rows")
    lastrowid = inserted_primary_key = __unknown__("the id of a new row")

    def _same(self, *arguments, **options):
        return self

    scalars = unique = mappings = tuples = columns = yield_per = _same

    def __getattr__(self, name):
        return __unknown__("a part of a result")


class Query(Statement):
    def get(self, ident):
        return __event__("get", self._entity, ident, gives=self._entity)

    def _run(self, values=None):
        return __event__("read", self._entity, self._clauses, gives=self._entity)

    def _result(self):
        return Result(self._run())

    def first(self):
        return self._result()._one()

    one = one_or_none = scalar = one_or_first = first

    def __getitem__(self, key):
        return self._run()

    def exists(self):
        self._run()
        return __unknown__("whether there is a row")

    def subquery(self, *arguments, **options):
        return self

    def all(self):
        return self._result()._many()

    __iter__ = all

    def count(self):
        self._run()
        return __unknown__("a number of rows")

    def delete(self, *arguments, **options):
        __event__("delete-where", self._entity, self._clauses)
        return __unknown__("a number of rows")

    def update(self, values, *arguments, **options):
        __event__("update", self._entity, self._clauses, values)
        return __unknown__("a number of rows")


class Session:
    _query_class = Query

    def __init__(self, *arguments, **options):
        self._query_class = options.get("query_cls") or Query

    def __enter__(self):
        return self

    def begin(self, *arguments, **options):
        return self

    begin_nested = connection = get_bind = begin

    def get(self, entity, ident, **options):
        return __event__("get", entity, ident, gives=entity)

    get_one = get

    def query(self, *entities):
        query = self._query_class()
        query._entity = entities[0] if entities else None
        return query

    def execute(self, statement, params=None, *arguments, **options):
        if isinstance(statement, Statement):
            return Result(statement._run(params))
        return Result(__event__("sql", statement, params))

    exec_driver_sql = execute

    def scalars(self, statement, *arguments, **options):
        return self.execute(statement)

    exec = stream = stream_scalars = scalars

    def scalar(self, statement, *arguments, **options):
        return self.execute(statement)._one()

    def add(self, instance, **options):
        __event__("create", instance)

    def add_all(self, instances):
        for instance in instances:
            self.add(instance)

    bulk_save_objects = add_all

    def bulk_insert_mappings(self, mapper, mappings, **options):
        rows = list(mappings)
        __event__("insert", mapper, rows[0] if rows else mappings)

    def bulk_update_mappings(self, mapper, mappings, **options):
        rows = list(mappings)
        __event__("update", mapper, [], rows[0] if rows else mappings)

    def merge(self, instance, **options):
        __event__("create", instance)
        return instance

    def delete(self, instance):
        __event__("delete", instance)

    def _nothing(self, *arguments, **options):
        pass

    commit = flush = rollback = close = refresh = expunge = expire = expunge_all = expire_all = _nothing

    @property
    def no_autoflush(self):
        return self

    def run_sync(self, function, *arguments, **options):
        return function(self, *arguments, **options)


class sessionmaker:
    def __init__(self, *arguments, **options):
        self._class = options.get("class_") or Session

    def __call__(self, **options):
        return self._class()

    def begin(self):
        return self._class()

    def configure(self, **options):
        pass

    def __class_getitem__(cls, key):
        return cls


class scoped_session(Session):
    def __init__(self, session_factory=None, scopefunc=None):
        self.session_factory = session_factory

    def query_property(self, query_cls=None):
        return QueryProperty(query_cls or Query)

    def __call__(self, **options):
        return self

    def remove(self):
        pass


class QueryProperty:
    """`Base.query`: a query for the class through which it is asked for."""

    __code__ = True

    def __init__(self, query_class):
        self._query_class = query_class

    def __get__(self, instance, owner):
        query = (getattr(owner, "query_class", None) or self._query_class)()
        query._entity = owner
        return query
