from collections.abc import Iterator

import httpx
import pytest

from conftest import API, INVALID, REFUSED, Person, unique


@pytest.fixture
def coupon(admin: Person) -> Iterator[dict]:
    body = {"code": unique("C").upper(), "value_cents": 500, "max_uses": 1}
    answer = admin.http.post(f"{API}/admin/coupons", json=body)
    assert answer.status_code == 201, answer.text
    yield answer.json()
    admin.http.delete(f"{API}/admin/coupons/{answer.json()['id']}")


@pytest.fixture
def gift_card(admin: Person) -> Iterator[dict]:
    body = {"code": unique("GIFT").upper(), "balance_cents": 1000}
    answer = admin.http.post(f"{API}/admin/gift-cards", json=body)
    assert answer.status_code == 201, answer.text
    yield answer.json()
    admin.http.delete(f"{API}/admin/gift-cards/{answer.json()['id']}")


def test_a_coupon_is_redeemed_once(customer: Person, coupon: dict) -> None:
    path = f"{API}/coupons/{coupon['code']}/redeem"
    assert customer.http.post(path).json() == {"store_credit_cents": 500}
    assert customer.http.post(path).status_code == 409
    assert customer.http.get(f"{API}/users/me").json()["store_credit_cents"] == 500


def test_an_unknown_coupon(alice: Person) -> None:
    assert alice.http.post(f"{API}/coupons/NO-SUCH-CODE/redeem").status_code == 404


def test_redeeming_needs_a_login(anonymous: httpx.Client, coupon: dict) -> None:
    assert anonymous.post(f"{API}/coupons/{coupon['code']}/redeem").status_code in REFUSED


def test_a_gift_card_pays_until_it_is_empty(customer: Person, gift_card: dict) -> None:
    path = f"{API}/gift-cards/{gift_card['code']}/redeem"
    first = customer.http.post(path, json={"amount_cents": 600})
    assert first.json() == {"store_credit_cents": 600}
    assert customer.http.post(path, json={"amount_cents": 600}).status_code == 409
    assert customer.http.post(path, json={"amount_cents": 400}).status_code == 200


def test_a_gift_card_gives_no_negative_amount(alice: Person) -> None:
    answer = alice.http.post(f"{API}/gift-cards/ANY-CODE/redeem", json={"amount_cents": -1})
    assert answer.status_code in INVALID


def test_admin_lists_coupons(admin: Person, coupon: dict) -> None:
    assert coupon in admin.http.get(f"{API}/admin/coupons").json()


def test_customers_and_staff_make_no_vouchers(alice: Person, staff: Person) -> None:
    coupon = {"code": unique("C").upper(), "value_cents": 100}
    card = {"code": unique("GIFT").upper(), "balance_cents": 100}
    for person in (alice, staff):
        assert person.http.post(f"{API}/admin/coupons", json=coupon).status_code == 403
        assert person.http.post(f"{API}/admin/gift-cards", json=card).status_code == 403


def test_anonymous_sees_no_coupons(anonymous: httpx.Client) -> None:
    assert anonymous.get(f"{API}/admin/coupons").status_code in REFUSED
