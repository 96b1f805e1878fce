def iscoroutinefunction(function):
    return __is_async__(function)
