"""A customer of the shop, through a gateway.

`caller.py load URL` asks for what is its own, again and again, with the first token it was given and the newest one, until its
standard input ends; it prints what it saw as JSON. `caller.py after URL SEEN` is asked when the first key is gone: its tokens are
refused, those of the next one are not, and roles, owners and limits hold. It prints a list of what is wrong.
"""

import json
import secrets
import sys
import threading
import time
from typing import Any

import httpx
import jwt

API = "/api/v1"
PAUSE_S = 0.05
LOGIN_EVERY = 10
DOCUMENTS_QUOTA = 20
WRONG_PASSWORDS = 3


class Customer:
    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=20)
        self.email, self.password = f"{secrets.token_hex(8)}@example.com", secrets.token_urlsafe(12)
        body = {"email": self.email, "password": self.password, "full_name": "A Caller"}
        self.http.post(f"{API}/auth/register", json=body).raise_for_status()

    def log_in(self) -> httpx.Response:
        data = {"username": self.email, "password": self.password}
        return self.http.post(f"{API}/auth/login", data=data)

    def token(self) -> str:
        return self.log_in().raise_for_status().json()["access_token"]

    def ask(self, token: str, method: str, path: str, **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.request(method, API + path, headers=headers, **body)


def key_of(token: str) -> str:
    return jwt.get_unverified_header(token).get("kid", "")


def load(url: str) -> dict[str, Any]:
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    me = Customer(url)
    first = newest = me.token()
    product = me.http.get(f"{API}/products").raise_for_status().json()[0]["id"]
    order = me.ask(first, "POST", "/orders", json={"items": [{"product_id": product, "quantity": 1}]}).json()["id"]
    address = {"line1": "1 Lane", "city": "Leeds", "postcode": "LS1", "country": "GB"}
    address = me.ask(first, "POST", "/users/me/addresses", json=address).json()["id"]
    calls = [
        ("GET", "/users/me", {}),
        ("GET", f"/orders/{order}", {}),
        ("PATCH", f"/orders/{order}/note", {"json": {"note": "ring twice"}}),
        ("PATCH", f"/users/me/addresses/{address}", {"json": {"label": "office"}}),
        ("GET", "/orders", {}),
    ]
    seen: dict[str, Any] = {"sent": 0, "refused": [], "signed_by": {}}
    while not ended.is_set():
        if seen["sent"] % LOGIN_EVERY == 0:
            newest = me.token()
            seen["signed_by"][key_of(newest)] = seen["signed_by"].get(key_of(newest), 0) + 1
        method, path, body = calls[seen["sent"] % len(calls)]
        for token in (first, newest):
            answer = me.ask(token, method, path, **body)
            if answer.status_code != 200:
                told = f"{method} {path} by {key_of(token)!r}: {answer.status_code} {answer.text[:200]}"
                seen["refused"].append(told)
        seen["sent"] += 1
        time.sleep(PAUSE_S)
    return seen | {"first": first, "newest": newest, "order": order}


def by_gateway(answer: httpx.Response, status: int) -> bool:
    return answer.status_code == status and answer.headers["content-type"] == "application/problem+json"


def after(url: str, seen: dict[str, Any]) -> list[str]:
    wrong: list[str] = []

    def expect(holds: bool, what: str, answer: httpx.Response) -> None:
        if not holds:
            wrong.append(f"{what}: {answer.status_code} {answer.text[:200]}")

    other = Customer(url)
    token = other.token()
    answer = other.ask(seen["first"], "GET", "/users/me")
    expect(by_gateway(answer, 401), "a token of the key that is gone", answer)
    answer = other.ask(seen["newest"], "GET", "/users/me")
    expect(answer.status_code == 200, "a token of the key that came", answer)
    answer = other.ask(token, "GET", "/admin/settings")
    expect(by_gateway(answer, 403), "a customer in the back office", answer)
    for method, path, body in [("GET", "", {}), ("PATCH", "/note", {"json": {"note": "mine"}}), ("DELETE", "", {})]:
        answer = other.ask(token, method, f"/orders/{seen['order']}{path}", **body)
        expect(by_gateway(answer, 403), f"{method} of another customer's order", answer)
    admitted = 0
    while (answer := other.ask(token, "GET", "/cart/document")).status_code == 200 and admitted <= DOCUMENTS_QUOTA:
        admitted += 1
    expect(admitted == DOCUMENTS_QUOTA, f"{admitted} documents, of {DOCUMENTS_QUOTA}", answer)
    expect(by_gateway(answer, 429) and '"documents";r=0' in answer.headers["ratelimit"], "one document more", answer)
    answer = other.ask(seen["newest"], "GET", "/cart/document")
    expect(answer.status_code == 200, "a document of somebody else", answer)
    right, other.password = other.password, "not this one"
    for _ in range(WRONG_PASSWORDS):
        answer = other.log_in()
        expect(answer.status_code == 401, "a wrong password", answer)
    answer = other.log_in()
    expect(by_gateway(answer, 429), "one wrong password more", answer)
    other.password = right
    for one in (token, seen["newest"]):
        answer = other.ask(one, "DELETE", "/users/me")
        expect(answer.status_code == 204, "leaving", answer)
    return wrong


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["load", url]:
            print(json.dumps(load(url)))
        case ["after", url, seen]:
            print(json.dumps(after(url, json.loads(seen))))
        case _:
            sys.exit(__doc__)
