from werkzeug.datastructures import FileStorage


class Values:
    """A part of a request in which the client put anything it likes, by names."""

    def __init__(self, bits, place):
        self.bits = bits
        self.place = place

    def get(self, key, default=None, type=None):
        return __labelled__(self.bits, name=key, given=self.place, type=type)

    def __getitem__(self, key):
        return __labelled__(self.bits, name=key, given=self.place)

    def pop(self, key, default=None):
        return __labelled__(self.bits, name=key, given=self.place)

    def __contains__(self, key):
        return __labelled__(self.bits, name=key, given=self.place)

    def getlist(self, key, type=None):
        return __labelled__(self.bits, name=key, given=self.place, type=type)

    def to_dict(self, flat=True):
        return __labelled__(self.bits, given=self.place)

    def items(self, multi=False):
        return __labelled__(self.bits, given=self.place)

    keys = values = lists = items

    def __iter__(self):
        return __labelled__(self.bits, given=self.place)

    def __bool__(self):
        return __labelled__(self.bits, given=self.place)


class Files(Values):
    """The files among the fields of a form."""

    def __init__(self):
        super().__init__(16, "form")

    def get(self, key, default=None, type=None):
        return __labelled__(16, name=key, given="upload", kind=FileStorage)

    def __getitem__(self, key):
        return __labelled__(16, name=key, given="upload", kind=FileStorage)

    def pop(self, key, default=None):
        return self[key]

    def getlist(self, key, type=None):
        return __open_list__(self[key])


_PLACES = {"form": "form", "files": "form", "query": "query", "querystring": "query", "headers": "header", "cookies": "cookie", "path": "path", "view_args": "path"}
_BITS = {"headers": 2, "cookies": 2, "query": 4, "querystring": 4, "path": 4, "view_args": 4}


def _at(location):
    """What libraries that check a request by a schema hand over: what stands in one place of it."""
    return __labelled__(_BITS.get(location, 16), given=_PLACES.get(location, "body"))


def _named(function, location, given):
    """The same, name by name: as far as the function takes names that it is not given."""
    bits, place = _BITS.get(location, 16), _PLACES.get(location, "body")
    found = {}
    for name, kind, default, annotation in __signature_of__(function):
        if kind in (1, 3) and name not in given and name not in ("self", "cls"):
            found[name] = __labelled__(bits, name=name, given=place)
    return found
