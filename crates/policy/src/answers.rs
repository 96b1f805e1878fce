//! What answers get and lose, and what browsers are told: the sections `[headers]`, `[redact]` and `[cors]`.

use crate::settings::TargetPath;
use crate::value::{Form, HeaderName, forms};

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

forms!(FieldValue, RemovableField);

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
}
