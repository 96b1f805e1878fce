"""Carts as files, so that a customer can keep one for later."""

import base64
import pickle

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import NotFound, ShopError
from app.models import CartItem, Product, User
from app.schemas import CartDocument, CartDocumentLine


def dump_archive(items: list[CartItem]) -> str:
    lines = [{"sku": item.product.sku, "quantity": item.quantity} for item in items]
    return base64.b64encode(pickle.dumps(lines)).decode()


def load_archive(data: str) -> CartDocument:
    try:
        lines = pickle.loads(base64.b64decode(data))
    except (ValueError, pickle.UnpicklingError) as error:
        raise ShopError("Not a cart archive") from error
    return CartDocument(lines=[CartDocumentLine(**line) for line in lines])


def dump_document(items: list[CartItem]) -> CartDocument:
    return CartDocument(
        lines=[CartDocumentLine(sku=item.product.sku, quantity=item.quantity) for item in items]
    )


def restore(session: Session, user: User, document: CartDocument) -> None:
    items: list[CartItem] = []
    for line in document.lines:
        product = session.scalar(select(Product).where(Product.sku == line.sku))
        if product is None:
            raise NotFound(f"No product {line.sku}")
        items.append(CartItem(product_id=product.id, quantity=line.quantity))
    user.cart_items.clear()
    session.flush()
    user.cart_items.extend(items)
    session.commit()
