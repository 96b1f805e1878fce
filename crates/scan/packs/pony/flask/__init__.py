class Pony:
    """A session around each request."""

    def __init__(self, app=None): pass
    def init_app(self, app): pass
