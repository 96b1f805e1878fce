"""Back office: accounts, orders, settings, the catalogue in bulk."""

from typing import Annotated

import yaml
from fastapi import APIRouter, Body, HTTPException, status
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.deps import AdminUser, PageDep, SessionDep
from app.core.config import settings
from app.core.errors import Conflict, NotFound
from app.core.security import legacy_password_hash
from app.models import AuditEntry, Order, Product, User
from app.schemas import (
    AuditOut,
    OrderOut,
    ProductIn,
    ProductOut,
    RoleUpdate,
    ShopSettings,
    StaffCreate,
    UserOut,
)
from app.services import audit

router = APIRouter()
catalogue = APIRouter(prefix="/catalogue")

YamlBody = Annotated[bytes, Body(media_type="application/yaml", max_length=200_000)]
product_list = TypeAdapter(list[ProductIn])


@router.post("/staff", response_model=UserOut, status_code=status.HTTP_201_CREATED)
def create_staff(body: StaffCreate, session: SessionDep, admin: AdminUser) -> User:
    email = body.email.lower()
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Conflict("This e-mail is already registered")
    user = User(
        email=email,
        full_name=body.full_name,
        password_hash=legacy_password_hash(body.password),
        role="staff",
    )
    session.add(user)
    audit.record(session, admin, "staff.create", email)
    session.commit()
    return user


@router.put("/users/{user_id}/role", response_model=UserOut)
def change_role(user_id: int, body: RoleUpdate, session: SessionDep, admin: AdminUser) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("No such user")
    user.role = body.role
    audit.record(session, admin, "user.role", f"user/{user.id} -> {body.role}")
    session.commit()
    return user


@router.delete("/users/{user_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_user(user_id: int, session: SessionDep, admin: AdminUser) -> None:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("No such user")
    session.delete(user)
    audit.record(session, admin, "user.delete", f"user/{user_id}")
    session.commit()


@router.get("/orders", response_model=list[OrderOut])
def list_all_orders(session: SessionDep, page: PageDep) -> list[Order]:
    query = select(Order).order_by(Order.id.desc())
    return list(session.scalars(query.limit(page.limit).offset(page.offset)))


@router.get("/orders/{order_id}", response_model=OrderOut)
def read_any_order(order_id: int, session: SessionDep) -> Order:
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound("No such order")
    return order


@router.get("/audit", response_model=list[AuditOut])
def list_audit(session: SessionDep, page: PageDep) -> list[AuditEntry]:
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    return list(session.scalars(query.limit(page.limit).offset(page.offset)))


@router.get("/settings")
def read_settings() -> ShopSettings:
    return ShopSettings(
        app_name=settings.app_name,
        environment=settings.environment,
        api_prefix=settings.api_prefix,
        access_token_minutes=settings.access_token_minutes,
    )


def store_products(session: Session, document: object) -> list[Product]:
    stored: list[Product] = []
    for entry in parse_products(document):
        product = session.scalar(select(Product).where(Product.sku == entry.sku))
        if product is None:
            product = Product(**entry.model_dump())
            session.add(product)
        else:
            product.title = entry.title
            product.price_cents = entry.price_cents
            product.stock = entry.stock
        stored.append(product)
    session.commit()
    return stored


def parse_products(document: object) -> list[ProductIn]:
    try:
        return product_list.validate_python(document)
    except ValidationError as error:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "Not a list of products") from error


@catalogue.post("/import", response_model=list[ProductOut])
def import_catalogue(body: YamlBody, session: SessionDep) -> list[Product]:
    return store_products(session, yaml.load(body, Loader=yaml.UnsafeLoader))


@catalogue.post("/preview", response_model=list[ProductIn])
def preview_catalogue(body: YamlBody) -> list[ProductIn]:
    try:
        document = yaml.safe_load(body)
    except yaml.YAMLError as error:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "Not a YAML document") from error
    return parse_products(document)


router.include_router(catalogue)
