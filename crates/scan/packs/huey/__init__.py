"""Huey: calling a task sends it to another process."""

from _queued import later


class Huey:
    def __init__(self, *args, **options): pass

    def task(self, *args, **options):
        def decorator(function):
            def send(*args, **kwargs):
                later(function, args, kwargs)
                return __unknown__("the result of a task")
            send.call_local = function
            send.schedule = lambda args=None, kwargs=None, **options: later(function, args or (), kwargs or {})
            return send
        return decorator


class RedisHuey(Huey): pass
class SqliteHuey(Huey): pass
class MemoryHuey(Huey): pass
class PriorityRedisHuey(Huey): pass
