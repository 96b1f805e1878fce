"""Coupons and gift cards: redeemed by customers, made by admins."""

from typing import Annotated

from fastapi import APIRouter, Path, status
from sqlalchemy import select

from app.api.deps import CurrentUser, PageDep, SessionDep
from app.core.errors import Conflict, NotFound
from app.models import Coupon, GiftCard
from app.schemas import (
    CouponIn,
    CouponOut,
    GiftCardIn,
    GiftCardOut,
    GiftCardRedeem,
    StoreCredit,
)
from app.services import vouchers

router = APIRouter(tags=["vouchers"])
admin_router = APIRouter()

Code = Annotated[str, Path(max_length=40)]


@router.post("/coupons/{code}/redeem")
def redeem_coupon(code: Code, session: SessionDep, user: CurrentUser) -> StoreCredit:
    return StoreCredit(store_credit_cents=vouchers.redeem_coupon(session, user, code))


@router.post("/gift-cards/{code}/redeem")
def redeem_gift_card(
    code: Code, body: GiftCardRedeem, session: SessionDep, user: CurrentUser
) -> StoreCredit:
    credit = vouchers.redeem_gift_card(session, user, code, body.amount_cents)
    return StoreCredit(store_credit_cents=credit)


@admin_router.get("/coupons", response_model=list[CouponOut])
def list_coupons(session: SessionDep, page: PageDep) -> list[Coupon]:
    query = select(Coupon).order_by(Coupon.id.desc())
    return list(session.scalars(query.limit(page.limit).offset(page.offset)))


@admin_router.post("/coupons", response_model=CouponOut, status_code=status.HTTP_201_CREATED)
def create_coupon(body: CouponIn, session: SessionDep) -> Coupon:
    if session.scalar(select(Coupon.id).where(Coupon.code == body.code)) is not None:
        raise Conflict("This code exists already")
    coupon = Coupon(**body.model_dump())
    session.add(coupon)
    session.commit()
    return coupon


@admin_router.delete("/coupons/{coupon_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_coupon(coupon_id: int, session: SessionDep) -> None:
    coupon = session.get(Coupon, coupon_id)
    if coupon is None:
        raise NotFound("No such coupon")
    session.delete(coupon)
    session.commit()


@admin_router.post("/gift-cards", response_model=GiftCardOut, status_code=status.HTTP_201_CREATED)
def create_gift_card(body: GiftCardIn, session: SessionDep) -> GiftCard:
    if session.scalar(select(GiftCard.id).where(GiftCard.code == body.code)) is not None:
        raise Conflict("This code exists already")
    card = GiftCard(**body.model_dump())
    session.add(card)
    session.commit()
    return card


@admin_router.delete("/gift-cards/{card_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_gift_card(card_id: int, session: SessionDep) -> None:
    card = session.get(GiftCard, card_id)
    if card is None:
        raise NotFound("No such gift card")
    session.delete(card)
    session.commit()
