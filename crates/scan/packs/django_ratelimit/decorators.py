from django_ratelimit import ALL, UNSAFE


def ratelimit(group=None, key=None, rate=None, method=ALL, block=True):
    """Too many requests are refused, whoever sends them."""
    return _same


ratelimit.ALL = ALL
ratelimit.UNSAFE = UNSAFE


def _same(view):
    return view
