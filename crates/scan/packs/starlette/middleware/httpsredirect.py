class HTTPSRedirectMiddleware:
    def __init__(self, app, *args, **options):
        self.app = app
        self.options = options
