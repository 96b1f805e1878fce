//! Lowering: the only module that sees the syntax trees of the parser. It turns them into the flat facts of
//! `Code` and drops the tree.
//!
//! Parsing never fails: what cannot be parsed is left out and reported in [`Lowered::errors`]. The caller has checked the
//! [limits](crate::limits) on depth and runs of operators, so that recursion here is bounded.

mod expressions;
mod nesting;
mod statements;

pub(crate) use expressions::STRING_BYTES_MAX;
pub(crate) use nesting::nesting_exceeded;

use ruff_python_ast::{ModModule, PythonVersion, Stmt as Ast};
use ruff_python_parser::{Mode, ParseOptions, Parsed};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::code::{Code, Expr, ExprId, FunctionBody, Run, Span};

/// What became of a text.
#[derive(Debug)]
pub struct Lowered {
    /// The facts.
    pub code: Code,
    /// Syntax errors: byte offset and message, at most [`ERRORS_MAX`].
    pub errors: Vec<(u32, String)>,
    /// The bodies of functions that were wanted, by where those begin; none where there are errors.
    pub bodies: Vec<(u32, Code)>,
}

/// The places in a text, in order, for whose sake the bodies of functions around them are wanted together with their module.
pub type Wanted<'w> = &'w dyn Fn(&str) -> Vec<u32>;

/// Whether one of some places, which are in order, lies in a piece of a text.
pub fn holds_any(span: Span, places: &[u32]) -> bool {
    places.get(places.partition_point(|place| *place < span.start)).is_some_and(|place| *place < span.end)
}

/// How many syntax errors of one file are kept.
pub const ERRORS_MAX: usize = 3;

fn options(mode: Mode) -> ParseOptions {
    // Always the newest version: an older target only adds version errors, and code for a newer Python must be read too.
    ParseOptions::from(mode).with_target_version(PythonVersion::PY315)
}

/// Lowers a whole module. The bodies of its functions are left for [`function`], but for those that are wanted: while the tree is
/// there, they need not be parsed again.
pub fn module(text: &str, wanted: &[u32]) -> Lowered {
    let parsed = ruff_python_parser::parse_unchecked(text, options(Mode::Module)).try_into_module();
    let Some(parsed) = parsed else {
        let errors = vec![(0, "cannot be parsed as a module".to_owned())];
        return Lowered { code: Code::default(), errors, bodies: Vec::new() };
    };
    let errors = errors_of(&parsed);
    let mut lowering = Lowering::new(text);
    // What a parser makes of a broken text hangs on what stands around.
    lowering.wanted = if errors.is_empty() { wanted } else { &[] };
    lowering.code.body = lowering.block(parsed.suite());
    lowering.code.shrink();
    Lowered { code: lowering.code, errors, bodies: lowering.bodies }
}

/// Lowers the body of the `def` at `span`.
pub fn function(text: &str, span: Span) -> Code {
    let range = TextRange::new(TextSize::new(span.start), TextSize::new(span.end));
    let parsed = ruff_python_parser::parse_cells_unchecked(text, [range], &options(Mode::Module));
    let mut lowering = Lowering::new(text);
    if let Some(Ast::FunctionDef(def)) = parsed.suite().first() {
        lowering.code.body = lowering.block(&def.body);
    }
    lowering.code.shrink();
    lowering.code
}

/// Lowers the expression in a string annotation. Positions are those inside the string.
pub fn annotation(text: &str) -> Option<(Code, ExprId)> {
    let range = TextRange::new(TextSize::new(0), TextSize::new(id(text.len())));
    let parsed = ruff_python_parser::parse_parenthesized_expression_range(text, range).ok()?;
    let mut lowering = Lowering::new(text);
    let id = lowering.expr(parsed.expr());
    Some((lowering.code, id))
}

fn errors_of(parsed: &Parsed<ModModule>) -> Vec<(u32, String)> {
    let error = |e: &ruff_python_parser::ParseError| (e.location.start().to_u32(), e.error.to_string());
    parsed.errors().iter().take(ERRORS_MAX).map(error).collect()
}

struct Lowering<'a> {
    text: &'a str,
    code: Code,
    /// The places for whose sake bodies are lowered, too.
    wanted: &'a [u32],
    bodies: Vec<(u32, Code)>,
}

fn span(node: &impl Ranged) -> Span {
    span_of(node.range())
}

fn span_of(range: TextRange) -> Span {
    Span { start: range.start().to_u32(), end: range.end().to_u32() }
}

/// Arenas are addressed with `u32`: a source file is capped far below what would overflow them.
fn id(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn append<T>(arena: &mut Vec<T>, items: impl IntoIterator<Item = T>) -> Run {
    let start = arena.len();
    arena.extend(items);
    Run { start: id(start), len: id(arena.len() - start) }
}

impl<'a> Lowering<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, code: Code::default(), wanted: &[], bodies: Vec::new() }
    }

    /// Lowers a body for itself, if it is wanted.
    fn body_if_wanted(&mut self, of: FunctionBody, body: &[Ast]) {
        let FunctionBody::Deferred(span) = of else { return };
        if !holds_any(span, self.wanted) {
            return;
        }
        let mut inner = Lowering { wanted: self.wanted, ..Lowering::new(self.text) };
        inner.code.body = inner.block(body);
        inner.code.shrink();
        self.bodies.push((span.start, inner.code));
        self.bodies.append(&mut inner.bodies);
    }

    fn push(&mut self, expr: Expr, at: Span) -> ExprId {
        let expr_id = ExprId(id(self.code.exprs.len()));
        self.code.exprs.push(expr);
        self.code.expr_spans.push(at);
        expr_id
    }
}

/// Where the code of a function can be read.
pub(crate) fn deferred(text: &str, name: Span, end: u32, is_async: bool) -> FunctionBody {
    let before = &text[..name.start as usize];
    let def = before.rfind("def").unwrap_or(name.start as usize);
    let start = if is_async { before[..def].rfind("async").unwrap_or(def) } else { def };
    FunctionBody::Deferred(Span { start: id(start), end })
}
