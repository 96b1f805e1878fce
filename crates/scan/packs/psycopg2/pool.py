from _dbapi import Connection, Error

SimpleConnectionPool = ThreadedConnectionPool = AbstractConnectionPool = Connection


class PoolError(Error): pass
