class CSRFError(Exception): pass


class CSRFProtect:
    """A token against forged requests: everybody gets one with a page, so that it admits nobody and refuses no stranger."""

    def __init__(self, app=None): pass

    def init_app(self, app):
        app.extensions["csrf"] = self

    def exempt(self, view): return view
    def protect(self): pass
    def error_handler(self, f): return f


CsrfProtect = CSRFProtect


def generate_csrf(*args, **options): return __unknown__("a token against forged requests")
def validate_csrf(*args, **options): pass
