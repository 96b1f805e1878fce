class LocalProxy:
    """What stands for something that is looked up anew each time."""

    def __init__(self, local, name=None, *, unbound_message=None):
        self.__local = local
        self.__name = name

    def _get_current_object(self):
        if callable(self.__local):
            return self.__local()
        return getattr(self.__local, self.__name)

    def __getattr__(self, name):
        return getattr(self._get_current_object(), name)

    def __bool__(self):
        return bool(self._get_current_object())

    def __eq__(self, other):
        return self._get_current_object() == other

    def __contains__(self, item):
        return item in self._get_current_object()

    def __getitem__(self, key):
        return self._get_current_object()[key]

    def __iter__(self):
        return iter(self._get_current_object())

    def __call__(self, *args, **kwargs):
        return self._get_current_object()(*args, **kwargs)


class Local:
    def __call__(self, name):
        return LocalProxy(self, name)


class LocalStack:
    pass


def release_local(local): pass
