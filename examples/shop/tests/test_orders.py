import hashlib
import hmac
import json
import time

import httpx
import pytest

from conftest import API, HIDDEN, INVALID, REFUSED, Person, client, setting, unique


def stock_of(product: dict) -> int:
    with client() as http:
        return http.get(f"{API}/products/{product['id']}").json()["stock"]


def pay(http: httpx.Client, order: dict, *, age: int = 0, secret: str | None = None) -> int:
    event = {
        "event": "payment.succeeded",
        "order_id": order["id"],
        "amount_cents": order["total_cents"],
        "reference": unique("pay"),
    }
    body = json.dumps(event).encode()
    timestamp = str(int(time.time()) - age)
    key = secret or setting("SHOP_PAYMENT_WEBHOOK_SECRET")
    signature = hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    headers = {
        "Content-Type": "application/json",
        "X-Payment-Timestamp": timestamp,
        "X-Payment-Signature": signature.hexdigest(),
    }
    return http.post(f"{API}/webhooks/payments", content=body, headers=headers).status_code


def test_order_takes_the_price_of_the_catalogue(alice: Person, order: dict, product: dict) -> None:
    assert order["user_id"] == alice.id
    assert order["total_cents"] == 2 * product["price_cents"]
    assert order["status"] == "pending"


def test_order_takes_stock(order: dict, product: dict) -> None:
    assert stock_of(product) == product["stock"] - 2


def test_ordering_needs_a_login(anonymous: httpx.Client, product: dict) -> None:
    body = {"items": [{"product_id": product["id"], "quantity": 1}]}
    assert anonymous.post(f"{API}/orders", json=body).status_code in REFUSED
    assert anonymous.get(f"{API}/orders").status_code in REFUSED


@pytest.mark.parametrize("quantity", [0, -3, 1000])
def test_quantities_are_bounded(alice: Person, product: dict, quantity: int) -> None:
    body = {"items": [{"product_id": product["id"], "quantity": quantity}]}
    assert alice.http.post(f"{API}/orders", json=body).status_code in INVALID


def test_an_empty_order_is_invalid(alice: Person) -> None:
    assert alice.http.post(f"{API}/orders", json={"items": []}).status_code in INVALID


def test_order_of_an_unknown_product(alice: Person) -> None:
    body = {"items": [{"product_id": 999_999_999, "quantity": 1}]}
    assert alice.http.post(f"{API}/orders", json=body).status_code == 404


def test_more_than_the_stock_is_a_conflict(alice: Person, product: dict) -> None:
    body = {"items": [{"product_id": product["id"], "quantity": product["stock"] + 1}]}
    assert alice.http.post(f"{API}/orders", json=body).status_code == 409
    assert stock_of(product) == product["stock"]


def test_read_own_order(alice: Person, order: dict) -> None:
    answer = alice.http.get(f"{API}/orders/{order['id']}")
    assert answer.status_code == 200
    assert answer.json() == order


def test_reading_an_order_needs_a_login(anonymous: httpx.Client, order: dict) -> None:
    assert anonymous.get(f"{API}/orders/{order['id']}").status_code in REFUSED


def test_list_own_orders(alice: Person, order: dict) -> None:
    listed = alice.http.get(f"{API}/orders").json()
    assert order in listed
    assert {entry["user_id"] for entry in listed} == {alice.id}


def test_orders_of_others_are_not_listed(bob: Person, order: dict) -> None:
    assert order["id"] not in [entry["id"] for entry in bob.http.get(f"{API}/orders").json()]


def test_read_own_invoice(alice: Person, order: dict) -> None:
    answer = alice.http.get(f"{API}/orders/{order['id']}/invoice")
    assert answer.status_code == 200
    assert answer.json()["note"] == order["note"]
    assert answer.json()["total_cents"] == order["total_cents"]


def test_the_invoice_of_another_is_hidden(
    bob: Person, anonymous: httpx.Client, order: dict
) -> None:
    path = f"{API}/orders/{order['id']}/invoice"
    assert bob.http.get(path).status_code in HIDDEN
    assert anonymous.get(path).status_code in REFUSED


def test_share_an_invoice(alice: Person, anonymous: httpx.Client, order: dict) -> None:
    link = alice.http.post(f"{API}/orders/{order['id']}/invoice-link").json()["url"]
    assert anonymous.get(link).json()["order_id"] == order["id"]


