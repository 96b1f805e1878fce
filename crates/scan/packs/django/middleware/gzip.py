from django.utils.deprecation import MiddlewareMixin


class GZipMiddleware(MiddlewareMixin): pass
