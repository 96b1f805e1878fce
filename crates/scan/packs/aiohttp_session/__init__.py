from aiohttp import web
from starlette.datastructures import Session as _Session


class Session(_Session):
    """The session of a caller who brings no cookie: empty, until the program puts something into it."""

    max_age = None

    def __init__(self, identity=None, *, data=None, new=True, max_age=None):
        pass

    @property
    def new(self):
        return __labelled__(2, True)

    @property
    def empty(self):
        return __labelled__(2, True)

    @property
    def identity(self):
        return __labelled__(2, None, name="identity", given="session")

    @property
    def created(self):
        return __unknown__("a time")

    def __setitem__(self, key, value): pass
    def __delitem__(self, key): pass
    def __bool__(self): return __labelled__(2, False)
    def __len__(self): return __labelled__(2, 0)
    def update(self, *args, **values): pass
    def clear(self): pass
    def setdefault(self, key, default=None): return default
    def changed(self): pass
    def invalidate(self): pass
    def set_new_identity(self, identity): pass


async def get_session(request): return __carrying__(2, Session())
async def new_session(request): return Session()


class AbstractStorage:
    def __init__(self, **options): pass
    async def new_session(self): return Session()
    def load_cookie(self, request): return request.cookies.get("AIOHTTP_SESSION")
    def save_cookie(self, *args, **options): pass


class SimpleCookieStorage(AbstractStorage): pass


def session_middleware(storage):
    @web.middleware
    async def factory(request, handler):
        return await handler(request)
    return factory


def setup(app, storage):
    app.middlewares.append(session_middleware(storage))
