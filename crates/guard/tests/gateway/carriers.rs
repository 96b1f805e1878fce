//! Where a token may stand: once, in the place that the policy names, and never in the address.

use serde_json::json;

use crate::application::Application;
use crate::client::get;
use crate::running::{Setup, token};

fn policy(carrier: &str) -> String {
    format!(
        "version = 1\n[identity.users]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = {{ env = \"KEY\" }}\n{carrier}\n\
         [routes.\"GET /me\"]\nallow = [{{ identity = \"users\" }}]\n"
    )
}

#[test]
fn a_token_is_taken_from_the_place_that_the_policy_names_and_from_no_other() {
    let application = Application::plain();
    let token = token(json!({"sub": "7"}));
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let (own, own_bearer) = (format!("X-Token: {token}\r\n"), format!("X-Token: Bearer {token}\r\n"));
    let cookie = format!("Cookie: session={token}\r\n");
    for (carrier, taken, others) in [
        ("", vec![&bearer], vec![&own, &cookie]),
        ("header = \"X-Token\"", vec![&own, &own_bearer], vec![&bearer, &cookie]),
        ("cookie = \"session\"", vec![&cookie], vec![&bearer, &own]),
    ] {
        let gateway = Setup::enforcing(&policy(carrier)).start(application.address).unwrap();
        for fields in taken {
            assert_eq!(get(gateway.address(), "/me", fields).status, 200, "{carrier}: {fields}");
            assert_eq!(get(gateway.address(), "/me", &format!("{fields}{fields}")).status / 100, 4, "{carrier}: twice");
            let list = format!("{}, {token}\r\n", fields.trim_end());
            assert_eq!(get(gateway.address(), "/me", &list).status, 401, "{carrier}: a list");
        }
        for fields in others {
            assert_eq!(get(gateway.address(), "/me", fields).status, 401, "{carrier}: {fields}");
        }
    }
}

#[test]
fn a_token_in_the_query_is_not_taken_and_none_is_beside_it() {
    let application = Application::plain();
    let setup = Setup::enforcing(&policy(""));
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let token = token(json!({"sub": "7"}));
    let bearer = format!("Authorization: Bearer {token}\r\n");
    for fields in ["", &bearer] {
        for name in ["access_token", "access%5Ftoken", "%61ccess_token"] {
            let answer = get(gateway.address(), &format!("/me?a=b&{name}={token}"), fields);
            assert_eq!((answer.status, answer.reason().as_deref()), (401, Some("not-identified")), "{name} {fields}");
        }
    }
    assert_eq!(get(gateway.address(), "/me?a=access_token&token=b", &bearer).status, 200);
    gateway.stop();
    assert!(log.text().contains("a token in the query is not taken") && !log.text().contains(&token));
}

#[test]
fn a_token_that_is_too_long_for_one_or_for_a_head_is_refused() {
    let application = Application::plain();
    let gateway = Setup::enforcing(&policy("")).start(application.address).unwrap();
    for (length, status) in [(9 * 1024, 401), (64 * 1024, 431)] {
        let fields = format!("Authorization: Bearer {}\r\n", "a".repeat(length));
        assert_eq!(get(gateway.address(), "/me", &fields).status, status, "{length}");
    }
}
