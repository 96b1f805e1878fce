from _dbapi import Connection, Cursor, DataError, DatabaseError, Error, IntegrityError, InterfaceError, InternalError, NotSupportedError, OperationalError, ProgrammingError, Warning, connect


class _Cursors:
    Cursor = DictCursor = SSCursor = SSDictCursor = Cursor


cursors = _Cursors
Connect = connect
