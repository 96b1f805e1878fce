def middleware(f):
    f.__middleware_version__ = 1
    return f


def normalize_path_middleware(*, append_slash=True, remove_slash=False, merge_slashes=True, redirect_class=None):
    """Sends on who asks for a path that only another spelling of is served: whom a route answers passes."""
    @middleware
    async def impl(request, handler):
        return await handler(request)
    return impl


def _is_new(middleware):
    """Code that aiohttp would take for the old style is of the new one, too, where it says itself that it is given the request."""
    if getattr(middleware, "__middleware_version__", 0) == 1:
        return True
    names = [name for name, *_ in __signature_of__(middleware)]
    return [name for name in names if name not in ("self", "cls")][:1] == ["request"]
