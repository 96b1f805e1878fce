class ModuleInfo:
    def __init__(self, module_finder, name, ispkg):
        self.module_finder = module_finder
        self.name = name
        self.ispkg = ispkg

    def __iter__(self):
        return iter((self.module_finder, self.name, self.ispkg))


def iter_modules(path=None, prefix=""):
    return [ModuleInfo(None, prefix + name, ispkg) for name, ispkg in __modules_in__(path, False)]


def walk_packages(path=None, prefix="", onerror=None):
    return [ModuleInfo(None, prefix + name, ispkg) for name, ispkg in __modules_in__(path, True)]
