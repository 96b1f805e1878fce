from django.utils.deprecation import MiddlewareMixin


class UserSessionsMiddleware(MiddlewareMixin): pass
