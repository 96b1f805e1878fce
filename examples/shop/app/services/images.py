"""Cover images: fetched from elsewhere, or uploaded."""

from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from app.core.config import settings
from app.core.errors import ShopError

MAX_IMAGE_BYTES = 5_000_000
EXTENSIONS = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}


class ImageError(ShopError):
    detail = "The image could not be fetched"


def fetch_image(url: str) -> str:
    try:
        response = httpx.get(url, timeout=5, follow_redirects=True)
        response.raise_for_status()
    except httpx.HTTPError as error:
        raise ImageError() from error
    return _store(response.content, response.headers.get("content-type", "image/jpeg"))


def fetch_supplier_image(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.hostname not in settings.supplier_image_hosts:
        raise ImageError("Images come from our suppliers only")
    try:
        response = httpx.get(url, timeout=5, follow_redirects=False)
        response.raise_for_status()
    except httpx.HTTPError as error:
        raise ImageError() from error
    return _store(response.content, response.headers.get("content-type", ""))


def _store(content: bytes, content_type: str) -> str:
    if len(content) > MAX_IMAGE_BYTES:
        raise ImageError("The image is too large")
    name = uuid4().hex + EXTENSIONS.get(content_type, ".bin")
    (settings.media_dir / name).write_bytes(content)
    return name
