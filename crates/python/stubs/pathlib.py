import os
from fnmatch import fnmatch


class _Folders:
    """The folders around a path that is not known."""

    def __init__(self, path):
        self._path = path

    def __contains__(self, folder):
        return __tests__("startswith", self._path, "/folder/")

    def __getitem__(self, index):
        return Path(os.path.dirname(self._path))

    def __iter__(self):
        return iter([self[0]])


class PurePath:
    def __init__(self, *parts):
        joined = os.path.join(*[str(part) for part in parts]) if parts else ""
        self._path = joined if __is_watched__() and __kind_of__(joined) == "unknown" else os.path.normpath(joined)

    def __str__(self):
        return self._path

    __fspath__ = as_posix = __str__

    def __truediv__(self, other):
        return Path(self._path, str(other))

    def joinpath(self, *others):
        return Path(self._path, *others)

    @property
    def parent(self):
        return Path(os.path.dirname(self._path))

    @property
    def parents(self):
        if __is_watched__() and __kind_of__(self._path) == "unknown":
            return _Folders(self._path)
        found = []
        folder = self._path
        while folder:
            folder = os.path.dirname(folder)
            found.append(Path(folder))
        return found

    @property
    def name(self):
        return os.path.basename(self._path)

    @property
    def stem(self):
        return os.path.splitext(self.name)[0]

    @property
    def suffix(self):
        return os.path.splitext(self._path)[1]

    @property
    def parts(self):
        if __is_watched__() and __kind_of__(self._path) == "unknown":
            return self._path.split("/")
        return tuple(self._path.split("/"))

    def with_suffix(self, suffix):
        return Path(os.path.splitext(self._path)[0] + suffix)

    def with_name(self, name):
        return Path(os.path.dirname(self._path), name)

    def is_relative_to(self, *other):
        return __tests__("startswith", self._path, "/folder/")

    def relative_to(self, *other):
        if __is_watched__() and not __tests__("startswith", self._path, "/folder/"):
            raise ValueError("not below it")
        return Path(os.path.relpath(self._path, str(Path(*other))))

    def is_absolute(self):
        if __is_watched__() and __kind_of__(self._path) == "unknown":
            return __tests__("startswith", self._path, "/")
        return False


class Path(PurePath):
    @classmethod
    def cwd(cls):
        return Path(".")

    @classmethod
    def home(cls):
        return __unknown__("a folder of the machine")

    def resolve(self, strict=False):
        return Path(os.path.normpath(self._path)) if __is_watched__() else self

    def absolute(self):
        return self

    expanduser = absolute

    def iterdir(self):
        return [Path(self._path, name) for name in os.listdir(self._path)]

    def glob(self, pattern):
        wanted = pattern.rsplit("/", 1)[-1]
        if "**" in pattern:
            return self.rglob(wanted)
        return [found for found in self.iterdir() if fnmatch(found.name, wanted)]

    def rglob(self, pattern):
        found = []
        for folder, folders, files in os.walk(self._path):
            found.extend(Path(folder, name) for name in files if fnmatch(name, pattern))
        return found

    def exists(self):
        return __unknown__("whether a file exists")

    is_file = exists

    def stat(self):
        return __unknown__("what is known of a file")

    def rmdir(self): pass
    def rename(self, target): return Path(str(target))
    def replace(self, target): return Path(str(target))
    def symlink_to(self, target): pass

    def is_dir(self):
        return "." not in self.name

    def read_text(self, *args, **options):
        if __is_watched__():
            return open(self._path).read()
        return __unknown__("the text of a file")

    read_bytes = read_text

    def open(self, *args, **options):
        if __is_watched__():
            return open(self._path)
        return __unknown__("a file")

    def mkdir(self, *args, **options): pass
    def touch(self, *args, **options): pass
    def unlink(self, *args, **options): pass

    def write_text(self, data, *args, **options):
        if __is_watched__():
            open(self._path).write(data)

    write_bytes = write_text


class PosixPath(Path): pass
class PurePosixPath(PurePath): pass
class WindowsPath(Path): pass
class PureWindowsPath(PurePath): pass
