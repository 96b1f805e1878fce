from collections.abc import Iterator

import httpx
import pytest

from conftest import API, HIDDEN, INVALID, REFUSED, Person


@pytest.fixture
def review(alice: Person, product: dict) -> Iterator[dict]:
    answer = alice.http.post(
        f"{API}/products/{product['id']}/reviews", json={"rating": 4, "body": "Kept me up."}
    )
    assert answer.status_code == 201, answer.text
    yield answer.json()


def path_of(review: dict, last: str = "") -> str:
    return f"{API}/products/{review['product_id']}/reviews/{review['id']}{last}"


def test_reviews_are_public(anonymous: httpx.Client, review: dict) -> None:
    answer = anonymous.get(f"{API}/products/{review['product_id']}/reviews", params={"limit": 5})
    assert answer.json() == [review]


def test_reviews_are_written_by_the_signed_in(anonymous: httpx.Client, product: dict) -> None:
    path = f"{API}/products/{product['id']}/reviews"
    assert anonymous.post(path, json={"rating": 5}).status_code in REFUSED


def test_one_review_for_each_reader(alice: Person, review: dict) -> None:
    path = f"{API}/products/{review['product_id']}/reviews"
    assert alice.http.post(path, json={"rating": 5}).status_code == 409


@pytest.mark.parametrize("rating", [0, 6])
def test_ratings_go_from_1_to_5(bob: Person, product: dict, rating: int) -> None:
    path = f"{API}/products/{product['id']}/reviews"
    assert bob.http.post(path, json={"rating": rating}).status_code in INVALID


def test_edit_own_review(alice: Person, review: dict) -> None:
    answer = alice.http.put(path_of(review), json={"rating": 2, "body": "On reflection."})
    assert (answer.status_code, answer.json()["rating"]) == (200, 2)


def test_edit_the_review_of_another(bob: Person, review: dict) -> None:
    assert bob.http.put(path_of(review), json={"rating": 1}).status_code in HIDDEN


def test_report_a_review(bob: Person, review: dict) -> None:
    answer = bob.http.post(path_of(review, "/report"))
    assert (answer.status_code, answer.json()["report_count"]) == (200, 1)


def test_a_helpful_vote_needs_a_login(anonymous: httpx.Client, bob: Person, review: dict) -> None:
    assert anonymous.post(path_of(review, "/helpful")).status_code in REFUSED
    answer = bob.http.post(path_of(review, "/helpful"))
    assert (answer.status_code, answer.json()["helpful_count"]) == (200, 1)


def test_staff_deletes_reviews(staff: Person, bob: Person, review: dict) -> None:
    assert bob.http.delete(path_of(review)).status_code == 403
    assert staff.http.delete(path_of(review)).status_code == 204
    assert staff.http.delete(path_of(review)).status_code == 404
