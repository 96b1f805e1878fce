import importlib


class EntryPoint:
    def __init__(self, name, value, group):
        self.name = name
        self.value = value
        self.group = group

    @property
    def module(self):
        return self.value.split(":")[0]

    @property
    def attr(self):
        return self.value.split(":")[1]

    def load(self):
        found = importlib.import_module(self.module)
        if ":" in self.value:
            for name in self.value.split(":")[1].split("."):
                found = getattr(found, name)
        return found


class EntryPoints:
    """What the project declares; where it declares none, it is other packages that do."""

    def __init__(self, entries):
        self.entries = entries

    def __iter__(self):
        return iter(self.entries or __open_list__())

    def __len__(self):
        return __unknown__("how many entry points other packages declare")

    def select(self, *, group=None, name=None):
        return EntryPoints([e for e in self.entries if (group is None or e.group == group) and (name is None or e.name == name)])

    def get(self, group, default=()):
        return self.select(group=group)

    def __getitem__(self, key):
        if isinstance(key, int):
            return self.entries[key] if self.entries else __unknown__("an entry point of another package")
        named = [e for e in self.entries if e.name == key]
        return named[0] if named else self.select(group=key)

    @property
    def names(self):
        return {e.name for e in self}

    @property
    def groups(self):
        return {e.group for e in self}


def entry_points(*, group=None, name=None):
    entries = EntryPoints([EntryPoint(n, v, g) for g, n, v in __entry_points__()])
    if group is None and name is None:
        return entries
    return entries.select(group=group, name=name)


def version(name):
    return __unknown__("the version of a package")


class Distribution:
    def __init__(self, entries):
        self.entry_points = EntryPoints(entries)
        self.name = __unknown__("the name of a package")
        self.metadata = __unknown__("what a package says of itself")
        self.version = __unknown__("the version of a package")
        self.files = __unknown__("the files of a package")


def distributions(**options):
    """The project itself; what else is installed is not looked at."""
    return __open_list__(Distribution(entry_points().entries))


def distribution(name):
    return Distribution([])
