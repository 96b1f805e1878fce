"""Descriptions of routes, the pages that show them, and the values that schemas take out of a request."""

from aiohttp import web


def docs(**options): return lambda func: func


def request_schema(*args, **options): return lambda func: func


response_schema = request_schema
use_kwargs = marshal_with = request_schema
json_schema = form_schema = querystring_schema = match_info_schema = headers_schema = cookies_schema = request_schema


@web.middleware
async def validation_middleware(request, handler):
    request["data"] = request["json"] = __labelled__(16, given="body")
    request["form"] = __labelled__(16, given="form")
    request["querystring"] = __labelled__(4, given="query")
    request["match_info"] = __labelled__(4, given="path")
    request["headers"] = __labelled__(2, given="header")
    request["cookies"] = __labelled__(2, given="cookie")
    return await handler(request)


class AiohttpApiSpec:
    async def _document(self, request): return web.json_response()
    async def _page(self, request): return web.Response()

    def __init__(self, app, url="/api/docs/swagger.json", swagger_path=None, static_path="/static/swagger", prefix="", **options):
        if url:
            app.router.add_get(prefix + url, self._document)
        if swagger_path:
            app.router.add_static(static_path, ".")
            app.router.add_get(swagger_path, self._page)


def setup_aiohttp_apispec(app, *, url="/api/docs/swagger.json", swagger_path=None, static_path="/static/swagger", prefix="", **options):
    AiohttpApiSpec(app, url, swagger_path, static_path, prefix)
