from starlette.datastructures import URL, Cookies, Headers, Session


class HTTPConnection:
    def __init__(self, scope, receive=None):
        self.scope = scope

    def __getitem__(self, key):
        return self.scope[key]

    def get(self, key, default=None):
        return self.scope.get(key, default)

    @property
    def url(self):
        return URL(path=self.scope["path"])

    @property
    def base_url(self):
        if __is_watched__():
            return __labelled__(8, name="base_url", given="host")
        return URL(path="/")

    @property
    def state(self):
        return self.scope["state"]

    @property
    def headers(self):
        return __carrying__(2, Headers())

    @property
    def cookies(self):
        return __carrying__(2, Cookies())

    @property
    def session(self):
        return __carrying__(2, Session())

    @property
    def user(self):
        return __labelled__(2, name="user")

    @property
    def auth(self):
        return __labelled__(2, name="auth")

    @property
    def query_params(self):
        return __labelled__(4, given="query")

    @property
    def path_params(self):
        return __labelled__(4, given="path")

    @property
    def client(self):
        return __labelled__(8, name="client")

    @property
    def app(self):
        return self.scope.get("app")


class Request(HTTPConnection):
    def __init__(self, scope=None, receive=None, send=None):
        self.scope = scope

    @property
    def method(self):
        return self.scope["method"]

    async def body(self):
        return __labelled__(16, given="body")

    async def json(self):
        return __labelled__(16, given="body")

    async def form(self, **options):
        return __labelled__(16, given="form")

    async def is_disconnected(self):
        return False
