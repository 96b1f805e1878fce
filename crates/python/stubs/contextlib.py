def contextmanager(function):
    return function


def asynccontextmanager(function):
    return function


class suppress:
    def __init__(self, *exceptions):
        self.exceptions = exceptions

    def __enter__(self):
        return None

    def __exit__(self, kind, exception, traceback):
        return isinstance(exception, self.exceptions)


class nullcontext:
    def __init__(self, enter_result=None):
        self.enter_result = enter_result

    def __enter__(self):
        return self.enter_result


class AsyncExitStack:
    def __enter__(self):
        return self

    def enter_async_context(self, context):
        with context as entered:
            return entered

    def enter_context(self, context):
        with context as entered:
            return entered

    def push_async_callback(self, *args, **kwargs):
        pass


ExitStack = AsyncExitStack
