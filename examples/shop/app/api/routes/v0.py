"""The first version of the API. The old tablet app still calls it."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response, status
from sqlalchemy import select

from app.api.deps import SessionDep, user_from_token
from app.models import Order, Product
from app.schemas import OrderOut, ProductOut

router = APIRouter(prefix="/api/v0", tags=["v0"])

DEPRECATED_SINCE = datetime(2025, 1, 1, tzinfo=UTC)
SUNSET = "Thu, 31 Dec 2026 23:59:59 GMT"


@router.get("/orders", response_model=list[OrderOut], deprecated=True)
def list_orders_v0(
    token: Annotated[str, Query(max_length=2000)], session: SessionDep
) -> list[Order]:
    user = user_from_token(session, token)
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Unknown token")
    return list(session.scalars(select(Order).where(Order.user_id == user.id).limit(50)))


@router.get("/products", response_model=list[ProductOut], deprecated=True)
def list_products_v0(session: SessionDep, response: Response) -> list[Product]:
    response.headers["Deprecation"] = f"@{int(DEPRECATED_SINCE.timestamp())}"
    response.headers["Sunset"] = SUNSET
    return list(session.scalars(select(Product).where(Product.is_active).limit(50)))
