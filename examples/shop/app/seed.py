"""What a fresh database starts with."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.config import settings
from app.core.security import hash_password
from app.models import Banner, Product, User

PRODUCTS = [
    ("PL-0001", "The Lamplighter's Atlas", "Ines Moreau", 1890, 950, 40),
    ("PL-0002", "Small Rivers", "Tomasz Zielinski", 1450, 700, 25),
    ("PL-0003", "A Field Guide to Quiet", "Ruth Okafor", 2200, 1200, 60),
    ("PL-0004", "Bread, Salt, Paper", "Ana Petrova", 1699, 800, 15),
    ("PL-0005", "The Clockmaker's Garden", "Hugo Lindqvist", 1250, 500, 80),
]


def seed(session: Session) -> None:
    if session.scalar(select(User).where(User.email == settings.first_admin_email)) is None:
        session.add(
            User(
                email=settings.first_admin_email,
                full_name="Shop Admin",
                password_hash=hash_password(settings.first_admin_password),
                role="admin",
                email_verified=True,
            )
        )
    if session.scalar(select(Product.id).limit(1)) is None:
        session.add_all(
            Product(
                sku=sku,
                title=title,
                author=author,
                price_cents=price,
                cost_cents=cost,
                stock=stock,
            )
            for sku, title, author, price, cost, stock in PRODUCTS
        )
        session.add(Banner(title="Free delivery over 30", link="/products"))
    session.commit()

    for directory in (
        settings.media_dir,
        settings.documents_dir,
        settings.uploads_dir,
        settings.reports_dir,
    ):
        directory.mkdir(parents=True, exist_ok=True)
    price_list = settings.documents_dir / "price-list.txt"
    if not price_list.exists():
        lines = [f"{sku}\t{title}\t{price / 100:.2f}" for sku, title, _, price, _, _ in PRODUCTS]
        price_list.write_text("\n".join(lines) + "\n", encoding="utf-8")
