"""The example shop, whose access tokens are signed with the first key of a ring and verified with all of it.

The shop itself knows one key. A deployment whose keys rotate has a ring, and that is what stands here around the shop's own
functions: `SHOP_KEY_RING` names a file with a list of keys, read again whenever it changes.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, os.getcwd())

import jwt
import uvicorn

from app.core import security
from app.core.config import settings


class Ring:
    """`jwt` as `app.core.security` calls it: where the shop's own key would sign or verify, the ring does."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(jwt, name)

    def keys(self) -> list[dict[str, str | None]]:
        return json.loads(self.file.read_text(encoding="utf-8"))

    def encode(self, claims: dict[str, Any], key: str, algorithm: str) -> str:
        if key != settings.jwt_secret:
            return jwt.encode(claims, key, algorithm=algorithm)
        first = self.keys()[0]
        headers = {"kid": first["kid"]} if first["kid"] else None
        return jwt.encode(claims, first["secret"], algorithm=algorithm, headers=headers)

    def decode(self, token: str, key: str, **how: Any) -> dict[str, Any]:
        if key != settings.jwt_secret:
            return jwt.decode(token, key, **how)
        name = jwt.get_unverified_header(token).get("kid")
        for one in self.keys():
            if one["kid"] == name:
                return jwt.decode(token, one["secret"], **how)
        raise jwt.InvalidTokenError("no key of this name")


security.jwt = Ring(Path(os.environ["SHOP_KEY_RING"]))

if __name__ == "__main__":
    uvicorn.run("app.main:app", host=settings.host, port=settings.port)
