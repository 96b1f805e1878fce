def import_string(dotted_path):
    module, _, name = dotted_path.rpartition(".")
    return getattr(__import_module__(module), name)


def _imported(name):
    return __import_module__(name)


def autodiscover_modules(*args, **kwargs): pass
def module_has_submodule(package, module_name): return __unknown__("whether there is a module")
