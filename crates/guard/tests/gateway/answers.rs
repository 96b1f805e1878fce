//! What answers get and lose on their way to the client: those of the application, and those of the gateway.

use policy::Mode;

use crate::application::{Application, Asked, response};
use crate::client::{Answer, get};
use crate::running::Setup;

const ROUTES: &str = "\n[routes.\"* /{path:path}\"]\naccess = \"public\"\n";

/// A gateway with these sections that admits everybody.
fn open(mode: Mode, sections: &str) -> Setup {
    let policy = format!("version = 1\n{sections}{ROUTES}");
    Setup { policy: Some(policy), mode, ..Setup::without_policy() }
}

fn said(fields: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// The values of these fields.
fn fields<const N: usize>(answer: &Answer, names: [&str; N]) -> [Option<String>; N] {
    names.map(|name| answer.field(name).map(str::to_owned))
}

#[test]
fn every_answer_is_protected() {
    let application = Application::answering(|asked: &Asked| match asked.path() {
        "/docs" => said("Content-Type: text/html\r\n", "<html>"),
        "/own" => said("Cache-Control: max-age=9\r\nX-Frame-Options: SAMEORIGIN\r\n", "a"),
        _ => response("200 OK", "application/json", b"{}"),
    });
    let names = ["cache-control", "x-frame-options", "x-content-type-options", "strict-transport-security"];
    let text = |text: &str| Some(text.to_owned());
    for setup in [Setup::without_policy(), open(Mode::Report, ""), open(Mode::Enforce, "")] {
        let gateway = setup.start(application.address).unwrap();
        let plain = get(gateway.address(), "/", "");
        assert_eq!(fields(&plain, names), [text("no-store"), text("DENY"), text("nosniff"), None]);
        let own = get(gateway.address(), "/own", "");
        assert_eq!(fields(&own, names), [text("max-age=9"), text("SAMEORIGIN"), text("nosniff"), None]);
        let documentation = get(gateway.address(), "/docs", "");
        let policy = documentation.field("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self' 'unsafe-inline' https://cdn.jsdelivr.net"), "{policy}");
        let refused = get(gateway.address(), "/", "Host: b\r\n");
        assert_eq!((refused.status, refused.reason().as_deref()), (400, Some("two-hosts")));
        assert_eq!(fields(&refused, names), [text("no-store"), text("DENY"), text("nosniff"), None]);
    }
}

#[test]
fn a_policy_says_which_fields_answers_get() {
    let application = Application::plain();
    let section = "[headers]\noff = [\"X-Frame-Options\"]\nreferrer_policy = \"same-origin\"\n";
    let gateway = open(Mode::Enforce, section).start(application.address).unwrap();
    let answer = get(gateway.address(), "/", "");
    let found = fields(&answer, ["x-frame-options", "referrer-policy"]);
    assert_eq!(found, [None, Some("same-origin".to_owned())]);
}
