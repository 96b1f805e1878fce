def is_async_callable(obj):
    return __is_async__(obj)


def get_route_path(scope):
    return scope["path"]
