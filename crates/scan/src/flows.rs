//! Where what a client wrote gets to: the second question that is asked of the play in which effects are seen. The evaluator follows what is raw
//! (`python::interp::Uses`); tables say what uses it (`flows/sinks.rs`) and what makes it clean (`flows/sanitizers.rs`); what reaches a use is
//! a [`Flow`].

mod commands;
mod conditions;
mod loose;
mod patterns;
mod reading;
mod rendering;
mod resolvers;
mod sanitizers;
mod sinks;
mod sources;
mod team;

use std::rc::Rc;
use std::sync::Arc;

use model::{Endpoint, Evidence, ParameterRef, Sink, SinkKind};
use python::Symbol;
use python::interp::Uses;
use python::value::Site;

use crate::access::label;
use crate::effects::{self, Source};
use crate::project::Templates;
pub(crate) use loose::of_program;
pub(crate) use reading::of_play;
pub(crate) use resolvers::of_resolvers;
pub(crate) use team::Named;
pub use team::{
    Argument, ENTRIES_MAX, NAME_BYTES_MAX, Sanitizer, Sink as TeamSink, TeamFlows, USES, UnusedName, is_qualified_name,
};

macro_rules! uses {
    ($($(#[$doc:meta])* $name:ident $first:literal $bits:literal),* $(,)?) => {
        /// What a text may be used as.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Use {
            $($(#[$doc])* $name),*
        }

        impl Use {
            /// All of them.
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name),*];

            /// The bits in what is raw: one for each way to do harm.
            pub(crate) const fn bits(self) -> u32 {
                match self {
                    $(Self::$name => ((1 << $bits) - 1) << $first),*
                }
            }
        }

        /// What is raw for every use.
        pub(crate) const RAW: u32 = $((((1 << $bits) - 1) << $first))|*;
    };
}

uses! {
    /// A statement of SQL.
    Sql 26 2,
    /// A command, or an argument of one.
    Command 1 1,
    /// Python.
    Code 2 3,
    /// A template.
    Template 5 1,
    /// The path of a file.
    Path 6 3,
    /// The address of a request.
    Url 9 1,
    /// The target of a redirect.
    Redirect 10 1,
    /// HTML.
    Html 11 1,
    /// A header field of an answer or of a mail.
    Header 12 1,
    /// An archive that is unpacked.
    Archive 0 1,
    /// A cell of a spreadsheet.
    Cell 13 1,
    /// An instruction of a language model.
    Prompt 30 1,
    /// The host of a link that somebody is sent.
    Link 22 1,
    /// A line of a log.
    Log 28 2,
    /// An LDAP filter or name.
    Ldap 14 1,
    /// An `XPath` expression.
    Xpath 15 3,
    /// Bytes that become objects.
    Objects 18 1,
    /// A regular expression.
    Regex 19 1,
    /// An XML document.
    Xml 20 1,
    /// A value of the session.
    Session 21 1,
    /// A query of a document database, where it may be a dict.
    Document 23 1,
    /// The suffix of a file that is kept.
    Suffix 24 1,
    /// A text that is matched against an expression which takes exponential time.
    Matched 25 1,
    /// Bytes that are unpacked, however many they become: nothing makes them clean that leaves them bytes of objects.
    Packed 18 1,
}

/// Another folder by `..`, a path that begins at the root, and a folder whose name begins like that of the right one.
pub(crate) const PATH_UP: u32 = 1 << 6;
pub(crate) const PATH_ROOT: u32 = 1 << 7;
pub(crate) const PATH_BESIDE: u32 = 1 << 8;
/// What leaves a text in single quotes, one in double quotes, and what stands in none.
pub(crate) const XPATH_SINGLE: u32 = 1 << 15;
pub(crate) const XPATH_DOUBLE: u32 = 1 << 16;
pub(crate) const XPATH_BARE: u32 = 1 << 17;
/// What leaves a text in quotes, and what does harm where none are.
pub(crate) const SQL_QUOTED: u32 = 1 << 26;
pub(crate) const SQL_BARE: u32 = 1 << 27;
/// The two ends of lines.
pub(crate) const LOG_FEED: u32 = 1 << 28;
pub(crate) const LOG_RETURN: u32 = 1 << 29;
/// Python that does not begin with a quote, does not end with one, has one inside: a literal text does no harm.
pub(crate) const CODE_BEGIN: u32 = 1 << 2;
pub(crate) const CODE_END: u32 = 1 << 3;
pub(crate) const CODE_INSIDE: u32 = 1 << 4;

impl Use {
    /// What of it does harm behind a text: in quotes, or in a folder, it is less.
    fn bits_behind(self, before: &str) -> u32 {
        match self {
            Self::Path if !before.is_empty() => PATH_UP | PATH_BESIDE,
            Self::Xpath => match (before.matches('\'').count() % 2, before.matches('"').count() % 2) {
                (1, 0) => XPATH_SINGLE,
                (0, 1) => XPATH_DOUBLE,
                _ => self.bits(),
            },
            Self::Sql if before.matches('\'').count() % 2 == 1 => SQL_QUOTED,
            // The head of a mail ends with an empty line, a formula begins its cell.
            Self::Header if before.contains("\n\n") || before.contains("\n\r\n") => 0,
            Self::Cell if !before.is_empty() => 0,
            _ => self.bits(),
        }
    }

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
            Self::Header => SinkKind::Header,
            Self::Log => SinkKind::Log,
            Self::Ldap => SinkKind::Ldap,
            Self::Xpath => SinkKind::Xpath,
            Self::Objects => SinkKind::Deserialization,
            Self::Regex | Self::Matched => SinkKind::Regex,
            Self::Xml => SinkKind::Xml,
            Self::Document => SinkKind::Nosql,
            Self::Prompt => SinkKind::Prompt,
            Self::Session | Self::Suffix | Self::Archive | Self::Packed | Self::Cell | Self::Link => return None,
        })
    }
}

