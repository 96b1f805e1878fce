import jwt

from aiohttp_security.abc import AbstractIdentityPolicy


class JWTIdentityPolicy(AbstractIdentityPolicy):
    def __init__(self, secret, algorithm="HS256", key="login"):
        self.secret = secret
        self.algorithm = algorithm
        self.key = key

    async def identify(self, request):
        header = request.headers.get("Authorization")
        if header is None:
            return None
        identity = jwt.decode(header.split(" ")[1].strip(), self.secret, algorithms=[self.algorithm])
        return identity.get(self.key)

    async def remember(self, request, response, identity, **kwargs): pass
    async def forget(self, request, response): pass
