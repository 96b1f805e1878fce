"""Banners of the storefront."""

from fastapi import APIRouter, status
from sqlalchemy import select

from app.api.deps import SessionDep
from app.core.errors import NotFound
from app.models import Banner
from app.schemas import BannerIn, BannerOut

router = APIRouter(prefix="/banners", tags=["banners"])
admin_router = APIRouter(prefix="/banners")


@router.get("", response_model=list[BannerOut])
def list_active_banners(session: SessionDep) -> list[Banner]:
    return list(session.scalars(select(Banner).where(Banner.is_active).limit(20)))


@admin_router.post("", response_model=BannerOut, status_code=status.HTTP_201_CREATED)
def create_banner(body: BannerIn, session: SessionDep) -> Banner:
    banner = Banner(**body.model_dump())
    session.add(banner)
    session.commit()
    return banner


@admin_router.put("/{banner_id}", response_model=BannerOut)
def update_banner(banner_id: int, body: BannerIn, session: SessionDep) -> Banner:
    banner = session.get(Banner, banner_id)
    if banner is None:
        raise NotFound("No such banner")
    banner.title = body.title
    banner.link = body.link
    banner.is_active = body.is_active
    session.commit()
    return banner


@admin_router.delete("/{banner_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_banner(banner_id: int, session: SessionDep) -> None:
    banner = session.get(Banner, banner_id)
    if banner is None:
        raise NotFound("No such banner")
    session.delete(banner)
    session.commit()
