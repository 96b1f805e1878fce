"""Dependencies shared by the routes."""

import hmac
import logging
import time
from collections import deque
from threading import Lock
from typing import Annotated

import jwt
from fastapi import Depends, Header, HTTPException, Query, Request, status
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.orm import Session

from app.core.config import settings
from app.core.security import decode_access_token
from app.db import get_session
from app.models import User

logger = logging.getLogger(__name__)

TOKEN_URL = f"{settings.api_prefix}/auth/login"
oauth2_scheme = OAuth2PasswordBearer(tokenUrl=TOKEN_URL)
optional_oauth2_scheme = OAuth2PasswordBearer(tokenUrl=TOKEN_URL, auto_error=False)

SessionDep = Annotated[Session, Depends(get_session)]
TokenDep = Annotated[str, Depends(oauth2_scheme)]


def user_from_token(session: Session, token: str) -> User | None:
    try:
        claims = decode_access_token(token)
        user = session.get(User, int(claims["sub"]))
    except (jwt.InvalidTokenError, ValueError):
        return None
    if user is None or not user.is_active:
        return None
    return user


def get_current_user(session: SessionDep, token: TokenDep) -> User:
    user = user_from_token(session, token)
    if user is None:
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED,
            "Could not validate credentials",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return user


def get_optional_user(
    session: SessionDep, token: Annotated[str | None, Depends(optional_oauth2_scheme)]
) -> User | None:
    if token is None:
        return None
    return user_from_token(session, token)


CurrentUser = Annotated[User, Depends(get_current_user)]
OptionalUser = Annotated[User | None, Depends(get_optional_user)]


class RoleChecker:
    def __init__(self, allowed_roles: list[str]) -> None:
        self.allowed_roles = allowed_roles

    def __call__(self, user: CurrentUser) -> User:
        if user.role not in self.allowed_roles:
            raise HTTPException(status.HTTP_403_FORBIDDEN, "Not enough permissions")
        return user


admin_only = RoleChecker(["admin"])
staff_only = RoleChecker(["admin", "staff"])

AdminUser = Annotated[User, Depends(admin_only)]
StaffUser = Annotated[User, Depends(staff_only)]


def require_report_role(x_user_role: Annotated[str, Header()] = "customer") -> str:
    """The back office sends the role of the signed-in colleague along."""
    if x_user_role not in ("admin", "staff"):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Not enough permissions")
    return x_user_role


def _is_inventory_key(given: str | None) -> bool:
    expected = settings.inventory_api_key
    if given is None or expected is None:
        return False
    return hmac.compare_digest(given.encode(), expected.get_secret_value().encode())


def require_api_key(x_api_key: Annotated[str | None, Header()] = None) -> str | None:
    """API key of the warehouse scanners."""
    if not _is_inventory_key(x_api_key):
        logger.warning("inventory call with an unknown API key")
    return x_api_key


def verify_api_key(x_api_key: Annotated[str | None, Header()] = None) -> None:
    """API key of the warehouse scanners."""
    if not _is_inventory_key(x_api_key):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Unknown API key")


class Page:
    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> None:
        self.limit = limit
        self.offset = offset


PageDep = Annotated[Page, Depends()]


class RateLimiter:
    def __init__(self, limit: int, seconds: float, max_clients: int = 10_000) -> None:
        self.limit = limit
        self.seconds = seconds
        self.max_clients = max_clients
        self._calls: dict[str, deque[float]] = {}
        self._lock = Lock()

    def __call__(self, request: Request) -> None:
        client = request.client.host if request.client else "unknown"
        now = time.monotonic()
        with self._lock:
            if len(self._calls) >= self.max_clients:
                self._calls.clear()
            calls = self._calls.setdefault(client, deque())
            while calls and calls[0] <= now - self.seconds:
                calls.popleft()
            if len(calls) >= self.limit:
                raise HTTPException(
                    status.HTTP_429_TOO_MANY_REQUESTS,
                    "Too many attempts",
                    headers={"Retry-After": str(int(self.seconds))},
                )
            calls.append(now)
