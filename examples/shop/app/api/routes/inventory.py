"""Stock levels, written by the scanners in the warehouse."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.api.deps import SessionDep, require_api_key, verify_api_key
from app.core.errors import Conflict, NotFound
from app.models import Product
from app.schemas import StockChange, StockLevel, StockOut

router = APIRouter(prefix="/inventory", tags=["inventory"])

Sku = Annotated[str, Path(max_length=40)]


def find_product(session: Session, sku: str) -> Product:
    product = session.scalar(select(Product).where(Product.sku == sku))
    if product is None:
        raise NotFound("No such product")
    return product


@router.get("/{sku}", response_model=StockOut, dependencies=[Depends(verify_api_key)])
def read_stock(sku: Sku, session: SessionDep) -> Product:
    return find_product(session, sku)


@router.put("/{sku}", response_model=StockOut, dependencies=[Depends(require_api_key)])
def set_stock(sku: Sku, body: StockLevel, session: SessionDep) -> Product:
    product = find_product(session, sku)
    product.stock = body.quantity
    session.commit()
    return product


@router.post("/{sku}/adjust", response_model=StockOut, dependencies=[Depends(verify_api_key)])
def adjust_stock(sku: Sku, body: StockChange, session: SessionDep) -> Product:
    product = find_product(session, sku)
    changed = session.scalar(
        update(Product)
        .where(Product.id == product.id, Product.stock + body.delta >= 0)
        .values(stock=Product.stock + body.delta)
        .returning(Product.id)
    )
    if changed is None:
        raise Conflict("Stock cannot be negative")
    session.commit()
    session.refresh(product)
    return product
