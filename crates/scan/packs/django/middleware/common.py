from django.utils.deprecation import MiddlewareMixin


class CommonMiddleware(MiddlewareMixin): pass
class BrokenLinkEmailsMiddleware(MiddlewareMixin): pass
