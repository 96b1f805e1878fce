from starlette import routing
from starlette.routing import BaseRoute, Host, Mount, Route


class APIRoute(routing.Route):
    def __init__(self, path, endpoint, *, response_model=None, status_code=None, tags=None, dependencies=None, summary=None, description=None,
                 response_description="", responses=None, deprecated=None, name=None, methods=None, operation_id=None,
                 response_model_include=None, response_model_exclude=None, response_model_by_alias=True, include_in_schema=True,
                 response_class=None, callbacks=None, openapi_extra=None, generate_unique_id_function=None, **extra):
        self.path = path
        self.endpoint = endpoint
        self.response_model = response_model
        self.response_model_include = response_model_include
        self.response_model_exclude = response_model_exclude
        self.status_code = status_code
        self.tags = tags or []
        self.dependencies = list(dependencies or [])
        self.deprecated = deprecated
        self.name = name or getattr(endpoint, "__name__", None)
        self.methods = ["GET"] if methods is None else [method.upper() for method in methods]
        self.operation_id = operation_id
        self.include_in_schema = include_in_schema
        self.openapi_extra = openapi_extra
        self.summary = summary
        self.description = description
        self.responses = responses or {}
        self.response_class = response_class
        self.callbacks = callbacks
        self.middleware = []

    def get_route_handler(self):
        async def handle(request):
            return __passed__()
        return handle


class APIWebSocketRoute(routing.WebSocketRoute):
    def __init__(self, path, endpoint, *, name=None, dependencies=None, **extra):
        self.path = path
        self.endpoint = endpoint
        self.name = name
        self.dependencies = list(dependencies or [])
        self.middleware = []


class _IncludedRouter(BaseRoute):
    def __init__(self, router, prefix, tags, dependencies, deprecated, include_in_schema):
        self.original_router = router
        self.prefix = prefix
        self.tags = tags or []
        self.dependencies = list(dependencies or [])
        self.deprecated = deprecated
        self.include_in_schema = include_in_schema

    @property
    def routes(self):
        return self.original_router.routes


class APIRouter(routing.Router):
    def __init__(self, *, prefix="", tags=None, dependencies=None, default_response_class=None, responses=None, callbacks=None,
                 routes=None, redirect_slashes=True, default=None, dependency_overrides_provider=None, route_class=APIRoute,
                 on_startup=None, on_shutdown=None, lifespan=None, deprecated=None, include_in_schema=True,
                 generate_unique_id_function=None, **extra):
        super().__init__(routes=routes, redirect_slashes=redirect_slashes, on_startup=on_startup, lifespan=lifespan)
        self.prefix = prefix
        self.tags = list(tags or [])
        self.dependencies = list(dependencies or [])
        self.deprecated = deprecated
        self.include_in_schema = include_in_schema
        self.route_class = route_class
        self.responses = responses or {}

    def add_api_route(self, path, endpoint, *, response_model=None, tags=None, dependencies=None, methods=None, deprecated=None,
                      include_in_schema=True, route_class_override=None, name=None, **options):
        route_class = route_class_override or self.route_class
        current_tags = self.tags.copy()
        if tags:
            current_tags.extend(tags)
        current_dependencies = self.dependencies.copy()
        if dependencies:
            current_dependencies.extend(dependencies)
        route = route_class(
            self.prefix + path, endpoint=endpoint, response_model=response_model, tags=current_tags, dependencies=current_dependencies,
            methods=methods, deprecated=deprecated or self.deprecated, include_in_schema=include_in_schema and self.include_in_schema,
            name=name, **options,
        )
        self.routes.append(route)

    def api_route(self, path, **options):
        def decorator(function):
            self.add_api_route(path, function, **options)
            return function
        return decorator

    def add_api_websocket_route(self, path, endpoint, name=None, *, dependencies=None):
        current_dependencies = self.dependencies.copy()
        if dependencies:
            current_dependencies.extend(dependencies)
        self.routes.append(APIWebSocketRoute(self.prefix + path, endpoint=endpoint, name=name, dependencies=current_dependencies))

    def websocket(self, path, name=None, *, dependencies=None):
        def decorator(function):
            self.add_api_websocket_route(path, function, name=name, dependencies=dependencies)
            return function
        return decorator

    def include_router(self, router, *, prefix="", tags=None, dependencies=None, default_response_class=None, responses=None,
                       callbacks=None, deprecated=None, include_in_schema=True, generate_unique_id_function=None):
        self.on_startup.extend(router.on_startup)
        self.routes.append(_IncludedRouter(
            router, self.prefix + prefix, self.tags + list(tags or []), self.dependencies + list(dependencies or []),
            deprecated or self.deprecated, include_in_schema and self.include_in_schema,
        ))

    def get(self, path, **options):
        return self.api_route(path, methods=["GET"], **options)

    def put(self, path, **options):
        return self.api_route(path, methods=["PUT"], **options)

    def post(self, path, **options):
        return self.api_route(path, methods=["POST"], **options)

    def delete(self, path, **options):
        return self.api_route(path, methods=["DELETE"], **options)

    def options(self, path, **options):
        return self.api_route(path, methods=["OPTIONS"], **options)

    def head(self, path, **options):
        return self.api_route(path, methods=["HEAD"], **options)

    def patch(self, path, **options):
        return self.api_route(path, methods=["PATCH"], **options)

    def trace(self, path, **options):
        return self.api_route(path, methods=["TRACE"], **options)
