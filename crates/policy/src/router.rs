//! The section `[router]`: how the application's router picks an endpoint.

use std::num::NonZeroU32;

use schemars::{Schema, SchemaGenerator, json_schema};
use toml::de::{DeTable, DeValue};

use crate::key::is_identifier;
use crate::matching::Expression;
use crate::mistake::{Mistake, listed};
use crate::reading::{Field, Found, Value, keys_of, unexpected};

table! {
    /// How the application's router picks an endpoint; the gateway picks the same one.
    pub struct RouterSettings {
        /// Whose rules hold.
        pub kind: RouterKind = RouterKind::Starlette,
        /// What a missing or surplus slash at the end of a path means.
        pub trailing_slash: TrailingSlash = TrailingSlash::Strict,
        /// What two slashes in a row mean.
        pub double_slash: DoubleSlash = DoubleSlash::Strict,
        /// The status of the redirect to the path with or without a slash; absent: 307 for Starlette, 308 for Werkzeug, 301 for
        /// Django.
        pub redirect_status: Option<u32>,
        /// Whether the application answers HEAD wherever it answers GET.
        pub implicit_head: bool = false,
        /// Whether the framework answers OPTIONS wherever the application answers anything, and no handler runs.
        pub implicit_options: bool = false,
        /// Converters beside those of the router, by name.
        pub converters: ConverterTable = ConverterTable::default(),
    }
}

words! {
    /// Whose rules hold for the choice of a route.
    pub enum RouterKind {
        /// Routes are tried in the order of the file; the first that takes path and method wins (Starlette, FastAPI, aiohttp).
        Starlette = "starlette",
        /// The most specific route that takes path and method wins: text before parameters, parameters by their weights (Flask,
        /// Quart). A surplus slash is another path.
        Werkzeug = "werkzeug",
        /// The first path that matches wins, whatever the method (Django).
        Django = "django",
    }
}

words! {
    /// What a missing or surplus slash at the end of a path means.
    pub enum TrailingSlash {
        /// Another path.
        Strict = "strict",
        /// The client is sent to the path that matches, with or without the slash (Starlette's `redirect_slashes`).
        Redirect = "redirect",
        /// The client is sent to the path with the slash (Werkzeug; Django's `APPEND_SLASH`).
        RedirectToSlash = "redirect-to-slash",
        /// The same path (Werkzeug without `strict_slashes`).
        Ignored = "ignored",
    }
}

words! {
    /// What two slashes in a row mean.
    pub enum DoubleSlash {
        /// Another path.
        Strict = "strict",
        /// The client is sent to the path with one (Werkzeug's `merge_slashes`).
        Redirect = "redirect",
    }
}

table! {
    /// What a converter matches that is none of the router's own, or stands for one of them with arguments.
    pub struct ConverterSettings {
        /// The expression that the whole value must match.
        pub regex: Expression,
        /// Its weight in Werkzeug, of which the lighter is tried first; absent: 100, as that of a text.
        pub weight: Option<NonZeroU32>,
        /// Whether the value may hold a slash.
        pub slashes: bool = false,
    }
}

/// Converters by name, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConverterTable(Vec<(String, ConverterSettings)>);

impl Default for RouterSettings {
    fn default() -> Self {
        Self::of(RouterKind::Starlette)
    }
}

impl RouterSettings {
    /// The rules of a router, its redirects and implicit methods left out.
    pub fn of(kind: RouterKind) -> Self {
        Self {
            kind,
            trailing_slash: TrailingSlash::Strict,
            double_slash: DoubleSlash::Strict,
            redirect_status: None,
            implicit_head: false,
            implicit_options: false,
            converters: ConverterTable::default(),
        }
    }

    /// The status of redirects.
    pub fn status(&self) -> u32 {
        self.redirect_status.unwrap_or(match self.kind {
            RouterKind::Starlette => 307,
            RouterKind::Werkzeug => 308,
            RouterKind::Django => 301,
        })
    }
}

