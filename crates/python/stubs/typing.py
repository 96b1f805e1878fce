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

    def __iter__(self):
        return iter([getattr(self, name) for name in __fields_of__(type(self))])

    def __getitem__(self, index):
        return [getattr(self, name) for name in __fields_of__(type(self))][index]

    def __len__(self):
        return len(__fields_of__(type(self)))

    def _asdict(self):
        return {name: getattr(self, name) for name in __fields_of__(type(self))}

    def _replace(self, **values):
        return type(self)(**{**self._asdict(), **values})


class TypedDict(dict): pass
