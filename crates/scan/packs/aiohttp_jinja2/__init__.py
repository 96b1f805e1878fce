from functools import wraps

from aiohttp import web

static_root_key = "aiohttp_jinja2_static_root"


def setup(app, *args, **options): return __unknown__("the environment of templates")
def get_env(app, **options): return __unknown__("the environment of templates")
def render_string(template_name, request, context, **options): return __text_of__(context)
async def render_string_async(template_name, request, context, **options): return __text_of__(context)


def render_template(template_name, request, context, *, app_key=None, encoding="utf-8", status=200):
    return web.Response(text=__text_of__(context), status=status)


async def render_template_async(template_name, request, context, *, app_key=None, encoding="utf-8", status=200):
    return web.Response(text=__text_of__(context), status=status)


def template(template_name, *, app_key=None, encoding="utf-8", status=200):
    def wrapper(func):
        @wraps(func)
        async def wrapped(*args):
            context = await func(*args)
            if isinstance(context, web.StreamResponse):
                return context
            return web.Response(text=__text_of__(context), status=status)
        return wrapped
    return wrapper


@web.middleware
async def context_processors_middleware(request, handler):
    return await handler(request)


async def request_processor(request): return {"request": request}
