from functools import wraps

from _described import _answering, _securing, _taking
from flask import Blueprint as _Blueprint
from flask.values import _at, _named
from flask.views import MethodView


class PaginationParameters:
    def __init__(self, page=1, page_size=10):
        self.page = __labelled__(4, name="page")
        self.page_size = __labelled__(4, name="page_size")
        self.item_count = None

    first_item = last_item = 0


def _pages(most):
    return [("page", {"type": "integer", "minimum": 1}, False), ("page_size", {"type": "integer", "minimum": 1, "maximum": most}, False)]


class Blueprint(_Blueprint):
    HTTP_METHODS = ["OPTIONS", "HEAD", "GET", "POST", "PUT", "PATCH", "DELETE"]
    ARGUMENTS_PARSER = None

    def __init__(self, *args, **kwargs):
        self.description = kwargs.pop("description", "")
        super().__init__(*args, **kwargs)
        self._endpoints = []

    def add_url_rule(self, rule, endpoint=None, view_func=None, provide_automatic_options=None, *, parameters=None, tags=None, **options):
        if endpoint is None:
            endpoint = view_func.__name__
        if endpoint in self._endpoints:
            endpoint = f"{endpoint}_{len(self._endpoints)}"
        self._endpoints.append(endpoint)
        if isinstance(view_func, type):
            view_func = view_func.as_view(endpoint)
        super().add_url_rule(rule, endpoint, view_func, **options)

    def route(self, rule, *, parameters=None, tags=None, **options):
        def decorator(func):
            self.add_url_rule(rule, options.pop("endpoint", None), func, parameters=parameters, tags=tags, **options)
            return func
        return decorator

    def _decorate_view_func_or_method_view(self, decorator, obj):
        if isinstance(obj, type):
            for method in self.HTTP_METHODS:
                name = method.lower()
                if hasattr(obj, name):
                    setattr(obj, name, decorator(getattr(obj, name)))
            return obj
        return decorator(obj)

    def arguments(self, schema, *, location="json", content_type=None, required=True, description=None, example=None, examples=None, **kwargs):
        as_kwargs = kwargs.get("as_kwargs", False)
        def decorator(func):
            @wraps(func)
            def wrapper(*args, **kwargs):
                if as_kwargs:
                    return func(*args, **{**_named(func, location, kwargs), **kwargs})
                return func(*args, _at(location), **kwargs)
            return _taking(wrapper, func, schema, location, content_type, required, kwargs.get("unknown"))
        return decorator

    def paginate(self, pager=None, *, page=None, page_size=None, max_page_size=None):
        def decorator(func):
            @wraps(func)
            def wrapper(*args, **kwargs):
                if pager is None:
                    kwargs["pagination_parameters"] = PaginationParameters()
                return func(*args, **kwargs)
            return _taking(wrapper, func, _pages(max_page_size or 100), "query", None, False)
        return decorator

    def response(self, status_code, schema=None, **options):
        return lambda f: _answering(_passed_through(f), f, schema, status_code)

    def etag(self, obj):
        return self._decorate_view_func_or_method_view(_passed_through, obj)

    @staticmethod
    def doc(**kwargs):
        return lambda f: _securing(_passed_through(f), f, kwargs["security"]) if "security" in kwargs else _passed_through(f)

    def alt_response(self, status_code, response=None, **options):
        return lambda obj: self._decorate_view_func_or_method_view(_passed_through, obj)

    def check_etag(self, etag_data, etag_schema=None, **options): pass
    def set_etag(self, etag_data, etag_schema=None, **options): pass


def _passed_through(f):
    """What only changes how an answer is written."""
    @wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)
    return wrapper
