"""The tree of version 1."""

from fastapi import APIRouter, Depends

from app.api.deps import admin_only
from app.api.routes import (
    admin,
    auth,
    banners,
    carts,
    files,
    inventory,
    live,
    orders,
    products,
    reports,
    users,
    vouchers,
    webhooks,
)

back_office = APIRouter(prefix="/admin", tags=["admin"])
back_office.include_router(admin.router, dependencies=[Depends(admin_only)])
back_office.include_router(vouchers.admin_router, dependencies=[Depends(admin_only)])
back_office.include_router(banners.admin_router)

api_router = APIRouter()
api_router.include_router(auth.router)
api_router.include_router(users.router)
api_router.include_router(products.router)
api_router.include_router(orders.router)
api_router.include_router(orders.invoices)
api_router.include_router(carts.router)
api_router.include_router(vouchers.router)
api_router.include_router(banners.router)
api_router.include_router(files.router)
api_router.include_router(inventory.router)
api_router.include_router(reports.router)
api_router.include_router(webhooks.router)
api_router.include_router(live.router)
api_router.include_router(back_office)
