//! Values of a policy that are more than text: dates, addresses, networks, pointers, names. Each is checked when it is read.

use core::net::{IpAddr, SocketAddr};
use std::borrow::Cow;
use std::fmt::{self, Write};
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use toml::de::DeValue;

use crate::mistake::Mistake;
use crate::reading::{Found, Value, unexpected};

/// A text with a form.
pub(crate) trait Form: Sized {
    /// What it is, for a reader: `a network, such as "10.0.0.0/8"`.
    const EXPECTED: &'static str;

    /// Reads a text, or says why it has not the form.
    fn parse(text: &str) -> Result<Self, String>;

    /// The text.
    fn form(&self) -> String;
}

/// Makes texts with a form values of a policy.
macro_rules! forms {
    ($($name:ident),*) => { $(
        impl $crate::reading::Value for $name {
            fn read(
                found: $crate::reading::Found<'_, '_>,
                mistakes: &mut Vec<$crate::mistake::Mistake>,
            ) -> Option<Self> {
                $crate::value::read_form(found, mistakes)
            }

            fn text(&self) -> String {
                $crate::value::quoted(&$crate::value::Form::form(self))
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                $crate::value::Form::parse(text)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string", "description": <$name as $crate::value::Form>::EXPECTED,
                })
            }
        }
    )* };
}
pub(crate) use forms;

/// Reads a text with a form, or says what was expected.
pub(crate) fn read_form<T: Form>(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<T> {
    let Some(text) = found.get_ref().as_str() else {
        mistakes.push(unexpected(found, T::EXPECTED));
        return None;
    };
    match T::parse(text) {
        Ok(read) => Some(read),
        Err(why) => {
            mistakes.push(Mistake::new(found.span(), why, format!("expected {}", T::EXPECTED)));
            None
        }
    }
}

/// A text as a basic string of TOML, on one line.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Characters that a file must not hold, or that would show a reader something else than what stands there.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl Value for String {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        match found.get_ref().as_str() {
            Some("") => {
                mistakes.push(Mistake::new(found.span(), "an empty text cannot stand here", "expected a text"));
                None
            }
            Some(text) => Some(text.to_owned()),
            None => {
                mistakes.push(unexpected(found, "a text"));
                None
            }
        }
    }

    fn text(&self) -> String {
        quoted(self)
    }
}

