//! The id of an exchange: in records, in problems, in `X-Request-ID` to the application and back. A proxy that the policy trusts may
//! have given one; what anybody else sends is replaced, so that no client chooses what stands in the log.

use std::sync::Arc;

use http::header::HeaderName;

use crate::exchange::Exchange;
use crate::pipeline::{Layer, Verdict};
use crate::site::Site;

/// The most bytes of an id that a proxy gives.
pub(crate) const REQUEST_ID_BYTES_MAX: usize = 128;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the exchange.
struct RequestId;

/// The layer.
pub(crate) fn layer(_: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(RequestId)
}

impl Layer for RequestId {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        if exchange.client.is_of_proxy {
            let mut values = exchange.parts.headers.get_all(X_REQUEST_ID).iter();
            let value = values.next().filter(|_| values.next().is_none());
            if let Some(id) = value.filter(|value| is_given(value.as_bytes())).cloned() {
                exchange.known_as(id);
            }
        }
        let id = exchange.id_value();
        exchange.parts.headers.insert(X_REQUEST_ID, id);
        Verdict::Continue
    }

    fn response(&self, exchange: &mut Exchange) -> Verdict {
        let id = exchange.id_value();
        if let Some(headers) = exchange.answer.headers_mut() {
            headers.insert(X_REQUEST_ID, id);
        }
        Verdict::Continue
    }
}

/// Whether an id can stand in a log.
fn is_given(value: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(byte);
    (1..=REQUEST_ID_BYTES_MAX).contains(&value.len()) && value.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_up_to_its_bound() {
        let at = "a".repeat(REQUEST_ID_BYTES_MAX);
        assert!(is_given(at.as_bytes()) && !is_given(format!("{at}a").as_bytes()));
        assert!(is_given(b"Root=1-67891233:abc/def"));
        for value in [&b""[..], b"a b", b"a\"", b"\xff", b"a,b", b"a\tb"] {
            assert!(!is_given(value), "{value:?}");
        }
    }
}
