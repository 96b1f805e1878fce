from _queued import later


class job:
    def __init__(self, queue, *args, **options): pass

    def __call__(self, f):
        f.delay = lambda *args, **kwargs: later(f, args, kwargs)
        return f
