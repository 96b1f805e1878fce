from starlette.applications import Starlette
from starlette.datastructures import State

from fastapi import routing


class FastAPI(Starlette):
    def __init__(self, *, debug=False, routes=None, title="FastAPI", version="0.1.0", openapi_url="/openapi.json", dependencies=None,
                 docs_url="/docs", redoc_url="/redoc", swagger_ui_oauth2_redirect_url="/docs/oauth2-redirect", middleware=None,
                 exception_handlers=None, on_startup=None, on_shutdown=None, lifespan=None, root_path="", responses=None,
                 deprecated=None, include_in_schema=True, redirect_slashes=True, default_response_class=None, **extra):
        self.debug = debug
        self.title = title
        self.version = version
        self.state = State()
        self.openapi_url = openapi_url
        self.docs_url = docs_url
        self.redoc_url = redoc_url
        self.swagger_ui_oauth2_redirect_url = swagger_ui_oauth2_redirect_url
        self.root_path = root_path
        self.default_response_class = default_response_class
        self.dependency_overrides = {}
        self.openapi_schema = None
        self.router = routing.APIRouter(
            routes=routes, redirect_slashes=redirect_slashes, on_startup=on_startup, lifespan=lifespan, dependencies=dependencies,
            deprecated=deprecated, include_in_schema=include_in_schema, responses=responses,
        )
        self.exception_handlers = {} if exception_handlers is None else dict(exception_handlers)
        self.user_middleware = [] if middleware is None else list(middleware)

    def openapi(self):
        return self.openapi_schema

    def include_router(self, router, **options):
        self.router.include_router(router, **options)

    def add_api_route(self, path, endpoint, **options):
        self.router.add_api_route(path, endpoint=endpoint, **options)

    def api_route(self, path, **options):
        return self.router.api_route(path, **options)

    def add_api_websocket_route(self, path, endpoint, name=None, *, dependencies=None):
        self.router.add_api_websocket_route(path, endpoint, name=name, dependencies=dependencies)

    def websocket(self, path, name=None, *, dependencies=None):
        return self.router.websocket(path, name=name, dependencies=dependencies)

    def get(self, path, **options):
        return self.router.get(path, **options)

    def put(self, path, **options):
        return self.router.put(path, **options)

    def post(self, path, **options):
        return self.router.post(path, **options)

    def delete(self, path, **options):
        return self.router.delete(path, **options)

    def options(self, path, **options):
        return self.router.options(path, **options)

    def head(self, path, **options):
        return self.router.head(path, **options)

    def patch(self, path, **options):
        return self.router.patch(path, **options)

    def trace(self, path, **options):
        return self.router.trace(path, **options)
