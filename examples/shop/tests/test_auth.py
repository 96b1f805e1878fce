import httpx
import pytest

from conftest import API, INVALID, REFUSED, Person, client, log_in, unique


def test_health_is_public(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"detail": "ok"}


def test_register_answers_without_the_password(customer: Person) -> None:
    me = customer.http.get(f"{API}/users/me").json()
    assert me["email"] == customer.email
    assert me["role"] == "customer"
    assert not any("password" in field for field in me)


def test_register_twice_is_a_conflict(anonymous: httpx.Client, alice: Person) -> None:
    body = {"email": alice.email, "password": "another-password", "full_name": "Again"}
    assert anonymous.post(f"{API}/auth/register", json=body).status_code == 409


@pytest.mark.parametrize(
    "change", [{"email": "no-address"}, {"password": "short"}, {"full_name": ""}]
)
def test_register_wants_complete_data(anonymous: httpx.Client, change: dict) -> None:
    body = {
        "email": f"{unique('x')}@example.com",
        "password": "long-enough-password",
        "full_name": "X",
    }
    assert anonymous.post(f"{API}/auth/register", json=body | change).status_code in INVALID


def test_login_with_a_wrong_password(anonymous: httpx.Client, alice: Person) -> None:
    data = {"username": alice.email, "password": "not-this-one"}
    assert anonymous.post(f"{API}/auth/login", data=data).status_code == 401


def test_login_of_an_unknown_account_looks_the_same(anonymous: httpx.Client, alice: Person) -> None:
    wrong = {"username": alice.email, "password": "not-this-one"}
    unknown = {"username": f"{unique('nobody')}@example.com", "password": "not-this-one"}
    first = anonymous.post(f"{API}/auth/login", data=wrong)
    second = anonymous.post(f"{API}/auth/login", data=unknown)
    assert (first.status_code, first.text) == (second.status_code, second.text)


def test_staff_login_is_for_staff(anonymous: httpx.Client, alice: Person) -> None:
    data = {"username": alice.email, "password": alice.password}
    assert anonymous.post(f"{API}/auth/staff-login", data=data).status_code == 403


def test_staff_can_log_in(staff: Person) -> None:
    assert staff.http.get(f"{API}/users/me").json()["role"] == "staff"


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_broken_token_is_refused(token: str) -> None:
    with client(token or "none") as http:
        assert http.get(f"{API}/users/me").status_code in REFUSED


def test_a_token_with_a_changed_payload_is_refused(alice: Person, bob: Person) -> None:
    head, _, signature = alice.token.split(".")
    forged = ".".join([head, bob.token.split(".")[1], signature])
    with client(forged) as http:
        assert http.get(f"{API}/users/me").status_code in REFUSED


def test_password_reset_does_not_tell_who_is_registered(
    anonymous: httpx.Client, customer: Person
) -> None:
    known = anonymous.post(f"{API}/auth/password-reset", json={"email": customer.email})
    unknown = anonymous.post(
        f"{API}/auth/password-reset", json={"email": f"{unique('nobody')}@example.com"}
    )
    assert known.status_code == unknown.status_code == 202
    assert known.json() == unknown.json()


def test_password_reset_with_an_unknown_code(anonymous: httpx.Client) -> None:
    body = {"token": unique("code"), "new_password": "a-new-password"}
    assert anonymous.post(f"{API}/auth/password-reset/confirm", json=body).status_code == 400


def test_email_verification_is_for_the_signed_in(anonymous: httpx.Client, customer: Person) -> None:
    assert anonymous.post(f"{API}/auth/verify-email").status_code in REFUSED
    assert customer.http.post(f"{API}/auth/verify-email").status_code == 202
    wrong = customer.http.post(f"{API}/auth/verify-email/confirm", json={"token": "wrong"})
    assert wrong.status_code == 400
    assert customer.http.get(f"{API}/users/me").json()["email_verified"] is False


def test_logout_sends_home(anonymous: httpx.Client) -> None:
    answer = anonymous.get(f"{API}/auth/logout")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"


def test_continue_goes_to_known_pages_only(anonymous: httpx.Client) -> None:
    known = anonymous.get(f"{API}/auth/continue", params={"next": "/cart"})
    assert (known.status_code, known.headers["location"]) == (303, "/cart")
    other = anonymous.get(f"{API}/auth/continue", params={"next": "https://example.org/"})
    assert other.status_code in (400, 403, 422)


def test_a_deleted_account_is_gone(customer: Person, anonymous: httpx.Client) -> None:
    assert customer.http.delete(f"{API}/users/me").status_code == 204
    assert customer.http.get(f"{API}/users/me").status_code in REFUSED
    data = {"username": customer.email, "password": customer.password}
    assert anonymous.post(f"{API}/auth/login", data=data).status_code == 401


def test_two_logins_are_both_valid(alice: Person) -> None:
    again = log_in(alice.email, alice.password)
    assert again.id == alice.id
    assert alice.http.get(f"{API}/users/me").status_code == 200
    again.http.close()
