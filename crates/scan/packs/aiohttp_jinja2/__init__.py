from functools import wraps

from aiohttp import web
from jinja2.environment import Environment

static_root_key = "aiohttp_jinja2_static_root"
APP_KEY = "aiohttp_jinja2_environment"


def setup(app, *args, app_key=APP_KEY, context_processors=(), filters=None, default_helpers=True, autoescape=True, **options):
    __noted__("call", "aiohttp_jinja2.setup", autoescape=autoescape) if __is_watched__() else None
    app[app_key] = Environment(autoescape=autoescape, **options)
    return app[app_key]


def get_env(app, *, app_key=APP_KEY): return app[app_key]


def _rendered(template_name, request, context, app_key=APP_KEY, is_page=False):
    """A text that is made of the context; what of it is escaped is up to the environment."""
    if __is_watched__():
        environment = request.app[app_key or APP_KEY]
        autoescape = environment.autoescape if isinstance(environment, Environment) else True
        __noted__("render", autoescape, is_page, template_name, context)
    return __text_of__(context)


def render_string(template_name, request, context, *, app_key=APP_KEY): return _rendered(template_name, request, context, app_key)
async def render_string_async(template_name, request, context, *, app_key=APP_KEY): return _rendered(template_name, request, context, app_key)


def render_template(template_name, request, context, *, app_key=None, encoding="utf-8", status=200):
    return web.Response(text=_rendered(template_name, request, context, app_key, True), status=status)


async def render_template_async(template_name, request, context, *, app_key=None, encoding="utf-8", status=200):
    return web.Response(text=_rendered(template_name, request, context, app_key, True), status=status)


def template(template_name, *, app_key=None, encoding="utf-8", status=200):
    def wrapper(func):
        @wraps(func)
        async def wrapped(*args):
            context = await func(*args)
            if isinstance(context, web.StreamResponse):
                return context
            request = args[-1].request if isinstance(args[-1], web.View) else args[-1]
            return web.Response(text=_rendered(template_name, request, context, app_key, True), status=status)
        return wrapped
    return wrapper


@web.middleware
async def context_processors_middleware(request, handler):
    return await handler(request)


async def request_processor(request): return {"request": request}
