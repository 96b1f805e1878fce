"""Orders: prices, stock, and who may see one."""

from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.errors import Conflict, NotFound, PermissionDenied
from app.models import Order, OrderItem, Payment, Product, User
from app.schemas import CheckoutRequest, OrderCreate


def take_stock(session: Session, product_id: int, quantity: int) -> Product:
    product = session.get(Product, product_id)
    if product is None or not product.is_active:
        raise NotFound(f"No product {product_id}")
    taken = session.scalar(
        update(Product)
        .where(Product.id == product_id, Product.stock >= quantity)
        .values(stock=Product.stock - quantity)
        .returning(Product.id)
    )
    if taken is None:
        raise Conflict(f"Not enough stock of {product.sku}")
    return product


def return_stock(session: Session, order: Order) -> None:
    for item in order.items:
        if item.product_id is not None:
            session.execute(
                update(Product)
                .where(Product.id == item.product_id)
                .values(stock=Product.stock + item.quantity)
            )


def place_order(session: Session, user: User, body: OrderCreate) -> Order:
    order = Order(user_id=user.id, note=body.note)
    for line in body.items:
        product = take_stock(session, line.product_id, line.quantity)
        order.items.append(
            OrderItem(
                product_id=product.id,
                title=product.title,
                quantity=line.quantity,
                unit_price_cents=product.price_cents,
            )
        )
    order.total_cents = sum(item.quantity * item.unit_price_cents for item in order.items)
    session.add(order)
    session.commit()
    return order


def checkout(session: Session, user: User, body: CheckoutRequest) -> Order:
    order = Order(user_id=user.id, note=body.note)
    for line in body.lines:
        product = take_stock(session, line.product_id, line.quantity)
        order.items.append(
            OrderItem(
                product_id=product.id,
                title=product.title,
                quantity=line.quantity,
                unit_price_cents=line.unit_price_cents,
            )
        )
    order.total_cents = sum(line.quantity * line.unit_price_cents for line in body.lines)
    charge(order, order.total_cents)
    session.add(order)
    session.commit()
    return order


def charge(order: Order, amount_cents: int) -> None:
    order.payments.append(Payment(amount_cents=amount_cents, reference=uuid4().hex))
    order.status = "paid"


def get_own_order(session: Session, order_id: int, user: User) -> Order:
    order = session.scalar(select(Order).where(Order.id == order_id, Order.user_id == user.id))
    if order is None:
        raise NotFound("No such order")
    return order


def ensure_owner(order: Order, user: User) -> None:
    if order.user_id != user.id:
        raise PermissionDenied("Not your order")


def cancel(session: Session, order: Order) -> None:
    if order.status != "pending":
        raise Conflict(f"Order is already {order.status}")
    return_stock(session, order)
    order.status = "cancelled"
    session.commit()


def delete(session: Session, order: Order) -> None:
    if order.status not in ("pending", "cancelled"):
        raise Conflict(f"Order is already {order.status}")
    if order.status == "pending":
        return_stock(session, order)
    session.delete(order)
    session.commit()
