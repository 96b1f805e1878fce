import json

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from conftest import API, BASE_URL, Person

pytestmark = pytest.mark.websocket
WS_URL = "ws" + BASE_URL.removeprefix("http")


def url(order: dict, token: str) -> str:
    return f"{WS_URL}{API}/live/orders/{order['id']}?token={token}"


def test_follow_own_order(alice: Person, order: dict) -> None:
    with connect(url(order, alice.token), proxy=None) as socket:
        assert json.loads(socket.recv(timeout=10)) == {
            "order_id": order["id"],
            "status": "pending",
        }
        alice.http.post(f"{API}/orders/{order['id']}/cancel")
        socket.send("again")
        assert json.loads(socket.recv(timeout=10))["status"] == "cancelled"


def test_follow_the_order_of_another(bob: Person, order: dict) -> None:
    with pytest.raises(InvalidStatus) as refusal, connect(url(order, bob.token), proxy=None):
        pass
    assert refusal.value.response.status_code in (401, 403, 404)


def test_follow_without_a_token(order: dict) -> None:
    with pytest.raises(InvalidStatus) as refusal, connect(url(order, ""), proxy=None):
        pass
    assert refusal.value.response.status_code in (401, 403)
