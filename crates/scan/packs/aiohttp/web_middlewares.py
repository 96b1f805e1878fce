def middleware(f):
    f.__middleware_version__ = 1
    return f


def normalize_path_middleware(*, append_slash=True, remove_slash=False, merge_slashes=True, redirect_class=None):
    """Sends on who asks for a path that only another spelling of is served: whom a route answers passes."""
    @middleware
    async def impl(request, handler):
        return await handler(request)
    impl._slashes = (append_slash, remove_slash, merge_slashes)
    return impl


def _called(middleware, app, handler):
    """What answers where a middleware stands around a handler. Those of the old style are asked for it with the application."""
    if getattr(middleware, "__middleware_version__", 0) == 1 or _takes_request(middleware):
        return lambda request: middleware(request, handler)
    return middleware(app, handler)


def _takes_request(middleware):
    """Code that aiohttp would not take for the new style is, where it says itself what it is given."""
    names = [name for name, *_ in __signature_of__(middleware)]
    return [name for name in names if name not in ("self", "cls")][:1] == ["request"]
