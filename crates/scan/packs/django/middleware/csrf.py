from django.utils.deprecation import MiddlewareMixin


class CsrfViewMiddleware(MiddlewareMixin): pass


def get_token(request): return __unknown__("a token against forged requests")
def rotate_token(request): pass
