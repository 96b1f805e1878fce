class Model(dict):
    def __init__(self, name, *args, **kwargs):
        super().__init__()
        self.name = name

    @classmethod
    def clone(cls, name, *specs): return cls(name)

    @classmethod
    def inherit(cls, name, *specs): return cls(name)

    @classmethod
    def extend(cls, name, *specs): return cls(name)


class OrderedModel(Model): pass
class SchemaModel(Model): pass
class Mask: pass
