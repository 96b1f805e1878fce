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
    """Cookies and sessions of a request that carries no credential: every key is absent."""

    def get(self, key, default=None):
        return __labelled__(1026, default, name=key)

    def getlist(self, key):
        return __labelled__(1026, [])

    def __getitem__(self, key):
        return __labelled__(1026, name=key)

    def __contains__(self, key):
        return __labelled__(1026, False)

    def keys(self):
        return __labelled__(1026, [])

    def __iter__(self):
        return []

    def items(self):
        return __labelled__(1026, [])

    def pop(self, key, default=None):
        return __labelled__(1026, default)


class Cookies(Credentials):
    """What a browser keeps and anybody may send."""

    def getlist(self, key):
        return __labelled__(1026, [], name=key, given="cookie")

    def keys(self):
        return __labelled__(1026, [], given="cookie")

    values = items = keys

    def get(self, key, default=None):
        return __labelled__(1026, default, name=key, given="cookie")

    pop = get

    def __getitem__(self, key):
        return __labelled__(1026, name=key, given="cookie")


class Session(Credentials):
    """What the application itself put there: the client cannot choose it."""

    def get(self, key, default=None):
        return __labelled__(1026, default, name=key, given="session")

    pop = get

    def __getitem__(self, key):
        return __labelled__(1026, name=key, given="session")


class UploadFile:
    """A file that a client sends: it chose the name, the type and what stands in it."""

    @property
    def filename(self):
        return __labelled__(16, name="filename", given="filename")

    @property
    def content_type(self):
        return __labelled__(16, name="content_type", given="filename")

    @property
    def file(self):
        return __labelled__(16, name="file", given="content")

    @property
    def size(self):
        return __labelled__(16, name="size", given="size")

    headers = file

    def read(self, size=-1):
        return __labelled__(16, name="content", given="content")

    def seek(self, offset): pass
    def write(self, data): pass
    def close(self): pass


class FormData: pass
# Fields that HTTP or a proxy defines for something else than credentials: every client has them, and whoever it is may choose what is in them.
FREE_FIELDS = (
    "accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "cf-connecting-ip", "cf-ipcountry", "connection", "content-encoding", "content-length",
    "content-type", "date", "dnt", "expect", "forwarded", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range",
    "if-unmodified-since", "keep-alive", "origin", "pragma", "prefer", "priority", "range", "referer", "sec-ch-ua", "sec-ch-ua-mobile",
    "sec-ch-ua-platform", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-user", "te", "traceparent", "tracestate", "trailer",
    "transfer-encoding", "true-client-ip", "upgrade", "upgrade-insecure-requests", "user-agent", "via", "x-client-ip", "x-correlation-id", "x-forwarded-for",
    "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix", "x-forwarded-proto", "x-real-ip", "x-request-id", "x-requested-with",
)


class Headers(Credentials):
    """The fields of a request that carries no credential."""

    def __init__(self, headers=None, raw=None, scope=None):
        pass

    def get(self, key, default=None):
        if key.lower() in FREE_FIELDS:
            return __labelled__(8, name=key, given="header")
        if key.lower() == "sec-websocket-protocol":
            # The name of a protocol; where browsers must, also a token.
            return __labelled__(10, name=key)
        return __labelled__(2, default, name=key, given="header")

    def getlist(self, key):
        if key.lower() in FREE_FIELDS or key.lower() == "sec-websocket-protocol":
            return self.get(key)
        return __labelled__(2, [], name=key, given="header")

    get_all = getlist

    def keys(self):
        return __labelled__(2, [], given="header")

    values = items = keys

    def __getitem__(self, key):
        return self.get(key) if key.lower() in FREE_FIELDS else __labelled__(2, name=key, given="header")

    def __contains__(self, key):
        if key.lower() in FREE_FIELDS:
            return __labelled__(8, name=key)
        return __labelled__(2, False)

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
