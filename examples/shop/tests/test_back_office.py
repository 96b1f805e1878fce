import httpx
import pytest

from conftest import API, INVALID, REFUSED, Person, setting, unique

YAML = {"Content-Type": "application/yaml"}


def test_admin_reads_settings_without_secrets(admin: Person) -> None:
    answer = admin.http.get(f"{API}/admin/settings")
    assert answer.status_code == 200
    assert set(answer.json()) == {"app_name", "environment", "api_prefix", "access_token_minutes"}


def test_admin_reads_the_audit_trail(admin: Person, staff: Person) -> None:
    answer = admin.http.get(f"{API}/admin/audit", params={"limit": 100})
    assert answer.status_code == 200
    assert staff.email in [entry["target"] for entry in answer.json()]


@pytest.mark.parametrize("path", ["/admin/settings", "/admin/audit", "/admin/orders", "/users"])
def test_the_back_office_is_closed(
    alice: Person, anonymous: httpx.Client, staff: Person, path: str
) -> None:
    assert anonymous.get(API + path).status_code in REFUSED
    assert alice.http.get(API + path).status_code == 403
    assert staff.http.get(API + path).status_code == 403


def test_customers_create_no_staff(alice: Person) -> None:
    body = {"email": f"{unique('s')}@example.com", "password": "long-enough", "full_name": "S"}
    assert alice.http.post(f"{API}/admin/staff", json=body).status_code == 403


def test_admin_deletes_a_user(admin: Person, customer: Person) -> None:
    assert admin.http.delete(f"{API}/admin/users/{customer.id}").status_code == 204
    assert customer.http.get(f"{API}/users/me").status_code in REFUSED


def test_catalogue_preview(admin: Person) -> None:
    document = "- {sku: NEW-1, title: New, author: N. Ew, price_cents: 100}\n"
    answer = admin.http.post(f"{API}/admin/catalogue/preview", content=document, headers=YAML)
    assert answer.status_code == 200
    assert answer.json()[0]["sku"] == "NEW-1"


@pytest.mark.parametrize("document", ["just words", "- {sku: 1}\n", "a: [1\n"])
def test_catalogue_preview_of_something_else(admin: Person, document: str) -> None:
    answer = admin.http.post(f"{API}/admin/catalogue/preview", content=document, headers=YAML)
    assert answer.status_code in INVALID


def test_catalogue_is_for_admins(alice: Person, staff: Person) -> None:
    for person in (alice, staff):
        answer = person.http.post(f"{API}/admin/catalogue/preview", content="[]", headers=YAML)
        assert answer.status_code == 403


def test_staff_reads_the_stock_report(staff: Person, product: dict) -> None:
    answer = staff.http.get(f"{API}/reports/stock", params={"below": 1000})
    assert answer.status_code == 200
    assert {"sku", "stock"} == set(answer.json()[0])


def test_staff_reads_the_margin_report(staff: Person) -> None:
    answer = staff.http.get(f"{API}/reports/margin", params={"period": "2025-03"})
    assert answer.status_code == 200
    assert answer.json()["period"] == "2025-03"


def test_staff_packs_the_documents(staff: Person) -> None:
    for path, name in (("archive", "documents-weekly"), ("snapshot", "snapshot-weekly")):
        answer = staff.http.post(f"{API}/reports/{path}", params={"label": "weekly"})
        assert answer.status_code == 200
        assert answer.json()["name"] == f"{name}.tar.gz"
        assert answer.json()["size"] > 0


def test_snapshot_labels_are_plain(staff: Person) -> None:
    answer = staff.http.post(f"{API}/reports/snapshot", params={"label": "a b"})
    assert answer.status_code in INVALID


def test_customers_read_no_reports(alice: Person) -> None:
    assert alice.http.get(f"{API}/reports/stock").status_code == 403
    margin = alice.http.get(f"{API}/reports/margin", params={"period": "2025-03"})
    assert margin.status_code == 403
    sales = alice.http.get(f"{API}/reports/sales", params={"period": "2025-03"})
    assert sales.status_code == 403
    assert alice.http.post(f"{API}/reports/snapshot?label=x").status_code == 403


def test_scanners_adjust_the_stock(anonymous: httpx.Client, product: dict) -> None:
    headers = {"X-Api-Key": setting("SHOP_INVENTORY_API_KEY")}
    path = f"{API}/inventory/{product['sku']}"
    assert anonymous.get(path, headers=headers).json()["stock"] == product["stock"]
    answer = anonymous.post(f"{path}/adjust", json={"delta": -3}, headers=headers)
    assert answer.json() == {"sku": product["sku"], "stock": product["stock"] - 3}
    below_zero = anonymous.post(f"{path}/adjust", json={"delta": -1000}, headers=headers)
    assert below_zero.status_code == 409


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": "not-the-key"}])
def test_the_stock_is_adjusted_with_the_key_only(
    anonymous: httpx.Client, product: dict, headers: dict
) -> None:
    path = f"{API}/inventory/{product['sku']}"
    assert anonymous.get(path, headers=headers).status_code in REFUSED
    answer = anonymous.post(f"{path}/adjust", json={"delta": 1}, headers=headers)
    assert answer.status_code in REFUSED


def test_partners_read_the_catalogue(anonymous: httpx.Client) -> None:
    headers = {"X-Partner-Key": setting("SHOP_PARTNER_API_KEY")}
    answer = anonymous.get("/partner/catalogue", headers=headers, params={"limit": 2})
    assert answer.status_code == 200
    assert len(answer.json()) == 2


def test_partners_order_in_bulk(anonymous: httpx.Client, product: dict) -> None:
    headers = {"X-Partner-Key": setting("SHOP_PARTNER_API_KEY")}
    body = {"sku": product["sku"], "quantity": 4}
    answer = anonymous.post("/partner/orders", json=body, headers=headers)
    assert answer.status_code == 201
    assert answer.json()["stock"] == product["stock"] - 4


def test_partners_need_a_key(anonymous: httpx.Client, product: dict, alice: Person) -> None:
    assert anonymous.get("/partner/catalogue").status_code in REFUSED
    assert alice.http.get("/partner/catalogue").status_code in REFUSED
    wrong = anonymous.get("/partner/catalogue", headers={"X-Partner-Key": "wrong"})
    assert wrong.status_code in REFUSED
    body = {"sku": product["sku"], "quantity": 1}
    assert anonymous.post("/partner/orders", json=body).status_code in REFUSED


def test_monitoring_needs_its_token(anonymous: httpx.Client, admin: Person) -> None:
    assert anonymous.get("/internal/ping").status_code == 200
    assert anonymous.get("/internal/stats").status_code in REFUSED
    assert admin.http.get("/internal/stats").status_code in REFUSED
    headers = {"X-Internal-Token": setting("SHOP_INTERNAL_TOKEN")}
    assert anonymous.get("/internal/stats", headers=headers).json()["users"] > 0