def test_only_the_owner_shares_an_invoice(bob: Person, order: dict) -> None:
    path = f"{API}/orders/{order['id']}/invoice-link"
    assert bob.http.post(path).status_code in HIDDEN


def test_an_access_token_is_no_invoice_link(alice: Person, anonymous: httpx.Client) -> None:
    assert anonymous.get(f"{API}/invoices/{alice.token}").status_code == 403


def test_change_own_note(alice: Person, order: dict) -> None:
    answer = alice.http.patch(f"{API}/orders/{order['id']}/note", json={"note": "Ring twice"})
    assert (answer.status_code, answer.json()["note"]) == (200, "Ring twice")


def test_change_the_note_of_another(bob: Person, alice: Person, order: dict) -> None:
    path = f"{API}/orders/{order['id']}"
    assert bob.http.patch(f"{path}/note", json={"note": "mine"}).status_code in HIDDEN
    assert alice.http.get(path).json()["note"] == order["note"]


def test_cancel_returns_the_stock(alice: Person, order: dict, product: dict) -> None:
    path = f"{API}/orders/{order['id']}/cancel"
    assert alice.http.post(path).json()["status"] == "cancelled"
    assert stock_of(product) == product["stock"]
    assert alice.http.post(path).status_code == 409


def test_cancel_the_order_of_another(bob: Person, order: dict) -> None:
    assert bob.http.post(f"{API}/orders/{order['id']}/cancel").status_code in HIDDEN


def test_delete_own_order(alice: Person, order: dict, product: dict) -> None:
    path = f"{API}/orders/{order['id']}"
    assert alice.http.delete(path).status_code == 204
    assert alice.http.get(path).status_code == 404
    assert stock_of(product) == product["stock"]


def test_delete_the_order_of_another(bob: Person, alice: Person, order: dict) -> None:
    path = f"{API}/orders/{order['id']}"
    assert bob.http.delete(path).status_code in HIDDEN
    assert alice.http.get(path).status_code == 200


def test_a_signed_payment_pays(alice: Person, anonymous: httpx.Client, order: dict) -> None:
    assert pay(anonymous, order) == 200
    assert alice.http.get(f"{API}/orders/{order['id']}").json()["status"] == "paid"


def test_a_payment_with_a_wrong_signature(
    alice: Person, anonymous: httpx.Client, order: dict
) -> None:
    assert pay(anonymous, order, secret="not-the-secret") in REFUSED
    assert alice.http.get(f"{API}/orders/{order['id']}").json()["status"] == "pending"


def test_an_old_payment_event_is_refused(anonymous: httpx.Client, order: dict) -> None:
    assert pay(anonymous, order, age=3600) in REFUSED


def test_an_unsigned_payment_is_refused(anonymous: httpx.Client, order: dict) -> None:
    event = {"event": "payment.succeeded", "order_id": order["id"]}
    assert anonymous.post(f"{API}/webhooks/payments", json=event).status_code in REFUSED


def test_staff_refunds_a_paid_order(
    staff: Person, anonymous: httpx.Client, order: dict, product: dict
) -> None:
    assert pay(anonymous, order) == 200
    answer = staff.http.post(f"{API}/orders/{order['id']}/refund")
    assert (answer.status_code, answer.json()["status"]) == (200, "refunded")
    assert stock_of(product) == product["stock"]


def test_customers_cannot_refund(alice: Person, order: dict) -> None:
    assert alice.http.post(f"{API}/orders/{order['id']}/refund").status_code == 403


def test_a_pending_order_is_not_refunded(staff: Person, order: dict) -> None:
    assert staff.http.post(f"{API}/orders/{order['id']}/refund").status_code == 409


def test_admin_reads_all_orders(admin: Person, order: dict) -> None:
    listed = admin.http.get(f"{API}/admin/orders")
    assert order["id"] in [entry["id"] for entry in listed.json()]
    assert admin.http.get(f"{API}/admin/orders/{order['id']}").json() == order


def test_customers_and_staff_do_not_read_all_orders(
    alice: Person, staff: Person, order: dict
) -> None:
    for person in (alice, staff):
        assert person.http.get(f"{API}/admin/orders").status_code == 403
        assert person.http.get(f"{API}/admin/orders/{order['id']}").status_code == 403
