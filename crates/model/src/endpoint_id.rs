//! The name of an endpoint: the join key between code, OpenAPI, policy, traffic and proofs.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Method, MethodError, PathPattern};

/// A method and a full path template with parameter names erased: `GET /api/v1/items/{}`. Unique within its application.
///
/// Where they select, it also names the host (`GET api.example.com/items/{}`), the version that a header or media type
/// asks for (`GET /items/{} version=2`), and which of several endpoints with the same template but other converters it
/// is (`GET /items/{} variant=2`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct EndpointId {
    template: Arc<str>,
    method: Method,
    host: Option<Arc<str>>,
    version: Option<Arc<str>>,
    variant: u32,
}

impl EndpointId {
    /// The id of a method on a path template.
    pub fn new(method: Method, path: &PathPattern) -> Self {
        Self { template: path.clone().rooted().erased().into(), method, host: None, version: None, variant: 1 }
    }

    /// The same endpoint on one host; its parameters' names are erased, letters lowered (RFC 9110 section 4.2.3).
    #[must_use]
    pub fn with_host(self, host: &PathPattern) -> Self {
        let host = host.erased().to_ascii_lowercase().replace('/', "%2f");
        Self { host: (!host.is_empty()).then(|| host.into()), ..self }
    }

    /// The same endpoint for one version, where a version outside the path selects it.
    #[must_use]
    pub fn with_version(self, version: &str) -> Self {
        Self { version: (!version.is_empty()).then(|| encode(version).into()), ..self }
    }

    /// The n-th endpoint with this method and template, counted from 1 in registration order: only where converters
    /// tell them apart, so that each answers some requests.
    #[must_use]
    pub fn with_variant(self, variant: u32) -> Self {
        Self { variant: variant.max(1), ..self }
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path template with parameter names erased.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The host, where it selects.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The version, where it selects outside the path (percent-encoded as in `Display`).
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Which of the endpoints with this method and template, from 1.
    pub fn variant(&self) -> u32 {
        self.variant
    }
}

/// A text that is not an endpoint id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointIdError {
    /// The method is missing or is no method.
    Method(MethodError),
    /// There is no path, or it does not begin with `/` after the host.
    Path,
    /// What follows the path is not `version=...` and `variant=...`, in this order.
    Suffix(String),
}

impl FromStr for EndpointId {
    type Err = EndpointIdError;

    /// Reads what `Display` writes; parameter names are erased, so a policy's `GET /orders/{order_id}` is read too.
    fn from_str(text: &str) -> Result<Self, EndpointIdError> {
        let mut words = text.split(' ');
        let method = words.next().unwrap_or_default();
        let method = method.parse().map_err(EndpointIdError::Method)?;
        let target = words.next().unwrap_or_default();
        let slash = target.find('/').ok_or(EndpointIdError::Path)?;
        let (host, path) = target.split_at(slash);
        let mut id = Self::new(method, &PathPattern::from_display(path)).with_host(&PathPattern::from_display(host));
        for word in words {
            id = id.with_suffix(word)?;
        }
        Ok(id)
    }
}

impl EndpointId {
    fn with_suffix(self, word: &str) -> Result<Self, EndpointIdError> {
        let refused = || EndpointIdError::Suffix(word.to_owned());
        match word.split_once('=') {
            Some(("version", version)) if !version.is_empty() && self.version.is_none() && self.variant == 1 => {
                let version = PathPattern::from_display(version).to_string();
                Ok(Self { version: Some(version.into()), ..self })
            }
            Some(("variant", variant)) if self.variant == 1 => match variant.parse() {
                Ok(variant) if variant > 1 => Ok(self.with_variant(variant)),
                _ => Err(refused()),
            },
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host().unwrap_or_default();
        write!(f, "{} {host}{}", self.method, self.template)?;
        if let Some(version) = &self.version {
            write!(f, " version={version}")?;
        }
        if self.variant > 1 {
            write!(f, " variant={}", self.variant)?;
        }
        Ok(())
    }
}

impl fmt::Display for EndpointIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(error) => error.fmt(f),
            Self::Path => f.write_str("a path that begins with `/` must follow the method"),
            Self::Suffix(word) => write!(
                f,
                "`{}` cannot follow the path; `version=` and then `variant=` (from 2) can",
                word.escape_debug()
            ),
        }
    }
}

impl std::error::Error for EndpointIdError {}

impl TryFrom<String> for EndpointId {
    type Error = EndpointIdError;

    fn try_from(text: String) -> Result<Self, EndpointIdError> {
        text.parse()
    }
}

impl From<EndpointId> for String {
    fn from(id: EndpointId) -> Self {
        id.to_string()
    }
}

fn encode(text: &str) -> String {
    PathPattern::from_literal(text).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> EndpointId {
        text.parse().unwrap()
    }

    #[test]
    fn names_and_converters_are_erased() {
        let pattern = PathPattern::from_starlette("/api/v1/items/{id:uuid}");
        let made = EndpointId::new(Method::Get, &pattern);
        assert_eq!(made.to_string(), "GET /api/v1/items/{}");
        assert_eq!(made, id("GET /api/v1/items/{item_id}"));
        assert_eq!(serde_json::to_value(&made).unwrap(), "GET /api/v1/items/{}");
    }

    #[test]
    fn host_version_and_variant_are_named_where_they_select() {
        let pattern = PathPattern::from_starlette("/items");
        let made = EndpointId::new(Method::WebSocket, &pattern)
            .with_host(&PathPattern::from_starlette("{tenant}.Example.com"))
            .with_version("2 beta")
            .with_variant(2);
        let text = "WS {}.example.com/items version=2%20beta variant=2";
        assert_eq!(made.to_string(), text);
        assert_eq!(id(text), made);
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "GET",
            "GET ",
            "/items",
            "GET items",
            "GET  /items",
            "GET /items ",
            "GET /items variant=1",
            "GET /items version=",
            "GET /items variant=2 version=1",
            "G(T /items",
        ] {
            assert!(text.parse::<EndpointId>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_id_is_read_back(
            path in any::<String>(), host in any::<String>(), version in any::<String>(), variant in 0..4_u32,
        ) {
            let made = EndpointId::new(Method::Get, &PathPattern::from_starlette(&path))
                .with_host(&PathPattern::from_starlette(&host))
                .with_version(&version)
                .with_variant(variant);
            prop_assert_eq!(made.to_string().parse::<EndpointId>(), Ok(made));
        }

        #[test]
        fn reading_never_panics_and_is_stable(text in "\\PC*|GET [/a-z{}%0-9. =]*") {
            if let Ok(read) = text.parse::<EndpointId>() {
                prop_assert_eq!(read.to_string().parse::<EndpointId>(), Ok(read));
            }
        }
    }
}
