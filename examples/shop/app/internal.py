"""For the monitoring: a Starlette application, mounted below `/internal`."""

from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.core.middleware import InternalTokenMiddleware
from app.db import SessionLocal
from app.models import Order, User


def count_rows() -> dict[str, int]:
    with SessionLocal() as session:
        return {
            "users": session.scalar(select(func.count(User.id))) or 0,
            "orders": session.scalar(select(func.count(Order.id))) or 0,
        }


async def ping(_: Request) -> JSONResponse:
    return JSONResponse({"detail": "ok"})


async def stats(_: Request) -> JSONResponse:
    return JSONResponse(await run_in_threadpool(count_rows))


internal_app = Starlette(
    routes=[Route("/ping", ping), Route("/stats", stats, methods=["GET"])],
    middleware=[Middleware(InternalTokenMiddleware, exempt=("/ping",))],
)
