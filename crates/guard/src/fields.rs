//! What several parts of the gateway do with fields. To look once at those that are there costs less than to ask for each that may
//! be: a request or an answer has few, and each question is a hash.

use http::HeaderMap;
use http::header::HeaderName;

/// Takes away the fields that this is so of; what is left stays.
pub(crate) fn remove(headers: &mut HeaderMap, is_gone: impl Fn(&HeaderName) -> bool) {
    // Most often none is, and then nothing is allocated.
    let gone: Vec<HeaderName> = headers.keys().filter(|name| is_gone(name)).cloned().collect();
    for name in gone {
        headers.remove(name);
    }
}
