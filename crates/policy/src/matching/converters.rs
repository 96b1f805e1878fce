//! The converters that templates may name: those of the router, and those of the policy's own table.

use std::num::NonZeroU32;

use model::{Converter, PathPattern};

use super::class::{Class, known_converters};
use super::expression::Expression;
use crate::policy::{ConverterSettings, RouterKind, RouterSettings};

/// The converters of one router.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Converters<'r> {
    kind: RouterKind,
    named: &'r [(String, ConverterSettings)],
}

impl<'r> Converters<'r> {
    /// Those that these settings know.
    pub(crate) fn of(router: &'r RouterSettings) -> Self {
        Self { kind: router.kind, named: router.converters.all() }
    }

    /// Whether this build knows what a converter matches.
    pub(crate) fn is_known(&self, converter: &Converter) -> bool {
        self.class(converter) != Class::Anything
    }

    /// Whether it knows what all the converters of a template match.
    pub(crate) fn are_known(&self, pattern: &PathPattern) -> bool {
        pattern.parameters().all(|one| self.is_known(&one.converter))
    }

    /// The names that templates may use.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'r str> + Clone + use<'r> {
        known_converters(self.kind).iter().copied().chain(self.named.iter().map(|(name, _)| name.as_str()))
    }

    /// The expression of a converter of the policy's own table.
    pub(crate) fn expression_of(&self, converter: &Converter) -> Option<&'r Expression> {
        match self.class(converter) {
            Class::Expression(index) => self.named.get(index).map(|(_, settings)| &settings.regex),
            _ => None,
        }
    }

    /// What a converter matches. The policy's own table comes first, as an application may replace a converter of its router.
    pub(super) fn class(&self, converter: &Converter) -> Class {
        match self.named.iter().position(|(name, _)| name == converter.name()) {
            Some(index) => Class::Expression(index),
            None => Class::of(converter, self.kind),
        }
    }

    /// Werkzeug's weight of a class.
    pub(super) fn weight(&self, class: Class) -> u32 {
        let given = match class {
            Class::Expression(index) => self.named.get(index).and_then(|(_, settings)| settings.weight),
            _ => None,
        };
        given.map_or(class.weight(), NonZeroU32::get)
    }

    /// Whether a template with this class is compared as a whole in Werkzeug (`part_isolating` is false).
    pub(super) fn is_final(&self, class: Class) -> bool {
        match class {
            Class::Expression(index) => self.named.get(index).is_some_and(|(_, settings)| settings.slashes),
            other => other.takes_slashes(),
        }
    }

    /// Whether its value never holds a slash, whatever its expression says.
    pub(super) fn is_isolated(&self, class: Class) -> bool {
        self.kind == RouterKind::Werkzeug && !self.is_final(class)
    }

    /// The expression of a class.
    pub(super) fn text(&self, class: Class) -> Option<&'r str> {
        match class {
            Class::Expression(index) => self.named.get(index).map(|(_, settings)| settings.regex.as_str()),
            other => other.expression(),
        }
    }

    /// Whether Python and this build say the same about a text.
    pub(super) fn is_ascii_alone(&self, class: Class) -> bool {
        match class {
            Class::Expression(index) => {
                self.named.get(index).is_none_or(|(_, settings)| !settings.regex.is_certain_about("\u{e9}"))
            }
            Class::Digits | Class::Decimal | Class::Number => true,
            _ => false,
        }
    }
}
