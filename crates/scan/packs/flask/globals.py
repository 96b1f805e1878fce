from flask.wrappers import Request
from starlette.datastructures import Session


class _Globals:
    """`g`: what hooks leave for handlers. What nothing left is absent."""

    def get(self, name, default=None):
        return getattr(self, name, default)

    def pop(self, name, default=None):
        return getattr(self, name, default)

    def setdefault(self, name, default=None):
        if not hasattr(self, name):
            setattr(self, name, default)
        return getattr(self, name)

    def __contains__(self, name):
        return hasattr(self, name)

    def _get_current_object(self):
        return self


class _Session(Session):
    """The session of a caller who brings no cookie: empty, until the program puts something into it."""

    permanent = False
    modified = False
    new = True

    def __setitem__(self, key, value):
        pass

    def __delitem__(self, key):
        pass

    def update(self, *args, **values):
        pass

    def clear(self):
        pass

    def setdefault(self, key, default=None):
        return default


class _Current:
    """What a proxy leads to while a request is played."""

    def __init__(self):
        self.app = None


class _CurrentApp:
    def __getattr__(self, name):
        if name == "login_manager" and not hasattr(_current.app, name):
            # Code that is not seen made it: without one nothing that asks for it would work.
            from flask_login.utils import _UNSEEN
            return _UNSEEN
        return getattr(_current.app, name)

    def _get_current_object(self):
        return _current.app


class _Context:
    """`request_ctx`, `app_ctx` and the stacks that Flask 2 had for them."""

    @property
    def app(self):
        return _current.app

    @property
    def g(self):
        return g

    @property
    def request(self):
        return request

    @property
    def session(self):
        return session

    @property
    def top(self):
        return self

    def push(self): pass
    def pop(self): pass
    def __enter__(self): return self
    def __exit__(self, *error): pass


class _AppContext(_Context):
    """The context of an application that the program enters itself: `current_app` leads to it from then on."""

    def __init__(self, app):
        self._entered = app

    def push(self):
        _current.app = self._entered

    def __enter__(self):
        self.push()
        return self


_current = _Current()
current_app = _CurrentApp()
g = _Globals()
request = Request()
session = __carrying__(2, _Session())
request_ctx = app_ctx = _request_ctx_stack = _app_ctx_stack = _Context()


def _begin(app, rule, scope):
    """A request for a rule of an application."""
    _current.app = app
    __emptied__(g)
    request._enter(app, rule, scope)
    return request


def _end():
    """What is played behind this is no request for a rule."""
    request._leave()
