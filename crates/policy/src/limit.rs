//! What a policy says of limits: how many requests, in which window, counted by what, and what happens to more.

use std::borrow::Cow;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use toml::de::DeValue;

use crate::mistake::Mistake;
use crate::reading::{Found, Value, inline, unexpected};
use crate::value::{Form, HeaderName, Pointer, forms, quoted};

table! {
    /// How many requests are admitted in a window.
    pub struct Limit {
        /// How many.
        pub quota: NonZeroU32,
        /// The length of the window in seconds. Of `concurrent`: for how long one is counted at most, should its end be lost.
        pub window_s: NonZeroU32,
        /// What is counted apart.
        pub by: Vec<CountBy>,
        /// Which are counted; absent: all.
        pub counted: Option<Counted>,
        /// How they are counted; absent: in a window that slides.
        pub counting: Option<Counting>,
        /// What happens to more; absent: they are refused.
        pub action: Option<Action>,
        /// How several gateways share it in one store; absent: `leased`, or `strict` where it counts what is under way.
        pub mode: Option<Sharing>,
        /// What happens when the store does not answer; absent: counted in this process.
        pub when_store_down: Option<WhenStoreDown>,
    }
}

/// A quota in one text: so many in a time that slides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quota {
    /// How many.
    pub count: NonZeroU32,
    /// In how many seconds.
    pub window_s: NonZeroU32,
}

/// The times of a quota that have a name, in seconds.
const WINDOWS: &[(&str, u32)] = &[("second", 1), ("minute", 60), ("hour", 3_600), ("day", 86_400)];

