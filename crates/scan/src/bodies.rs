//! The functions of the program's own files, one by one, as rules ask about their code: what stands in them, whoever calls them.

mod meaning;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use model::Report;
use python::Symbol;
use python::code::{Code, Expr, ExprId, Function, FunctionBody, Span, Stmt};
use python::program::{FileId, Program};
use python::source::SourceFile;
use rustc_hash::FxHashMap;

use crate::project::{Role, role_of};
pub(crate) use meaning::Constant;

/// Functions inside each other that are looked into.
const NESTING_MAX: usize = 8;

/// A function with its body, or what stands outside of functions in a file.
pub(crate) struct Body<'a> {
    /// The file.
    pub(crate) source: &'a SourceFile,
    program: &'a Program,
    file: FileId,
    /// What it does, once somebody has asked: to parse it costs more than all else that rules do with it.
    code: OnceCell<Arc<Code>>,
    imports: OnceCell<meaning::Imports>,
    /// Its name; empty for what stands outside of functions.
    pub(crate) name: Symbol,
    /// The names of its parameters.
    parameters: Vec<Symbol>,
    /// `async def`
    pub(crate) is_async: bool,
    /// From `def` to its end.
    pub(crate) span: Span,
    /// Its decorators, from the top, as they are written.
    pub(crate) decorators: Vec<&'a str>,
    /// The endpoints that it answers for, by their index.
    pub(crate) endpoints: Vec<usize>,
}

impl<'a> Body<'a> {
    /// What stands outside of functions in a file.
    pub(crate) fn of_module(program: &'a Program, file: FileId, source: &'a SourceFile) -> Self {
        Self {
            source,
            program,
            file,
            code: OnceCell::from(Arc::clone(&source.code)),
            imports: OnceCell::new(),
            name: Symbol::new(""),
            parameters: Vec::new(),
            is_async: false,
            span: Span { start: 0, end: u32::try_from(source.text.len()).unwrap_or(u32::MAX) },
            decorators: Vec::new(),
            endpoints: Vec::new(),
        }
    }
}

impl Body<'_> {
    /// What it does. Rules look at its text first: most say nothing about most functions.
    pub(crate) fn code(&self) -> &Code {
        self.shared()
    }

    fn shared(&self) -> &Arc<Code> {
        self.code.get_or_init(|| self.program.body_for_a_look(self.file, self.span))
    }

    /// Whether a function may stand in it.
    fn may_hold_functions(&self) -> bool {
        const DEF: &str = "def";
        let own = self.text(self.span);
        let behind = own.find(DEF).map_or("", |at| &own[at + DEF.len()..]);
        memchr::memmem::find_iter(behind.as_bytes(), DEF).any(|at| {
            behind.as_bytes().get(at + DEF.len()).is_some_and(|next| matches!(next, b' ' | b'\t' | b'\\' | 0x0c))
        })
    }

    /// Whether a name stands in a piece of it.
    pub(crate) fn names(&self, within: Span, name: Symbol) -> bool {
        self.names_in(within).any(|(own, _)| own == name)
    }

    /// The names that stand in a piece of it, and where.
    pub(crate) fn names_in(&self, within: Span) -> impl Iterator<Item = (Symbol, Span)> {
        self.code().exprs().filter_map(move |(id, expr)| {
            let span = self.code().expr_span(id);
            match expr {
                Expr::Name(name) if holds(within, span) => Some((name, span)),
                _ => None,
            }
        })
    }

    /// The text of a piece of it.
    pub(crate) fn text(&self, span: Span) -> &str {
        self.source.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The text of the line on which a piece of it begins.
    pub(crate) fn line_of(&self, span: Span) -> &str {
        let begin =
            self.source.text.get(..span.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        self.source.text.get(begin..).and_then(|rest| rest.lines().next()).unwrap_or_default()
    }

    /// The line of a piece of it, counted from 1.
    pub(crate) fn line(&self, span: Span) -> u32 {
        self.source.line(span.start)
    }

    /// The statements in it, in those of blocks, too, with where each stands.
    pub(crate) fn statements(&self) -> impl Iterator<Item = (Stmt, Span)> {
        self.code().statements_with_spans()
    }

    /// The last part of the name of what is called, and the names before it: `["logger", "info"]`.
    pub(crate) fn callee(&self, function: ExprId) -> Vec<Symbol> {
        let (mut parts, mut at) = (Vec::new(), function);
        loop {
            match self.code().expr(at) {
                Expr::Attribute(of, name) => {
                    parts.push(name);
                    at = of;
                }
                Expr::Name(name) => {
                    parts.push(name);
                    break;
                }
                Expr::Call { function, .. } => at = function,
                _ => break,
            }
        }
        parts.reverse();
        parts
    }
}

/// Whether a piece lies in another.
pub(crate) fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Whether a name is of some kind.
type IsNamed = fn(&str) -> bool;

/// What the text of a function holds, decorators included, that somebody may have something to say about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sought {
    /// One of these, as it is written here.
    pub(crate) any: &'static [&'static str],
    /// And one of each of these, in any case; those that are empty are not asked for.
    pub(crate) and: [&'static [&'static str]; 2],
    /// Whether only functions count that answer for an endpoint.
    pub(crate) answers: bool,
    /// Whether a function of a name counts at all.
    pub(crate) named: Option<IsNamed>,
    /// Whether what stands outside of functions counts, too.
    pub(crate) modules: bool,
}

