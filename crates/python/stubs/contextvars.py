class ContextVar:
    """What another part of the program put there; middleware and dependencies set it, so it counts as coming from them."""

    def __class_getitem__(cls, key):
        return cls

    def __init__(self, name, *, default=...):
        self.name = name
        self.default = default

    def get(self, default=...):
        if default is not ...:
            return default
        if self.default is not ...:
            return self.default
        return __unknown__("a context variable")

    def set(self, value):
        return __unknown__("a token")

    def reset(self, token):
        pass


class Token: pass


def copy_context():
    return __unknown__("a context")
