from functools import partial, wraps

from flask import abort, current_app, g


class PermissionDenied(RuntimeError): pass


def Need(method, value):
    return (method, value)


def ItemNeed(method, value, type):
    return (method, value, type)


UserNeed = partial(Need, "id")
RoleNeed = partial(Need, "role")
TypeNeed = partial(Need, "type")
ActionNeed = partial(Need, "action")


class Identity:
    def __init__(self, id, auth_type=None):
        self.id = id
        self.auth_type = auth_type
        self.provides = set()

    def can(self, permission):
        return permission.allows(self)


class AnonymousIdentity(Identity):
    def __init__(self):
        super().__init__(None)


class IdentityContext:
    def __init__(self, permission, http_exception=None):
        self.permission = permission
        self.http_exception = http_exception

    @property
    def identity(self):
        return _identity()

    def can(self):
        return self.permission.allows(self.identity)

    def __call__(self, f):
        @wraps(f)
        def _decorated(*args, **kwargs):
            self.__enter__()
            return f(*args, **kwargs)
        return _decorated

    def __enter__(self):
        if not self.can():
            if self.http_exception:
                abort(self.http_exception)
            raise PermissionDenied(self.permission)
        return self

    def __exit__(self, *args):
        return False


class Permission:
    def __init__(self, *needs):
        self.needs = list(needs)
        self.excludes = []

    def require(self, http_exception=None):
        return IdentityContext(self, http_exception)

    def test(self, http_exception=None):
        with self.require(http_exception):
            pass

    def allows(self, identity):
        """Whoever provides one of the needs; without a credential nobody provides any."""
        if not self.needs:
            return True
        kind = "role" if self.needs[0][0] == "role" else "permission"
        return __labelled__(2, None, name=kind) in [need[1] for need in self.needs]

    def can(self):
        return self.require().can()

    def union(self, other):
        return Permission(*self.needs, *other.needs)

    def difference(self, other):
        return self

    def reverse(self):
        return self

    __or__ = union
    __and__ = union


class Denial(Permission):
    def __init__(self, *excludes):
        super().__init__()


class Principal:
    def __init__(self, app=None, use_sessions=True, skip_static=False):
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        app.extensions["principal"] = self

    def set_identity(self, identity):
        g.identity = identity

    def identity_loader(self, f): return f
    def identity_saver(self, f): return f


def _identity():
    return g.get("identity") or AnonymousIdentity()


class _Signal:
    def connect(self, f, *args, **options): return f
    def connect_via(self, *args, **options): return lambda f: f
    def send(self, *args, **options): return []


identity_changed = _Signal()
identity_loaded = _Signal()
