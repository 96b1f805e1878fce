from collections.abc import Callable

import httpx
import pytest

from conftest import API, INVALID, REFUSED, Person, unique


def body(**fields: object) -> dict:
    return {
        "sku": unique("T"),
        "title": unique("Title"),
        "author": "A. Tester",
        "price_cents": 1000,
    } | fields


def test_the_catalogue_is_public(anonymous: httpx.Client, product: dict) -> None:
    answer = anonymous.get(f"{API}/products", params={"sort": "newest"})
    assert answer.status_code == 200
    assert product["id"] in [entry["id"] for entry in answer.json()]
    assert "cost_cents" not in answer.json()[0]


def test_the_catalogue_comes_in_pages(
    anonymous: httpx.Client, make_product: Callable[..., dict]
) -> None:
    make_product()
    make_product()
    answer = anonymous.get(f"{API}/products", params={"limit": 2})
    assert len(answer.json()) == 2


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 5000}, {"offset": -1}, {"sort": "x"}])
def test_bad_pages_are_invalid(anonymous: httpx.Client, params: dict) -> None:
    assert anonymous.get(f"{API}/products", params=params).status_code in INVALID


def test_sort_by_price(anonymous: httpx.Client, product: dict) -> None:
    answer = anonymous.get(f"{API}/products", params={"sort": "price", "limit": 100})
    prices = [entry["price_cents"] for entry in answer.json()]
    assert prices == sorted(prices)


def test_read_a_product(anonymous: httpx.Client, product: dict) -> None:
    assert anonymous.get(f"{API}/products/{product['id']}").json() == product


def test_unknown_product(anonymous: httpx.Client) -> None:
    assert anonymous.get(f"{API}/products/999999999").status_code == 404


def test_search_finds_by_title(anonymous: httpx.Client, product: dict) -> None:
    answer = anonymous.get(f"{API}/products/search", params={"q": product["title"]})
    assert answer.status_code == 200
    assert [hit["id"] for hit in answer.json()] == [product["id"]]


def test_search_without_a_hit(anonymous: httpx.Client) -> None:
    answer = anonymous.get(f"{API}/products/search", params={"q": unique("nothing")})
    assert (answer.status_code, answer.json()) == (200, [])


def test_suggest_finds_by_prefix(anonymous: httpx.Client, product: dict) -> None:
    answer = anonymous.get(f"{API}/products/suggest", params={"q": product["title"][:-2]})
    assert product["id"] in [hit["id"] for hit in answer.json()]


def test_suggest_takes_an_apostrophe(
    anonymous: httpx.Client, make_product: Callable[..., dict]
) -> None:
    made = make_product(title=unique("The Baker's Dozen"))
    answer = anonymous.get(f"{API}/products/suggest", params={"q": made["title"]})
    assert [hit["id"] for hit in answer.json()] == [made["id"]]


def test_admin_creates_and_updates_a_product(admin: Person, product: dict) -> None:
    path = f"{API}/products/{product['id']}"
    changed = admin.http.put(path, json=body(title="Second edition", price_cents=1700))
    assert changed.status_code == 200
    assert (changed.json()["title"], changed.json()["price_cents"]) == ("Second edition", 1700)
    assert changed.json()["sku"] == product["sku"]


def test_a_sku_exists_once(admin: Person, product: dict) -> None:
    answer = admin.http.post(f"{API}/products", json=body(sku=product["sku"]))
    assert answer.status_code == 409


def test_a_price_is_not_negative(admin: Person) -> None:
    assert admin.http.post(f"{API}/products", json=body(price_cents=-1)).status_code in INVALID


def test_customers_cannot_write_products(alice: Person, product: dict) -> None:
    assert alice.http.post(f"{API}/products", json=body()).status_code == 403
    assert alice.http.put(f"{API}/products/{product['id']}", json=body()).status_code == 403


def test_anonymous_cannot_write_products(anonymous: httpx.Client, product: dict) -> None:
    path = f"{API}/products/{product['id']}"
    assert anonymous.post(f"{API}/products", json=body()).status_code in REFUSED
    assert anonymous.put(path, json=body()).status_code in REFUSED
    assert anonymous.delete(path).status_code in REFUSED


def test_admin_deletes_a_product(admin: Person, make_product: Callable[..., dict]) -> None:
    path = f"{API}/products/{make_product()['id']}"
    assert admin.http.delete(path).status_code == 204
    assert admin.http.get(path).status_code == 404


def test_images_are_set_by_staff(alice: Person, anonymous: httpx.Client, product: dict) -> None:
    url = {"url": "https://images.example.com/cover.png"}
    for last in ("image-from-url", "image-from-supplier"):
        path = f"{API}/products/{product['id']}/{last}"
        assert alice.http.post(path, json=url).status_code == 403
        assert anonymous.post(path, json=url).status_code in REFUSED


@pytest.mark.parametrize(
    "url",
    [
        "https://example.net/cover.png",
        "http://images.example.com/cover.png",
        "https://images.example.com.example.net/cover.png",
        "https://images.example.com@example.net/cover.png",
    ],
)
def test_supplier_images_come_from_suppliers(staff: Person, product: dict, url: str) -> None:
    path = f"{API}/products/{product['id']}/image-from-supplier"
    assert staff.http.post(path, json={"url": url}).status_code in (400, 403, 422)


def test_the_old_catalogue_says_that_it_ends(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/api/v0/products")
    assert answer.status_code == 200
    assert "sunset" in answer.headers
    assert "deprecation" in answer.headers


def test_missing_media(anonymous: httpx.Client) -> None:
    assert anonymous.get(f"/media/{unique('none')}.png").status_code == 404


def test_storefront_banners_are_public(anonymous: httpx.Client) -> None:
    assert anonymous.get(f"{API}/banners").status_code == 200


def test_admin_keeps_the_banners(admin: Person, anonymous: httpx.Client) -> None:
    made = admin.http.post(f"{API}/admin/banners", json={"title": unique("Sale")})
    assert made.status_code == 201
    path = f"{API}/admin/banners/{made.json()['id']}"
    renamed = admin.http.put(path, json={"title": "Sale ended", "is_active": False})
    assert renamed.json()["title"] == "Sale ended"
    shown = [banner["id"] for banner in anonymous.get(f"{API}/banners").json()]
    assert made.json()["id"] not in shown
    assert admin.http.delete(path).status_code == 204
