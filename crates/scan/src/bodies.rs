//! The functions of the program's own files, one by one, as rules ask about their code: what stands in them, whoever calls them.

use std::sync::Arc;

use aho_corasick::AhoCorasick;
use model::Report;
use python::Symbol;
use python::code::{Code, Expr, ExprId, Function, FunctionBody, Span, Stmt};
use python::program::{FileId, Program};
use python::source::SourceFile;
use rustc_hash::FxHashMap;

use crate::project::{Role, role_of};

/// Functions inside each other that are looked into.
const NESTING_MAX: usize = 8;

/// A function with its body.
pub(crate) struct Body<'a> {
    /// The file.
    pub(crate) source: &'a SourceFile,
    /// What it does.
    pub(crate) code: &'a Code,
    /// Its name.
    pub(crate) name: Symbol,
    /// From `def` to its end.
    pub(crate) span: Span,
    /// Its decorators, from the top, as they are written.
    pub(crate) decorators: Vec<&'a str>,
    /// The endpoints that it answers for, by their index.
    pub(crate) endpoints: Vec<usize>,
}

impl Body<'_> {
    /// Whether its text or its decorators hold one of some words.
    pub(crate) fn speaks_of(&self, words: &[&str]) -> bool {
        let text = self.text(self.span);
        words.iter().any(|word| text.contains(word) || self.decorators.iter().any(|decorator| decorator.contains(word)))
    }

    /// Whether a name stands in a piece of it.
    pub(crate) fn names(&self, within: Span, name: Symbol) -> bool {
        self.names_in(within).any(|(own, _)| own == name)
    }

    /// The names that stand in a piece of it, and where.
    pub(crate) fn names_in(&self, within: Span) -> impl Iterator<Item = (Symbol, Span)> {
        self.code.exprs().filter_map(move |(id, expr)| {
            let span = self.code.expr_span(id);
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
        self.code.statements_with_spans()
    }

    /// The last part of the name of what is called, and the names before it: `["logger", "info"]`.
    pub(crate) fn callee(&self, function: ExprId) -> Vec<Symbol> {
        let (mut parts, mut at) = (Vec::new(), function);
        loop {
            match self.code.expr(at) {
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

/// Walks through the functions whose text, decorators included, holds one of the needles.
pub(crate) fn each(program: &Program, report: &Report, needles: &[&str], mut look: impl FnMut(&Body<'_>)) {
    let Ok(finder) = AhoCorasick::new(needles) else { return };
    let mut handlers: FxHashMap<(&str, u32), Vec<usize>> = FxHashMap::default();
    for (index, endpoint) in report.endpoints.iter().enumerate() {
        handlers.entry((&*endpoint.handler.file, endpoint.handler.line)).or_default().push(index);
    }
    for (file, source) in program.files() {
        if program.is_stub(file) || role_of(&source.path) != Role::Source || !finder.is_match(&*source.text) {
            continue;
        }
        let mut walk = Walk { program, file, source, handlers: &handlers, finder: &finder, look: &mut look };
        walk.functions(&source.code, 0);
    }
}

struct Walk<'w, F> {
    program: &'w Program,
    file: FileId,
    source: &'w SourceFile,
    handlers: &'w FxHashMap<(&'w str, u32), Vec<usize>>,
    finder: &'w AhoCorasick,
    look: &'w mut F,
}

impl<'w, F: FnMut(&Body<'_>)> Walk<'w, F> {
    fn functions(&mut self, code: &Code, depth: usize) {
        for function in code.functions() {
            let FunctionBody::Deferred(span) = function.body else { continue };
            let decorators: Vec<Span> = code.list(function.decorators).iter().map(|id| code.expr_span(*id)).collect();
            let begin = decorators.first().map_or(span.start, |first| first.start.min(span.start));
            if !self.text(Span { start: begin, ..span }).is_some_and(|text| self.finder.is_match(text)) {
                continue;
            }
            let body: Arc<Code> = self.program.body_for_a_look(self.file, span);
            let made = Body {
                source: self.source,
                code: &body,
                name: function.name,
                span,
                decorators: decorators.iter().filter_map(|span| self.text(*span)).collect(),
                endpoints: self.endpoints(function),
            };
            (self.look)(&made);
            if depth < NESTING_MAX {
                self.functions(&body, depth + 1);
            }
        }
    }

    fn text(&self, span: Span) -> Option<&'w str> {
        let source: &'w SourceFile = self.source;
        source.text.get(span.start as usize..span.end as usize)
    }

    fn endpoints(&self, function: &Function) -> Vec<usize> {
        let line = self.source.line(function.name_span.start);
        self.handlers.get(&(&*self.source.path, line)).cloned().unwrap_or_default()
    }
}
