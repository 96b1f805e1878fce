//! What pages of other origins may read and send.

use policy::Mode;

use crate::application::{Application, Asked};
use crate::client::{Answer, ask, get};
use crate::running::Setup;

const POLICY: &str = r#"
version = 1

[identity.users]
kind = "application"
header = "X-Key"

[cors]
origins = ["https://shop.example"]
credentials = true
expose = ["X-Total"]

[routes."GET /orders"]
access = "public"
[routes."DELETE /orders"]
allow = [{ identity = "users" }]
[routes."OPTIONS /orders"]
allow = []
"#;

/// An application that lets every origin read, as frameworks do that echo it.
fn sharing() -> Application {
    Application::answering(|asked: &Asked| {
        let origin = asked.field("origin").unwrap_or("*");
        let fields = format!("Access-Control-Allow-Origin: {origin}\r\nAccess-Control-Allow-Credentials: true\r\n");
        format!("HTTP/1.1 200 OK\r\n{fields}Vary: Accept\r\nContent-Length: 2\r\n\r\n{{}}").into_bytes()
    })
}

fn start(mode: Mode, application: &Application) -> (doorward_guard::Gateway, crate::running::Log) {
    let setup = Setup { mode, ..Setup::enforcing(POLICY) };
    let log = setup.log.clone();
    (setup.start(application.address).unwrap(), log)
}

/// What an answer says to the origin: origin, credentials, exposed fields.
fn shared(answer: &Answer) -> [Option<&str>; 3] {
    ["allow-origin", "allow-credentials", "expose-headers"].map(|name| answer.field(&format!("access-control-{name}")))
}

fn preflight(gateway: &doorward_guard::Gateway, origin: &str, method: &str, fields: &str) -> Answer {
    let head = format!("OPTIONS /orders HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\n{fields}");
    ask(gateway.address(), format!("{head}Access-Control-Request-Method: {method}\r\n\r\n").as_bytes()).unwrap()
}

#[test]
fn an_answer_is_read_by_the_origins_of_the_policy_alone() {
    let (gateway, log) = start(Mode::Enforce, &sharing());
    let own = get(gateway.address(), "/orders", "Origin: https://shop.example\r\n");
    assert_eq!(shared(&own), [Some("https://shop.example"), Some("true"), Some("X-Total")]);
    let vary: Vec<&str> = own.head.lines().filter(|line| line.starts_with("vary")).collect();
    assert_eq!(vary, ["vary: Accept", "vary: Origin"]);
    for fields in ["Origin: https://evil.example\r\n", "Origin: null\r\n", ""] {
        let other = get(gateway.address(), "/orders", fields);
        assert_eq!((other.status, shared(&other)), (200, [None; 3]), "{fields}");
        assert!(other.head.contains("vary: Origin"), "{}", other.head);
    }
    let refused = get(gateway.address(), "/unknown", "Origin: https://shop.example\r\n");
    assert_eq!((refused.status, shared(&refused)[0]), (404, Some("https://shop.example")));
    gateway.stop();
    assert_eq!(log.text().matches("\"layer\":\"cors\",\"decision\":\"redacted\"").count(), 3);
}

#[test]
fn what_browsers_ask_beforehand_is_answered_here() {
    let application = sharing();
    let (gateway, _) = start(Mode::Enforce, &application);
    let fields = "Access-Control-Request-Headers: content-type,x-key\r\nCookie: a=b\r\n";
    let answer = preflight(&gateway, "https://shop.example", "DELETE", fields);
    assert_eq!((answer.status, shared(&answer)[0]), (204, Some("https://shop.example")));
    let said = ["allow-methods", "allow-headers", "max-age"];
    let expected =
        ["GET, DELETE", "accept, accept-language, authorization, content-language, content-type, range, x-key", "600"];
    assert_eq!(said.map(|name| answer.field(&format!("access-control-{name}")).unwrap()), expected);
    for (origin, fields) in [
        ("https://evil.example", ""),
        ("null", ""),
        ("https://shop.example", "Access-Control-Request-Headers: x-other\r\n"),
        ("https://shop.example\r\nOrigin: https://shop.example", ""),
    ] {
        let answer = preflight(&gateway, origin, "GET", fields);
        let found = (answer.status, answer.reason());
        assert_eq!(found, (403, Some("cross-origin-not-allowed".to_owned())), "{origin} {fields}");
    }
    assert_eq!(preflight(&gateway, "https://shop.example", "PUT", "").status, 403, "OPTIONS is a route for nobody");
    assert!(application.asked().is_empty());
}

