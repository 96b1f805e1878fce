from aiohttp import web


async def _page(request): return web.Response()
async def _document(request): return web.json_response()


def setup_swagger(app, *, swagger_url="/api/doc", **options):
    path = "/" + swagger_url.strip("/")
    app.router.add_route("GET", path, _page)
    app.router.add_route("GET", path + "/", _page)
    app.router.add_route("GET", path + "/swagger.json", _document)
    app.router.add_static(path + "/swagger_static", ".")


def swagger_path(path): return lambda handler: handler
