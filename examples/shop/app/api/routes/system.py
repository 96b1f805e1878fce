"""Health, version, diagnostics."""

import platform
from typing import Any

from fastapi import APIRouter

from app.api.deps import SessionDep
from app.core.config import settings
from app.models import Product
from app.schemas import Message

router = APIRouter(tags=["system"])
debug_router = APIRouter(prefix="/debug", include_in_schema=False)


@router.get("/health")
def health(session: SessionDep) -> Message:
    session.query(Product.id).first()
    return Message(detail="ok")


@debug_router.get("/settings")
def dump_settings() -> dict[str, Any]:
    return {"python": platform.python_version(), "settings": settings.model_dump(mode="json")}
