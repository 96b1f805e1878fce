from _dbapi import Cursor

RealDictCursor = DictCursor = NamedTupleCursor = Cursor


class RealDictRow: pass


def execute_values(cur, sql, argslist, *arguments, **options):
    cur.executemany(sql, argslist)


execute_batch = execute_values
