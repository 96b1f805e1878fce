def wraps(wrapped, assigned=(), updated=()):
    def decorator(wrapper):
        __inherit__(wrapper, wrapped)
        wrapper.__wrapped__ = wrapped
        wrapper.__name__ = wrapped.__name__
        return wrapper
    return decorator


def update_wrapper(wrapper, wrapped, assigned=(), updated=()):
    __inherit__(wrapper, wrapped)
    wrapper.__wrapped__ = wrapped
    wrapper.__name__ = wrapped.__name__
    return wrapper


class partial:
    def __init__(self, func, *args, **keywords):
        self.func = func
        self.args = args
        self.keywords = keywords

    def __call__(self, *args, **keywords):
        return self.func(*self.args, *args, **{**self.keywords, **keywords})


partialmethod = partial


def cache(function):
    def wrapper(*args, **kwargs):
        return __memo__(function, args, kwargs)
    wrapper.__wrapped__ = function
    wrapper.__name__ = function.__name__
    wrapper.cache_clear = __nothing__
    return wrapper


def lru_cache(maxsize=128, typed=False):
    if callable(maxsize):
        return cache(maxsize)
    return cache


def __nothing__(*args):
    pass


def cached_property(function):
    return __cached_property__(function)


def singledispatch(function):
    return function


def total_ordering(cls):
    return cls


def reduce(function, items, *initial):
    values = list(initial) + list(items)
    result = values[0]
    for value in values[1:]:
        result = function(result, value)
    return result
