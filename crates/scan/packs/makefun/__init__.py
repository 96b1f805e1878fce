def with_signature(func_signature, **options):
    def decorator(function):
        if not isinstance(func_signature, str):
            function.__signature__ = func_signature
        return function
    return decorator


def wraps(wrapped, new_sig=None, **options):
    def decorator(function):
        function.__wrapped__ = wrapped
        return function
    return decorator
