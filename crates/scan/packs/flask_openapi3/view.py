from flask_openapi3.scaffold import _with_models


class APIView:
    def __init__(self, url_prefix=None, view_tags=None, view_security=None, view_responses=None, doc_ui=True, operation_id_callback=None):
        self.url_prefix = url_prefix
        self.views = []

    def route(self, rule):
        def wrapper(cls):
            self.views.append(((self.url_prefix or "") + rule.replace("{", "<").replace("}", ">"), cls))
            return cls
        return wrapper

    def doc(self, **options):
        return lambda func: func

    def register(self, app, url_prefix=None, view_kwargs=None):
        for rule, cls in self.views:
            if url_prefix and self.url_prefix and url_prefix != self.url_prefix:
                rule = url_prefix + rule.removeprefix(self.url_prefix)
            elif url_prefix and not self.url_prefix:
                rule = url_prefix.rstrip("/") + "/" + rule.lstrip("/")
            for method in ("get", "post", "put", "delete", "patch"):
                if hasattr(cls, method):
                    view = _with_models(getattr(cls(), method))
                    app.add_url_rule(rule, cls.__name__ + "." + method, view, methods=[method.upper()])
