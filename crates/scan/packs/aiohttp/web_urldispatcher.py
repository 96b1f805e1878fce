from aiohttp import hdrs
from aiohttp.web_exceptions import HTTPMethodNotAllowed
from aiohttp.web_response import FileResponse


class AbstractResource:
    name = None


class AbstractRoute: pass


class Resource(AbstractResource):
    def __init__(self, path, name=None):
        self._path = path
        self.name = name
        self._routes = []

    @property
    def canonical(self):
        return self._path

    def add_route(self, method, handler, *, expect_handler=None, definition=None):
        made = ResourceRoute(method, handler, self, definition)
        self._routes.append(made)
        return made

    def get_info(self): return {"path": self._path}
    def url_for(self, **parts): return __unknown__("an address")
    def __iter__(self): return iter(self._routes)
    def __len__(self): return len(self._routes)


class PlainResource(Resource): pass
class DynamicResource(Resource): pass


class ResourceRoute(AbstractRoute):
    def __init__(self, method, handler, resource, definition=None):
        self.method = method.upper()
        self.handler = handler
        self.resource = resource
        self.definition = definition

    @property
    def name(self):
        return self.resource.name

    def url_for(self, **parts): return __unknown__("an address")
    def get_info(self): return self.resource.get_info()


class StaticResource(AbstractResource):
    def __init__(self, prefix, directory, name=None, definition=None):
        self._prefix = prefix.rstrip("/")
        self._directory = directory
        self.name = name
        self.definition = definition
        self._routes = [ResourceRoute("GET", self._handle, self)]

    async def _handle(self, request):
        return FileResponse(__unknown__("a file"))

    @property
    def canonical(self):
        return self._prefix

    def set_options_route(self, handler): pass
    def get_info(self): return {"prefix": self._prefix, "directory": self._directory}
    def url_for(self, **parts): return __unknown__("an address")
    def __iter__(self): return iter(self._routes)
    def __len__(self): return len(self._routes)


class PrefixedSubAppResource(AbstractResource):
    def __init__(self, prefix, app):
        self._prefix = prefix.rstrip("/")
        self._app = app

    @property
    def canonical(self):
        return self._prefix

    def get_info(self): return {"app": self._app, "prefix": self._prefix}
    def __iter__(self): return iter(self._app.router.routes())
    def __len__(self): return len(self._app.router.routes())


class MatchedSubAppResource(PrefixedSubAppResource):
    """What answers for one host."""

    def __init__(self, domain, app):
        self._prefix = ""
        self._domain = domain
        self._app = app


class UrlDispatcher:
    def __init__(self):
        self._resources = []

    def add_resource(self, path, *, name=None):
        if self._resources:
            last = self._resources[-1]
            if isinstance(last, Resource) and last.name == name and last._path == path:
                return last
        made = Resource(path, name)
        self.register_resource(made)
        return made

    def register_resource(self, resource):
        self._resources.append(resource)

    def add_route(self, method, path, handler, *, name=None, expect_handler=None, definition=None):
        return self.add_resource(path, name=name).add_route(method, handler, definition=definition)

    def add_static(self, prefix, path, *, name=None, definition=None, **options):
        made = StaticResource(prefix, path, name, definition)
        self.register_resource(made)
        return made

    def add_head(self, path, handler, **kwargs): return self.add_route(hdrs.METH_HEAD, path, handler, **kwargs)
    def add_options(self, path, handler, **kwargs): return self.add_route(hdrs.METH_OPTIONS, path, handler, **kwargs)
    def add_post(self, path, handler, **kwargs): return self.add_route(hdrs.METH_POST, path, handler, **kwargs)
    def add_put(self, path, handler, **kwargs): return self.add_route(hdrs.METH_PUT, path, handler, **kwargs)
    def add_patch(self, path, handler, **kwargs): return self.add_route(hdrs.METH_PATCH, path, handler, **kwargs)
    def add_delete(self, path, handler, **kwargs): return self.add_route(hdrs.METH_DELETE, path, handler, **kwargs)
    def add_view(self, path, handler, **kwargs): return self.add_route(hdrs.METH_ANY, path, handler, **kwargs)

    def add_get(self, path, handler, *, name=None, allow_head=True, **kwargs):
        # That HEAD is answered, too, is said once for the application.
        return self.add_route(hdrs.METH_GET, path, handler, name=name, **kwargs)

    def add_routes(self, routes):
        if __kind_of__(routes) == "unknown":
            self.register_resource(routes)
            return []
        return [made for route in routes for made in route.register(self)]

    def resources(self):
        return list(self._resources)

    def routes(self):
        return [route for resource in self._resources for route in resource]

    def named_resources(self):
        return {resource.name: resource for resource in self._resources if resource.name}

    def __iter__(self):
        return iter(self.named_resources())

    def __getitem__(self, name):
        return self.named_resources()[name]

    def freeze(self): pass


class UrlMappingMatchInfo:
    """What a path came to: its parts by name, and the route."""

    http_exception = None
    expect_handler = None

    def __init__(self, route):
        self._played = route

    def _known(self, key):
        return key in self._played.arguments

    def __getitem__(self, key):
        return __labelled__(4, name=key, given="path")

    def get(self, key, default=None):
        return self[key] if self._known(key) else default

    def pop(self, key, default=None):
        return self.get(key, default)

    def __contains__(self, key):
        return self._known(key)

    def __iter__(self):
        return iter(self._played.arguments)

    def keys(self):
        return self._played.arguments

    def items(self):
        return [(name, self[name]) for name in self._played.arguments]

    def values(self):
        return [self[name] for name in self._played.arguments]

    def __len__(self):
        return len(self._played.arguments)

    @property
    def route(self):
        return __carrying__(32, self._played.resource_route)

    @property
    def handler(self):
        return __carrying__(32, self._played.resource_route.handler)

    @property
    def apps(self):
        return tuple(self._played.apps)

    @property
    def current_app(self):
        return self._played.apps[-1]

    def get_info(self):
        return self._played.resource_route.get_info()


class AbstractView:
    def __init__(self, request):
        self._request = request

    @property
    def request(self):
        return self._request


class View(AbstractView):
    async def _iter(self):
        method = getattr(self, self.request.method.lower(), None)
        if method is None:
            self._raise_allowed_methods()
        return await method()

    def __await__(self):
        return self._iter()

    def _raise_allowed_methods(self):
        raise HTTPMethodNotAllowed(self.request.method, [])
