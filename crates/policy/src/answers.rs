//! What answers get and lose, and what browsers are told: the sections `[headers]`, `[redact]` and `[cors]`,
//! and `cross_site`.

use toml::de::DeTable;

use crate::checks::place;
use crate::mistake::Mistake;
use crate::settings::TargetPath;
use crate::value::{Form, HeaderName, forms, split_authority};

/// The most bytes of the value of a field that a policy sets.
pub const FIELD_VALUE_BYTES_MAX: usize = 4 * 1024;

table! {
    /// Fields that protect those who read an answer. They are on without this section; a value of the application that
    /// protects stays.
    pub struct Headers {
        /// Fields that are left as the application has them.
        pub off: Vec<SecurityField>,
        /// Paths at and below which HTML is documentation with scripts of a CDN; absent: `/docs` and `/redoc`.
        pub documentation: Vec<TargetPath>,
        /// `Content-Security-Policy` of documentation, instead of the usual one.
        pub documentation_policy: Option<FieldValue>,
        /// `Cache-Control` where the application says nothing of caching.
        pub cache_control: Option<FieldValue>,
        /// `Content-Security-Policy` of everything that is not documentation.
        pub content_security_policy: Option<FieldValue>,
        /// `Cross-Origin-Resource-Policy`.
        pub cross_origin_resource_policy: Option<FieldValue>,
        /// `Permissions-Policy`.
        pub permissions_policy: Option<FieldValue>,
        /// `Referrer-Policy`.
        pub referrer_policy: Option<FieldValue>,
        /// `Strict-Transport-Security`, to clients that came by TLS.
        pub strict_transport_security: Option<FieldValue>,
        /// `X-Frame-Options`.
        pub x_frame_options: Option<FieldValue>,
    }
}

impl Headers {
    /// What holds where a policy has no section.
    pub fn usual() -> Self {
        Self {
            off: Vec::new(),
            documentation: Vec::new(),
            documentation_policy: None,
            cache_control: None,
            content_security_policy: None,
            cross_origin_resource_policy: None,
            permissions_policy: None,
            referrer_policy: None,
            strict_transport_security: None,
            x_frame_options: None,
        }
    }

    /// The value that the policy has for a field, instead of the usual one.
    pub fn own(&self, field: SecurityField) -> Option<&FieldValue> {
        match field {
            SecurityField::CacheControl => self.cache_control.as_ref(),
            SecurityField::ContentSecurityPolicy => self.content_security_policy.as_ref(),
            SecurityField::ContentTypeOptions => None,
            SecurityField::CrossOriginResourcePolicy => self.cross_origin_resource_policy.as_ref(),
            SecurityField::FrameOptions => self.x_frame_options.as_ref(),
            SecurityField::PermissionsPolicy => self.permissions_policy.as_ref(),
            SecurityField::ReferrerPolicy => self.referrer_policy.as_ref(),
            SecurityField::StrictTransportSecurity => self.strict_transport_security.as_ref(),
        }
    }
}

words! {
    /// A field that protects those who read an answer.
    pub enum SecurityField {
        /// Answers are kept nowhere.
        CacheControl = "Cache-Control",
        /// What a browser may load for an answer.
        ContentSecurityPolicy = "Content-Security-Policy",
        /// The media type is what the answer says it is.
        ContentTypeOptions = "X-Content-Type-Options",
        /// Which pages may embed an answer.
        CrossOriginResourcePolicy = "Cross-Origin-Resource-Policy",
        /// Which pages may frame an answer, for old browsers.
        FrameOptions = "X-Frame-Options",
        /// Which devices a page may ask for.
        PermissionsPolicy = "Permissions-Policy",
        /// What other sites are told of the address.
        ReferrerPolicy = "Referrer-Policy",
        /// The host is asked by TLS alone.
        StrictTransportSecurity = "Strict-Transport-Security",
    }
}

table! {
    /// What answers must not tell. It is on without this section: the fields that name software are removed, and in enforce mode
    /// errors of the application are told in the words of the gateway.
    pub struct Redact {
        /// Whether the body of an answer with a status of 500 and more is replaced; absent: it is.
        pub replace_error_bodies: Option<bool>,
        /// Fields that are removed from answers, beside `Server`, `X-Powered-By` and their like.
        pub remove_headers: Vec<RemovableField>,
        /// Fields that are kept although they name software.
        pub keep_headers: Vec<HeaderName>,
    }
}

