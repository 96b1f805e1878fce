TYPE_CHECKING = False


def cast(typ, value):
    return value


def overload(function):
    return __unknown__("an overload")


def final(value):
    return value


def runtime_checkable(cls):
    return cls


def override(function):
    return function


def no_type_check(function):
    return function


def dataclass_transform(**options):
    def decorator(value):
        return value
    return decorator


def get_type_hints(obj, globalns=None, localns=None, include_extras=False):
    return __type_hints__(obj)


def get_origin(tp):
    return getattr(tp, "__origin__", None)


def get_args(tp):
    return getattr(tp, "__args__", ())


class NamedTuple:
    __record__ = True


class TypedDict(dict): pass
