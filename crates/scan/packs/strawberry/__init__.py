def _resolver(function):
    function._resolves = "strawberry"
    return function


def field(resolver=None, **options):
    return _resolver if resolver is None else _resolver(resolver)


mutation = subscription = field
