MISSING = ...


class Field:
    __field__ = True

    def __init__(self, *, default=..., default_factory=None, init=True, repr=True, hash=None, compare=True, metadata=None, kw_only=False):
        self.default = default
        self.default_factory = default_factory


field = Field


def dataclass(cls=None, **options):
    if cls is None:
        return dataclass
    cls.__record__ = True
    return cls


def replace(obj, **changes):
    return obj
