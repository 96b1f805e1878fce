//! Secrets that were planted are in nothing that can be shown: neither in what is written nor in what is formatted.

use serde_json::json;

use crate::application::{Application, response};
use crate::client::get;
use crate::running::{KEY, Setup, token};

const POLICY: &str = r#"
version = 1
[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
[identity.hook]
kind = "application"
header = "X-Hook"
query = "token"
[routes."GET /me"]
allow = [{ identity = "users" }]
[routes."GET /hook/{secret}"]
allow = [{ identity = "hook" }]
"#;

#[test]
fn records_hold_no_credential() {
    let application = Application::answering(|_| response("200 OK", "text/plain", b"planted-body"));
    let setup = Setup::enforcing(POLICY);
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let address = gateway.address();
    let good = token(json!({"sub": "7", "email": "planted-claim"}));
    let _ =
        get(address, "/me?q=planted-query", &format!("Authorization: Bearer {good}\r\nCookie: a=planted-cookie\r\n"));
    let _ = get(address, "/me", "Authorization: Bearer planted.token.here\r\nX-Other: planted-field\r\n");
    let _ = get(address, "/hook/planted-path?token=planted-query", "X-Hook: planted-field\r\n");
    let _ = get(address, "/unknown?token=planted-query", "Transfer_Encoding: planted-field\r\n");
    let shown = format!("{gateway:?}");
    gateway.stop();
    let text = log.text();
    assert!(log.records().len() >= 8, "{text}");
    for secret in ["planted", &good, KEY] {
        assert!(!text.contains(secret), "{secret} is in the log:\n{text}");
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
}
