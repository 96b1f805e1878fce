"""WebSockets: the status of one's orders, and the support chat."""

from typing import Annotated

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect, status
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import select

from app.api.deps import user_from_token
from app.db import SessionLocal
from app.models import Order

router = APIRouter(prefix="/live", tags=["live"])

support_room: set[WebSocket] = set()


def identify(token: str) -> int | None:
    with SessionLocal() as session:
        user = user_from_token(session, token)
        return user.id if user else None


def status_of(order_id: int, user_id: int) -> str | None:
    with SessionLocal() as session:
        return session.scalar(
            select(Order.status).where(Order.id == order_id, Order.user_id == user_id)
        )


@router.websocket("/orders/{order_id}")
async def follow_order(
    websocket: WebSocket, order_id: int, token: Annotated[str, Query()] = ""
) -> None:
    user_id = await run_in_threadpool(identify, token)
    if user_id is None:
        await websocket.close(code=status.WS_1008_POLICY_VIOLATION)
        return
    current = await run_in_threadpool(status_of, order_id, user_id)
    if current is None:
        await websocket.close(code=status.WS_1008_POLICY_VIOLATION)
        return
    await websocket.accept()
    try:
        while current is not None:
            await websocket.send_json({"order_id": order_id, "status": current})
            await websocket.receive_text()
            current = await run_in_threadpool(status_of, order_id, user_id)
    except WebSocketDisconnect:
        return
    await websocket.close()


@router.websocket("/support")
async def support_chat(websocket: WebSocket) -> None:
    await websocket.accept()
    support_room.add(websocket)
    try:
        while True:
            message = await websocket.receive_text()
            for member in list(support_room):
                await member.send_json({"message": message})
    except WebSocketDisconnect:
        pass
    finally:
        support_room.discard(websocket)
