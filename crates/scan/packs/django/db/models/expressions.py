class Q:
    """A condition over lookups: all of them, one of two, or what does not hold."""

    _kind = "and"

    def __init__(self, *args, **kwargs):
        self._held = [*args, kwargs] if __is_followed__() else []

    def _made(self, kind, held):
        made = Q()
        made._kind = kind
        made._held = held
        return made

    def __and__(self, other): return self._made("and", [self, other])
    def __or__(self, other): return self._made("or", [self, other])
    def __invert__(self): return self._made("not", [self])

    def add(self, other, conn_type):
        self._held = [self._made(self._kind, self._held), other]
        self._kind = conn_type.lower()
        return self


class Expression:
    def __init__(self, *args, **kwargs): pass


class F(Expression): pass
class Value(Expression): pass
class OuterRef(Expression): pass
class Subquery(Expression): pass
class Exists(Expression): pass
class Case(Expression): pass
class When(Expression): pass
class Func(Expression): pass
class Window(Expression): pass
class ExpressionWrapper(Expression): pass
class Aggregate(Expression): pass
class Count(Aggregate): pass
class Sum(Aggregate): pass
class Avg(Aggregate): pass
class Max(Aggregate): pass
class Min(Aggregate): pass
class StdDev(Aggregate): pass
class Variance(Aggregate): pass
class Prefetch(Expression): pass


def prefetch_related_objects(*args): pass
