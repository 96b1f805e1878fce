from _dbapi import Rows


class Connection(Rows):
    def execute(self, query, *args, timeout=None):
        return self._run(query, args)

    def executemany(self, query, args, **options):
        rows = list(args)
        return self._run(query, rows[0] if rows else args)

    def fetch(self, query, *args, timeout=None, record_class=None):
        return __open_list__(self._run(query, args))

    def fetchrow(self, query, *args, timeout=None, record_class=None):
        return self._one(query, args)

    fetchval = fetchrow
    cursor = fetch


Pool = Connection


def connect(*arguments, **options):
    return Connection()


create_pool = connect


class PostgresError(Exception): pass
class UniqueViolationError(PostgresError): pass
class ForeignKeyViolationError(PostgresError): pass
