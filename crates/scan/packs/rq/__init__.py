"""RQ: a function runs in another process, on what it was sent."""

from _queued import later

_OPTIONS = (
    "job_timeout", "timeout", "result_ttl", "ttl", "failure_ttl", "description", "depends_on", "job_id", "at_front", "meta", "retry", "on_success",
    "on_failure", "on_stopped", "pipeline",
)


class Queue:
    def __init__(self, name="default", connection=None, **options):
        self.name, self.connection = name, connection

    def enqueue(self, f, *args, **kwargs):
        kwargs = {name: value for name, value in kwargs.items() if name not in _OPTIONS}
        later(f, kwargs.pop("args", args), kwargs.pop("kwargs", kwargs))
        return __unknown__("a job")

    def enqueue_call(self, func, args=None, kwargs=None, **options):
        later(func, args or (), kwargs or {})
        return __unknown__("a job")

    def enqueue_at(self, when, f, *args, **kwargs): return self.enqueue(f, *args, **kwargs)
    def enqueue_in(self, when, f, *args, **kwargs): return self.enqueue(f, *args, **kwargs)
