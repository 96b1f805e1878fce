from aiohttp_security.abc import AbstractIdentityPolicy
from aiohttp_session import get_session


class SessionIdentityPolicy(AbstractIdentityPolicy):
    def __init__(self, session_key="AIOHTTP_SECURITY"):
        self._session_key = session_key

    async def identify(self, request):
        session = await get_session(request)
        return session.get(self._session_key)

    async def remember(self, request, response, identity, **kwargs): pass
    async def forget(self, request, response): pass
