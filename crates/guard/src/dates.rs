//! The time of an answer as its `Date` says it (RFC 9110 section 6.6.1), made once a second.

use std::cell::RefCell;
use std::time::{Duration, UNIX_EPOCH};

use http::header::DATE;
use http::{HeaderMap, HeaderValue};
use httpdate::HttpDate;

/// What was said last, and of which second since 1970-01-01 UTC.
#[derive(Debug, Default)]
pub(crate) struct Dates(RefCell<Option<(u64, HeaderValue)>>);

impl Dates {
    /// Dates an answer, unless who made it did.
    pub(crate) fn fill(&self, headers: &mut HeaderMap, now: Duration) {
        if headers.contains_key(DATE) {
            return;
        }
        let mut said = self.0.borrow_mut();
        if let Some((second, date)) = &*said
            && *second == now.as_secs()
        {
            headers.insert(DATE, date.clone());
            return;
        }
        // No date has another form than a field may have.
        let date = UNIX_EPOCH.checked_add(now).map(|time| HttpDate::from(time).to_string());
        if let Some(date) = date.and_then(|date| HeaderValue::try_from(date).ok()) {
            headers.insert(DATE, date.clone());
            *said = Some((now.as_secs(), date));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_dated_once() {
        let dates = Dates::default();
        let dated = |headers: &mut HeaderMap, seconds: u64| {
            dates.fill(headers, Duration::from_millis(seconds * 1000 + 999));
            headers[DATE].to_str().unwrap().to_owned()
        };
        let (first, second) = (784_111_777, 784_111_778);
        assert_eq!(dated(&mut HeaderMap::new(), first), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(dated(&mut HeaderMap::new(), first), "Sun, 06 Nov 1994 08:49:37 GMT");
        let mut headers = HeaderMap::new();
        assert_eq!(dated(&mut headers, second), "Sun, 06 Nov 1994 08:49:38 GMT");
        assert_eq!(dated(&mut headers, first), "Sun, 06 Nov 1994 08:49:38 GMT", "whoever made it has dated it");
    }
}
