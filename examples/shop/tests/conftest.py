"""The tests speak HTTP to a running shop at `SHOP_URL`, directly or through a gateway.

They say what is intended. Each cleans up after itself (only audit entries stay), so that they
can run again and again against the same database.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

BASE_URL = os.environ.get("SHOP_URL", "http://127.0.0.1:8000").rstrip("/")
API = os.environ.get("SHOP_API_PREFIX", "/api/v1")

# A gateway in front may answer instead of the application, so the tests look at the status
# alone where somebody is refused, and take each status that means the same.
REFUSED = (401, 403)
HIDDEN = (403, 404)
INVALID = (400, 422)


def setting(name: str) -> str:
    """A value that server and tests share: from the environment, `.env` or `.env.example`."""
    if name in os.environ:
        return os.environ[name]
    root = Path(__file__).resolve().parent.parent
    for file in (root / ".env", root / ".env.example"):
        if file.is_file():
            for line in file.read_text(encoding="utf-8").splitlines():
                key, _, value = line.partition("=")
                if key.strip() == name:
                    return value.strip()
    raise LookupError(f"{name} is set nowhere: see .env.example")


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(6)}"


@dataclass
class Person:
    id: int
    email: str
    password: str
    token: str
    http: httpx.Client


def client(token: str | None = None) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=BASE_URL, headers=headers, timeout=20, follow_redirects=False)


def log_in(email: str, password: str, path: str = "/auth/login") -> Person:
    with client() as http:
        answer = http.post(f"{API}{path}", data={"username": email, "password": password})
    assert answer.status_code == 200, answer.text
    token = answer.json()["access_token"]
    http = client(token)
    me = http.get(f"{API}/users/me")
    assert me.status_code == 200, me.text
    return Person(me.json()["id"], email, password, token, http)


def register() -> Person:
    email, password = f"{unique('reader')}@example.com", secrets.token_urlsafe(12)
    with client() as http:
        answer = http.post(
            f"{API}/auth/register",
            json={"email": email, "password": password, "full_name": "Test Reader"},
        )
    assert answer.status_code == 201, answer.text
    return log_in(email, password)


def leave(person: Person) -> None:
    person.http.delete(f"{API}/users/me")
    person.http.close()


@pytest.fixture(scope="session", autouse=True)
def running_shop() -> None:
    try:
        httpx.get(f"{BASE_URL}/health", timeout=10).raise_for_status()
    except httpx.HTTPError as error:
        pytest.exit(f"no shop answers at {BASE_URL}: {error}", returncode=2)


@pytest.fixture(scope="session")
def anonymous() -> Iterator[httpx.Client]:
    with client() as http:
        yield http


@pytest.fixture(scope="session")
def alice() -> Iterator[Person]:
    person = register()
    yield person
    leave(person)


@pytest.fixture(scope="session")
def bob() -> Iterator[Person]:
    person = register()
    yield person
    leave(person)


@pytest.fixture
def customer() -> Iterator[Person]:
    person = register()
    yield person
    leave(person)


@pytest.fixture(scope="session")
def admin() -> Iterator[Person]:
    person = log_in(setting("SHOP_FIRST_ADMIN_EMAIL"), setting("SHOP_FIRST_ADMIN_PASSWORD"))
    yield person
    person.http.close()


@pytest.fixture(scope="session")
def staff(admin: Person) -> Iterator[Person]:
    email, password = f"{unique('staff')}@example.com", secrets.token_urlsafe(12)
    answer = admin.http.post(
        f"{API}/admin/staff", json={"email": email, "password": password, "full_name": "Sam"}
    )
    assert answer.status_code == 201, answer.text
    person = log_in(email, password, "/auth/staff-login")
    yield person
    person.http.close()
    admin.http.delete(f"{API}/admin/users/{person.id}")


@pytest.fixture
def make_product(admin: Person) -> Iterator[Callable[..., dict]]:
    made: list[int] = []

    def make(**fields: object) -> dict:
        body = {
            "sku": unique("T"),
            "title": unique("Title"),
            "author": "A. Tester",
            "price_cents": 1500,
            "stock": 10,
        }
        answer = admin.http.post(f"{API}/products", json=body | fields)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])
        return answer.json()

    yield make
    for product_id in made:
        admin.http.delete(f"{API}/products/{product_id}")


@pytest.fixture
def product(make_product: Callable[..., dict]) -> dict:
    return make_product()


@pytest.fixture
def order(alice: Person, product: dict) -> Iterator[dict]:
    answer = alice.http.post(
        f"{API}/orders",
        json={"items": [{"product_id": product["id"], "quantity": 2}], "note": unique("note")},
    )
    assert answer.status_code == 201, answer.text
    yield answer.json()
    alice.http.delete(f"{API}/orders/{answer.json()['id']}")
