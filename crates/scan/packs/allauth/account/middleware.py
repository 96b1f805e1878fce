from django.utils.deprecation import MiddlewareMixin


class AccountMiddleware(MiddlewareMixin): pass
