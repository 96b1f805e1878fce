from sqlalchemy.schema import MetaData


class DeclarativeBase:
    metadata = MetaData()

    def __init_subclass__(cls, **options):
        __mapped__(cls)

    def __init__(self, **values):
        __keep__(self, values)


DeclarativeBaseNoMeta = DeclarativeBase


class MappedAsDataclass: pass


def declarative_base(cls=None, **options):
    if cls is None:
        class Base(DeclarativeBase): pass
    else:
        class Base(cls, DeclarativeBase): pass
    return Base


def as_declarative(**options):
    def decorate(cls):
        class Base(cls, DeclarativeBase): pass
        return Base
    return decorate


class declared_attr:
    __declared__ = True

    def __init__(self, function):
        self.function = function

    @classmethod
    def directive(cls, function):
        return cls(function)

    @classmethod
    def cascading(cls, function):
        return cls(function)


class registry:
    def __init__(self, **options):
        self.metadata = MetaData()

    def generate_base(self, **options):
        return declarative_base()

    def mapped(self, cls):
        __mapped__(cls)
        return cls
