"""The catalogue. Reviews hang below each product."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, status
from sqlalchemy import select, text

from app.api.deps import AdminUser, CurrentUser, PageDep, SessionDep, staff_only
from app.api.routes import reviews
from app.core.errors import Conflict, NotFound
from app.models import Product
from app.schemas import ImageUrl, ProductHit, ProductIn, ProductOut
from app.services import images

router = APIRouter(prefix="/products", tags=["products"])

SORT_COLUMNS = {
    "title": Product.title,
    "price": Product.price_cents,
    "newest": Product.id.desc(),
}


@router.get("", response_model=list[ProductOut])
def list_products(
    session: SessionDep, page: PageDep, sort: Literal["title", "price", "newest"] = "title"
) -> list[Product]:
    query = select(Product).where(Product.is_active).order_by(SORT_COLUMNS[sort])
    return list(session.scalars(query.limit(page.limit).offset(page.offset)))


@router.get("/search", response_model=list[ProductHit])
def search_products(q: str, session: SessionDep) -> list[ProductHit]:
    sql = (
        "SELECT id, title, author, price_cents FROM products "
        f"WHERE is_active = 1 AND (title LIKE '%{q}%' OR author LIKE '%{q}%') "
        "ORDER BY title LIMIT 50"
    )
    rows = session.execute(text(sql)).mappings()
    return [ProductHit.model_validate(dict(row)) for row in rows]


@router.get("/suggest", response_model=list[ProductHit])
def suggest_products(
    q: Annotated[str, Query(min_length=1, max_length=80)], session: SessionDep
) -> list[ProductHit]:
    sql = text(
        "SELECT id, title, author, price_cents FROM products "
        "WHERE is_active = 1 AND title LIKE :prefix ORDER BY title LIMIT 10"
    )
    rows = session.execute(sql, {"prefix": f"{q}%"}).mappings()
    return [ProductHit.model_validate(dict(row)) for row in rows]


@router.get("/{product_id}", response_model=ProductOut)
def read_product(product_id: int, session: SessionDep) -> Product:
    product = session.get(Product, product_id)
    if product is None or not product.is_active:
        raise NotFound("No such product")
    return product


@router.post("", response_model=ProductOut, status_code=status.HTTP_201_CREATED)
def create_product(body: ProductIn, session: SessionDep, admin: AdminUser) -> Product:
    if session.scalar(select(Product.id).where(Product.sku == body.sku)) is not None:
        raise Conflict("This SKU exists already")
    product = Product(**body.model_dump())
    session.add(product)
    session.commit()
    return product


@router.put("/{product_id}", response_model=ProductOut)
def update_product(
    product_id: int, body: ProductIn, session: SessionDep, admin: AdminUser
) -> Product:
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound("No such product")
    for field, value in body.model_dump(exclude={"sku"}).items():
        setattr(product, field, value)
    session.commit()
    return product


@router.delete("/{product_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_product(product_id: int, session: SessionDep, user: CurrentUser) -> None:
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound("No such product")
    session.delete(product)
    session.commit()


@router.post(
    "/{product_id}/image-from-url",
    response_model=ProductOut,
    dependencies=[Depends(staff_only)],
)
def set_image_from_url(product_id: int, body: ImageUrl, session: SessionDep) -> Product:
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound("No such product")
    product.image_name = images.fetch_image(str(body.url))
    session.commit()
    return product


@router.post(
    "/{product_id}/image-from-supplier",
    response_model=ProductOut,
    dependencies=[Depends(staff_only)],
)
def set_image_from_supplier(product_id: int, body: ImageUrl, session: SessionDep) -> Product:
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound("No such product")
    product.image_name = images.fetch_supplier_image(str(body.url))
    session.commit()
    return product


router.include_router(reviews.router)
