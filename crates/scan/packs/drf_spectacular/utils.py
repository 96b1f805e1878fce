def extend_schema(*args, **options): return lambda f: f
def extend_schema_view(**options): return lambda f: f
def extend_schema_field(*args, **options): return lambda f: f
def extend_schema_serializer(**options): return lambda f: f
def inline_serializer(name, fields, **options): return __unknown__("a serializer")


class _Described:
    def __init__(self, *args, **options): pass


class OpenApiParameter(_Described):
    QUERY, PATH, HEADER, COOKIE = "query", "path", "header", "cookie"


class OpenApiResponse(_Described): pass
class OpenApiRequest(_Described): pass
class OpenApiExample(_Described): pass
class OpenApiCallback(_Described): pass
class OpenApiWebhook(_Described): pass
class PolymorphicProxySerializer(_Described): pass
