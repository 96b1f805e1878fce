class CORS:
    def __init__(self, app=None, **kwargs):
        self.options = kwargs
        if app is not None:
            self.init_app(app)

    def init_app(self, app, **kwargs):
        __noted__("call", "flask_cors.CORS", **self.options, **kwargs)


def cross_origin(*args, **kwargs):
    __noted__("call", "flask_cors.cross_origin", *args, **kwargs)
    return lambda f: f
