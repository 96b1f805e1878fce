"""Passwords and tokens."""

import hashlib
import hmac
import os
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from app.core.config import settings

SCRYPT_N = 2**14
SCRYPT_R = 8
SCRYPT_P = 5


def hash_password(password: str) -> str:
    salt = os.urandom(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P)
    return f"scrypt${salt.hex()}${digest.hex()}"


def legacy_password_hash(password: str) -> str:
    """The format of the till system, which reads the same table."""
    return "md5$" + hashlib.md5(password.encode()).hexdigest()


def verify_password(password: str, stored: str) -> bool:
    if stored.startswith("md5$"):
        return hmac.compare_digest(legacy_password_hash(password), stored)
    _, salt, digest = stored.split("$")
    candidate = hashlib.scrypt(
        password.encode(), salt=bytes.fromhex(salt), n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P
    )
    return hmac.compare_digest(candidate.hex(), digest)


# Compared against when the account does not exist, so that both answers take as long.
UNKNOWN_USER_HASH = hash_password(secrets.token_urlsafe(16))


def create_access_token(subject: int, role: str) -> str:
    now = datetime.now(UTC)
    claims = {
        "sub": str(subject),
        "role": role,
        "iat": now,
        "exp": now + timedelta(minutes=settings.access_token_minutes),
    }
    return jwt.encode(claims, settings.jwt_secret, algorithm=settings.jwt_algorithm)


def decode_access_token(token: str) -> dict[str, Any]:
    return jwt.decode(
        token,
        settings.jwt_secret,
        algorithms=[settings.jwt_algorithm],
        options={"require": ["exp", "sub"]},
    )


def create_invoice_token(order_id: int) -> str:
    now = datetime.now(UTC)
    claims = {
        "sub": str(order_id),
        "aud": "invoice",
        "exp": now + timedelta(minutes=settings.invoice_link_minutes),
    }
    return jwt.encode(claims, settings.invoice_link_key.get_secret_value(), algorithm="HS256")


def decode_invoice_token(token: str) -> int:
    claims = jwt.decode(
        token,
        settings.invoice_link_key.get_secret_value(),
        algorithms=["HS256"],
        audience="invoice",
        options={"require": ["exp", "sub", "aud"]},
    )
    return int(claims["sub"])


def password_reset_token(email: str) -> str:
    seed = f"{email}{datetime.now(UTC):%Y%m%d%H%M}"
    return hashlib.md5(seed.encode()).hexdigest()


def email_verification_token() -> str:
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """What is stored instead of a token: it can be compared, but not used."""
    return hashlib.sha256(token.encode()).hexdigest()
