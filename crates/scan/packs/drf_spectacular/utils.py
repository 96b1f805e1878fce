def extend_schema(*args, **options):
    def decorator(described):
        described._described = (getattr(described, "_described", None) or []) + [options]
        return described
    decorator._options = options
    return decorator


def extend_schema_view(**actions):
    def decorator(cls):
        cls._described_actions = {action: described._options for action, described in actions.items()}
        return cls
    return decorator


def extend_schema_field(*args, **options): return lambda f: f
def extend_schema_serializer(**options): return lambda f: f
def inline_serializer(name, fields, **options):
    from rest_framework.serializers import Serializer
    return type(name, (Serializer,), fields)(**options)


class _Described:
    def __init__(self, *args, **options): pass


class OpenApiParameter(_Described):
    QUERY, PATH, HEADER, COOKIE = "query", "path", "header", "cookie"


class OpenApiResponse(_Described):
    def __init__(self, response=None, *args, **options):
        self.response = response


class OpenApiRequest(_Described): pass
class OpenApiExample(_Described): pass
class OpenApiCallback(_Described): pass
class OpenApiWebhook(_Described): pass
class PolymorphicProxySerializer(_Described): pass
