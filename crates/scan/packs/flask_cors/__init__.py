class CORS:
    def __init__(self, app=None, **kwargs): pass
    def init_app(self, app, **kwargs): pass


def cross_origin(*args, **kwargs):
    return lambda f: f
