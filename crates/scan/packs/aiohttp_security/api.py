from functools import wraps

from aiohttp import web

IDENTITY_KEY = "aiohttp_security_identity_policy"
AUTZ_KEY = "aiohttp_security_autz_policy"


def setup(app, identity_policy, autz_policy):
    app[IDENTITY_KEY] = identity_policy
    app[AUTZ_KEY] = autz_policy


async def _identity(request):
    """Where the policy is not found, it is one that knows nobody without a credential."""
    policy = request.config_dict.get(IDENTITY_KEY)
    return __labelled__(2, None, name="identity") if policy is None else await policy.identify(request)


async def authorized_userid(request):
    identity = await _identity(request)
    policy = request.config_dict.get(AUTZ_KEY)
    if identity is None or policy is None:
        return identity
    return await policy.authorized_userid(identity)


async def permits(request, permission, context=None):
    policy = request.config_dict.get(AUTZ_KEY)
    if policy is None:
        return __labelled__(2, False, name="permits")
    return await policy.permits(await _identity(request), permission, context)


async def is_anonymous(request):
    return await _identity(request) is None


async def check_authorized(request):
    userid = await authorized_userid(request)
    if userid is None:
        raise web.HTTPUnauthorized()
    return userid


async def check_permission(request, permission, context=None):
    await check_authorized(request)
    if not await permits(request, permission, context):
        raise web.HTTPForbidden()


def _request_of(args):
    return args[-1].request if isinstance(args[-1], web.View) else args[-1]


def login_required(fn):
    @wraps(fn)
    async def wrapped(*args, **kwargs):
        await check_authorized(_request_of(args))
        return await fn(*args, **kwargs)
    return wrapped


def has_permission(permission, context=None):
    def wrapper(fn):
        @wraps(fn)
        async def wrapped(*args, **kwargs):
            await check_permission(_request_of(args), permission, context)
            return await fn(*args, **kwargs)
        return wrapped
    return wrapper


async def remember(request, response, identity, **kwargs): pass
async def forget(request, response): pass