impl Value for bool {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let read = found.get_ref().as_bool();
        if read.is_none() {
            mistakes.push(unexpected(found, "`true` or `false`"));
        }
        read
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Value for u32 {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        whole_number(found, 0, mistakes)
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Value for NonZeroU32 {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        whole_number(found, 1, mistakes).and_then(NonZeroU32::new)
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

fn whole_number(found: Found<'_, '_>, least: u32, mistakes: &mut Vec<Mistake>) -> Option<u32> {
    let read = match found.get_ref() {
        DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    let read = read.filter(|number| *number >= least);
    if read.is_none() {
        let expected = format!("a whole number from {least} to {}", u32::MAX);
        mistakes.push(match found.get_ref() {
            DeValue::Integer(number) => {
                let message = format!("`{}` is out of range", number.as_str());
                Mistake::new(found.span(), message, format!("expected {expected}"))
            }
            _ => unexpected(found, &expected),
        });
    }
    read
}

/// A calendar day. It begins at midnight UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// A day that exists.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let exists = (1..=9999).contains(&year) && (1..=12).contains(&month);
        (exists && (1..=days_of(year, month)).contains(&day)).then_some(Self { year, month, day })
    }

    /// The day that is so many days later.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        Self::of_unix_days(self.unix_days() + i64::from(days))
    }

    /// Days since 1970-01-01.
    pub fn unix_days(self) -> i64 {
        // Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March.
        let (year, month, day) = (i64::from(self.year), i64::from(self.month), i64::from(self.day));
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// The day that is so many days after 1970-01-01; from the year 10000 on the last day before it.
    pub fn of_unix_days(days: i64) -> Self {
        let days = days + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        let part = |number: i64| u8::try_from(number).ok();
        let read = match (u16::try_from(year), part(month), part(day)) {
            (Ok(year), Some(month), Some(day)) => Self::new(year, month, day),
            _ => None,
        };
        read.unwrap_or(Self { year: 9999, month: 12, day: 31 })
    }
}

fn days_of(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl std::str::FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('-').collect();
        let read = match parts.as_slice() {
            [year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2) => {
                let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
                match (year.parse(), month.parse(), day.parse()) {
                    (Ok(year), Ok(month), Ok(day)) if digits => Self::new(year, month, day),
                    _ => None,
                }
            }
            _ => None,
        };
        read.ok_or_else(|| format!("`{}` is no day of the calendar", text.escape_debug()))
    }
}

/// What a reader is told about dates.
const DATE: &str = "a date, such as `2026-12-31`";

impl Value for Date {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let read = match found.get_ref() {
            DeValue::Datetime(time) => match (time.date, time.time) {
                (Some(date), None) => Self::new(date.year, date.month, date.day),
                _ => None,
            },
            DeValue::String(text) => text.parse().ok(),
            _ => None,
        };
        if read.is_none() {
            mistakes.push(match found.get_ref() {
                DeValue::String(text) => {
                    let message = format!("`{}` is no day of the calendar", text.escape_debug());
                    Mistake::new(found.span(), message, format!("expected {DATE}"))
                }
                DeValue::Datetime(time) => {
                    Mistake::new(found.span(), format!("`{time}` is not a day"), format!("expected {DATE}"))
                }
                _ => unexpected(found, DATE),
            });
        }
        read
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl JsonSchema for Date {
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date", "description": DATE })
    }
}

/// An address to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address(pub SocketAddr);

impl Form for Address {
    const EXPECTED: &'static str = "an IP address with a port, such as \"127.0.0.1:8443\" or \"[::1]:8443\"";

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| format!("`{}` is no address with a port", text.escape_debug()))
    }

    fn form(&self) -> String {
        self.0.to_string()
    }
}

/// A network: an address and how many of its bits are the network's (RFC 4632).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    /// The first address; its host bits are zero.
    pub address: IpAddr,
    /// How many bits are the network's.
    pub prefix: u8,
}

impl Network {
    /// Whether an address lies in it. An IPv4 address mapped into IPv6 is taken for the IPv4 address it stands for.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix);
                (network.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.prefix);
                (network.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }

    /// Host bits are the bits behind the prefix.
    fn has_host_bits(&self) -> bool {
        match self.address {
            IpAddr::V4(address) => address.to_bits().checked_shl(u32::from(self.prefix)).unwrap_or(0) != 0,
            IpAddr::V6(address) => address.to_bits().checked_shl(u32::from(self.prefix)).unwrap_or(0) != 0,
        }
    }
}

impl Form for Network {
    const EXPECTED: &'static str = "a network, such as \"10.0.0.0/8\", or one address";

    fn parse(text: &str) -> Result<Self, String> {
        let refused = || format!("`{}` is no network", text.escape_debug());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| refused())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|prefix| *prefix <= bits).ok_or_else(refused)?
            }
            Some(_) => return Err(refused()),
        };
        let network = Self { address, prefix };
        if network.has_host_bits() {
            return Err(format!(
                "`{text}` is an address inside a network, not a network: bits behind /{prefix} are set"
            ));
        }
        Ok(network)
    }

    fn form(&self) -> String {
        format!("{}/{}", self.address, self.prefix)
    }
}

/// A JSON Pointer (RFC 6901) to one value: `/owner/id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The pointer as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A pointer to a member of the top.
    pub fn member(name: &str) -> Self {
        Self(format!("/{}", name.replace('~', "~0").replace('/', "~1")))
    }

    /// Its reference tokens, unescaped.
    pub fn tokens(&self) -> impl Iterator<Item = String> {
        self.0.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
    }
}

impl Form for Pointer {
    const EXPECTED: &'static str = "a JSON Pointer (RFC 6901), such as \"/owner_id\"";

