from collections.abc import Iterator

import httpx
import pytest

from conftest import API, HIDDEN, INVALID, REFUSED, Person, log_in

HOME = {"line1": "1 Quay", "city": "Porto", "postcode": "4000", "country": "PT"}


@pytest.fixture
def address(alice: Person) -> Iterator[dict]:
    answer = alice.http.post(f"{API}/users/me/addresses", json=HOME)
    assert answer.status_code == 201, answer.text
    yield answer.json()
    alice.http.delete(f"{API}/users/me/addresses/{answer.json()['id']}")


def test_profile_needs_a_login(anonymous: httpx.Client) -> None:
    assert anonymous.get(f"{API}/users/me").status_code in REFUSED
    assert anonymous.patch(f"{API}/users/me", json={"phone": "1"}).status_code in REFUSED


def test_change_own_name_and_phone(customer: Person) -> None:
    body = {"full_name": "Renamed Reader", "phone": "+351 1234"}
    answer = customer.http.patch(f"{API}/users/me", json=body)
    assert answer.status_code == 200
    assert answer.json()["full_name"] == "Renamed Reader"
    assert customer.http.get(f"{API}/users/me").json()["phone"] == "+351 1234"


def test_change_of_contact_data_leaves_the_role(customer: Person) -> None:
    answer = customer.http.patch(f"{API}/users/me/contact", json={"phone": "+351 99"})
    assert answer.status_code == 200
    assert (answer.json()["phone"], answer.json()["role"]) == ("+351 99", "customer")


def test_empty_name_is_invalid(customer: Person) -> None:
    answer = customer.http.patch(f"{API}/users/me/contact", json={"full_name": ""})
    assert answer.status_code in INVALID


def test_customers_cannot_list_users(alice: Person) -> None:
    assert alice.http.get(f"{API}/users").status_code == 403


def test_anonymous_cannot_list_users(anonymous: httpx.Client) -> None:
    assert anonymous.get(f"{API}/users").status_code in REFUSED


def test_admin_lists_users_in_pages(admin: Person, alice: Person, bob: Person) -> None:
    first = admin.http.get(f"{API}/users", params={"limit": 1})
    second = admin.http.get(f"{API}/users", params={"limit": 1, "offset": 1})
    assert first.status_code == second.status_code == 200
    assert [len(first.json()), len(second.json())] == [1, 1]
    assert first.json() != second.json()


def test_page_size_is_bounded(admin: Person) -> None:
    assert admin.http.get(f"{API}/users", params={"limit": 100_000}).status_code in INVALID


def test_staff_reads_a_user(staff: Person, alice: Person) -> None:
    answer = staff.http.get(f"{API}/users/{alice.id}")
    assert answer.status_code == 200
    assert answer.json()["email"] == alice.email
    assert "password_hash" not in answer.json()


def test_customers_cannot_read_a_user(alice: Person, bob: Person) -> None:
    assert alice.http.get(f"{API}/users/{bob.id}").status_code == 403


def test_staff_looks_up_by_email(staff: Person, alice: Person) -> None:
    answer = staff.http.get(f"{API}/users/lookup", params={"email": alice.email})
    assert answer.status_code == 200
    assert answer.json()["id"] == alice.id


def test_customers_cannot_look_up(alice: Person, bob: Person) -> None:
    answer = alice.http.get(f"{API}/users/lookup", params={"email": bob.email})
    assert answer.status_code == 403


def test_own_contact_card(alice: Person) -> None:
    answer = alice.http.get(f"{API}/users/{alice.id}/contact")
    assert answer.status_code == 200
    assert answer.json()["email"] == alice.email


def test_add_and_list_addresses(alice: Person, address: dict) -> None:
    listed = alice.http.get(f"{API}/users/me/addresses").json()
    assert address in listed
    assert address["user_id"] == alice.id


def test_addresses_of_others_are_not_listed(bob: Person, address: dict) -> None:
    ids = [entry["id"] for entry in bob.http.get(f"{API}/users/me/addresses").json()]
    assert address["id"] not in ids


def test_country_is_a_code(alice: Person) -> None:
    answer = alice.http.post(f"{API}/users/me/addresses", json=HOME | {"country": "Portugal"})
    assert answer.status_code in INVALID


def test_update_own_address(alice: Person, address: dict) -> None:
    path = f"{API}/users/me/addresses/{address['id']}"
    assert alice.http.patch(path, json={"city": "Braga"}).json()["city"] == "Braga"
    replaced = alice.http.put(path, json=HOME | {"city": "Lisboa"})
    assert replaced.status_code == 200
    assert replaced.json()["city"] == "Lisboa"


def test_replace_address_of_another(bob: Person, alice: Person, address: dict) -> None:
    path = f"{API}/users/me/addresses/{address['id']}"
    assert bob.http.put(path, json=HOME | {"city": "Nowhere"}).status_code in HIDDEN
    assert address in alice.http.get(f"{API}/users/me/addresses").json()


def test_delete_address_of_another(bob: Person, alice: Person, address: dict) -> None:
    path = f"{API}/users/me/addresses/{address['id']}"
    assert bob.http.delete(path).status_code in HIDDEN
    assert address in alice.http.get(f"{API}/users/me/addresses").json()


def test_admin_changes_a_role(admin: Person, customer: Person) -> None:
    path = f"{API}/admin/users/{customer.id}/role"
    assert admin.http.put(path, json={"role": "staff"}).json()["role"] == "staff"
    promoted = log_in(customer.email, customer.password)
    assert promoted.http.get(f"{API}/reports/stock").status_code == 200
    promoted.http.close()


def test_unknown_roles_are_invalid(admin: Person, customer: Person) -> None:
    path = f"{API}/admin/users/{customer.id}/role"
    assert admin.http.put(path, json={"role": "emperor"}).status_code in INVALID


def test_customers_and_staff_cannot_change_roles(alice: Person, staff: Person) -> None:
    path = f"{API}/admin/users/{alice.id}/role"
    assert alice.http.put(path, json={"role": "admin"}).status_code == 403
    assert staff.http.put(path, json={"role": "admin"}).status_code == 403
    assert alice.http.get(f"{API}/users/me").json()["role"] == "customer"
