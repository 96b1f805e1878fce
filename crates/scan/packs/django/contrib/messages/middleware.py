from django.utils.deprecation import MiddlewareMixin


class MessageMiddleware(MiddlewareMixin): pass
