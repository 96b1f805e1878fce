class State:
    """What middleware hands to the application: anything that is not set here was set by code that is not described."""

    def __init__(self, state=None):
        pass

    def __getattr__(self, name):
        return __labelled__(2, name=name)


class Address:
    pass


class URL:
    def __init__(self, url="", path=None):
        self.path = path if path is not None else __unknown__("the path of a URL")


class Credentials:
    """Headers, cookies, sessions of a request that carries no credential: every key is absent."""

    def get(self, key, default=None):
        return __labelled__(2, default, name=key)

    def getlist(self, key):
        return __labelled__(2, [])

    def __getitem__(self, key):
        return __labelled__(2, name=key)

    def __contains__(self, key):
        return __labelled__(2, False)

    def __iter__(self):
        return []

    def items(self):
        return __labelled__(2, [])

    def pop(self, key, default=None):
        return __labelled__(2, default)


class UploadFile: pass
class FormData: pass
class Headers(Credentials):
    def __init__(self, headers=None, raw=None, scope=None):
        pass

    def __setitem__(self, key, value):
        pass

    def setdefault(self, key, value):
        return value

    def append(self, key, value):
        pass


class MutableHeaders(Headers): pass
class QueryParams(dict): pass
class Secret(str): pass
class CommaSeparatedStrings(list): pass
