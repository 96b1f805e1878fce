class _Modules:
    """The modules that were run so far."""

    def __contains__(self, name): return name in __modules_run__()
    def __getitem__(self, name): return __modules_run__()[name]
    def __iter__(self): return iter(list(__modules_run__()))
    def get(self, name, default=None): return __modules_run__().get(name, default)
    def items(self): return list(__modules_run__().items())
    def keys(self): return list(__modules_run__())
    def values(self): return list(__modules_run__().values())
    def copy(self): return __modules_run__()
    def pop(self, name, default=None): return __modules_run__().get(name, default)
    def setdefault(self, name, module): return __modules_run__().get(name, module)
    def __setitem__(self, name, module): pass
    def __delitem__(self, name): pass


modules = _Modules()


argv = __outside__("sys.argv")
