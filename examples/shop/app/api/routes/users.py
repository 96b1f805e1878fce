"""Accounts and address books."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, status
from sqlalchemy import select

from app.api.deps import CurrentUser, PageDep, SessionDep, admin_only, staff_only
from app.core.errors import NotFound, PermissionDenied
from app.models import Address, User
from app.schemas import AddressIn, AddressOut, AddressPatch, ContactOut, ProfileUpdate, UserOut
from app.services import orders as order_service

router = APIRouter(prefix="/users", tags=["users"])
addresses = APIRouter(prefix="/me/addresses")

CONTACT_FIELDS = ("full_name", "phone")


@router.get("", response_model=list[UserOut], dependencies=[Depends(admin_only)])
def list_users(session: SessionDep, page: PageDep) -> list[User]:
    query = select(User).order_by(User.id).limit(page.limit).offset(page.offset)
    return list(session.scalars(query))


@router.get("/me", response_model=UserOut)
def read_profile(user: CurrentUser) -> User:
    return user


@router.patch("/me", response_model=UserOut)
def update_profile(body: ProfileUpdate, user: CurrentUser, session: SessionDep) -> User:
    for field, value in body.model_dump(exclude_unset=True).items():
        setattr(user, field, value)
    session.commit()
    return user


@router.patch("/me/contact", response_model=UserOut)
def update_contact(body: ProfileUpdate, user: CurrentUser, session: SessionDep) -> User:
    changes = body.model_dump(exclude_unset=True)
    for field in CONTACT_FIELDS:
        if field in changes:
            setattr(user, field, changes[field])
    session.commit()
    return user


@router.delete("/me", status_code=status.HTTP_204_NO_CONTENT)
def delete_account(user: CurrentUser, session: SessionDep) -> None:
    for order in user.orders:
        if order.status == "pending":
            order_service.return_stock(session, order)
    session.delete(user)
    session.commit()


@router.get("/lookup", dependencies=[Depends(staff_only)])
def look_up_user(
    email: Annotated[str, Query(max_length=254)], session: SessionDep
) -> dict[str, Any]:
    user = session.scalar(select(User).where(User.email == email.lower()))
    if user is None:
        raise NotFound("No such user")
    return {column.name: getattr(user, column.name) for column in User.__table__.columns}


@router.get("/{user_id}", response_model=UserOut, dependencies=[Depends(staff_only)])
def read_user(user_id: int, session: SessionDep) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("No such user")
    return user


@router.get("/{user_id}/contact", response_model=ContactOut)
def read_contact(user_id: int, session: SessionDep) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("No such user")
    return user


@addresses.get("", response_model=list[AddressOut])
def list_addresses(user: CurrentUser) -> list[Address]:
    return user.addresses


@addresses.post("", response_model=AddressOut, status_code=status.HTTP_201_CREATED)
def add_address(body: AddressIn, user: CurrentUser, session: SessionDep) -> Address:
    address = Address(user_id=user.id, **body.model_dump())
    session.add(address)
    session.commit()
    return address


@addresses.put("/{address_id}", response_model=AddressOut)
def replace_address(
    address_id: int, body: AddressIn, user: CurrentUser, session: SessionDep
) -> Address:
    address = session.get(Address, address_id)
    if address is None:
        raise NotFound("No such address")
    if address.user_id != user.id:
        raise PermissionDenied("Not your address")
    address.label = body.label
    address.line1 = body.line1
    address.city = body.city
    address.postcode = body.postcode
    address.country = body.country
    session.commit()
    return address


@addresses.patch("/{address_id}", response_model=AddressOut)
def update_address(
    address_id: int, body: AddressPatch, user: CurrentUser, session: SessionDep
) -> Address:
    address = session.get(Address, address_id)
    if address is None:
        raise NotFound("No such address")
    for field, value in body.model_dump(exclude_unset=True, exclude_none=True).items():
        setattr(address, field, value)
    session.commit()
    return address


@addresses.delete("/{address_id}", status_code=status.HTTP_204_NO_CONTENT)
def remove_address(address_id: int, user: CurrentUser, session: SessionDep) -> None:
    address = session.scalar(
        select(Address).where(Address.id == address_id, Address.user_id == user.id)
    )
    if address is None:
        raise NotFound("No such address")
    session.delete(address)
    session.commit()


router.include_router(addresses, tags=["addresses"])
