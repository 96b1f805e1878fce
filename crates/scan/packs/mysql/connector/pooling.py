from _dbapi import Connection

MySQLConnectionPool = Connection
