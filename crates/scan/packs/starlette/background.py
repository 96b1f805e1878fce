from _queued import later


class BackgroundTask:
    def __init__(self, func, *args, **kwargs):
        later(func, args, kwargs)


class BackgroundTasks(BackgroundTask):
    def __init__(self, tasks=None): pass

    def add_task(self, func, *args, **kwargs):
        later(func, args, kwargs)
