class AsyncOrmException(Exception): pass
class NoMatch(AsyncOrmException): pass
class MultipleMatches(AsyncOrmException): pass
class ModelError(AsyncOrmException): pass
class QueryDefinitionError(AsyncOrmException): pass
