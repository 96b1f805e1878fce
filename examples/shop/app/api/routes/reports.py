"""Figures for the back office."""

import logging
import traceback
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, status
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.api.deps import SessionDep, StaffUser, require_report_role, staff_only
from app.models import Order, OrderItem, Product
from app.schemas import ArchiveOut, MarginReport, SalesReport, StockOut
from app.services import archives

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/reports", tags=["reports"])

Label = Annotated[str, Query(pattern=r"^[a-z0-9-]{1,40}$")]
COUNTED = ("paid", "shipped", "delivered")


def month_start(period: str) -> datetime:
    return datetime.strptime(period, "%Y-%m")


def month_end(start: datetime) -> datetime:
    return datetime(start.year + start.month // 12, start.month % 12 + 1, 1)


def sales_between(session: Session, start: datetime, end: datetime) -> SalesReport:
    orders, revenue = session.execute(
        select(func.count(Order.id), func.coalesce(func.sum(Order.total_cents), 0)).where(
            Order.created_at >= start, Order.created_at < end, Order.status.in_(COUNTED)
        )
    ).one()
    return SalesReport(orders=orders, revenue_cents=revenue)


@router.get("/sales", dependencies=[Depends(require_report_role)])
def sales_report(period: Annotated[str, Query(max_length=7)], session: SessionDep) -> SalesReport:
    try:
        start = month_start(period)
    except ValueError as error:
        logger.info("bad period: %s", error)
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "The period looks like 2025-03") from error
    return sales_between(session, start, month_end(start))


@router.get("/margin", dependencies=[Depends(staff_only)])
def margin_report(period: str, session: SessionDep) -> MarginReport:
    try:
        start = month_start(period)
        orders, margin = session.execute(
            select(
                func.count(func.distinct(Order.id)),
                func.coalesce(
                    func.sum(
                        OrderItem.quantity * (OrderItem.unit_price_cents - Product.cost_cents)
                    ),
                    0,
                ),
            )
            .join(OrderItem, OrderItem.order_id == Order.id)
            .join(Product, Product.id == OrderItem.product_id)
            .where(Order.created_at >= start, Order.created_at < month_end(start))
        ).one()
    except Exception as error:
        raise HTTPException(
            status.HTTP_500_INTERNAL_SERVER_ERROR,
            {"error": str(error), "trace": traceback.format_exc()},
        ) from error
    return MarginReport(period=period, orders=orders, margin_cents=margin)


@router.get("/stock", response_model=list[StockOut])
def stock_report(
    session: SessionDep, staff: StaffUser, below: Annotated[int, Query(ge=0, le=1000)] = 10
) -> list[Product]:
    query = select(Product).where(Product.stock < below).order_by(Product.stock).limit(100)
    return list(session.scalars(query))


@router.post("/archive", dependencies=[Depends(staff_only)])
def archive_documents(label: str) -> ArchiveOut:
    archive = archives.pack_with_label(label)
    return ArchiveOut(name=archive.name, size=archive.stat().st_size)


@router.post("/snapshot", dependencies=[Depends(staff_only)])
def snapshot_documents(label: Label) -> ArchiveOut:
    archive = archives.pack_snapshot(label)
    return ArchiveOut(name=archive.name, size=archive.stat().st_size)
