from django.utils.deprecation import MiddlewareMixin


class SecurityMiddleware(MiddlewareMixin): pass
