from starlette.datastructures import URL, Credentials, State


class HTTPConnection:
    def __init__(self, scope, receive=None):
        self.scope = scope

    @property
    def headers(self):
        return Credentials()

    @property
    def cookies(self):
        return Credentials()

    @property
    def session(self):
        return Credentials()

    @property
    def user(self):
        return __labelled__(2, name="user")

    @property
    def auth(self):
        return __labelled__(2, name="auth")

    @property
    def query_params(self):
        return __labelled__(4, name="query_params")

    @property
    def path_params(self):
        return __labelled__(4, name="path_params")

    @property
    def client(self):
        return __labelled__(8, name="client")

    @property
    def app(self):
        return __unknown__("the application of a request")


class Request(HTTPConnection):
    def __init__(self, scope=None, receive=None, send=None):
        self.scope = scope

    async def body(self):
        return __labelled__(16, name="body")

    async def json(self):
        return __labelled__(16, name="json")

    async def form(self):
        return __labelled__(16, name="form")
