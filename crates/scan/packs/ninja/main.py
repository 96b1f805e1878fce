from django.http import HttpResponse
from django.urls import path as _path
from ninja.constants import NOT_SET
from ninja.operation import PathView
from ninja.router import Router


def openapi_json(request): return HttpResponse()
def openapi_view(request): return HttpResponse()
def default_home(request): return HttpResponse()


class NinjaAPI(Router):
    def __init__(self, title="NinjaAPI", version="1.0.0", description="", openapi_url="/openapi.json", docs=None, docs_url="/docs", docs_decorator=None,
                 servers=None, urls_namespace=None, auth=NOT_SET, throttle=NOT_SET, renderer=None, parser=None, default_router=None, openapi_extra=None,
                 csrf=False, **options):
        super().__init__(auth=auth)
        self.title = title
        self.version = version
        self.openapi_url = openapi_url
        self.docs_url = docs_url
        self.docs_decorator = docs_decorator
        self.urls_namespace = urls_namespace or "api-" + version
        self.exception_handlers = {}

    def exception_handler(self, exc_class):
        def decorator(f):
            self.exception_handlers[exc_class] = f
            return f
        return decorator

    def add_exception_handler(self, exc_class, handler): self.exception_handlers[exc_class] = handler
    def set_default_exception_handlers(self): pass
    def create_response(self, request, data=None, status=200, **options): return HttpResponse(data, status=status)
    def create_temporal_response(self, request): return HttpResponse()
    def get_openapi_schema(self, **options): return __unknown__("a document")

    def on_exception(self, request, exc):
        for kind in type(exc).__mro__:
            if kind in self.exception_handlers:
                return self.exception_handlers[kind](request, exc)
        raise exc

    @property
    def urls(self):
        return self._urls(), "ninja", self.urls_namespace

    def _urls(self):
        made = []
        if self.openapi_url:
            made.append(_path(self.openapi_url.lstrip("/"), self._decorated(openapi_json), name="openapi-json"))
            if self.docs_url:
                made.append(_path(self.docs_url.lstrip("/"), self._decorated(openapi_view), name="openapi-view"))
        for full, operations in self._paths("", NOT_SET).items():
            view = PathView(full, self)
            view.operations = operations
            made.append(_path(full.replace("{", "<").replace("}", ">").lstrip("/"), view))
        made.append(_path("", default_home, name="api-root"))
        return made

    def _decorated(self, view):
        return self.docs_decorator(view) if self.docs_decorator else view