impl Redact {
    /// What holds where a policy has no section.
    pub fn usual() -> Self {
        Self { replace_error_bodies: None, remove_headers: Vec::new(), keep_headers: Vec::new() }
    }

    /// Whether the body of an error of the application is replaced.
    pub fn replaces_error_bodies(&self) -> bool {
        self.replace_error_bodies != Some(false)
    }
}

/// The name of a field that an answer can do without.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemovableField(HeaderName);

/// Fields without which an answer is another one, or cannot be read.
const NEEDED: [&str; 9] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "location",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];

impl RemovableField {
    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Form for RemovableField {
    const EXPECTED: &'static str = "the name of a header field that nothing needs, such as \"X-Powered-By\"";

    fn parse(text: &str) -> Result<Self, String> {
        let name = HeaderName::parse(text)?;
        if NEEDED.iter().any(|needed| text.eq_ignore_ascii_case(needed)) {
            return Err(format!("without `{text}` an answer cannot be read"));
        }
        Ok(Self(name))
    }

    fn form(&self) -> String {
        self.0.form()
    }
}

/// The longest time in seconds for which a browser may remember what it asked beforehand. None keeps it longer.
pub const PREFLIGHT_AGE_S_MAX: u32 = 86_400;

table! {
    /// Which pages of other origins may read answers (Fetch, CORS protocol). With this section the gateway decides and answers what
    /// browsers ask beforehand; without it, the application does.
    pub struct Cors {
        /// The origins, exactly as browsers say them.
        pub origins: Vec<Origin>,
        /// Whether requests may carry cookies and other credentials of the browser.
        pub credentials: Option<bool>,
        /// Fields that requests may have beside the usual ones; absent: `Authorization`, and the fields of identities.
        pub headers: Vec<HeaderName>,
        /// Fields of answers that pages may read beside the usual ones.
        pub expose: Vec<HeaderName>,
        /// Seconds for which a browser may remember what it asked beforehand; absent: 600.
        pub max_age_s: Option<u32>,
    }
}

impl Cors {
    /// Whether this is an origin whose pages may read answers, and none that everybody is.
    pub fn names(&self, origin: &[u8]) -> bool {
        self.origins.iter().any(|one| matches!(one, Origin::Exact(known) if known.as_bytes() == origin))
    }

    /// Whether the pages of every origin may read answers.
    pub fn is_for_all(&self) -> bool {
        self.origins.contains(&Origin::Any)
    }

    /// Adds what cannot be meant.
    pub(crate) fn contradictions(&self, document: &DeTable<'_>, mistakes: &mut Vec<Mistake>) {
        let Some(found) = document.get("cors") else { return };
        let mut told = |key: &str, message: &str, hint: &str| {
            mistakes.push(Mistake::new(place(found, &[key]), message, hint));
        };
        if self.origins.is_empty() {
            told("origins", "no origin may read anything", "write `origins = [\"https://shop.example\"]`");
        }
        if self.is_for_all() && self.credentials == Some(true) {
            let message =
                "with `*` and credentials every page could read what its visitor may, and no browser takes it";
            told("credentials", message, "name the origins: `origins = [\"https://shop.example\"]`");
        }
        if self.is_for_all() && self.origins.len() > 1 {
            told("origins", "`*` is all of them", "write `origins = [\"*\"]`, or the others alone");
        }
        if self.max_age_s.is_some_and(|seconds| seconds > PREFLIGHT_AGE_S_MAX) {
            let message = format!("no browser remembers it longer than {PREFLIGHT_AGE_S_MAX} seconds");
            told("max_age_s", &message, "write `max_age_s = 600`");
        }
    }
}

words! {
    /// What becomes of a request that changes something, comes from a page of another site and brings the cookie that
    /// identifies its visitor.
    pub enum CrossSite {
        /// It is refused, unless `[cors]` names the origin.
        Refuse = "refuse",
        /// It goes on.
        Allow = "allow",
    }
}

/// An origin whose pages may read answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Every one.
    Any,
    /// This one, as browsers say it (RFC 6454 section 6.2).
    Exact(String),
}

impl Form for Origin {
    const EXPECTED: &'static str = "an origin, such as \"https://shop.example\" or \"http://localhost:3000\", or \"*\"";

