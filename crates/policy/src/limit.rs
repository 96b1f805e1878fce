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
        /// How many requests wait at most.
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

forms!(CountBy);

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
