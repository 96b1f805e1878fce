from collections.abc import Iterator

import httpx
import pytest

from conftest import API, HIDDEN, REFUSED, Person

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@pytest.fixture
def file(alice: Person) -> Iterator[dict]:
    answer = alice.http.post(f"{API}/files", files={"file": ("cover.png", PNG, "image/png")})
    assert answer.status_code == 201, answer.text
    yield answer.json()
    alice.http.delete(f"{API}/files/{answer.json()['id']}")


def test_upload_and_read_back(alice: Person, file: dict) -> None:
    assert (file["user_id"], file["size"]) == (alice.id, len(PNG))
    answer = alice.http.get(f"{API}/files/{file['id']}")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"


def test_files_of_others_are_hidden(bob: Person, anonymous: httpx.Client, file: dict) -> None:
    path = f"{API}/files/{file['id']}"
    assert bob.http.get(path).status_code in HIDDEN
    assert bob.http.delete(path).status_code in HIDDEN
    assert anonymous.get(path).status_code in REFUSED


def test_delete_own_file(alice: Person, file: dict) -> None:
    path = f"{API}/files/{file['id']}"
    assert alice.http.delete(path).status_code == 204
    assert alice.http.get(path).status_code == 404


def test_other_types_are_refused(alice: Person) -> None:
    files = {"file": ("run.sh", b"#!/bin/sh\n", "text/x-shellscript")}
    assert alice.http.post(f"{API}/files", files=files).status_code in (415, 422)


def test_large_files_are_refused(alice: Person) -> None:
    files = {"file": ("big.png", bytes(2_000_001), "image/png")}
    assert alice.http.post(f"{API}/files", files=files).status_code == 413


def test_uploading_needs_a_login(anonymous: httpx.Client) -> None:
    files = {"file": ("cover.png", PNG, "image/png")}
    assert anonymous.post(f"{API}/files", files=files).status_code in REFUSED


def test_customers_upload_no_covers(alice: Person) -> None:
    files = {"file": ("cover.png", PNG, "image/png")}
    assert alice.http.post(f"{API}/files/covers", files=files).status_code == 403


def test_read_a_document(alice: Person) -> None:
    by_path = alice.http.get(f"{API}/files/documents/price-list.txt")
    by_name = alice.http.get(f"{API}/files/download", params={"name": "price-list.txt"})
    assert by_path.status_code == by_name.status_code == 200
    assert by_path.content == by_name.content
    assert b"PL-0001" in by_path.content


def test_documents_need_a_login(anonymous: httpx.Client) -> None:
    assert anonymous.get(f"{API}/files/documents/price-list.txt").status_code in REFUSED


def test_unknown_document(alice: Person) -> None:
    assert alice.http.get(f"{API}/files/documents/none.txt").status_code == 404


def test_documents_stay_in_their_folder(alice: Person) -> None:
    answer = alice.http.get(f"{API}/files/documents/%2e%2e/media/x.png")
    assert answer.status_code in (400, 403, 404)
