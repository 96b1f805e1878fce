from aiohttp_cors.mixin import CorsViewMixin, custom_cors


class ResourceOptions:
    def __init__(self, **options): pass


class CorsConfig:
    def add(self, routing_entity, config=None, webview=False):
        return routing_entity


def setup(app, *, defaults=None):
    return CorsConfig()
