//! Where an exchange belongs in a trace (W3C Trace Context). The trace of the client goes on where its `traceparent` is one, with
//! this exchange as the new parent; else a trace begins here, and `tracestate`, which belongs to one that nobody can read, ends.
//! The access log names the trace.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use crate::exchange::Exchange;
use crate::pipeline::{Layer, Verdict};
use crate::record::{TraceId, hexadecimal};
use crate::site::Site;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// The bytes of a `traceparent` of version 00. Later ones are as long, or go on behind a `-`.
const PARENT_BYTES: usize = 55;
/// The flag that says that the caller may have recorded it. The others are not known here, and not passed on.
const SAMPLED: u8 = 1;

/// The trace of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trace {
    id: u128,
    parent: u64,
    is_sampled: bool,
}

/// Makes and continues traces.
struct Tracing {
    /// From which the next id is made. Ids are to be unlike each other, and no secrets.
    state: Cell<u64>,
}

/// The layer.
pub(crate) fn layer(_: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(Tracing::new())
}

impl Layer for Tracing {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let headers = &mut exchange.parts.headers;
        let trace = if let Some(arrived) = arrived(headers) {
            Trace { parent: self.id(), ..arrived }
        } else {
            headers.remove(TRACESTATE);
            let id = u128::from(self.id()) << 64 | u128::from(self.id());
            Trace { id, parent: self.id(), is_sampled: false }
        };
        if let Ok(value) = HeaderValue::from_bytes(&trace.parent_field()) {
            headers.insert(TRACEPARENT, value);
        }
        exchange.trace = Some(trace);
        Verdict::Continue
    }
}

impl Tracing {
    /// Begins somewhere else in every worker, and at every start.
    fn new() -> Self {
        Self { state: Cell::new(RandomState::new().hash_one(0)) }
    }

    /// An id that is not zero, and unlike the others: `SplitMix64` gives each number once.
    fn id(&self) -> u64 {
        let state = self.state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.state.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).max(1)
    }
}

impl Trace {
    /// The id of the trace.
    pub(crate) fn id(self) -> TraceId {
        TraceId(self.id)
    }

    /// The `traceparent` of version 00 that says so.
    fn parent_field(self) -> [u8; PARENT_BYTES] {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        if let [_, _, _, id @ .., _, _, _] = &mut text
            && let Some((id, parent)) = id.split_at_mut_checked(32)
        {
            hexadecimal(self.id, id);
            if let [_, parent @ ..] = parent {
                hexadecimal(u128::from(self.parent), parent);
            }
        }
        let [.., last] = &mut text;
        *last = if self.is_sampled { b'1' } else { b'0' };
        text
    }

    /// Reads a `traceparent` (Trace Context section 3.2).
    fn read(value: &[u8]) -> Option<Self> {
        let text = str::from_utf8(value).ok()?;
        let (known, more) = text.split_at_checked(PARENT_BYTES)?;
        let mut parts = known.split('-');
        let (version, id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_hex = |part: &str, bytes: usize| {
            part.len() == bytes && part.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
        };
        let has_form = is_hex(version, 2) && is_hex(id, 32) && is_hex(parent, 16) && is_hex(flags, 2);
        let ends = match version {
            "ff" => false,
            "00" => more.is_empty(),
            _ => more.is_empty() || more.starts_with('-'),
        };
        if parts.next().is_some() || !has_form || !ends {
            return None;
        }
        let read = Self {
            id: u128::from_str_radix(id, 16).ok()?,
            parent: u64::from_str_radix(parent, 16).ok()?,
            is_sampled: u8::from_str_radix(flags, 16).ok()? & SAMPLED == SAMPLED,
        };
        Some(read).filter(|read| read.id != 0 && read.parent != 0)
    }
}

/// The trace of a request, where exactly one is said.
fn arrived(headers: &HeaderMap) -> Option<Trace> {
    let mut values = headers.get_all(TRACEPARENT).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    Trace::read(value.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    #[test]
    fn a_parent_is_read_as_the_standard_says() {
        for (text, sampled) in [
            (format!("00-{ID}-{PARENT}-01"), true),
            (format!("00-{ID}-{PARENT}-00"), false),
            (format!("00-{ID}-{PARENT}-fe"), false),
            (format!("cc-{ID}-{PARENT}-01"), true),
            (format!("cc-{ID}-{PARENT}-01-what-comes"), true),
        ] {
            let read = Trace::read(text.as_bytes()).unwrap();
            assert_eq!(
                (read.id(), read.is_sampled),
                (TraceId(u128::from_str_radix(ID, 16).unwrap()), sampled),
                "{text}"
            );
        }
        let whole = format!("00-{ID}-{PARENT}-01");
        assert_eq!(Trace::read(whole.as_bytes()).unwrap().parent_field(), whole.as_bytes());
        for text in [
            String::new(),
            format!("ff-{ID}-{PARENT}-01"),
            format!("00-{ID}-{PARENT}-01-more"),
            format!("00-{ID}-{PARENT}-0"),
            format!("cc-{ID}-{PARENT}-01.what"),
            format!("00-{}-{PARENT}-01", ID.to_uppercase()),
            format!("00-{}-{PARENT}-01", "0".repeat(32)),
            format!("00-{ID}-{}-01", "0".repeat(16)),
            format!("00-{ID}x{PARENT}-01"),
            format!("00-{}-{PARENT}a-01", &ID[1..]),
            format!("+0-{ID}-{PARENT}-01"),
            "\u{e9}".repeat(40),
        ] {
            assert_eq!(Trace::read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn ids_are_unlike_each_other_and_never_zero() {
        let tracing = Tracing::new();
        let ids: std::collections::BTreeSet<u64> = (0..1000).map(|_| tracing.id()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(!ids.contains(&0));
    }
}
