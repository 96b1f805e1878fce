//! Requests that write: fields that a shield refuses, and owners that are looked up first. What is valid passes with the gateway's
//! policy as without it; an attack passes without and is refused with it.

use serde_json::json;

use crate::application::{Application, Asked, json as json_answer, response};
use crate::client::{Answer, ask};
use crate::running::{Setup, token};

const POLICY: &str = r#"
version = 1

[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
roles = "/roles"

[routes."PATCH /me"]
allow = [{ identity = "users" }]
[[routes."PATCH /me".shields]]
finding = "a1"
patch = { refuse_fields = ["/role", "/wallet/credit"] }
expires = 2026-12-31
reason = "until the schema is split"

[routes."PATCH /orders/{order_id:int}"]
allow = [
  { identity = "users", owner = { lookup = { endpoint = "GET /orders/{order_id:int}", field = "/owner_id" } } },
  { identity = "users", role = "admin" },
]

[routes."DELETE /notes/{note_id}"]
allow = [{ identity = "users", owner = { lookup = { endpoint = "GET /notes", field = "/by", key = "/id", parameter = "note_id" } } }]
"#;

/// The most bytes that either layer reads.
const BYTES_MAX: usize = 1024 * 1024;

fn padded(body: &str, length: usize) -> String {
    body.replace("PAD", &"x".repeat(length + "PAD".len() - body.len()))
}

fn answer(asked: &Asked) -> Vec<u8> {
    match (asked.line.split(' ').next().unwrap_or_default(), asked.path()) {
        ("GET", "/orders/1") => json_answer(r#"{"owner_id": 7}"#),
        ("GET", "/orders/2") => json_answer(r#"{"owner_id": 8}"#),
        ("GET", "/orders/3") => json_answer(&padded(r#"{"owner_id": 7, "a": "PAD"}"#, BYTES_MAX)),
        ("GET", "/orders/4") => json_answer(&padded(r#"{"owner_id": 7, "a": "PAD"}"#, BYTES_MAX + 1)),
        ("GET", "/orders/5") => response("404 Not Found", "application/json", b"{}"),
        ("GET", "/orders/6") => response("500 Internal Server Error", "application/json", b"{\"owner_id\": 7}"),
        ("GET", "/orders/7") => response("200 OK", "text/html", b"{\"owner_id\": 7}"),
        ("GET", "/orders/8") => json_answer(r#"{"owner_id": 8, "owner_id": 7}"#),
        ("GET", "/orders/9") => json_answer(r#"{"owner": 7}"#),
        ("GET", "/orders/10") => response("302 Found", "application/json", b"{\"owner_id\": 7}"),
        ("GET", "/notes") => json_answer(
            r#"[{"id": 1, "by": 7}, {"id": 2, "by": 8}, {"id": 3, "by": 7}, {"id": 3, "by": 8}, {"id": "a b", "by": 7}]"#,
        ),
        _ => json_answer("{}"),
    }
}

fn send(gateway: &doorward_guard::Gateway, line: &str, fields: &str, body: &str) -> Answer {
    let head = format!("{line} HTTP/1.1\r\nHost: a\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len());
    ask(gateway.address(), head.as_bytes()).unwrap()
}

fn bearer(claims: serde_json::Value) -> String {
    format!("Authorization: Bearer {}\r\n", token(claims))
}

/// The same request without a policy and with it.
struct Both {
    open: doorward_guard::Gateway,
    closed: doorward_guard::Gateway,
    application: Application,
}

impl Both {
    fn start() -> Self {
        let application = Application::answering(answer);
        let open = Setup::without_policy().start(application.address).unwrap();
        let closed = Setup::enforcing(POLICY).start(application.address).unwrap();
        Self { open, closed, application }
    }

    fn passes(&self, line: &str, fields: &str, body: &str) {
        let fields = format!("{}{fields}", bearer(json!({"sub": "7"})));
        let (open, closed) = (send(&self.open, line, &fields, body), send(&self.closed, line, &fields, body));
        let shown = body.chars().take(60).collect::<String>();
        assert_eq!((open.status, closed.status), (200, 200), "{line} {shown}: {closed:?}");
    }

    fn refused(&self, line: &str, fields: &str, body: &str, reason: &str) {
        let fields = format!("{}{fields}", bearer(json!({"sub": "7"})));
        let (open, closed) = (send(&self.open, line, &fields, body), send(&self.closed, line, &fields, body));
        let shown = body.chars().take(60).collect::<String>();
        assert_eq!((open.status, closed.reason().as_deref()), (200, Some(reason)), "{line} {shown}: {closed:?}");
    }

    /// Requests of a method that the application got.
    fn got(&self, method: &str) -> usize {
        self.application.asked().iter().filter(|one| one.line.starts_with(method)).count()
    }
}

const JSON: &str = "Content-Type: application/json\r\n";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

#[test]
fn a_field_that_a_shield_refuses_does_not_reach_the_application() {
    let both = Both::start();
    both.passes("PATCH /me", JSON, r#"{"name": "a", "wallet": {"colour": "red"}}"#);
    both.passes("PATCH /me", FORM, "name=a&note=role");
    both.passes("PATCH /me", "", "");
    let passed = both.got("PATCH");
    for (fields, body) in [
        (JSON, r#"{"name": "a", "role": "admin"}"#),
        (JSON, r#"{"wallet": {"credit": 1}}"#),
        (FORM, r#"{"role": "admin"}"#),
        (FORM, "name=a&r%6fle=admin"),
        ("", r#"{"role": "admin"}"#),
    ] {
        both.refused("PATCH /me", fields, body, "field-not-allowed");
    }
    for (fields, body) in [
        (JSON, "role=admin"),
        (JSON, r#"{"a": 1, "a": 2}"#),
        ("Content-Type: multipart/form-data; boundary=a\r\n", "--a--"),
        // In UTF-7 this is `role`.
        ("Content-Type: application/json; charset=utf-7\r\n", r#"{"+AHI-ole": "admin"}"#),
    ] {
        both.refused("PATCH /me", fields, body, "body-not-checkable");
    }
    // Those without a policy passed, and none of the others.
    assert_eq!(both.got("PATCH"), passed + 9);
}

#[test]
fn a_body_is_looked_at_up_to_the_bound_and_goes_on_as_it_came() {
    let both = Both::start();
    let longest = padded(r#"{"name": "PAD"}"#, BYTES_MAX);
    both.passes("PATCH /me", JSON, &longest);
    assert!(both.application.asked().iter().all(|one| one.body == longest.as_bytes()));
    both.refused("PATCH /me", JSON, &padded(r#"{"name": "PAD"}"#, BYTES_MAX + 1), "body-too-large");
    let chunks = "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"role\":\r\n3\r\n 1}\r\n0\r\n\r\n";
    let head = format!("PATCH /me HTTP/1.1\r\nHost: a\r\n{}{JSON}{chunks}", bearer(json!({"sub": "7"})));
    assert_eq!(ask(both.closed.address(), head.as_bytes()).unwrap().reason().as_deref(), Some("field-not-allowed"));
    let harmless = head.replace("role", "name");
    assert_eq!(ask(both.closed.address(), harmless.as_bytes()).unwrap().status, 200);
    assert_eq!(both.application.asked().last().unwrap().body, br#"{"name": 1}"#);
}

#[test]
fn an_object_is_changed_by_whom_the_application_shows_as_its_owner() {
    let both = Both::start();
    both.passes("PATCH /orders/1", JSON, "{}");
    both.refused("PATCH /orders/2", JSON, "{}", "not-allowed");
    both.refused("PATCH /orders/5", JSON, "{}", "not-allowed");
    for order in [6, 7, 8, 9, 10] {
        both.refused(&format!("PATCH /orders/{order}"), JSON, "{}", "owner-unknown");
    }
    // Up to the bound and one past it.
    both.passes("PATCH /orders/3", JSON, "{}");
    both.refused("PATCH /orders/4", JSON, "{}", "owner-unknown");
    let admin = bearer(json!({"sub": "9", "roles": ["admin"]}));
    let questions = both.got("GET");
    assert_eq!(send(&both.closed, "PATCH /orders/2", &admin, "{}").status, 200);
    assert_eq!(both.got("GET"), questions, "who may do it anyway is not asked about");
    assert_eq!(send(&both.closed, "PATCH /orders/1", "", "{}").status, 401);
    assert_eq!(both.got("GET"), questions, "who is not known is not asked for");
}

#[test]
fn an_object_is_looked_up_in_the_list_that_it_is_an_item_of() {
    let both = Both::start();
    both.passes("DELETE /notes/1", "", "");
    both.passes("DELETE /notes/a%20b", "", "");
    for note in ["2", "4", "01"] {
        both.refused(&format!("DELETE /notes/{note}"), "", "", "not-allowed");
    }
    both.refused("DELETE /notes/3", "", "", "owner-unknown");
}

#[test]
fn the_question_carries_the_credential_and_nothing_else() {
    let both = Both::start();
    let fields = format!("{}X-Other: 1\r\nIf-None-Match: a\r\nCookie: a=b\r\n{JSON}", bearer(json!({"sub": "7"})));
    assert_eq!(send(&both.closed, "PATCH /orders/1?a=b", &fields, "{}").status, 200);
    let asked = both.application.asked();
    assert_eq!(
        (asked[0].line.as_str(), asked[1].line.as_str()),
        ("GET /orders/1 HTTP/1.1", "PATCH /orders/1?a=b HTTP/1.1")
    );
    let mut names: Vec<&str> = asked[0].fields.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "authorization", "cookie", "host"]);
}

#[test]
fn report_mode_says_what_it_would_have_refused_and_forwards_it_whole() {
    let application = Application::answering(answer);
    let gateway = Setup::reporting(POLICY).start(application.address).unwrap();
    let fields = format!("{}{JSON}", bearer(json!({"sub": "7"})));
    let longer = padded(r#"{"role": "PAD"}"#, BYTES_MAX + 1);
    for (line, body) in [
        ("PATCH /me", r#"{"role": 1}"#),
        ("PATCH /me", &longer),
        ("PATCH /me", "{"),
        ("PATCH /orders/2", "{}"),
        ("PATCH /orders/6", "{}"),
    ] {
        assert_eq!(send(&gateway, line, &fields, body).status, 200);
        assert_eq!(application.asked().last().unwrap().body, body.as_bytes());
    }
    let counters = gateway.stop();
    assert_eq!(counters.refused, []);
    let would: Vec<(&str, u64)> = counters.would_refuse.iter().map(|(layer, count)| (layer.as_str(), *count)).collect();
    assert_eq!(would, [("ownership", 2), ("virtual_patch", 3)]);
}
