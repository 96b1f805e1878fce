from . import path


class _Environ:
    def get(self, name, default=None):
        return __environment__(name, default)

    def __getitem__(self, name):
        return __environment__(name)

    def __contains__(self, name):
        return __environment__(name, False)

    def setdefault(self, name, default=None):
        return __environment__(name, default)

    def pop(self, name, default=None):
        return __environment__(name, default)


environ = _Environ()


def getenv(name, default=None):
    return __environment__(name, default)


def urandom(size):
    return __unknown__("random bytes")
