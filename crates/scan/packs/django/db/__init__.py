class Error(Exception): pass
class DatabaseError(Error): pass
class IntegrityError(DatabaseError): pass
class OperationalError(DatabaseError): pass
class ProgrammingError(DatabaseError): pass
class DataError(DatabaseError): pass
class InterfaceError(Error): pass
class NotSupportedError(DatabaseError): pass


_database = __unknown__("a connection to the database")


class _Cursor:
    def __enter__(self): return self

    def execute(self, sql, params=None):
        if __is_watched__():
            __noted__("statement", sql, params)
        return _database(sql, params)

    executemany = execute

    def __getattr__(self, name): return getattr(_database, name)


class _Connection:
    def cursor(self, *args, **options): return _Cursor()
    def __getattr__(self, name): return getattr(_database, name)


class _Connections:
    def __getitem__(self, alias): return connection
    def __getattr__(self, name): return getattr(_database, name)


connection = _Connection()
connections = _Connections()
router = __unknown__("what chooses a database")
DEFAULT_DB_ALIAS = "default"


def reset_queries(**options): pass
def close_old_connections(**options): pass
