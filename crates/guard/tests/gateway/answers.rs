//! What answers get and lose on their way to the client: those of the application, and those of the gateway.

use policy::Mode;

use crate::application::{Application, Asked, response};
use crate::client::{Answer, ask, get};
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

/// An application that fails, and says how.
fn failing() -> Application {
    Application::answering(|asked: &Asked| {
        let trace = "Traceback: password=hunter2";
        let (status, media_type) = match asked.path() {
            "/stream" => ("500 Oh", "text/event-stream"),
            "/busy" => ("503 Busy", "application/json"),
            "/wrong" => ("400 Bad", "text/plain"),
            _ => ("500 Oh", "text/html"),
        };
        let fields = "Server: uvicorn/0.30\r\nX-Powered-By: FastAPI\r\nX-Build: 7\r\nETag: \"a\"\r\nRetry-After: 3\r\n";
        let fields = format!("Content-Type: {media_type}\r\n{fields}");
        said(&fields, trace)
            .iter()
            .map(|byte| char::from(*byte))
            .collect::<String>()
            .replace("200 OK", status)
            .into_bytes()
    })
}

#[test]
fn what_the_application_says_of_its_failures_stays_here() {
    let application = failing();
    let setup = open(Mode::Enforce, "");
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    for (path, status, title) in [("/", 500, "Internal Server Error"), ("/busy", 503, "Service Unavailable")] {
        let answer = get(gateway.address(), path, "");
        let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &problem["status"], &problem["title"]), (status, &status.into(), &title.into()));
        assert!(problem["request_id"].as_str().is_some_and(|id| log_has(&log, id)), "{problem}");
        let names = ["content-type", "retry-after", "etag", "server", "x-powered-by", "x-build"];
        let text = |text: &str| Some(text.to_owned());
        let expected = [text("application/problem+json"), text("3"), None, None, None, text("7")];
        assert_eq!(fields(&answer, names), expected);
    }
    for path in ["/stream", "/wrong"] {
        assert!(get(gateway.address(), path, "").body.starts_with(b"Traceback"), "{path}");
    }
    let head = ask(gateway.address(), b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert_eq!((head.status, head.field("content-type")), (500, Some("application/problem+json")));
    gateway.stop();
    let told: Vec<String> = log.records().iter().map(|one| format!("{}", one["outcome"])).collect();
    assert_eq!(told.iter().filter(|one| *one == "\"forwarded\"").count(), 5, "the application answered: {told:?}");
    assert_eq!(log.text().matches("\"decision\":\"redacted\"").count(), 3);
}

/// The log is written by a thread of its own.
fn log_has(log: &crate::running::Log, text: &str) -> bool {
    (0..1000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(2));
        log.text().contains(text)
    })
}

#[test]
fn report_mode_says_what_it_would_have_taken_out() {
    let application = failing();
    let setup = open(Mode::Report, "");
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let answer = get(gateway.address(), "/", "");
    assert!(answer.body.starts_with(b"Traceback"));
    assert_eq!(fields(&answer, ["server", "x-powered-by"]), [None, None]);
    gateway.stop();
    assert_eq!(log.text().matches("\"decision\":\"would-redact\"").count(), 1);
}

#[test]
fn a_policy_says_what_answers_tell() {
    let section =
        "[redact]\nreplace_error_bodies = false\nremove_headers = [\"X-Build\"]\nkeep_headers = [\"Server\"]\n";
    let gateway = open(Mode::Enforce, section).start(failing().address).unwrap();
    let answer = get(gateway.address(), "/", "");
    assert!(answer.body.starts_with(b"Traceback"));
    let found = fields(&answer, ["server", "x-powered-by", "x-build"]);
    assert_eq!(found, [Some("uvicorn/0.30".to_owned()), None, None]);
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
