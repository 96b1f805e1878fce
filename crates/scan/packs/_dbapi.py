"""DB-API 2.0 (PEP 249): connections and cursors, as all drivers have them. One row stands for all that a statement finds."""


class Cursor:
    lastrowid = __unknown__("the id of a new row")
    rowcount = __unknown__("a number of rows")
    description = __unknown__("the columns of a result")

    def __init__(self, connection=None):
        self.connection = connection
        self._row = None

    def execute(self, query, params=None, *more, **options):
        self._row = __event__("sql", query, params if not more else (params, *more))
        return self

    def executemany(self, query, params=None, *more, **options):
        rows = list(params) if params is not None else []
        self._row = __event__("sql", query, rows[0] if rows else params, None)
        return self

    def executescript(self, script):
        self._row = __event__("sql", script)
        return self

    callproc = copy_expert = mogrify = lambda self, *arguments, **options: __unknown__("what a procedure gives")

    def fetchone(self, *arguments, **options):
        __noted__("one", self._row)
        return self._row

    fetchval = fetchone

    def fetchall(self, *arguments, **options):
        return __open_list__(self._row)

    fetchmany = __iter__ = fetchall

    def __enter__(self): return self
    def __aenter__(self): return self
    def __exit__(self, *error): pass
    def close(self): pass
    def __await__(self): return self


class Connection:
    autocommit = False
    row_factory = None

    def __init__(self, *arguments, **options):
        pass

    def cursor(self, *arguments, **options):
        return Cursor(self)

    def execute(self, query, params=None, *more, **options):
        return Cursor(self).execute(query, params, *more)

    def executemany(self, query, params=None, *more, **options):
        return Cursor(self).executemany(query, params)

    def executescript(self, script):
        return Cursor(self).executescript(script)

    def __enter__(self): return self
    def __aenter__(self): return self
    def __exit__(self, *error): pass
    def commit(self): pass
    def rollback(self): pass
    def close(self): pass
    def begin(self): return self
    transaction = begin

    def getconn(self, *arguments, **options): return self
    get_connection = connection = acquire = getconn
    def putconn(self, *arguments, **options): pass
    release = closeall = putconn


class Rows:
    """Drivers whose connections give rows at once: asyncpg, databases."""

    def __init__(self, *arguments, **options):
        pass

    def _run(self, query, arguments):
        return __event__("sql", query, arguments)

    def _one(self, query, arguments):
        row = self._run(query, arguments)
        __noted__("one", row)
        return row

    def __enter__(self): return self
    def __aenter__(self): return self
    def __exit__(self, *error): pass
    def __await__(self): return self
    def _same(self, *arguments, **options): return self
    acquire = transaction = connection = _same
    def _nothing(self, *arguments, **options): pass
    close = connect = disconnect = release = _nothing


def connect(*arguments, **options):
    return Connection()


class Error(Exception): pass
class Warning(Exception): pass
class InterfaceError(Error): pass
class DatabaseError(Error): pass
class DataError(DatabaseError): pass
class OperationalError(DatabaseError): pass
class IntegrityError(DatabaseError): pass
class InternalError(DatabaseError): pass
class ProgrammingError(DatabaseError): pass
class NotSupportedError(DatabaseError): pass
