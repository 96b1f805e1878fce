"""The API for resellers: an application of its own, mounted below `/partner`."""

import hmac
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, status
from fastapi.middleware.cors import CORSMiddleware
from sqlalchemy import select

from app.api.deps import PageDep, SessionDep
from app.core import errors
from app.core.config import settings
from app.core.errors import NotFound
from app.models import Product
from app.schemas import PartnerOrder, ProductOut, StockOut
from app.services.orders import take_stock


def require_partner_key(x_partner_key: Annotated[str | None, Header()] = None) -> None:
    expected = settings.partner_api_key
    if expected is None or x_partner_key is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Partner key required")
    if not hmac.compare_digest(x_partner_key.encode(), expected.get_secret_value().encode()):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Partner key required")


partner_app = FastAPI(
    title="Paper Lantern Books for partners",
    dependencies=[Depends(require_partner_key)],
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
)
partner_app.add_middleware(
    CORSMiddleware, allow_origins=settings.partner_cors_origins, allow_methods=["GET", "POST"]
)
errors.install(partner_app)


@partner_app.get("/catalogue", response_model=list[ProductOut])
def partner_catalogue(session: SessionDep, page: PageDep) -> list[Product]:
    query = select(Product).where(Product.is_active).order_by(Product.sku)
    return list(session.scalars(query.limit(page.limit).offset(page.offset)))


@partner_app.post("/orders", response_model=StockOut, status_code=status.HTTP_201_CREATED)
def partner_order(body: PartnerOrder, session: SessionDep) -> Product:
    product = session.scalar(select(Product).where(Product.sku == body.sku))
    if product is None:
        raise NotFound("No such product")
    take_stock(session, product.id, body.quantity)
    session.commit()
    session.refresh(product)
    return product
