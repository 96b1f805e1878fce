class Model(dict):
    def __init__(self, name, *args, **kwargs):
        super().__init__()
        self.name = name
        self._parents = []
        self._own = {}
        for given in args:
            if __kind_of__(given) == "dict":
                self._own.update(given)

    @classmethod
    def clone(cls, name, *specs): return _derived(cls, name, specs)

    @classmethod
    def inherit(cls, name, *specs): return _derived(cls, name, specs)

    @classmethod
    def extend(cls, name, *specs): return _derived(cls, name, specs)

    def _fields(self):
        found = {}
        for parent in self._parents:
            found.update(parent._fields())
        found.update(self._own)
        return found


def _derived(cls, name, specs):
    made = cls(name, *[spec for spec in specs if not isinstance(spec, Model)])
    made._parents = [spec for spec in specs if isinstance(spec, Model)]
    return made


class OrderedModel(Model): pass


class SchemaModel(Model):
    def __init__(self, name, schema=None, *args, **kwargs):
        super().__init__(name)
        self._schema = schema or {}


class Mask: pass
