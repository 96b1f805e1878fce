import httpx

from conftest import API, INVALID, REFUSED, Person


def test_the_cart_needs_a_login(anonymous: httpx.Client) -> None:
    assert anonymous.get(f"{API}/cart").status_code in REFUSED


def test_a_new_cart_is_empty(customer: Person) -> None:
    assert customer.http.get(f"{API}/cart").json() == {"lines": [], "total_cents": 0}


def test_put_change_and_remove_an_item(customer: Person, product: dict) -> None:
    body = {"product_id": product["id"], "quantity": 2}
    put = customer.http.put(f"{API}/cart/items", json=body)
    assert put.json()["total_cents"] == 2 * product["price_cents"]
    changed = customer.http.put(f"{API}/cart/items", json=body | {"quantity": 3})
    assert [line["quantity"] for line in changed.json()["lines"]] == [3]
    path = f"{API}/cart/items/{product['id']}"
    assert customer.http.delete(path).status_code == 204
    assert customer.http.delete(path).status_code == 404


def test_carts_are_private(customer: Person, bob: Person, product: dict) -> None:
    customer.http.put(f"{API}/cart/items", json={"product_id": product["id"], "quantity": 1})
    lines = bob.http.get(f"{API}/cart").json()["lines"]
    assert product["id"] not in [line["product_id"] for line in lines]


def test_an_unknown_product_does_not_go_in(customer: Person) -> None:
    body = {"product_id": 999_999_999, "quantity": 1}
    assert customer.http.put(f"{API}/cart/items", json=body).status_code == 404


def test_checkout_pays_and_empties_the_cart(customer: Person, product: dict) -> None:
    customer.http.put(f"{API}/cart/items", json={"product_id": product["id"], "quantity": 2})
    line = {
        "product_id": product["id"],
        "quantity": 2,
        "unit_price_cents": product["price_cents"],
    }
    answer = customer.http.post(f"{API}/cart/checkout", json={"lines": [line]})
    assert answer.status_code == 201
    assert answer.json()["status"] == "paid"
    assert answer.json()["total_cents"] == 2 * product["price_cents"]
    assert customer.http.get(f"{API}/cart").json()["lines"] == []


def test_a_cart_survives_as_a_document(customer: Person, product: dict) -> None:
    customer.http.put(f"{API}/cart/items", json={"product_id": product["id"], "quantity": 4})
    document = customer.http.get(f"{API}/cart/document").json()
    assert document == {"lines": [{"sku": product["sku"], "quantity": 4}]}
    customer.http.delete(f"{API}/cart/items/{product['id']}")
    restored = customer.http.post(f"{API}/cart/document", json=document)
    assert [line["quantity"] for line in restored.json()["lines"]] == [4]


def test_a_document_with_a_bad_quantity(customer: Person, product: dict) -> None:
    document = {"lines": [{"sku": product["sku"], "quantity": -4}]}
    assert customer.http.post(f"{API}/cart/document", json=document).status_code in INVALID
