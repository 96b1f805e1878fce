from _dbapi import Connection, Cursor, DataError, DatabaseError, Error, IntegrityError, InterfaceError, InternalError, NotSupportedError, OperationalError, ProgrammingError, Warning, connect
from psycopg import rows
from psycopg2 import sql

AsyncConnection = Connection
AsyncCursor = Cursor
