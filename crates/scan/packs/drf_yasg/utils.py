def swagger_auto_schema(*args, **options): return lambda f: f
def swagger_serializer_method(*args, **options): return lambda f: f
no_body = None
