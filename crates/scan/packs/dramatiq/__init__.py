"""Dramatiq: an actor runs in another process, on what it was sent."""

from _queued import later


class Message:
    def __init__(self, actor, args, kwargs):
        self._actor, self._args, self._kwargs = actor, args, kwargs


class Actor:
    def __init__(self, fn, **options):
        self.fn = fn
        self.actor_name = fn.__name__

    def __call__(self, *args, **kwargs): return self.fn(*args, **kwargs)

    def send(self, *args, **kwargs):
        later(self.fn, args, kwargs)

    def send_with_options(self, *, args=(), kwargs=None, **options):
        later(self.fn, args, kwargs or {})

    def message(self, *args, **kwargs): return Message(self, args, kwargs)


def actor(fn=None, **options):
    if fn is None:
        return lambda fn: Actor(fn)
    return Actor(fn)
