from functools import update_wrapper, wraps


def method_decorator(decorator, name=""):
    def decorate(obj):
        if not isinstance(obj, type):
            return _decorated(decorator, obj)
        setattr(obj, name, _decorated(decorator, getattr(obj, name)))
        return obj
    return decorate


def _decorated(decorators, method):
    decorators = list(reversed(decorators)) if isinstance(decorators, (list, tuple)) else [decorators]

    def wrapper(self, *args, **kwargs):
        bound = lambda *a, **k: method(self, *a, **k)
        for decorator in decorators:
            bound = decorator(bound)
        return bound(*args, **kwargs)
    for decorator in decorators:
        _take_attributes(wrapper, decorator)
    return update_wrapper(wrapper, method)


def _take_attributes(wrapper, decorator):
    """What a decorator writes onto the function that it decorates stands on the method, too."""
    def untouched(*args, **kwargs): pass
    made = decorator(untouched)
    if __is_function__(made):
        __inherit__(wrapper, made)


def decorator_from_middleware(middleware_class):
    return decorator_from_middleware_with_args(middleware_class)()


def decorator_from_middleware_with_args(middleware_class):
    def made(*m_args, **m_kwargs):
        def decorator(view_func):
            @wraps(view_func)
            def wrapper(request, *args, **kwargs):
                return middleware_class(lambda request: view_func(request, *args, **kwargs), *m_args, **m_kwargs)(request)
            return wrapper
        return decorator
    return made


def sync_and_async_middleware(func): return func
def sync_only_middleware(func): return func
def async_only_middleware(func): return func