/// What flows are read with, beside the play.
#[derive(Clone, Copy)]
pub(crate) struct Beside<'b> {
    /// What a team names.
    pub(crate) team: &'b Named,
    /// The templates beside the code.
    pub(crate) templates: &'b Templates,
}

/// What of that which a handler returns is a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pages {
    /// Responses that say so themselves.
    Never,
    /// A response that says nothing else, too.
    Responses,
    /// A text, too.
    Texts,
}

/// What was read off a play.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    /// What gets to a use.
    pub(crate) flows: Vec<Flow>,
    /// Where environments of templates are made that do not escape, and of which something is answered.
    pub(crate) unescaped: Vec<(Arc<str>, u32)>,
    /// What was looked up, where a page prints it as it is.
    pub(crate) held: Vec<Held>,
}

/// A part of something that was looked up, where a page prints it as it is.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// The event that gave it.
    pub(crate) event: u32,
    /// Names and indices behind that.
    pub(crate) parts: Vec<Arc<str>>,
    /// Where it is printed.
    pub(crate) at: Evidence,
    /// The call that renders it, where a template prints it.
    pub(crate) rendered: Option<Evidence>,
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
    /// The call, or what else uses it, in the code.
    pub(crate) site: Site,
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
    /// What gave it, where that is no request.
    pub(crate) giver: Option<Arc<str>>,
    /// The variable of the environment, or the setting, that it is.
    pub(crate) variable: Option<Arc<str>>,
    /// Whether the use is one of few consequences: an argument of a command that is no shell.
    pub(crate) is_minor: bool,
    /// Whether code that is not seen may have made something else of it.
    pub(crate) is_far: bool,
    /// Whether nobody is seen to call what it begins in.
    pub(crate) is_loose: bool,
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
            // Something else that is not known comes first: the host is in that.
            None if before.starts_with("{}") => false,
            None => !before.starts_with('/') || before == "/" || before.starts_with("//"),
        }
    }

    /// Whether it is where the client says that it comes from: nobody but itself chooses that.
    pub(crate) fn is_referer(&self) -> bool {
        matches!(&self.source, Source::Field(_, Some(name)) if name.to_ascii_lowercase().ends_with("referer"))
    }

    /// Whether it is what a language model answered.
    pub(crate) fn is_of_model(&self) -> bool {
        self.giver.as_deref().is_some_and(|giver| sources::MODELS.contains(&giver))
    }

    /// Whether the environment gives it.
    pub(crate) fn is_of_environment(&self) -> bool {
        self.giver.as_deref().is_some_and(sources::is_environment)
    }

    /// Whether it is what a command is given.
    pub(crate) fn is_of_command_line(&self) -> bool {
        self.giver.as_deref().is_some_and(sources::is_command_line)
    }

    /// How little it says: who runs the program is asked last.
    fn doubt(&self) -> (bool, bool, bool) {
        (self.is_of_environment() || self.is_of_command_line(), self.is_far, self.is_minor)
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
pub(crate) fn united(flows: impl IntoIterator<Item = (Option<usize>, Vec<Flow>)>) -> Vec<Flow> {
    let mut all: Vec<Flow> = Vec::new();
    let mut known = rustc_hash::FxHashMap::default();
    for (endpoint, flow) in
        flows.into_iter().flat_map(|(endpoint, flows)| flows.into_iter().map(move |f| (endpoint, f)))
    {
        let key = (flow.used_as, Arc::clone(&flow.at.file), flow.at.line, Arc::clone(&flow.by));
        let at = *known.entry(key).or_insert(all.len());
        match all.get_mut(at) {
            Some(one) => {
                // Of several ways there, the one that says the most is told.
                if one.doubt() > flow.doubt() {
                    *one = Flow { endpoints: std::mem::take(&mut one.endpoints), ..flow };
                }
                one.endpoints.extend(endpoint.filter(|at| !one.endpoints.contains(at)));
            }
            None => all.push(Flow { endpoints: endpoint.into_iter().collect(), ..flow }),
        }
    }
    all.sort_by(|a, b| (&a.at.file, a.at.line, a.used_as, &a.by).cmp(&(&b.at.file, b.at.line, b.used_as, &b.by)));
    all
}

/// What a text is raw for that is no name of a file, and no host: only in JSON it may be a dict instead.
const TEXT: u32 = RAW & !(Use::Document.bits() | Use::Suffix.bits() | Use::Link.bits());
/// What stands in a file is no name of one, and no address.
const CONTENT: u32 = TEXT & !(Use::Path.bits() | Use::Url.bits() | Use::Redirect.bits() | Use::Header.bits());

/// The places of a request, and for what their parts are raw.
const PLACES: &[(&str, u32)] = &[
    ("query", TEXT),
    ("form", TEXT),
    ("body", TEXT | Use::Document.bits()),
    ("header.host", TEXT | Use::Link.bits()),
    ("header.x-forwarded-host", TEXT | Use::Link.bits()),
    ("header", TEXT),
    ("cookie", TEXT),
    ("path", TEXT),
    ("filename", TEXT | Use::Suffix.bits()),
    ("upload", CONTENT),
    ("content", CONTENT),
    ("host", Use::Link.bits()),
];

/// What the evaluator has to know, with what a team names.
pub(crate) fn uses(team: &Named) -> Rc<Uses> {
    let table =
        |rows: &mut dyn Iterator<Item = (&str, u32)>| rows.map(|(name, uses)| (Symbol::new(name), uses)).collect();
    let mut clean: rustc_hash::FxHashMap<Symbol, u32> = table(&mut sanitizers::clean());
    clean.extend(sources::beside_text().map(|name| (Symbol::new(&name), RAW)));
    for (name, uses) in &team.sanitizers {
        *clean.entry(*name).or_insert(0) |= uses;
    }
    // What comes as a message may be an object of JSON.
    let own_sources = team.sources.iter().map(|name| (*name, TEXT | Use::Document.bits()));
    let giving: rustc_hash::FxHashMap<Symbol, u32> =
        sources::giving().map(|(name, uses)| (Symbol::new(name), uses)).chain(own_sources).collect();
    Rc::new(Uses {
        all: RAW & !Use::Suffix.bits() & !Use::Link.bits(),
        given: label::INPUT | label::BODY | label::CLIENT,
        giving_methods: giving.keys().filter_map(|name| name.as_str().rsplit('.').next()).map(Symbol::new).collect(),
        giving,
        outside: table(&mut sources::outside()),
        giving_seen: team.sources.iter().copied().collect(),
        places: PLACES,
        giving_on: &[
            "werkzeug",
            "flask",
            "django",
            "markupsafe",
            "six",
            "yarl",
            "starlette",
            "itsdangerous",
            "simplejson",
            "orjson",
            "ujson",
        ],
        in_files: CONTENT,
        reading: sources::READING.iter().map(|name| Symbol::new(name)).collect(),
        holding: sources::HOLDING.iter().map(|(name, needed, uses)| (Symbol::new(name), (*needed, *uses))).collect(),
        clean,
        telling: table(&mut sanitizers::TELLING.iter().map(|name| (*name, RAW))),
        attributes: sanitizers::ATTRIBUTES,
        deciding: &["transport", "connector", "mounts"],
        testing: table(&mut sanitizers::TESTING.iter().copied()),
        noted: sinks::names().map(Symbol::new).chain(team.sinks.iter().map(|(name, _)| *name)).collect(),
        harmful: sanitizers::HARMFUL.to_vec(),
        told: sanitizers::told,
        telling_of_whole: sanitizers::TELLING_OF_WHOLE,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_share_no_bit() {
        let all = Use::ALL.iter().fold(0_u32, |all, one| all | one.bits());
        assert_eq!(all, RAW);
        // What is unpacked is what is made objects of.
        let own = Use::ALL.iter().filter(|one| **one != Use::Packed);
        assert_eq!(all.count_ones(), own.map(|one| one.bits().count_ones()).sum::<u32>());
        assert_eq!(Use::Packed.bits(), Use::Objects.bits());
        assert_eq!(Use::Path.bits(), PATH_UP | PATH_ROOT | PATH_BESIDE);
        assert_eq!(Use::Xpath.bits(), XPATH_SINGLE | XPATH_DOUBLE | XPATH_BARE);
        assert_eq!(Use::Sql.bits(), SQL_QUOTED | SQL_BARE);
        assert_eq!(Use::Log.bits(), LOG_FEED | LOG_RETURN);
        assert_eq!(Use::Code.bits(), CODE_BEGIN | CODE_END | CODE_INSIDE);
    }
}