impl RouterKind {
    /// What a router of this kind can make of a slash at the end.
    pub(crate) fn slashes(self) -> &'static [TrailingSlash] {
        use TrailingSlash::{Ignored, Redirect, RedirectToSlash, Strict};
        match self {
            Self::Starlette => &[Strict, Redirect],
            Self::Werkzeug => &[Strict, RedirectToSlash, Ignored],
            Self::Django => &[Strict, RedirectToSlash],
        }
    }
}

impl ConverterTable {
    /// All of them.
    pub fn all(&self) -> &[(String, ConverterSettings)] {
        &self.0
    }

    /// What stands for one of the router's own converters.
    pub(crate) fn replace(&mut self, name: &str, settings: ConverterSettings) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), settings));
    }

    /// The name of the converter with these settings, which is added if there is none.
    pub fn named(&mut self, settings: ConverterSettings) -> &str {
        let at = self.0.iter().position(|(_, known)| *known == settings).unwrap_or_else(|| {
            self.0.push((format!("re{}", self.0.len() + 1), settings));
            self.0.len() - 1
        });
        &self.0[at].0
    }
}

impl Field for ConverterTable {
    const REQUIRED: bool = false;

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let DeValue::Table(table) = found.get_ref() else {
            mistakes.push(unexpected(found, "tables: `[router.converters.NAME]`"));
            return None;
        };
        let read = keys_of(table).into_iter().map(|key| {
            let name = key.get_ref().to_string();
            if !is_identifier(&name) {
                let message = format!("`{}` is no name of a converter", name.escape_debug());
                mistakes.push(Mistake::new(key.span(), message, "expected letters, digits and `_`"));
            }
            Some((name, <ConverterSettings as Value>::read(table.get(&**key.get_ref())?, mistakes)?))
        });
        // All of them, so that every mistake is told.
        read.collect::<Vec<_>>().into_iter().collect::<Option<_>>().map(Self)
    }

    fn text(&self) -> Option<String> {
        None
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<ConverterSettings>();
        json_schema!({ "type": "object", "additionalProperties": one })
    }
}

/// What each part of the section allows and the whole does not.
pub(crate) fn contradictions(document: &DeTable<'_>, router: Option<&RouterSettings>, mistakes: &mut Vec<Mistake>) {
    let Some(found) = document.get("router") else { return };
    let status = found.get_ref().get("redirect_status");
    let is_redirect = |value: &DeValue<'_>| matches!(value, DeValue::Integer(number) if matches!(number.as_str(), "301" | "302" | "307" | "308"));
    if let Some(status) = status.filter(|status| !is_redirect(status.get_ref())) {
        mistakes.push(Mistake::new(status.span(), "this is no status of a redirect", "expected 307, 308, 301 or 302"));
    }
    let Some(router) = router else { return };
    let mut told = |key: &str, message: String, hint: String| {
        let place = found.get_ref().get(key).map_or_else(|| found.span(), toml::Spanned::span);
        mistakes.push(Mistake::new(place, message, hint));
    };
    let kind = router.kind.word();
    let (slash, known) = (router.trailing_slash, router.kind.slashes());
    if !known.contains(&slash) {
        let hint = format!("expected {}", listed(known.iter().map(|one| one.word())));
        told("trailing_slash", format!("the router `{kind}` does nothing that is called `{}`", slash.word()), hint);
    }
    if router.implicit_options && router.kind == RouterKind::Starlette {
        let hint = "leave it out, or write a route for each OPTIONS".to_owned();
        told("implicit_options", format!("the router `{kind}` answers no OPTIONS by itself"), hint);
    }
    if router.double_slash == DoubleSlash::Redirect && router.kind != RouterKind::Werkzeug {
        let hint = "leave it out; only Werkzeug merges slashes".to_owned();
        told("double_slash", format!("the router `{kind}` takes two slashes as they stand"), hint);
    }
}
