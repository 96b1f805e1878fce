//! Where what a client wrote gets to: the second question that is asked of the play in which effects are seen. The evaluator follows what is raw
//! (`python::interp::Uses`); tables say what uses it (`flows/sinks.rs`) and what makes it clean (`flows/sanitizers.rs`); what reaches a use is
//! a [`Flow`].

mod commands;
mod conditions;
mod reading;
mod sanitizers;
mod sinks;

use std::rc::Rc;
use std::sync::Arc;

use model::{Endpoint, Evidence, ParameterRef, Sink, SinkKind};
use python::Symbol;
use python::interp::Uses;

use crate::access::label;
use crate::effects::{self, Source};
pub(crate) use reading::of_play;

macro_rules! uses {
    ($($(#[$doc:meta])* $name:ident $bit:literal),* $(,)?) => {
        /// What a text may be used as.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Use {
            $($(#[$doc])* $name),*
        }

        impl Use {
            /// All of them.
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name),*];

            /// The bit in what is raw.
            pub(crate) const fn bit(self) -> u32 {
                match self {
                    $(Self::$name => 1 << $bit),*
                }
            }
        }

        /// What is raw for every use.
        pub(crate) const RAW: u32 = $((1 << $bit))|*;
    };
}

uses! {
    /// A statement of SQL.
    Sql 0,
    /// A command, or an argument of one.
    Command 1,
    /// Python.
    Code 2,
    /// A template.
    Template 3,
    /// The path of a file.
    Path 4,
    /// The address of a request.
    Url 5,
    /// The target of a redirect.
    Redirect 6,
    /// HTML.
    Html 7,
    /// A header field.
    Header 8,
    /// A line of a log.
    Log 9,
    /// An LDAP filter or name.
    Ldap 10,
    /// An `XPath` expression.
    Xpath 11,
    /// Bytes that become objects.
    Objects 12,
    /// A regular expression.
    Regex 13,
    /// An XML document.
    Xml 14,
    /// A value of the session.
    Session 15,
    /// The head of a mail.
    Mail 16,
}

impl Use {
    /// What the model calls it, where it does.
    fn sink(self) -> Option<SinkKind> {
        Some(match self {
            Self::Sql => SinkKind::Sql,
            Self::Command => SinkKind::Command,
            Self::Code => SinkKind::Code,
            Self::Template => SinkKind::Template,
            Self::Path => SinkKind::Path,
            Self::Url => SinkKind::Url,
            Self::Redirect => SinkKind::Redirect,
            Self::Html => SinkKind::Html,
            Self::Header | Self::Mail => SinkKind::Header,
            Self::Log => SinkKind::Log,
            Self::Ldap => SinkKind::Ldap,
            Self::Xpath => SinkKind::Xpath,
            Self::Objects => SinkKind::Deserialization,
            Self::Regex => SinkKind::Regex,
            Self::Xml => SinkKind::Xml,
            Self::Session => return None,
        })
    }
}

/// Something that a client wrote, where it is used.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    /// What as.
    pub(crate) used_as: Use,
    /// What uses it: a qualified name, or what it is.
    pub(crate) by: Arc<str>,
    /// Where.
    pub(crate) at: Evidence,
    /// The function around that.
    pub(crate) within: Arc<str>,
    /// The part of the request.
    pub(crate) source: Source,
    /// Where the program got it, the names it gave it, and the calls on the way.
    pub(crate) steps: Vec<Evidence>,
    /// What is known of the text before it.
    pub(crate) before: String,
    /// The whole text, with `{}` for what is not known, where that is known in part.
    pub(crate) text: Option<String>,
    /// Whether the use is one of few consequences: an argument of a command that is no shell.
    pub(crate) is_minor: bool,
    /// The endpoints from which it is reached, by their index.
    pub(crate) endpoints: Vec<usize>,
}

impl Flow {
    /// Whether it may name the host of an address: what stands before it does not.
    pub(crate) fn names_host(&self) -> bool {
        let before = self.before.as_str();
        match before.split_once("://") {
            Some((_, rest)) => !rest.contains(['/', '?', '#']),
            // `/` alone may become `//host`.
            None => !before.starts_with('/') || before == "/" || before.starts_with("//"),
        }
    }

    /// The parameter of an endpoint that it is.
    pub(crate) fn parameter(&self, endpoint: &Endpoint) -> Option<ParameterRef> {
        effects::reference(&self.source, endpoint)
    }
}

/// What reaches a use from an endpoint, as the model tells it.
pub(crate) fn sinks(flows: &[Flow], endpoint: &Endpoint) -> Vec<Sink> {
    let told = |flow: &Flow| {
        let (kind, parameter) = (flow.used_as.sink()?, flow.parameter(endpoint)?);
        Some(Sink { kind, parameter, evidence: flow.at.clone(), text: flow.text.clone() })
    };
    let mut found: Vec<Sink> = flows.iter().filter_map(told).collect();
    found.sort();
    found.dedup();
    found
}

/// All flows of a program: one for each place, whichever endpoints lead there.
pub(crate) fn united(flows: impl IntoIterator<Item = (usize, Vec<Flow>)>) -> Vec<Flow> {
    let mut all: Vec<Flow> = Vec::new();
    let mut known = rustc_hash::FxHashMap::default();
    for (endpoint, flow) in flows.into_iter().flat_map(|(endpoint, flows)| flows.into_iter().map(move |f| (endpoint, f))) {
        let key = (flow.used_as, Arc::clone(&flow.at.file), flow.at.line, Arc::clone(&flow.by));
        let at = *known.entry(key).or_insert(all.len());
        match all.get_mut(at) {
            Some(one) if one.endpoints.contains(&endpoint) => {}
            Some(one) => {
                one.is_minor &= flow.is_minor;
                one.endpoints.push(endpoint);
            }
            None => all.push(Flow { endpoints: vec![endpoint], ..flow }),
        }
    }
    all.sort_by(|a, b| (&a.at.file, a.at.line, a.used_as, &a.by).cmp(&(&b.at.file, b.at.line, b.used_as, &b.by)));
    all
}

/// What the evaluator has to know.
pub(crate) fn uses() -> Rc<Uses> {
    let table = |rows: &mut dyn Iterator<Item = (&str, u32)>| rows.map(|(name, uses)| (Symbol::new(name), uses)).collect();
    Rc::new(Uses {
        all: RAW,
        given: label::INPUT | label::BODY | label::CLIENT,
        places: &["query", "form", "body", "header", "cookie", "path"],
        clean: table(&mut sanitizers::clean()),
        telling: table(&mut sanitizers::TELLING.iter().map(|name| (*name, RAW))),
        testing: table(&mut sanitizers::TESTING.iter().copied()),
        noted: sinks::names().map(Symbol::new).collect(),
        harmful: sanitizers::HARMFUL.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_have_a_bit_each() {
        let all = Use::ALL.iter().fold(0, |all, one| all | one.bit());
        assert_eq!(all, RAW);
        assert_eq!(all.count_ones() as usize, Use::ALL.len());
    }
}
