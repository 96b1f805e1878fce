class Q:
    def __init__(self, *args, **kwargs): pass
    def __and__(self, other): return self
    def __or__(self, other): return self
    def __invert__(self): return self


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
