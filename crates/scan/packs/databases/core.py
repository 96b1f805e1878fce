from _dbapi import Rows
from sqlalchemy.sql.expression import Statement


class Database(Rows):
    """Takes texts and statements of SQLAlchemy."""

    def _run(self, query, arguments):
        if isinstance(query, Statement):
            return query._run(arguments)
        return __event__("sql", query, arguments)

    def execute(self, query, values=None):
        return self._run(query, values)

    def execute_many(self, query, values):
        rows = list(values)
        return self._run(query, rows[0] if rows else values)

    def fetch_all(self, query, values=None):
        return __open_list__(self._run(query, values))

    iterate = fetch_all

    def fetch_one(self, query, values=None):
        return self._one(query, values)

    fetch_val = fetch_one
