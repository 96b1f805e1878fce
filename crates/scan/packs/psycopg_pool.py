from _dbapi import Connection

ConnectionPool = AsyncConnectionPool = NullConnectionPool = Connection
