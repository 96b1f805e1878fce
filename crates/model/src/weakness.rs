//! Weaknesses: the one list that rules, layers and attacks share.

mod table;

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use table::Weakness;

/// Declares the weaknesses, one entry each: variant, name, title, then CWE ids, OWASP API Security Top 10 2023 ids (by
/// number) and the OWASP ASVS 5.0 requirements for which a finding is evidence.
macro_rules! weaknesses {
    ($($variant:ident $name:literal $title:literal
        cwe [$($cwe:literal)*] api [$($api:literal)*] asvs [$($asvs:literal)*];)*) => {
        /// A weakness of an API. Rules find it in code, layers shield it, attacks prove it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Weakness {
            $(#[doc = $title] $variant,)*
        }

        impl Weakness {
            /// All weaknesses, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in reports, policies and on the command line: kebab-case, unique, never changed.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The title, a clause without a full stop.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// CWE ids, the closest first.
            pub const fn cwe(self) -> &'static [u32] {
                match self { $(Self::$variant => &[$($cwe),*],)* }
            }

            /// Ids of the OWASP API Security Top 10 2023: `API1:2023`.
            pub const fn owasp_api(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$(concat!("API", $api, ":2023")),*],)* }
            }

            /// Ids of OWASP ASVS 5.0 requirements for which this is evidence, never a claim of compliance.
            pub const fn asvs(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($asvs),*],)* }
            }
        }
    };
}
pub(crate) use weaknesses;

/// A text that names no weakness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeaknessError(String);

impl FromStr for Weakness {
    type Err = WeaknessError;

    fn from_str(name: &str) -> Result<Self, WeaknessError> {
        let found = Self::ALL.iter().find(|weakness| weakness.name() == name);
        found.copied().ok_or_else(|| WeaknessError(name.to_owned()))
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for WeaknessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no weakness `{}`", self.0.escape_debug())
    }
}

impl std::error::Error for WeaknessError {}

impl Serialize for Weakness {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Weakness {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Weakness {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Weakness".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<_> = Self::ALL.iter().map(|weakness| weakness.name()).collect();
        schemars::json_schema!({
            "description": "A weakness of an API.",
            "type": "string",
            "enum": names,
        })
    }
}

#[cfg(test)]
mod tests;
