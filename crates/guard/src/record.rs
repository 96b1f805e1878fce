//! What is written about exchanges: one line of JSON for each record. Records are types, so that a credential cannot get
//! into one: none has a place for a header, a query or a body. They borrow what they tell of, because a line is made of them
//! at once (`line.rs`), in the thread that they come from (`log.rs`).

mod line;
mod log;

use std::time::Duration;

pub use log::RECORDS_BYTES_MAX;
pub(crate) use log::{Records, Waiting, Writing};

/// The most bytes of a path in a record.
pub const PATH_BYTES_MAX: usize = 512;
/// The most bytes of who asks in a record.
pub const PRINCIPAL_BYTES_MAX: usize = 512;

/// A text of no more bytes than a bound; one that was cut ends with an ellipsis.
pub(crate) fn cut(mut text: String, bytes_max: usize) -> String {
    const ELLIPSIS: char = '\u{2026}';
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max.saturating_sub(ELLIPSIS.len_utf8())));
        text.push(ELLIPSIS);
    }
    text
}

/// A moment: in a record, seconds since 1970-01-01 UTC, with milliseconds, as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Duration);

/// A line of the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Record<'r> {
    /// One exchange, as it was answered.
    Access(Access<'r>),
    /// One decision about who asks, or what they may do.
    Security(SecurityEvent<'r>),
    /// What became of one exchange, and why.
    Audit(Audit<'r>),
    /// An answer was cut off after its head had left.
    Cut(Cut<'r>),
    /// It was found out how a server is.
    Server(ServerNews<'r>),
    /// The keys of an issuer were fetched, or could not be.
    Keys(KeysFetched<'r>),
    /// The store that is shared answers, or does not.
    Store(StoreTold),
    /// Who runs the gateway changed what it knows of somebody.
    Operation(Operation<'r>),
    /// A policy was loaded while the gateway ran, or was refused.
    Reload(Reload<'r>),
    /// So many records did not fit into the buffers.
    Lost {
        /// How many.
        records: u64,
    },
}

/// What every record says of its exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About<'r> {
    /// When.
    pub time: Time,
    /// The exchange.
    pub request_id: &'r str,
    /// The address of the client.
    pub address: &'r str,
    /// The endpoint of the policy; where there is none, method and path, cut at a bound.
    pub endpoint: std::borrow::Cow<'r, str>,
}

/// One exchange, as it was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Access<'r> {
    /// When, who, what.
    pub about: About<'r>,
    /// The trace that it belongs to.
    pub trace_id: Option<TraceId>,
    /// The status of the answer.
    pub status: u16,
    /// Why it is no answer of the application, where it was refused.
    pub reason: Option<&'static str>,
    /// The server that answered, as the policy has it.
    pub server: Option<&'r str>,
    /// Milliseconds until the head of the answer left.
    pub duration_ms: u64,
}

/// The id of a trace (W3C Trace Context section 3.2.2.3): 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(pub u128);

impl TraceId {
    /// Its digits.
    pub(crate) fn digits(self) -> [u8; 32] {
        let mut digits = [b'0'; 32];
        hexadecimal(self.0, &mut digits);
        digits
    }
}

/// Writes the last digits of a number, as many as there is room for.
pub(crate) fn hexadecimal(mut number: u128, digits: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for digit in digits.iter_mut().rev() {
        let nibble = usize::try_from(number & 0xf).unwrap_or(0);
        *digit = DIGITS.get(nibble).copied().unwrap_or(b'0');
        number >>= 4;
    }
}

/// One decision about who asks, or what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityEvent<'r> {
    /// When, who, what.
    pub about: About<'r>,
    /// The layer that decided.
    pub layer: &'static str,
    /// What it decided.
    pub decision: Decision,
    /// Who asks, as far as that is known.
    pub principal: Option<String>,
    /// Why.
    pub reason: &'r str,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// The principal is known.
    Identified,
    /// The credential is there; the application verifies it.
    Delegated,
    /// It may go on.
    Admitted,
    /// It may not.
    Refused,
    /// It would have been refused in enforce mode.
    WouldRefuse,
    /// A part of the answer was taken out.
    Redacted,
    /// It would have been taken out in enforce mode.
    WouldRedact,
}

/// What became of one exchange, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit<'r> {
    /// When, who, what.
    pub about: About<'r>,
    /// Who asks, as far as that is known.
    pub principal: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// The layer that refused.
    pub layer: Option<&'static str>,
    /// The reason as the client was told it.
    pub reason: Option<&'static str>,
    /// What a maintainer needs to know.
    pub detail: Option<&'r str>,
}

/// A policy was loaded while the gateway ran, or was refused, and the one before it stays in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reload<'r> {
    /// When.
    pub time: Time,
    /// The revision of the policy that is in force now.
    pub revision: &'r str,
    /// Why another one was not taken.
    pub refused: Option<&'r str>,
    /// Who gains or loses what.
    pub changes: Vec<String>,
}

/// The application did not end an answer whose head had left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut<'r> {
    /// When.
    pub time: Time,
    /// The exchange.
    pub request_id: &'r str,
    /// What happened, as a refusal would have it.
    pub reason: &'static str,
    /// What a maintainer needs to know.
    pub detail: String,
}

/// A server is well again, or is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerNews<'r> {
    /// When.
    pub time: Time,
    /// The server, as the policy has it.
    pub server: &'r str,
    /// Whether it answers as it should when it is asked how it is.
    pub is_well: bool,
    /// What it answered otherwise.
    pub detail: Option<String>,
}

/// The keys of an issuer are others than before, or cannot be fetched any more, or can be again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysFetched<'r> {
    /// When.
    pub time: Time,
    /// The identity of the policy.
    pub identity: &'r str,
    /// Whether they could be fetched.
    pub is_fetched: bool,
    /// How many there are now.
    pub keys: u64,
    /// What was answered instead, or which keys were passed over, and why.
    pub detail: Option<String>,
}

/// The store that several gateways share answers, or does not any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreTold {
    /// When.
    pub time: Time,
    /// Whether it answers.
    pub is_up: bool,
    /// Why it does not.
    pub detail: Option<String>,
}

/// Who runs the gateway freed an account, or took tokens back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation<'r> {
    /// When.
    pub time: Time,
    /// From where it was asked for.
    pub address: &'r str,
    /// What was done: `unlock`, `revoke`.
    pub what: &'static str,
    /// The identity whose tokens it is about.
    pub identity: Option<&'r str>,
    /// The account, the subject or the id of the token; nothing where it is about all of them.
    pub of: Option<String>,
}

/// What became of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The application answered.
    Forwarded,
    /// The gateway answered.
    Answered,
    /// It was refused.
    Refused,
    /// The application answered, and in enforce mode it would have been refused.
    WouldRefuse,
    /// Nobody was answered: the client left, or the exchange was lost.
    Abandoned,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_cut_at_its_bound() {
        let at = "a".repeat(PRINCIPAL_BYTES_MAX);
        assert_eq!(cut(at.clone(), PRINCIPAL_BYTES_MAX), at);
        assert_eq!(cut(format!("{at}b"), PRINCIPAL_BYTES_MAX).len(), PRINCIPAL_BYTES_MAX);
    }
}
