from aiohttp_security.abc import AbstractIdentityPolicy


class CookiesIdentityPolicy(AbstractIdentityPolicy):
    async def identify(self, request): return request.cookies.get("AIOHTTP_SECURITY")
    async def remember(self, request, response, identity, **kwargs): pass
    async def forget(self, request, response): pass
