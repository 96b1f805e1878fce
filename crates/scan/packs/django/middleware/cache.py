from django.utils.deprecation import MiddlewareMixin


class UpdateCacheMiddleware(MiddlewareMixin): pass
class FetchFromCacheMiddleware(MiddlewareMixin): pass
class CacheMiddleware(MiddlewareMixin): pass