    fn parse(text: &str) -> Result<Self, String> {
        let refused = |why: &str| Err(format!("`{}` is no JSON Pointer: {why}", text.escape_debug()));
        if !text.starts_with('/') {
            return refused("it does not begin with `/`");
        }
        let mut rest = text;
        while let Some(index) = rest.find('~') {
            rest = &rest[index + 1..];
            if !rest.starts_with(['0', '1']) {
                return refused("`~` is written `~0`, and `/` in a name `~1`");
            }
        }
        Ok(Self(text.to_owned()))
    }

    fn form(&self) -> String {
        self.0.clone()
    }
}

/// The address of a server of the upstream: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServerUrl {
    /// Whether it is spoken to over TLS.
    pub tls: bool,
    /// The host, without the brackets of an IPv6 address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Form for ServerUrl {
    const EXPECTED: &'static str = "the address of a server, such as \"http://127.0.0.1:8000\"";

    fn parse(text: &str) -> Result<Self, String> {
        let refused = |why: &str| format!("`{}` is no address of a server: {why}", text.escape_debug());
        let (tls, rest) = if let Some(rest) = text.strip_prefix("https://") {
            (true, rest)
        } else if let Some(rest) = text.strip_prefix("http://") {
            (false, rest)
        } else {
            return Err(refused("it does not begin with `http://` or `https://`"));
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err(refused("it has a path; requests keep their own"));
        }
        if authority.contains('@') {
            return Err(refused("it holds a name or password"));
        }
        let (host, port) = split_authority(authority).ok_or_else(|| refused("the host or the port is wrong"))?;
        Ok(Self { tls, host, port: port.unwrap_or(if tls { 443 } else { 80 }) })
    }

    fn form(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{scheme}://{host}:{}", self.port)
    }
}

impl std::fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.form())
    }
}

/// Host and port; nothing where one of them cannot be.
pub(crate) fn split_authority(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            host.parse::<core::net::Ipv6Addr>().ok()?;
            (host, after.strip_prefix(':').or_else(|| after.is_empty().then_some(""))?)
        }
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
    if host.is_empty() || !host.bytes().all(named) {
        return None;
    }
    let port = match port {
        "" if authority.ends_with(':') => return None,
        "" => None,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|port| *port > 0)?)
        }
        _ => return None,
    };
    Some((host.to_owned(), port))
}

/// An address from which keys are fetched: `https`, or `http` on loopback.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeysUrl(String);

impl KeysUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Form for KeysUrl {
    const EXPECTED: &'static str = "an address that begins with `https://` (`http://` on loopback only)";

    fn parse(text: &str) -> Result<Self, String> {
        let refused = |why: &str| Err(format!("`{}`: {why}", text.escape_debug()));
        let authority = |rest: &str| rest.split(['/', '?', '#']).next().and_then(split_authority);
        if text.contains(|c: char| c.is_whitespace() || is_hidden(c)) || text.contains('@') {
            return refused("it holds a blank, a control character or a password");
        }
        match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) if authority(rest).is_some() => Ok(Self(text.to_owned())),
            (_, Some(rest)) => match authority(rest) {
                Some((host, _)) if host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) => {
                    Ok(Self(text.to_owned()))
                }
                _ => refused("keys that come without TLS can be anybody's"),
            },
            _ => refused("it is no address"),
        }
    }

    fn form(&self) -> String {
        self.0.clone()
    }
}

/// The name of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable(String);

impl Variable {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Form for Variable {
    const EXPECTED: &'static str = "the name of an environment variable, such as \"JWT_KEY\"";

