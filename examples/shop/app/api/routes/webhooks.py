"""Called by the payment provider and by the carrier."""

import hashlib
import hmac
import time

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from app.api.deps import SessionDep
from app.core.config import settings
from app.core.errors import NotFound
from app.db import SessionLocal
from app.models import Order, Payment
from app.schemas import Message, PaymentEvent, ShippingEvent

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

TOLERANCE_SECONDS = 300


def verify_signature(body: bytes, timestamp: str, signature: str) -> None:
    secret = settings.payment_webhook_secret
    if secret is None or not timestamp.isascii() or not timestamp.isdigit():
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Bad signature")
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Bad signature")
    signed = timestamp.encode() + b"." + body
    expected = hmac.new(secret.get_secret_value().encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Bad signature")


def apply_payment(event: PaymentEvent) -> None:
    with SessionLocal() as session:
        order = session.get(Order, event.order_id)
        if order is None:
            raise NotFound("No such order")
        if event.event == "payment.succeeded" and order.status == "pending":
            order.payments.append(
                Payment(amount_cents=event.amount_cents, reference=event.reference)
            )
            order.status = "paid"
            session.commit()


@router.post("/payments")
async def payment_event(request: Request) -> Message:
    body = await request.body()
    verify_signature(
        body,
        request.headers.get("x-payment-timestamp", ""),
        request.headers.get("x-payment-signature", ""),
    )
    try:
        event = PaymentEvent.model_validate_json(body)
    except ValidationError as error:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "Unknown event") from error
    await run_in_threadpool(apply_payment, event)
    return Message(detail="ok")


@router.post("/shipping")
def shipping_event(event: ShippingEvent, session: SessionDep) -> Message:
    order = session.get(Order, event.order_id)
    if order is None:
        raise NotFound("No such order")
    order.status = event.status
    session.commit()
    return Message(detail="ok")
