"""Celery: a task runs in another process, on what it was sent."""

from _queued import later


class Retry(Exception): pass


class AsyncResult:
    def __init__(self, id=None, **options):
        self.id = self.task_id = __unknown__("the id of a task")

    def get(self, *args, **kwargs): return __unknown__("what a task gave")


class Signature:
    def __init__(self, task=None, args=None, kwargs=None, **options):
        self._task, self._args, self._kwargs = task, args or (), kwargs or {}

    def delay(self, *args, **kwargs):
        return self.apply_async()

    def apply_async(self, *args, **options):
        later(self._task, self._args, self._kwargs)
        return AsyncResult()

    def __or__(self, other): return chain(self, other)
    def set(self, **options): return self
    def clone(self, *args, **kwargs): return self

    def __call__(self, *args, **kwargs):
        return self._task(*self._args, **self._kwargs)


class _Several(Signature):
    def __init__(self, *signatures, **options):
        self._signatures = signatures

    def apply_async(self, *args, **options):
        for one in self._signatures:
            for signature in one if isinstance(one, (list, tuple)) else [one]:
                signature.apply_async()
        return AsyncResult()

    def __call__(self, *args, **kwargs): return self.apply_async()


class chain(_Several): pass
class group(_Several): pass
class chord(_Several): pass


class Task:
    name = None
    request = __unknown__("the request of a task")

    def run(self, *args, **kwargs): pass

    def __call__(self, *args, **kwargs):
        return self.run(*args, **kwargs)

    def delay(self, *args, **kwargs):
        return self.apply_async(args, kwargs)

    def apply_async(self, args=None, kwargs=None, **options):
        later(self.run, args or (), kwargs or {})
        return AsyncResult()

    def apply(self, args=None, kwargs=None, **options):
        return self.apply_async(args, kwargs)

    def s(self, *args, **kwargs): return Signature(self, args, kwargs)
    def si(self, *args, **kwargs): return Signature(self, args, kwargs)
    def signature(self, args=None, kwargs=None, **options): return Signature(self, args, kwargs)
    def subtask(self, args=None, kwargs=None, **options): return Signature(self, args, kwargs)
    def retry(self, *args, **options): raise Retry()
    def update_state(self, *args, **options): pass


class _FunctionTask(Task):
    def __init__(self, function, bind):
        self._function, self._bind = function, bind
        self.__name__ = function.__name__

    def run(self, *args, **kwargs):
        if self._bind:
            return self._function(self, *args, **kwargs)
        return self._function(*args, **kwargs)


def shared_task(*args, bind=False, **options):
    if args and callable(args[0]):
        return _FunctionTask(args[0], bind)
    return lambda function: _FunctionTask(function, bind)


class Celery:
    Task = Task

    def __init__(self, main=None, **options):
        self.main = main
        self.conf = __unknown__("the configuration of Celery")
        self.control = __unknown__("the control of Celery")

    def task(self, *args, bind=False, **options):
        return shared_task(*args, bind=bind, **options)

    def register_task(self, task, **options):
        return task() if isinstance(task, type) else task

    def config_from_object(self, *args, **kwargs): pass
    def autodiscover_tasks(self, *args, **kwargs): pass
    def set_default(self): pass
    def send_task(self, *args, **options): return AsyncResult()
    def AsyncResult(self, id=None, **options): return AsyncResult(id)


def signature(task, args=None, kwargs=None, **options):
    return Signature(task, args, kwargs)