impl Form for Quota {
    const EXPECTED: &'static str = "how many in which time: \"1000/day\", or per second, minute, hour or \"90s\"";

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{}` is no quota", text.escape_debug());
        let (count, time) = text.split_once('/').ok_or_else(wrong)?;
        // What `parse` takes beside digits, such as `+`, does not stand here.
        let number = |text: &str| -> Option<NonZeroU32> {
            text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
        };
        let named = WINDOWS.iter().find(|(name, _)| *name == time).and_then(|(_, seconds)| NonZeroU32::new(*seconds));
        let window_s = named.or_else(|| number(time.strip_suffix('s')?));
        number(count).zip(window_s).map(|(count, window_s)| Self { count, window_s }).ok_or_else(wrong)
    }

    fn form(&self) -> String {
        match WINDOWS.iter().find(|(_, seconds)| *seconds == self.window_s.get()) {
            Some((name, _)) => format!("{}/{name}", self.count),
            None => format!("{}/{}s", self.count, self.window_s),
        }
    }
}

/// As it stands in a policy.
impl std::fmt::Display for Quota {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.form())
    }
}

words! {
    /// Which requests a limit counts.
    pub enum Counted {
        /// All that are admitted.
        All = "all",
        /// Those that are answered with an error: tries that were wrong.
        Failures = "failures",
    }
}

words! {
    /// How a limit counts.
    pub enum Counting {
        /// In the window before each request: never more than the quota in any window.
        SlidingWindow = "sliding-window",
        /// In windows that begin at whole multiples of their length: at a boundary twice the quota may pass at once.
        FixedWindow = "fixed-window",
        /// A burst of the quota, and then one after another at an even pace (generic cell rate algorithm).
        Gcra = "gcra",
        /// Those under way at once: one counts until its answer was sent, or was given up.
        Concurrent = "concurrent",
    }
}

words! {
    /// How gateways share a limit in one store. Where each counts in its own memory, there is no difference.
    pub enum Sharing {
        /// Each request is decided by the store: never more than the quota, whatever comes at once. For logins and money.
        Strict = "strict",
        /// A gateway takes some of the quota at a time and decides by itself. In any window no more are admitted than the quota
        /// and, of each gateway, a sixteenth of it.
        Leased = "leased",
    }
}

/// What a limit counts apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CountBy {
    /// Each principal.
    Principal,
    /// Each client address.
    Address,
    /// Each API key.
    Key,
    /// Each route.
    Route,
    /// Each value of a header field; requests without it together.
    Header(HeaderName),
    /// Each value of a field of the body.
    Body(Pointer),
}

/// As it stands in a policy.
impl std::fmt::Display for CountBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.form())
    }
}

impl Form for CountBy {
    const EXPECTED: &'static str =
        "`principal`, `address`, `key`, `route`, a field such as \"body:/username\" or \"header:X-Tenant\"";

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "principal" => Ok(Self::Principal),
            "address" => Ok(Self::Address),
            "key" => Ok(Self::Key),
            "route" => Ok(Self::Route),
            _ => match (text.strip_prefix("body:"), text.strip_prefix("header:")) {
                (Some(pointer), _) => Pointer::parse(pointer).map(Self::Body),
                (None, Some(name)) => HeaderName::parse(name).map(Self::Header),
                (None, None) => Err(format!("`{}` cannot be counted", text.escape_debug())),
            },
        }
    }

    fn form(&self) -> String {
        match self {
            Self::Principal => "principal".to_owned(),
            Self::Address => "address".to_owned(),
            Self::Key => "key".to_owned(),
            Self::Route => "route".to_owned(),
            Self::Header(name) => format!("header:{}", name.as_str()),
            Self::Body(pointer) => format!("body:{}", pointer.as_str()),
        }
    }
}

/// What happens to requests above a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// They are refused.
    Refuse,
    /// They are held back for at most so many milliseconds.
    Delay(NonZeroU32),
    /// At most so many of them wait.
    Queue(NonZeroU32),
}

table! {
    /// The long form of an action.
    pub struct ActionTable {
        /// Milliseconds for which a request is held back at most.
        pub delay_ms_max: Option<NonZeroU32>,
        /// How many requests wait at most, in all workers of a gateway.
        pub queue: Option<NonZeroU32>,
    }
}

words! {
    /// What happens when the store does not answer.
    pub enum WhenStoreDown {
        /// This process counts alone.
        Local = "local",
        /// Nothing is limited.
        Open = "open",
        /// Everything is refused with 503.
        Closed = "closed",
    }
}

forms!(CountBy, Quota);

impl Value for Action {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let expected = "`\"refuse\"`, `{ delay_ms_max = 2000 }` or `{ queue = 50 }`";
        match found.get_ref() {
            DeValue::String(_) => crate::one_key::word(found, &["refuse"], mistakes).map(|_| Self::Refuse),
            DeValue::Table(_) => match <ActionTable as Value>::read(found, mistakes)? {
                ActionTable { delay_ms_max: Some(delay), queue: None } => Some(Self::Delay(delay)),
                ActionTable { delay_ms_max: None, queue: Some(queue) } => Some(Self::Queue(queue)),
                _ => {
                    let message = "exactly one of `delay_ms_max` and `queue` is needed";
                    mistakes.push(Mistake::new(found.span(), message, format!("expected {expected}")));
                    None
                }
            },
            _ => {
                mistakes.push(unexpected(found, expected));
                None
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Refuse => quoted("refuse"),
            Self::Delay(delay) => inline(&[("delay_ms_max", delay.to_string())]),
            Self::Queue(queue) => inline(&[("queue", queue.to_string())]),
        }
    }
}

impl JsonSchema for Action {
    fn schema_name() -> Cow<'static, str> {
        "Action".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<ActionTable>();
        json_schema!({ "oneOf": [{ "const": "refuse" }, table] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_read_and_written() {
        for (text, count, window_s) in [
            ("1000/day", 1000, 86_400),
            ("1/second", 1, 1),
            ("60/minute", 60, 60),
            ("500/hour", 500, 3_600),
            ("7/90s", 7, 90),
            ("4294967295/4294967295s", u32::MAX, u32::MAX),
        ] {
            let quota = Quota::parse(text).unwrap();
            assert_eq!((quota.count.get(), quota.window_s.get(), quota.form()), (count, window_s, text.to_owned()));
        }
        assert_eq!(Quota::parse("5/60s").unwrap().form(), "5/minute");
        for wrong in
            ["", "1000", "0/day", "+1/day", "1/", "1/0s", "1/week", "1/s", "-1/day", "4294967296/day", "1/ day"]
        {
            assert_eq!(Quota::parse(wrong), Err(format!("`{wrong}` is no quota")));
        }
    }
}
