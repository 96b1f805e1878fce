//! Bytes as the path of a request: what passes is forwarded as it came, can be read in one way alone, and is matched without a
//! defect.

#![no_main]

use std::sync::LazyLock;

use doorward_policy::{Matcher, Policy, RequestPath};
use model::Method;

static MATCHERS: LazyLock<Vec<Matcher>> = LazyLock::new(|| {
    let routes = ["/", "/a/{id}", "/a/{id:int}/b", "/files/{path:path}", "/{name}.json", "/a//b"];
    let routes: String = routes.iter().map(|path| format!("[routes.\"GET {path}\"]\nallow = []\n")).collect();
    let of = |router: &str| {
        let policy = Policy::parse(&format!("version = 1\n[router]\nkind = \"{router}\"\n{routes}")).expect("a policy");
        Matcher::new(&policy.routes, &policy.router)
    };
    ["starlette", "werkzeug"].map(of).into()
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(path) = RequestPath::new(bytes) else { return };
    assert_eq!(path.raw().as_bytes(), bytes, "what passes is forwarded as it came");
    assert!(path.raw().starts_with('/') && path.raw().is_ascii());
    let decoded = path.decoded();
    assert!(!decoded.contains('\\') && !decoded.chars().any(char::is_control), "{decoded:?}");
    assert!(!decoded.split('/').any(|part| matches!(part, "." | "..")), "{decoded:?}");
    assert_eq!(decoded.matches('/').count(), path.raw().matches('/').count(), "no slash was hidden");
    for matcher in MATCHERS.iter() {
        matcher.find(&Method::Get, None, &path);
    }
});
