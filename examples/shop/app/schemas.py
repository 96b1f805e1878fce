"""Bodies of requests and answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, EmailStr, Field, HttpUrl

Role = Literal["customer", "staff", "admin"]
OrderStatus = Literal["pending", "paid", "shipped", "delivered", "cancelled", "refunded"]
Cents = Annotated[int, Field(ge=0, le=10_000_000)]
Password = Annotated[str, Field(min_length=8, max_length=128)]


class FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Message(BaseModel):
    detail: str


# Accounts


class RegisterRequest(BaseModel):
    email: EmailStr
    password: Password
    full_name: str = Field(min_length=1, max_length=120)


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"


class UserOut(FromRow):
    id: int
    email: EmailStr
    full_name: str
    phone: str | None
    role: str
    email_verified: bool
    store_credit_cents: int


class ProfileUpdate(BaseModel):
    full_name: str | None = Field(default=None, min_length=1, max_length=120)
    phone: str | None = Field(default=None, max_length=40)
    role: str | None = None


class ContactOut(FromRow):
    full_name: str
    email: EmailStr
    phone: str | None


class PasswordResetRequest(BaseModel):
    email: EmailStr


class PasswordResetConfirm(BaseModel):
    token: str = Field(max_length=64)
    new_password: Password


class EmailVerificationConfirm(BaseModel):
    token: str = Field(max_length=64)


class RoleUpdate(BaseModel):
    role: Role


class StaffCreate(BaseModel):
    email: EmailStr
    password: Password
    full_name: str = Field(min_length=1, max_length=120)


class AddressIn(BaseModel):
    label: str = Field(default="home", max_length=40)
    line1: str = Field(min_length=1, max_length=120)
    city: str = Field(min_length=1, max_length=80)
    postcode: str = Field(min_length=1, max_length=20)
    country: str = Field(pattern=r"^[A-Z]{2}$")


class AddressPatch(BaseModel):
    label: str | None = Field(default=None, max_length=40)
    line1: str | None = Field(default=None, max_length=120)
    city: str | None = Field(default=None, max_length=80)
    postcode: str | None = Field(default=None, max_length=20)


class AddressOut(FromRow):
    id: int
    user_id: int
    label: str
    line1: str
    city: str
    postcode: str
    country: str


# Catalogue


class ProductIn(BaseModel):
    sku: str = Field(min_length=3, max_length=40)
    title: str = Field(min_length=1, max_length=200)
    author: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=5000)
    price_cents: Cents
    cost_cents: Cents = 0
    stock: int = Field(default=0, ge=0, le=100_000)


class ProductOut(FromRow):
    id: int
    sku: str
    title: str
    author: str
    description: str
    price_cents: int
    stock: int
    image_name: str | None


class ProductHit(BaseModel):
    id: int
    title: str
    author: str
    price_cents: int


class ImageUrl(BaseModel):
    url: HttpUrl


class ReviewIn(BaseModel):
    rating: int = Field(ge=1, le=5)
    body: str = Field(default="", max_length=5000)


class ReviewOut(FromRow):
    id: int
    product_id: int
    user_id: int
    rating: int
    body: str
    helpful_count: int
    report_count: int


class BannerIn(BaseModel):
    title: str = Field(min_length=1, max_length=120)
    link: str = Field(default="/", max_length=200)
    is_active: bool = True


class BannerOut(FromRow):
    id: int
    title: str
    link: str
    is_active: bool


# Carts and orders


class CartItemIn(BaseModel):
    product_id: int
    quantity: int


class CartLine(BaseModel):
    product_id: int
    title: str
    quantity: int
    unit_price_cents: int


class CartOut(BaseModel):
    lines: list[CartLine]
    total_cents: int


class CartDocumentLine(BaseModel):
    sku: str = Field(max_length=40)
    quantity: int = Field(ge=1, le=100)


class CartDocument(BaseModel):
    lines: list[CartDocumentLine] = Field(max_length=200)


class CartArchive(BaseModel):
    data: str = Field(max_length=100_000)


class OrderLineIn(BaseModel):
    product_id: int
    quantity: int = Field(ge=1, le=100)


class OrderCreate(BaseModel):
    items: list[OrderLineIn] = Field(min_length=1, max_length=50)
    note: str | None = Field(default=None, max_length=500)


class CheckoutLine(BaseModel):
    product_id: int
    quantity: int = Field(ge=1, le=100)
    unit_price_cents: Cents


class CheckoutRequest(BaseModel):
    lines: list[CheckoutLine] = Field(min_length=1, max_length=50)
    note: str | None = Field(default=None, max_length=500)


class OrderNote(BaseModel):
    note: str | None = Field(default=None, max_length=500)


class OrderItemOut(FromRow):
    product_id: int | None
    title: str
    quantity: int
    unit_price_cents: int


class OrderOut(FromRow):
    id: int
    user_id: int
    status: str
    total_cents: int
    note: str | None
    created_at: datetime
    items: list[OrderItemOut]


class InvoiceOut(BaseModel):
    number: str
    order_id: int
    user_id: int
    billed_to: str
    total_cents: int
    note: str | None
    lines: list[OrderItemOut]


class InvoiceLink(BaseModel):
    url: str


class CouponIn(BaseModel):
    code: str = Field(pattern=r"^[A-Z0-9-]{3,40}$")
    value_cents: Cents
    max_uses: int = Field(default=1, ge=1, le=100_000)


class CouponOut(FromRow):
    id: int
    code: str
    value_cents: int
    max_uses: int
    used: int


class GiftCardIn(BaseModel):
    code: str = Field(pattern=r"^[A-Z0-9-]{8,40}$")
    balance_cents: Cents


class GiftCardOut(FromRow):
    id: int
    code: str
    balance_cents: int


class GiftCardRedeem(BaseModel):
    amount_cents: int = Field(gt=0, le=10_000_000)


class StoreCredit(BaseModel):
    store_credit_cents: int


# Back office


class StockLevel(BaseModel):
    quantity: int = Field(ge=0, le=100_000)


class StockChange(BaseModel):
    delta: int = Field(ge=-10_000, le=10_000)


class StockOut(FromRow):
    sku: str
    stock: int


class SalesReport(BaseModel):
    orders: int
    revenue_cents: int


class MarginReport(BaseModel):
    period: str
    orders: int
    margin_cents: int


class ArchiveOut(BaseModel):
    name: str
    size: int


class AuditOut(FromRow):
    id: int
    actor_id: int | None
    action: str
    target: str
    created_at: datetime


class ShopSettings(BaseModel):
    app_name: str
    environment: str
    api_prefix: str
    access_token_minutes: int


class StoredFileOut(FromRow):
    id: int
    user_id: int
    original_name: str
    content_type: str
    size: int


class PaymentEvent(BaseModel):
    event: Literal["payment.succeeded", "payment.failed"]
    order_id: int
    amount_cents: Cents
    reference: str = Field(max_length=64)


class ShippingEvent(BaseModel):
    order_id: int
    status: Literal["shipped", "delivered"]
    carrier: str = Field(default="", max_length=40)


class PartnerOrder(BaseModel):
    sku: str = Field(max_length=40)
    quantity: int = Field(ge=1, le=500)
