class _Loader:
    def exec_module(self, module):
        pass


class _Spec:
    def __init__(self, name, origin=None):
        self.name = name
        self.origin = origin
        self.loader = _Loader()


def find_spec(name, package=None):
    return _Spec(name)


def spec_from_file_location(name, location=None, **options):
    path = str(location)
    return _Spec(path[:-3].replace("/", ".") if path.endswith(".py") else name, path)


def module_from_spec(spec):
    return __import_module__(spec.name)
