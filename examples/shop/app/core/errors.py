"""Domain errors and how they become answers."""

import logging

from fastapi import FastAPI, Request, status
from fastapi.responses import JSONResponse

logger = logging.getLogger(__name__)


class ShopError(Exception):
    status_code = status.HTTP_400_BAD_REQUEST
    detail = "Bad request"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail


class NotFound(ShopError):
    status_code = status.HTTP_404_NOT_FOUND
    detail = "Not found"


class PermissionDenied(ShopError):
    status_code = status.HTTP_403_FORBIDDEN
    detail = "Not allowed"


class Conflict(ShopError):
    status_code = status.HTTP_409_CONFLICT
    detail = "Conflict"


async def shop_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ShopError)
    return JSONResponse({"detail": error.detail}, status_code=error.status_code)


async def unexpected_error(request: Request, error: Exception) -> JSONResponse:
    logger.error("unhandled error on %s %s", request.method, request.url.path, exc_info=error)
    return JSONResponse({"detail": "Internal error"}, status_code=500)


def install(app: FastAPI) -> None:
    app.add_exception_handler(ShopError, shop_error)
    app.add_exception_handler(Exception, unexpected_error)