impl Sought {
    /// One of some words.
    pub(crate) const fn words(any: &'static [&'static str]) -> Self {
        Self { any, and: [&[]; 2], answers: false, named: None, modules: false }
    }

    /// The same where one of some other words stands there, too, in any case: of two such lists at most.
    pub(crate) const fn and(self, and: &'static [&'static str]) -> Self {
        match self.and {
            [[], _] => Self { and: [and, self.and[1]], ..self },
            _ => Self { and: [self.and[0], and], ..self },
        }
    }

    /// The same in functions alone that answer for an endpoint.
    pub(crate) const fn in_handlers(self) -> Self {
        Self { answers: true, ..self }
    }

    /// The same in what stands outside of functions, too: classes and statements of a file.
    pub(crate) const fn in_modules_too(self) -> Self {
        Self { modules: true, ..self }
    }

    /// The same in functions alone whose name is of some kind.
    pub(crate) const fn in_those_named(self, named: IsNamed) -> Self {
        Self { named: Some(named), ..self }
    }
}

/// Questions that are asked at once: each has a bit.
pub(crate) const SOUGHT_MAX: usize = 64;

/// Several questions at once, each with its bit: one pass over a text answers all.
struct Finder {
    words: AhoCorasick,
    /// Of each word, how it is written where that counts, whose it is, and to which of its lists it belongs.
    of: Vec<(Option<&'static str>, u64, usize)>,
    /// The questions that are content with no word of a list.
    content: [u64; 3],
    /// The questions about functions alone that answer for an endpoint.
    answers: u64,
    /// Those about functions of some names.
    named: Vec<(u64, IsNamed)>,
    /// Those about what stands outside of functions, too.
    modules: u64,
}

impl Finder {
    fn of(all: &[Sought]) -> Option<Self> {
        let (mut words, mut of): (Vec<&str>, Vec<_>) = (Vec::new(), Vec::new());
        let (mut content, mut answers, mut named, mut modules) = ([0; 3], 0, Vec::new(), 0);
        for (index, sought) in all.iter().enumerate() {
            let bit = 1_u64.checked_shl(u32::try_from(index).ok()?)?;
            let [second, third] = sought.and;
            for (list, words_of_it) in [sought.any, second, third].into_iter().enumerate() {
                content[list] |= if words_of_it.is_empty() { bit } else { 0 };
                words.extend(words_of_it);
                of.extend(words_of_it.iter().map(|word| (Some(*word).filter(|_| list == 0), bit, list)));
            }
            answers |= if sought.answers { bit } else { 0 };
            modules |= if sought.modules { bit } else { 0 };
            named.extend(sought.named.map(|named| (bit, named)));
        }
        let kind = Some(AhoCorasickKind::DFA);
        let words = AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(words).ok()?;
        Some(Self { words, of, content, answers, named, modules })
    }

