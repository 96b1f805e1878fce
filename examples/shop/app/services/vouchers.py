"""Coupons and gift cards: both become store credit."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.errors import Conflict, NotFound
from app.models import Coupon, GiftCard, User


def redeem_coupon(session: Session, user: User, code: str) -> int:
    coupon = session.scalar(select(Coupon).where(Coupon.code == code))
    if coupon is None:
        raise NotFound("No such coupon")
    if coupon.used >= coupon.max_uses:
        raise Conflict("Coupon is used up")
    coupon.used = coupon.used + 1
    user.store_credit_cents = user.store_credit_cents + coupon.value_cents
    session.commit()
    return user.store_credit_cents


def redeem_gift_card(session: Session, user: User, code: str, amount_cents: int) -> int:
    taken = session.scalar(
        update(GiftCard)
        .where(GiftCard.code == code, GiftCard.balance_cents >= amount_cents)
        .values(balance_cents=GiftCard.balance_cents - amount_cents)
        .returning(GiftCard.id)
    )
    if taken is None:
        session.rollback()
        raise Conflict("Unknown gift card, or not enough on it")
    session.execute(
        update(User)
        .where(User.id == user.id)
        .values(store_credit_cents=User.store_credit_cents + amount_cents)
    )
    session.commit()
    session.refresh(user)
    return user.store_credit_cents
