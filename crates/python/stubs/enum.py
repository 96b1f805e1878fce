class EnumMeta(type): pass
EnumType = EnumMeta


class Enum:
    __enumeration__ = True


class StrEnum(str, Enum): pass
class IntEnum(int, Enum): pass
class Flag(Enum): pass
class IntFlag(int, Flag): pass


class auto: pass


def unique(cls):
    return cls
