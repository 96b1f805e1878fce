"""Orders of the signed-in customer."""

import jwt
from fastapi import APIRouter, Depends, HTTPException, status
from sqlalchemy import select

from app.api.deps import CurrentUser, PageDep, RoleChecker, SessionDep, get_current_user
from app.core.config import settings
from app.core.errors import NotFound
from app.core.security import create_invoice_token, decode_invoice_token
from app.models import Order
from app.schemas import InvoiceLink, InvoiceOut, OrderCreate, OrderItemOut, OrderNote, OrderOut
from app.services import orders as order_service

router = APIRouter(prefix="/orders", tags=["orders"], dependencies=[Depends(get_current_user)])
invoices = APIRouter(prefix="/invoices", tags=["orders"])


def invoice_for(order: Order) -> InvoiceOut:
    return InvoiceOut(
        number=f"PL-{order.id:06d}",
        order_id=order.id,
        user_id=order.user_id,
        billed_to=order.user.full_name,
        total_cents=order.total_cents,
        note=order.note,
        lines=[OrderItemOut.model_validate(item) for item in order.items],
    )


@router.get("", response_model=list[OrderOut])
def list_orders(session: SessionDep, user: CurrentUser, page: PageDep) -> list[Order]:
    query = select(Order).where(Order.user_id == user.id).order_by(Order.id.desc())
    return list(session.scalars(query.limit(page.limit).offset(page.offset)))


@router.post("", response_model=OrderOut, status_code=status.HTTP_201_CREATED)
def create_order(body: OrderCreate, session: SessionDep, user: CurrentUser) -> Order:
    return order_service.place_order(session, user, body)


@router.get("/{order_id}", response_model=OrderOut)
def read_order(order_id: int, session: SessionDep) -> Order:
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound("No such order")
    return order


@router.get("/{order_id}/invoice", response_model=InvoiceOut)
def read_invoice(order_id: int, session: SessionDep, user: CurrentUser) -> InvoiceOut:
    order = session.get(Order, order_id)
    if order is None or order.user_id != user.id:
        raise NotFound("No such order")
    return invoice_for(order)


@router.post("/{order_id}/invoice-link", response_model=InvoiceLink)
def share_invoice(order_id: int, session: SessionDep, user: CurrentUser) -> InvoiceLink:
    order = order_service.get_own_order(session, order_id, user)
    token = create_invoice_token(order.id)
    return InvoiceLink(url=f"{settings.api_prefix}/invoices/{token}")


@router.patch("/{order_id}/note", response_model=OrderOut)
def update_note(order_id: int, body: OrderNote, session: SessionDep, user: CurrentUser) -> Order:
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound("No such order")
    order_service.ensure_owner(order, user)
    order.note = body.note
    session.commit()
    return order


@router.post("/{order_id}/cancel", response_model=OrderOut)
def cancel_order(order_id: int, session: SessionDep, user: CurrentUser) -> Order:
    order = order_service.get_own_order(session, order_id, user)
    order_service.cancel(session, order)
    return order


@router.delete("/{order_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_order(order_id: int, session: SessionDep, user: CurrentUser) -> None:
    order = order_service.get_own_order(session, order_id, user)
    order_service.delete(session, order)


@router.post(
    "/{order_id}/refund",
    response_model=OrderOut,
    dependencies=[Depends(RoleChecker(["admin", "staff"]))],
)
def refund_order(order_id: int, session: SessionDep) -> Order:
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound("No such order")
    if order.status not in ("paid", "shipped", "delivered"):
        raise HTTPException(status.HTTP_409_CONFLICT, f"Order is {order.status}")
    order_service.return_stock(session, order)
    order.status = "refunded"
    session.commit()
    return order


@invoices.get("/{token}", response_model=InvoiceOut)
def read_shared_invoice(token: str, session: SessionDep) -> InvoiceOut:
    try:
        order_id = decode_invoice_token(token)
    except jwt.InvalidTokenError as error:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This link is no longer valid") from error
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound("No such order")
    return invoice_for(order)