    fn parse(text: &str) -> Result<Self, String> {
        let shown = text.escape_debug();
        if text == "*" {
            return Ok(Self::Any);
        }
        if text.eq_ignore_ascii_case("null") {
            return Err("`null` is what sandboxed frames and files say, so that everybody can say it".to_owned());
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(format!("`{shown}` is no origin: write its scheme, as in `https://{shown}`"));
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.len() < rest.len() {
            return Err(format!("`{shown}` has a path, which browsers leave out: write `{scheme}://{authority}`"));
        }
        if authority.contains('*') {
            return Err(format!("`{shown}` is a pattern: write each origin, or `*` alone"));
        }
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(format!("`{shown}` is not as browsers say it: write `{}`", text.to_ascii_lowercase()));
        }
        let usual = match scheme {
            "http" => ":80",
            "https" => ":443",
            _ => "",
        };
        if let Some(host) = Some(authority).filter(|_| !usual.is_empty()).and_then(|one| one.strip_suffix(usual)) {
            return Err(format!("`{shown}` has the usual port, which browsers leave out: write `{scheme}://{host}`"));
        }
        let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        if scheme.is_empty() || !scheme.bytes().all(is_scheme) || split_authority(authority).is_none() {
            return Err(format!("`{shown}` is no origin"));
        }
        Ok(Self::Exact(text.to_owned()))
    }

    fn form(&self) -> String {
        match self {
            Self::Any => "*".to_owned(),
            Self::Exact(text) => text.clone(),
        }
    }
}

/// The value of a header field: visible ASCII and blanks inside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldValue(String);

impl FieldValue {
    /// The value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Form for FieldValue {
    const EXPECTED: &'static str = "the value of a header field, such as \"no-referrer\"";

    fn parse(text: &str) -> Result<Self, String> {
        if text.len() > FIELD_VALUE_BYTES_MAX {
            return Err(format!("the value has {} bytes, and at most {FIELD_VALUE_BYTES_MAX} can be", text.len()));
        }
        let visible = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if text.is_empty() || text.trim() != text || !visible {
            return Err(format!("`{}` is no value of a header field", text.escape_debug()));
        }
        Ok(Self(text.to_owned()))
    }

    fn form(&self) -> String {
        self.0.clone()
    }
}

forms!(FieldValue, Origin, RemovableField);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_field_is_read_up_to_its_bound() {
        let parse = |text: &str| FieldValue::parse(text).map(|value| value.0);
        let at = "a".repeat(FIELD_VALUE_BYTES_MAX);
        assert_eq!(parse(&at), Ok(at.clone()));
        assert!(parse(&format!("{at}a")).is_err());
        assert_eq!(parse("default-src 'none'").as_deref(), Ok("default-src 'none'"));
        assert!(RemovableField::parse("content-Length").is_err());
        assert_eq!(RemovableField::parse("Server").map(|name| name.form()).as_deref(), Ok("Server"));
        for text in ["", " a", "a ", "a\r\nb", "a\tb", "caf\u{e9}", "\u{0}"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_origin_is_what_browsers_say() {
        for text in ["https://shop.example", "http://localhost:3000", "http://[::1]:8080", "app://shop", "http://a:443"]
        {
            assert_eq!(Origin::parse(text), Ok(Origin::Exact(text.to_owned())));
        }
        for (text, instead) in [
            ("https://shop.example/", "write `https://shop.example`"),
            ("https://shop.example/a?b", "write `https://shop.example`"),
            ("https://Shop.example", "write `https://shop.example`"),
            ("https://shop.example:443", "write `https://shop.example`"),
            ("http://[::1]:80", "write `http://[::1]`"),
            ("shop.example", "as in `https://shop.example`"),
            ("https://*.example", "write each origin"),
            ("null", "everybody can say it"),
            ("https://a@b", "no origin"),
            ("https://", "no origin"),
            ("https://caf\u{e9}", "no origin"),
        ] {
            let why = Origin::parse(text).unwrap_err();
            assert!(why.contains(instead), "{text}: {why}");
        }
    }

    #[test]
    fn what_browsers_remember_has_a_bound() {
        let parse = |seconds: u32| {
            let text = format!("version = 1\n[cors]\norigins = [\"*\"]\nmax_age_s = {seconds}\n");
            crate::Policy::parse(&text).is_ok()
        };
        assert!(parse(PREFLIGHT_AGE_S_MAX));
        assert!(!parse(PREFLIGHT_AGE_S_MAX + 1));
    }
}
