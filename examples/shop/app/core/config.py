"""Settings: defaults here, overridden by `SHOP_*` variables or a `.env` file."""

import secrets
from pathlib import Path
from typing import Literal

from pydantic import EmailStr, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _random_key() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(48))


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_", env_file=".env", extra="ignore")

    app_name: str = "Paper Lantern Books"
    environment: Literal["local", "staging", "production"] = "local"
    host: str = "127.0.0.1"
    port: int = 8000
    api_prefix: str = "/api/v1"
    database_url: str = "sqlite:///./shop.db"
    data_dir: Path = Path("var")

    jwt_secret: str = "pl-books-access-token-signing-key-7f3d9a41"
    jwt_algorithm: str = "HS256"
    access_token_minutes: int = 60

    # Links are short-lived, so a fresh key for each start is good enough.
    invoice_link_key: SecretStr = Field(default_factory=_random_key)
    invoice_link_minutes: int = 5

    payment_webhook_secret: SecretStr | None = None
    inventory_api_key: SecretStr | None = None
    partner_api_key: SecretStr | None = None
    internal_token: SecretStr | None = None

    cors_origins: list[str] = ["*"]
    partner_cors_origins: list[str] = ["https://partners.example.com"]
    supplier_image_hosts: list[str] = ["images.example.com", "covers.example.org"]
    debug_routes: bool = True

    first_admin_email: EmailStr = "admin@example.com"
    first_admin_password: str = "lantern-admin-2024"

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"

    @property
    def documents_dir(self) -> Path:
        return self.data_dir / "documents"

    @property
    def uploads_dir(self) -> Path:
        return self.data_dir / "uploads"

    @property
    def reports_dir(self) -> Path:
        return self.data_dir / "reports"


settings = Settings()
