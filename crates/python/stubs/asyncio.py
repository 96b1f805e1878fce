class CancelledError(BaseException): pass
class TimeoutError(Exception): pass


class Coroutine:
    """A call that runs where it is awaited: what a parameter named `__coroutine__` is given."""

    def __init__(self, function, args, kwargs):
        self.function = function
        self.args = args
        self.kwargs = kwargs

    def __await__(self):
        return self.function(*self.args, **self.kwargs)


class Task:
    """What nobody awaits raises to nobody."""

    def __init__(self, coroutine):
        self.coroutine = coroutine

    async def __await__(self):
        return await self.coroutine

    async def result(self):
        return await self.coroutine

    def add_done_callback(self, function):
        pass

    def cancel(self):
        pass


def create_task(__coroutine__, *, name=None, context=None):
    return Task(__coroutine__)


def ensure_future(__coroutine__, *, loop=None):
    return Task(__coroutine__)


class AbstractEventLoop:
    def create_task(self, __coroutine__, *, name=None, context=None):
        return Task(__coroutine__)

    def run_in_executor(self, executor, function, *args):
        return function(*args)

    def __getattr__(self, name):
        return __unknown__("what an event loop does")


def get_running_loop():
    return AbstractEventLoop()


get_event_loop = get_running_loop
new_event_loop = get_running_loop


async def _awaited_quietly(coroutine):
    try:
        return await coroutine
    except Exception as exception:
        return exception


async def gather(*__coroutine__, return_exceptions=False):
    if return_exceptions:
        return [await _awaited_quietly(coroutine) for coroutine in __coroutine__]
    return [await coroutine for coroutine in __coroutine__]


async def wait_for(__coroutine__, timeout=None):
    return await __coroutine__


async def to_thread(function, /, *args, **kwargs):
    return function(*args, **kwargs)


async def shield(__coroutine__):
    return await __coroutine__


def iscoroutinefunction(function):
    return __is_async__(function)
