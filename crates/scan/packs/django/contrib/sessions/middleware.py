from django.utils.deprecation import MiddlewareMixin


class SessionMiddleware(MiddlewareMixin): pass
