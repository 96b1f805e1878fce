def _resolver(function):
    function._resolves = "ariadne"
    return function


class ObjectType:
    def __init__(self, name=None):
        self.name = name

    def field(self, name): return _resolver

    def set_field(self, name, resolver):
        _resolver(resolver)
        return resolver

    def set_alias(self, name, to): pass


class QueryType(ObjectType): pass
class MutationType(ObjectType): pass


class SubscriptionType(ObjectType):
    def source(self, name, *, generator=None): return _resolver
