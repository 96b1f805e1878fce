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

    def _same(self, *arguments, **options):
        return self

    scalars = unique = mappings = tuples = columns = yield_per = _same

    def __getattr__(self, name):
        return __unknown__("a part of a result")


class Query(Statement):
    def get(self, ident):
        return __event__("get", self._entity, ident, gives=self._entity)

    def _run(self):
        return __event__("read", self._entity, self._clauses, gives=self._entity)

    def _result(self):
        return Result(self._run())

    def first(self):
        return self._result()._one()

    one = one_or_none = scalar = first

    def all(self):
        return self._result()._many()

    __iter__ = all

    def count(self):
        self._run()
        return __unknown__("a number of rows")

    def delete(self, **options):
        __event__("delete-where", self._entity, self._clauses)

    def update(self, values, **options):
        __event__("update", self._entity, self._clauses, values)


class Session:
    def __init__(self, *arguments, **options):
        pass

    def __enter__(self):
        return self

    def begin(self, *arguments, **options):
        return self

    begin_nested = begin

    def get(self, entity, ident, **options):
        return __event__("get", entity, ident, gives=entity)

    get_one = get

    def query(self, *entities):
        query = Query()
        query._entity = entities[0] if entities else None
        return query

    def execute(self, statement, *arguments, **options):
        if isinstance(statement, Statement):
            return Result(statement._run())
        return Result(__event__("statement", statement))

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

    def merge(self, instance, **options):
        __event__("create", instance)
        return instance

    def delete(self, instance):
        __event__("delete", instance)

    def _nothing(self, *arguments, **options):
        pass

    commit = flush = rollback = close = refresh = expunge = expire = expunge_all = expire_all = _nothing

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
        pass

    def __call__(self, **options):
        return self

    def remove(self):
        pass
