def defaultdict(factory=None, *args, **entries):
    return __open_dict__(factory)


OrderedDict = dict
Counter = dict


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    names = field_names.replace(",", " ").split() if isinstance(field_names, str) else list(field_names)
    optional = list(defaults or ())
    required = len(names) - len(optional)

    class _Named:
        _fields = tuple(names)

        def __init__(self, *args, **values):
            for at, name in enumerate(names):
                if at < len(args):
                    setattr(self, name, args[at])
                elif name in values:
                    setattr(self, name, values[name])
                elif at >= required:
                    setattr(self, name, optional[at - required])
                else:
                    setattr(self, name, __unknown__("a field of a named tuple"))

        def __iter__(self):
            return iter([getattr(self, name) for name in names])

        def __getitem__(self, index):
            return [getattr(self, name) for name in names][index]

        def __len__(self):
            return len(names)

        def _asdict(self):
            return {name: getattr(self, name) for name in names}

        def _replace(self, **values):
            return type(self)(**{**self._asdict(), **values})

        @classmethod
        def _make(cls, iterable):
            return cls(*iterable)

    _Named.__name__ = typename
    return _Named
