class _Finder:
    """Finds what `iter_modules` lists."""

    def find_spec(self, name, target=None):
        from importlib.util import find_spec
        return find_spec(name)

    def find_module(self, name):
        return self

    def load_module(self, name):
        return __import_module__(name)


class ModuleInfo:
    def __init__(self, module_finder, name, ispkg):
        self.module_finder = module_finder
        self.name = name
        self.ispkg = ispkg

    def __iter__(self):
        return iter((self.module_finder, self.name, self.ispkg))


def iter_modules(path=None, prefix=""):
    return [ModuleInfo(_Finder(), prefix + name, ispkg) for name, ispkg in __modules_in__(path, False)]


def walk_packages(path=None, prefix="", onerror=None):
    return [ModuleInfo(_Finder(), prefix + name, ispkg) for name, ispkg in __modules_in__(path, True)]
