class BaseORMException(Exception): pass
class DoesNotExist(BaseORMException): pass
class IntegrityError(BaseORMException): pass
class MultipleObjectsReturned(BaseORMException): pass
class OperationalError(BaseORMException): pass
class ValidationError(BaseORMException): pass