    /// The bits of the questions that a text may answer.
    fn asked(&self, text: &str) -> u64 {
        self.asked_in([text])
    }

    /// The same of a text in pieces.
    fn asked_in<'t>(&self, pieces: impl IntoIterator<Item = &'t str>) -> u64 {
        let mut held = self.content;
        for text in pieces {
            for found in self.words.find_overlapping_iter(text) {
                let (written, bit, list) = self.of[found.pattern().as_usize()];
                if held[list] & bit == 0 && written.is_none_or(|written| text.get(found.range()) == Some(written)) {
                    held[list] |= bit;
                }
            }
        }
        held[0] & held[1] & held[2]
    }

    /// Those of them that are about a function itself, and not about those in it.
    fn about_itself(&self, asked: u64, name: &str, answers_for_an_endpoint: bool) -> u64 {
        let asked = if answers_for_an_endpoint { asked } else { asked & !self.answers };
        let is_named_otherwise = |(bit, named): &&(u64, IsNamed)| asked & bit != 0 && !named(name);
        self.named.iter().filter(is_named_otherwise).fold(asked, |asked, (bit, _)| asked & !bit)
    }
}

/// Walks through the functions whose text holds something that is sought; looks at them once for each, by its index.
pub(crate) fn each(program: &Program, report: &Report, sought: &[Sought], mut look: impl FnMut(&Body<'_>, usize)) {
    let Some(finder) = Finder::of(sought) else { return };
    let mut handlers: FxHashMap<&str, BTreeMap<u32, Vec<usize>>> = FxHashMap::default();
    for (index, endpoint) in report.endpoints.iter().enumerate() {
        let of_file = handlers.entry(&*endpoint.handler.file).or_default();
        of_file.entry(endpoint.handler.line).or_default().push(index);
    }
    for (file, source) in program.files() {
        if program.is_stub(file) || role_of(&source.path) != Role::Source {
            continue;
        }
        let handlers = handlers.get(&*source.path);
        let mut walk = Walk { program, file, source, handlers, finder: &finder, look: &mut look };
        if walk.finder.modules != 0 {
            walk.module();
        }
        walk.functions(&source.code, 0);
    }
}

struct Walk<'w, F> {
    program: &'w Program,
    file: FileId,
    source: &'w SourceFile,
    /// The endpoints that functions of the file answer for, by the line of their name.
    handlers: Option<&'w BTreeMap<u32, Vec<usize>>>,
    finder: &'w Finder,
    look: &'w mut F,
}