    fn parse(text: &str) -> Result<Self, String> {
        let named = |c: char| c.is_ascii_alphanumeric() || c == '_';
        // The text may be the secret itself, put into the wrong place: it is not repeated.
        if text.is_empty() || !text.chars().all(named) || text.starts_with(|c: char| c.is_ascii_digit()) {
            return Err("this is not the name of a variable".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    fn form(&self) -> String {
        self.0.clone()
    }
}

/// The name of a header field (RFC 9110 section 5.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderName(String);

impl HeaderName {
    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Form for HeaderName {
    const EXPECTED: &'static str = "the name of a header field, such as \"X-API-Key\"";

    fn parse(text: &str) -> Result<Self, String> {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^`|~".contains(&byte);
        if text.contains('_') {
            return Err(format!("`{}` has a `_`, which servers take for `-`", text.escape_debug()));
        }
        if text.is_empty() || !text.bytes().all(token) {
            return Err(format!("`{}` is no name of a header field", text.escape_debug()));
        }
        Ok(Self(text.to_owned()))
    }

    fn form(&self) -> String {
        self.0.clone()
    }
}

/// A regular expression that the whole value must match.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern(String);

impl Pattern {
    /// The expression, in the syntax of the crate `regex`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Form for Pattern {
    const EXPECTED: &'static str = "a regular expression for the whole value, such as \"[0-9]{1,12}\"";

    fn parse(text: &str) -> Result<Self, String> {
        match regex_syntax::parse(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(regex_syntax::Error::Parse(error)) => Err(format!("this is no regular expression: {}", error.kind())),
            Err(regex_syntax::Error::Translate(error)) => {
                Err(format!("this is no regular expression: {}", error.kind()))
            }
            Err(_) => Err("this is no regular expression".to_owned()),
        }
    }

    fn form(&self) -> String {
        self.0.clone()
    }
}

/// The digest of a key: it tells the key apart, and does not tell what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// The digest (SHA-256) of a key, byte for byte.
    pub fn of(key: &[u8]) -> Self {
        use sha2::Digest;
        Self(sha2::Sha256::digest(key).into())
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Form for KeyDigest {
    const EXPECTED: &'static str = "the SHA-256 digest of a key: \"sha256:\" and 64 hexadecimal digits";

    fn parse(text: &str) -> Result<Self, String> {
        // The text may be the key itself, put into the wrong place: it is not repeated.
        let refused = || "this is no digest of a key".to_owned();
        let digits = text.strip_prefix("sha256:").filter(|digits| digits.len() == 64).ok_or_else(refused)?;
        let mut digest = [0; 32];
        for (byte, pair) in digest.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| refused())?;
            let is_hex = pair.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
            *byte = is_hex.then(|| u8::from_str_radix(pair, 16).ok()).flatten().ok_or_else(refused)?;
        }
        Ok(Self(digest))
    }

    fn form(&self) -> String {
        let mut text = "sha256:".to_owned();
        for byte in self.0 {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

forms!(Address, Network, Pointer, ServerUrl, KeysUrl, Variable, HeaderName, Pattern, KeyDigest);

/// One text or several: all of them are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct AllOf(Vec<String>);

impl AllOf {
    /// These names; none asks for nothing.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut names: Vec<String> = names.into_iter().collect();
        names.sort();
        names.dedup();
        Self(names)
    }

    /// The names, sorted.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl Value for AllOf {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        match found.get_ref() {
            DeValue::Array(items) if items.is_empty() => {
                let hint = "leave the key out, or name what is asked for";
                mistakes.push(Mistake::new(found.span(), "an empty list asks for nothing", hint));
                None
            }
            DeValue::Array(items) => {
                let read: Vec<Option<String>> = items.iter().map(|item| String::read(item, mistakes)).collect();
                read.into_iter().collect::<Option<Vec<_>>>().map(Self::new)
            }
            DeValue::String(_) => String::read(found, mistakes).map(|name| Self(vec![name])),
            _ => {
                mistakes.push(unexpected(found, "a text, or a list of texts of which all are asked for"));
                None
            }
        }
    }

    fn text(&self) -> String {
        match self.0.as_slice() {
            [one] => quoted(one),
            names => format!("[{}]", names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")),
        }
    }
}

impl JsonSchema for AllOf {
    fn schema_name() -> Cow<'static, str> {
        "AllOf".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = || json_schema!({ "type": "string", "minLength": 1 });
        json_schema!({ "oneOf": [one(), { "type": "array", "items": one(), "minItems": 1 }] })
    }
}
