from flask.values import Values
from starlette.datastructures import Cookies, Headers


class _State:
    """What middleware leaves for what is behind it, and a program in its application."""

    def __init__(self):
        self._state = {}

    def __getitem__(self, key):
        return self._state[key] if key in self._state else self._absent(key)

    def __setitem__(self, key, value):
        self._state[key] = value

    def __delitem__(self, key):
        self._state.pop(key, None)

    def __contains__(self, key):
        return key in self._state

    def get(self, key, default=None):
        return self._state.get(key, default)

    def setdefault(self, key, default=None):
        return self._state.setdefault(key, default)

    def pop(self, key, default=None):
        return self._state.pop(key, default)

    def update(self, *args, **values):
        self._state.update(*args, **values)

    def __iter__(self):
        return iter(self._state)

    def keys(self):
        return self._state.keys()

    def items(self):
        return self._state.items()


class _URL:
    """The address of a request."""

    def __init__(self, request):
        self._request = request

    @property
    def path(self):
        return self._request.path

    raw_path = path_qs = raw_path_qs = path

    @property
    def parts(self):
        return self._request.path.split("/")

    @property
    def name(self):
        return self._request.path.split("/")[-1]

    @property
    def query(self):
        return self._request.query

    @property
    def query_string(self):
        return self._request.query_string

    @property
    def host(self):
        return self._request.host

    scheme = port = authority = host

    def origin(self): return self
    def relative(self): return self
    def with_query(self, *args, **values): return self
    def with_path(self, path): return self
    def update_query(self, *args, **values): return self
    def join(self, url): return self
    def __truediv__(self, name): return self

    def __str__(self):
        return self._request.path


class BaseRequest(_State):
    """One that is played, or that a program makes of another."""

    def __init__(self, scope=None, route=None):
        self._state = {}
        self.scope = scope or {}
        self._route = route
        self._app = None

    def _absent(self, key):
        return __labelled__(2, name=key)

    def clone(self, **options): return self

    @property
    def method(self):
        return self.scope["method"]

    @property
    def path(self):
        return self.scope["path"]

    path_qs = raw_path = path

    @property
    def rel_url(self):
        return _URL(self)

    url = rel_url

    @property
    def app(self):
        return self._app

    @property
    def config_dict(self):
        return _Chain(self._route.apps)

    @property
    def match_info(self):
        return self._route.match_info

    @property
    def headers(self):
        return __carrying__(2, Headers())

    @property
    def raw_headers(self):
        return __labelled__(2, name="headers")

    @property
    def cookies(self):
        return __carrying__(2, Cookies())

    query = __carrying__(4, Values(4, "query"))

    @property
    def query_string(self):
        return __labelled__(4, name="query_string")

    async def post(self): return __carrying__(16, Values(16, "form"))
    async def json(self, *, loads=None): return __labelled__(16, given="body")
    async def text(self): return __labelled__(16, given="body")
    async def read(self): return __labelled__(16, given="body")
    async def multipart(self): return __labelled__(16, given="form")
    async def release(self): pass

    @property
    def content(self):
        return __labelled__(16, given="body")

    @property
    def has_body(self):
        return __labelled__(256, name="has_body")

    can_read_body = body_exists = has_body

    @property
    def remote(self):
        return __labelled__(8, name="remote")

    transport = task = protocol = writer = remote

    @property
    def host(self):
        return __labelled__(8, name="host")

    scheme = secure = forwarded = content_type = charset = content_length = http_range = if_modified_since = version = host
    if_unmodified_since = if_match = if_none_match = if_range = keep_alive = host

    @property
    def loop(self):
        return __unknown__("an event loop")


class Request(BaseRequest): pass


class _Chain:
    """What an application holds, or one around it."""

    def __init__(self, apps):
        self._apps = apps

    def _holder(self, key):
        for app in reversed(self._apps):
            if key in app:
                return app
        return self._apps[0]

    def __getitem__(self, key):
        return self._holder(key)[key]

    def get(self, key, default=None):
        return self._holder(key).get(key, default)

    def __contains__(self, key):
        return key in self._holder(key)


class FileField: pass


class RequestKey:
    def __init__(self, name, t=None):
        self.name = name
