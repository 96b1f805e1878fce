from functools import wraps


class QuartSchema:
    def __init__(self, app=None, *, openapi_path="/openapi.json", redoc_ui_path="/redocs", scalar_ui_path="/scalar", swagger_ui_path="/docs",
                 **options):
        self.paths = (("openapi", openapi_path), ("redoc_ui", redoc_ui_path), ("scalar_ui", scalar_ui_path), ("swagger_ui", swagger_ui_path))
        if app is not None:
            self.init_app(app)

    def init_app(self, app):
        if self.paths[0][1] is not None:
            for endpoint, path in self.paths:
                if path is not None:
                    app.add_url_rule(path, endpoint, self._document)

    async def _document(self):
        return __unknown__("the document of an API")


def _given(name, bits):
    def validated(model_class, **options):
        def decorator(func):
            @wraps(func)
            async def wrapper(*args, **kwargs):
                return await func(*args, **{name: __labelled__(bits, name=name)}, **kwargs)
            return wrapper
        return decorator
    return validated


validate_request = _given("data", 16)
validate_querystring = _given("query_args", 4)
validate_headers = _given("headers", 2)


def _same(*args, **options):
    return lambda func: func


validate_response = document_request = document_response = document_querystring = document_headers = tag = security_scheme = operation_id = _same
def deprecate(func): return func


hide = deprecate


def validate(*, querystring=None, request=None, headers=None, responses=None, **options):
    def decorator(func):
        if request is not None:
            func = validate_request(request)(func)
        if querystring is not None:
            func = validate_querystring(querystring)(func)
        if headers is not None:
            func = validate_headers(headers)(func)
        return func
    return decorator


class RequestSchemaValidationError(Exception): pass
class ResponseSchemaValidationError(Exception): pass
