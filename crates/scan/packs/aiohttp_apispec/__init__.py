"""Descriptions of routes, the pages that show them, and the values that schemas take out of a request."""

from _described import _answering, _taking
from aiohttp import web


def docs(**options): return lambda func: func


def request_schema(schema, location="json", **options): return lambda func: _taking(func, func, schema, location)
def response_schema(schema, code=200, **options): return lambda func: _answering(func, func, schema, code)
def json_schema(schema, **options): return request_schema(schema, "json")
def form_schema(schema, **options): return request_schema(schema, "form")
def querystring_schema(schema, **options): return request_schema(schema, "querystring")
def match_info_schema(schema, **options): return request_schema(schema, "match_info")
def headers_schema(schema, **options): return request_schema(schema, "headers")
def cookies_schema(schema, **options): return request_schema(schema, "cookies")


use_kwargs, marshal_with = request_schema, response_schema


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
