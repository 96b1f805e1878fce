from aiohttp_security.abc import AbstractAuthorizationPolicy, AbstractIdentityPolicy
from aiohttp_security.api import (
    authorized_userid, check_authorized, check_permission, forget, has_permission, is_anonymous, login_required, permits, remember, setup,
)
from aiohttp_security.cookies_identity import CookiesIdentityPolicy
from aiohttp_security.jwt_identity import JWTIdentityPolicy
from aiohttp_security.session_identity import SessionIdentityPolicy