#[test]
fn report_mode_takes_nothing_from_anybody() {
    let application = sharing();
    let (gateway, log) = start(Mode::Report, &application);
    let other = get(gateway.address(), "/orders", "Origin: https://evil.example\r\n");
    assert_eq!(shared(&other), [Some("https://evil.example"), Some("true"), None]);
    let asked = preflight(&gateway, "https://evil.example", "DELETE", "Cookie: a=b\r\n");
    assert_eq!((asked.status, shared(&asked)[0]), (200, Some("https://evil.example")));
    assert_eq!(application.asked()[1].field("cookie"), None);
    assert_eq!(preflight(&gateway, "https://shop.example", "DELETE", "").status, 204);
    let counters = gateway.stop();
    let would: Vec<(&str, u64)> = counters.would_refuse.iter().map(|(layer, count)| (layer.as_str(), *count)).collect();
    assert_eq!(would, [("cors_preflight", 1)]);
    assert_eq!(log.text().matches("\"layer\":\"cors\",\"decision\":\"would-redact\"").count(), 2);
}

#[test]
fn everybody_may_read_where_the_policy_says_so_and_then_without_credentials() {
    let policy = "version = 1\n[cors]\norigins = [\"*\"]\n[routes.\"GET /a\"]\naccess = \"public\"\n";
    let gateway = Setup::enforcing(policy).start(sharing().address).unwrap();
    let answer = get(gateway.address(), "/a", "Origin: https://any.example\r\n");
    assert_eq!(shared(&answer), [Some("*"), None, None]);
    assert!(!answer.head.contains("vary: Origin"), "{}", answer.head);
}

#[test]
fn without_a_section_nothing_is_touched() {
    let policy = "version = 1\n[routes.\"GET /a\"]\naccess = \"public\"\n";
    let gateway = Setup::enforcing(policy).start(sharing().address).unwrap();
    let answer = get(gateway.address(), "/a", "Origin: https://any.example\r\n");
    assert_eq!(shared(&answer), [Some("https://any.example"), Some("true"), None]);
    assert!(!answer.head.contains("vary: Origin"), "{}", answer.head);
}

const COOKIES: &str = r#"
version = 1

[identity.visitors]
kind = "application"
cookie = "session"
[identity.clients]
kind = "application"
header = "X-Key"

[cors]
origins = ["https://app.example"]

[routes."GET /orders"]
allow = [{ identity = "visitors" }]
[routes."POST /orders"]
allow = [{ identity = "visitors" }, { identity = "clients" }]
[routes."POST /login"]
access = "public"
[routes."WS /live"]
allow = [{ identity = "visitors" }]
"#;

#[test]
fn a_page_of_another_site_changes_nothing_with_the_cookie_of_its_visitor() {
    let application = Application::plain();
    let gateway = Setup::enforcing(COOKIES).start(application.address).unwrap();
    let asked = |line: &str, fields: &str| {
        let bytes = format!("{line} HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n{fields}\r\n");
        let answer = ask(gateway.address(), bytes.as_bytes()).unwrap();
        (answer.status, answer.reason().unwrap_or_default())
    };
    let passes = (200, String::new());
    let refused = (403, "cross-site-request".to_owned());
    let (cookie, crossing) = ("Cookie: session=a\r\n", "Sec-Fetch-Site: cross-site\r\n");
    assert_eq!(asked("POST /orders", &format!("{cookie}{crossing}")), refused);
    assert_eq!(asked("POST /orders", &format!("{cookie}Origin: https://evil.example\r\n")), refused);
    assert_eq!(asked("POST /orders", &format!("{cookie}X-Key: a\r\n{crossing}")), refused);
    let websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let live =
        format!("GET /live HTTP/1.1\r\nHost: shop.example\r\n{websocket}{cookie}Origin: https://evil.example\r\n\r\n");
    assert_eq!(ask(gateway.address(), live.as_bytes()).unwrap().reason().as_deref(), Some("cross-site-request"));
    assert!(application.asked().is_empty());
    assert_eq!(asked("POST /orders", cookie), passes);
    assert_eq!(asked("POST /orders", &format!("{cookie}Origin: https://shop.example\r\n")), passes);
    assert_eq!(asked("POST /orders", &format!("{cookie}{crossing}Origin: https://app.example\r\n")), passes);
    assert_eq!(asked("POST /orders", &format!("X-Key: a\r\n{crossing}")), passes);
    assert_eq!(asked("POST /login", &format!("{cookie}{crossing}")), passes);
    assert_eq!(asked("GET /orders", &format!("{cookie}{crossing}")), passes);
}

#[test]
fn a_page_of_another_site_is_let_through_where_it_is_only_said_or_allowed() {
    let application = Application::plain();
    let crossing = b"POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nCookie: session=a\r\nSec-Fetch-Site: cross-site\r\n\r\n";
    let reporting = Setup::reporting(COOKIES).start(application.address).unwrap();
    assert_eq!(ask(reporting.address(), crossing).unwrap().status, 200);
    let would = reporting.stop().would_refuse;
    assert_eq!(would.iter().map(|(layer, count)| (layer.as_str(), *count)).collect::<Vec<_>>(), [("cross_site", 1)]);
    let allowing = COOKIES.replace("version = 1", "version = 1\ncross_site = \"allow\"");
    let allowing = Setup::enforcing(&allowing).start(application.address).unwrap();
    assert_eq!(ask(allowing.address(), crossing).unwrap().status, 200);
}
