from . import path

sep = "/"


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


def _entries(folder):
    """The Python files and packages in a folder: nothing else is known of it."""
    return __modules_in__(path.normpath(folder), False)


def listdir(folder="."):
    return [name if ispkg else name + ".py" for name, ispkg in _entries(folder)]


def walk(top, topdown=True, onerror=None, followlinks=False):
    found = []
    pending = [path.normpath(top)]
    while pending:
        folder = pending.pop(0)
        entries = _entries(folder)
        folders = [name for name, ispkg in entries if ispkg]
        files = [name + ".py" for name, ispkg in entries if not ispkg]
        found.append((folder, folders, (["__init__.py"] if files or folders else []) + files))
        pending.extend(path.join(folder, name) for name in folders)
    return found
