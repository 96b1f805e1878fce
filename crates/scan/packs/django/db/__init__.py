class Error(Exception): pass
class DatabaseError(Error): pass
class IntegrityError(DatabaseError): pass
class OperationalError(DatabaseError): pass
class ProgrammingError(DatabaseError): pass
class DataError(DatabaseError): pass
class InterfaceError(Error): pass
class NotSupportedError(DatabaseError): pass


connection = __unknown__("a connection to the database")
connections = __unknown__("connections to databases")
router = __unknown__("what chooses a database")
DEFAULT_DB_ALIAS = "default"


def reset_queries(**options): pass
def close_old_connections(**options): pass