impl<'w, F: FnMut(&Body<'_>, usize)> Walk<'w, F> {
    /// What stands outside of functions.
    fn module(&mut self) {
        let asked = self.finder.asked_in(self.outside_of_functions()) & self.finder.modules;
        if asked == 0 {
            return;
        }
        let body = Body::of_module(self.program, self.file, self.source);
        for index in (0..SOUGHT_MAX).filter(|index| asked >> index & 1 == 1) {
            (self.look)(&body, index);
        }
    }

    /// The pieces of the text that lie between functions.
    fn outside_of_functions(&self) -> Vec<&'w str> {
        let body = |function: &Function| match function.body {
            FunctionBody::Deferred(span) => Some(span),
            FunctionBody::Expression(_) => None,
        };
        let mut spans: Vec<Span> = self.source.code.functions().iter().filter_map(body).collect();
        spans.sort_unstable_by_key(|span| span.start);
        let (mut pieces, mut begin) = (Vec::new(), 0);
        for span in spans {
            pieces.extend(self.text(Span { start: begin, end: span.start }));
            begin = begin.max(span.end);
        }
        pieces.extend(self.source.text.get(begin as usize..));
        pieces
    }

    fn functions(&mut self, code: &Code, depth: usize) {
        for function in code.functions() {
            let FunctionBody::Deferred(span) = function.body else { continue };
            let decorators: Vec<Span> = code.list(function.decorators).iter().map(|id| code.expr_span(*id)).collect();
            let begin = decorators.first().map_or(span.start, |first| first.start.min(span.start));
            let whole = Span { start: begin, ..span };
            let mut asked = self.text(whole).map_or(0, |text| self.finder.asked(text));
            if asked & self.finder.answers != 0 && !self.answers_within(whole) {
                asked &= !self.finder.answers;
            }
            if asked == 0 {
                continue;
            }
            let body = Body {
                source: self.source,
                program: self.program,
                file: self.file,
                code: OnceCell::new(),
                imports: OnceCell::new(),
                name: function.name,
                parameters: code.params(function.parameters).iter().map(|one| one.name).collect(),
                is_async: function.is_async,
                span,
                decorators: decorators.iter().filter_map(|span| self.text(*span)).collect(),
                endpoints: self.endpoints(function),
            };
            let own = self.finder.about_itself(asked, function.name.as_str(), !body.endpoints.is_empty());
            for index in (0..SOUGHT_MAX).filter(|index| own >> index & 1 == 1) {
                (self.look)(&body, index);
            }
            if depth < NESTING_MAX && body.may_hold_functions() {
                self.functions(body.code(), depth + 1);
            }
        }
    }

    /// Whether a function that answers for an endpoint begins in a piece of the file.
    fn answers_within(&self, piece: Span) -> bool {
        let lines = self.source.line(piece.start)..=self.source.line(piece.end);
        self.handlers.is_some_and(|handlers| handlers.range(lines).next().is_some())
    }

    fn text(&self, span: Span) -> Option<&'w str> {
        let source: &'w SourceFile = self.source;
        source.text.get(span.start as usize..span.end as usize)
    }

    fn endpoints(&self, function: &Function) -> Vec<usize> {
        let Some(handlers) = self.handlers else { return Vec::new() };
        handlers.get(&self.source.line(function.name_span.start)).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_asked_about_what_it_holds() {
        let sought = [
            Sought::words(&["assert"]),
            Sought::words(&["=="]).and(&["secret", "token"]),
            Sought::words(&["environ"]).in_handlers(),
        ];
        let finder = Finder::of(&sought).expect("words that can be found");
        assert_eq!(finder.asked("assert x == y"), 0b001);
        assert_eq!(finder.asked("if given == SECRET_KEY: return os.environ"), 0b110);
        assert_eq!(finder.asked("Assert(secret)"), 0, "the first words count as they are written");
        assert_eq!((finder.content, finder.answers), ([0, 0b101, 0b111], 0b100));
    }

    #[test]
    fn a_text_in_pieces_is_one() {
        let finder = Finder::of(&[Sought::words(&["verify"]).and(&["requests"]).in_modules_too()]).expect("words");
        assert_eq!((finder.asked_in(["import requests", "verify=False"]), finder.modules), (1, 1));
        assert_eq!(finder.asked_in(["import requests", "x"]), 0);
    }

    #[test]
    fn each_list_of_words_counts() {
        let sought = [Sought::words(&["password"]).and(&["wrong"]).and(&["no such"])];
        let finder = Finder::of(&sought).expect("words that can be found");
        assert_eq!(finder.asked("password: 'Wrong', 'No such user'"), 1);
        for text in ["password: 'wrong'", "password: 'no such'", "'wrong', 'no such'"] {
            assert_eq!(finder.asked(text), 0, "{text}");
        }
    }

    #[test]
    fn some_questions_are_about_functions_of_a_name_or_of_an_endpoint() {
        let sought = [
            Sought::words(&["x"]).in_those_named(|name| name == "guard"),
            Sought::words(&["x"]).in_handlers(),
            Sought::words(&["x"]),
        ];
        let finder = Finder::of(&sought).expect("words that can be found");
        assert_eq!(finder.about_itself(0b111, "guard", false), 0b101);
        assert_eq!(finder.about_itself(0b111, "index", true), 0b110);
        assert_eq!(finder.about_itself(0b010, "index", false), 0);
    }
}
