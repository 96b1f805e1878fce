class BackgroundTasks:
    def add_task(self, func, *args, **kwargs):
        pass
