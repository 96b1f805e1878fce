from functools import wraps

from _described import _taking

_BITS = {"path": 4, "query": 4, "form": 16, "body": 16, "header": 2, "cookie": 2, "raw": 16}
_TAKEN = {"query": "query", "form": "form", "body": "json", "header": "headers", "cookie": "cookies"}
_OPTIONS = ("tags", "summary", "description", "external_docs", "operation_id", "responses", "deprecated", "security", "servers",
            "openapi_extensions", "doc_ui", "validate_response")


class APIScaffold:
    """Routes whose parameters come as models: one for each place of a request."""

    def _method(self, rule, methods, options):
        kept = {name: value for name, value in options.items() if name not in _OPTIONS}

        def decorator(func):
            view = _with_models(func)
            self.add_url_rule(rule.replace("{", "<").replace("}", ">"), kept.pop("endpoint", None), view, methods=methods, **kept)
            return func
        return decorator

    def get(self, rule, **options): return self._method(rule, ["GET"], options)
    def post(self, rule, **options): return self._method(rule, ["POST"], options)
    def put(self, rule, **options): return self._method(rule, ["PUT"], options)
    def delete(self, rule, **options): return self._method(rule, ["DELETE"], options)
    def patch(self, rule, **options): return self._method(rule, ["PATCH"], options)


def _with_models(func):
    wanted = [(name, annotation) for name, kind, default, annotation in __signature_of__(func) if name in _BITS]

    @wraps(func)
    def view(**values):
        return func(**{name: __labelled__(_BITS[name], name=name) for name, annotation in wanted})

    for name, annotation in wanted:
        if name in _TAKEN:
            _taking(view, view, annotation, location=_TAKEN[name])
    return view
