"""The cart of the signed-in customer."""

from fastapi import APIRouter, Depends, status
from sqlalchemy import select

from app.api.deps import CurrentUser, SessionDep, get_current_user
from app.core.errors import NotFound
from app.models import CartItem, Order, Product, User
from app.schemas import (
    CartArchive,
    CartDocument,
    CartItemIn,
    CartLine,
    CartOut,
    CheckoutRequest,
    OrderOut,
)
from app.services import cart_files
from app.services import orders as order_service

router = APIRouter(prefix="/cart", tags=["cart"], dependencies=[Depends(get_current_user)])


def cart_of(user: User) -> CartOut:
    lines = [
        CartLine(
            product_id=item.product_id,
            title=item.product.title,
            quantity=item.quantity,
            unit_price_cents=item.product.price_cents,
        )
        for item in user.cart_items
    ]
    total = sum(line.quantity * line.unit_price_cents for line in lines)
    return CartOut(lines=lines, total_cents=total)


@router.get("")
def read_cart(user: CurrentUser) -> CartOut:
    return cart_of(user)


@router.put("/items")
def put_item(body: CartItemIn, session: SessionDep, user: CurrentUser) -> CartOut:
    if session.get(Product, body.product_id) is None:
        raise NotFound("No such product")
    item = session.scalar(
        select(CartItem).where(CartItem.user_id == user.id, CartItem.product_id == body.product_id)
    )
    if item is None:
        item = CartItem(product_id=body.product_id, quantity=body.quantity)
        user.cart_items.append(item)
    else:
        item.quantity = body.quantity
    session.commit()
    return cart_of(user)


@router.delete("/items/{product_id}", status_code=status.HTTP_204_NO_CONTENT)
def remove_item(product_id: int, session: SessionDep, user: CurrentUser) -> None:
    item = session.scalar(
        select(CartItem).where(CartItem.user_id == user.id, CartItem.product_id == product_id)
    )
    if item is None:
        raise NotFound("Not in the cart")
    session.delete(item)
    session.commit()


@router.post("/checkout", response_model=OrderOut, status_code=status.HTTP_201_CREATED)
def checkout(body: CheckoutRequest, session: SessionDep, user: CurrentUser) -> Order:
    order = order_service.checkout(session, user, body)
    user.cart_items.clear()
    session.commit()
    return order


@router.get("/archive")
def export_archive(user: CurrentUser) -> CartArchive:
    return CartArchive(data=cart_files.dump_archive(user.cart_items))


@router.post("/archive")
def import_archive(body: CartArchive, session: SessionDep, user: CurrentUser) -> CartOut:
    cart_files.restore(session, user, cart_files.load_archive(body.data))
    return cart_of(user)


@router.get("/document")
def export_document(user: CurrentUser) -> CartDocument:
    return cart_files.dump_document(user.cart_items)


@router.post("/document")
def import_document(body: CartDocument, session: SessionDep, user: CurrentUser) -> CartOut:
    cart_files.restore(session, user, body)
    return cart_of(user)
