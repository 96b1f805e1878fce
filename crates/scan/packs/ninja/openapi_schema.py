class OpenAPIDocsBase:
    def __init__(self, *args, **options): pass


class Swagger(OpenAPIDocsBase): pass
class Redoc(OpenAPIDocsBase): pass
