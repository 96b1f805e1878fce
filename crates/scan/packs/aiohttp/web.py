from aiohttp.web_app import AppKey, Application, AppRunner, TCPSite, UnixSite, run_app
from aiohttp.web_exceptions import *
from aiohttp.web_exceptions import HTTPException
from aiohttp.web_middlewares import middleware, normalize_path_middleware
from aiohttp.web_request import BaseRequest, FileField, Request, RequestKey
from aiohttp.web_response import ContentCoding, FileResponse, Response, ResponseKey, StreamResponse, json_response
from aiohttp.web_routedef import (
    AbstractRouteDef, RouteDef, RouteTableDef, StaticDef, delete, get, head, options, patch, post, put, route, static, view,
)
from aiohttp.web_urldispatcher import (
    AbstractResource, AbstractRoute, DynamicResource, PlainResource, Resource, ResourceRoute, StaticResource, UrlDispatcher,
    UrlMappingMatchInfo, View,
)
from aiohttp.web_ws import WebSocketReady, WebSocketResponse, WSMsgType
