//! Request methods as they select an endpoint.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request method (RFC 9110 section 9), `*` for an endpoint that takes any, or `WS` for a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH` (RFC 5789)
    Patch,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
    /// `TRACE`
    Trace,
    /// `CONNECT`
    Connect,
    /// A method of an extension, such as `PROPFIND`; case matters.
    Extension(ExtensionMethod),
    /// Any method: only where the application itself takes any. Written `*`.
    Any,
    /// A WebSocket (RFC 6455). Written `WS`.
    WebSocket,
}

/// The name of an extension method: a token of RFC 9110 section 5.6.2 that is none of the known methods.
/// Made only by parsing a [`Method`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtensionMethod(Arc<str>);

impl ExtensionMethod {
    /// The name as it stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is not a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodError(String);

impl Method {
    /// The methods of RFC 9110 and RFC 5789, in the order in which reports list them.
    pub const STANDARD: [Self; 9] = [
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Options,
        Self::Trace,
        Self::Connect,
    ];

    /// The name on the wire, `*` or `WS`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
            Self::Connect => "CONNECT",
            Self::Extension(name) => name.as_str(),
            Self::Any => "*",
            Self::WebSocket => "WS",
        }
    }

    /// Whether the method promises to change nothing (RFC 9110 section 9.2.1). `*` and `WS` promise nothing.
    pub fn is_safe(&self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options | Self::Trace)
    }

    /// Whether sending it twice means the same as sending it once (RFC 9110 section 9.2.2).
    pub fn is_idempotent(&self) -> bool {
        self.is_safe() || matches!(self, Self::Put | Self::Delete)
    }
}

impl FromStr for Method {
    type Err = MethodError;

    fn from_str(text: &str) -> Result<Self, MethodError> {
        let known =
            Self::STANDARD.into_iter().chain([Self::Any, Self::WebSocket]).find(|method| method.as_str() == text);
        match known {
            Some(method) => Ok(method),
            None if is_token(text) => Ok(Self::Extension(ExtensionMethod(text.into()))),
            None => Err(MethodError(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Method {
    type Error = MethodError;

    fn try_from(text: String) -> Result<Self, MethodError> {
        text.parse()
    }
}

impl From<Method> for String {
    fn from(method: Method) -> Self {
        method.as_str().to_owned()
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for MethodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a request method", self.0.escape_debug())
    }
}

impl std::error::Error for MethodError {}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_methods_have_one_representation() {
        assert_eq!("GET".parse(), Ok(Method::Get));
        assert_eq!("*".parse(), Ok(Method::Any));
        assert_eq!("WS".parse(), Ok(Method::WebSocket));
        for method in Method::STANDARD {
            assert_eq!(method.as_str().parse(), Ok(method));
        }
    }

    #[test]
    fn extension_methods_keep_their_name_and_case() {
        let method: Method = "PROPFIND".parse().unwrap();
        assert_eq!(method.to_string(), "PROPFIND");
        assert!(matches!("get".parse(), Ok(Method::Extension(_))));
    }

    #[test]
    fn text_that_is_no_token_is_refused() {
        for text in ["", "GET /", "A\nB", "naïve"] {
            assert!(text.parse::<Method>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn only_the_methods_of_rfc_9110_are_safe() {
        assert!(Method::Get.is_safe() && Method::Head.is_safe());
        assert!(!Method::Any.is_safe() && !Method::WebSocket.is_safe());
        assert!(Method::Put.is_idempotent() && !Method::Patch.is_idempotent());
    }
}
