//! What stands in the program's own code and is given to something whose name speaks of secrets or of debugging: assigned to it, compared
//! with it, the default of a setting of that name. What that means is for rules to say.

use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;
use python::Symbol;
use python::code::{Argument, ArgumentKind, Code, CompareOp, Expr, ExprId, FunctionBody, Span, Stmt};
use python::lower::holds_any;
use python::program::Program;
use python::source::SourceFile;

use rustc_hash::FxHashSet;

use crate::project::{Role, role_of};

/// Functions inside each other that are looked into.
const NESTING_MAX: usize = 8;
/// Literals of a project that are kept.
const LITERALS_MAX: usize = 10_000;

/// Parts of the names that are looked at; what they mean is for rules to say.
const NEEDLES: &[&str] = &["passw", "pwd", "passphrase", "secret", "token", "key", "credential", "debug"];

/// Functions that read a setting by its name and take a default.
const READS_SETTINGS: &[&str] = &["getenv", "get", "config", "env", "str", "setdefault", "pop"];

static FINDER: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(NEEDLES).ok());

/// How a text is given to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// `SECRET_KEY = "..."`, `app.secret_key = "..."`, `config["SECRET_KEY"] = "..."`
    Assigned,
    /// `{"password": "..."}`
    Entry,
    /// `User(password="...")`
    Argument,
    /// `password == "..."`
    Compared,
    /// `os.getenv("SECRET_KEY", "...")`, `def login(password="...")`
    Default,
}

/// What stands in the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    /// A text.
    Text(Symbol),
    /// `True`
    True,
}

/// Something written down and given to a name.
#[derive(Debug, Clone)]
pub(crate) struct Literal {
    /// The name: the last part of what is assigned to, a key, a parameter, a variable of the environment.
    pub(crate) name: Arc<str>,
    /// What it is an attribute, an item or an argument of, in the words of the code; the class in whose body it stands; else empty.
    pub(crate) of: Arc<str>,
    /// What stands there.
    pub(crate) value: Written,
    /// How it is given.
    pub(crate) used: Use,
    /// The file.
    pub(crate) file: Arc<str>,
    /// The line, counted from 1.
    pub(crate) line: u32,
    /// The function around it.
    pub(crate) within: Option<Arc<str>>,
}

/// The literals of a program's files that are no tests: those of the files that were read first are known.
pub(crate) fn of(program: &Program, of_first: &[Literal], first: usize) -> Vec<Literal> {
    let later = program.files().skip(first).filter(|(id, _)| !program.is_stub(*id));
    let mut found = of_first.to_vec();
    found.extend(later.flat_map(|(_, source)| of_file(source, &places(&source.text))));
    found.truncate(LITERALS_MAX);
    found
}

/// Those of a file, of which is known where its functions may hold one.
pub(crate) fn of_file(source: &SourceFile, places: &[u32]) -> Vec<Literal> {
    let mut found = Vec::new();
    if role_of(&source.path) == Role::Source && speaks(&source.text) {
        Reader { source, places, within: None, found: &mut found }.code(&source.code, 0);
    }
    found.truncate(LITERALS_MAX);
    found
}

fn speaks(text: &str) -> bool {
    FINDER.as_ref().is_some_and(|finder| finder.is_match(text))
}

/// Where a text speaks of one of the names on a line that may give it a constant: one behind `=`, `:` or `,`, or `True`.
pub(crate) fn places(text: &str) -> Vec<u32> {
    let Some(finder) = FINDER.as_ref() else { return Vec::new() };
    let (mut places, mut checked, bytes) = (Vec::new(), 0, text.as_bytes());
    for found in finder.find_iter(text) {
        if found.start() < checked {
            continue;
        }
        let begin = memchr::memrchr(b'\n', &bytes[..found.start()]).map_or(0, |at| at + 1);
        let end = memchr::memchr(b'\n', &bytes[found.start()..]).map_or(bytes.len(), |at| found.start() + at);
        if gives_a_constant(&text[begin..end]) {
            places.extend(u32::try_from(found.start()));
        }
        checked = end;
    }
    places
}

fn gives_a_constant(line: &str) -> bool {
    let is_given = |(at, _): (usize, &str)| {
        let before = line[..at].trim_end_matches(['b', 'r', 'u', 'f', 'B', 'R', 'U', 'F']);
        before.trim_end().ends_with(['=', ':', ','])
    };
    line.contains("True") || line.match_indices(['"', '\'']).any(is_given) || line.trim_end().ends_with(['(', '='])
}

struct Reader<'r> {
    source: &'r SourceFile,
    /// Where functions may hold one.
    places: &'r [u32],
    within: Option<Arc<str>>,
    found: &'r mut Vec<Literal>,
}

impl Literal {
    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&'static str> {
        match self.value {
            Written::Text(text) => Some(text.as_str()),
            Written::True => None,
        }
    }
}

impl Reader<'_> {
    fn code(&mut self, code: &Code, depth: usize) {
        let mut in_classes = FxHashSet::default();
        for class in code.classes() {
            for id in code.block(class.body) {
                in_classes.insert(id.index());
                self.statement(code, code.stmt(*id), class.name.as_str());
            }
        }
        let outside = code.stmts().iter().enumerate().filter(|(index, _)| !in_classes.contains(index));
        outside.for_each(|(_, stmt)| self.statement(code, *stmt, ""));
        for (id, expr) in code.exprs() {
            self.expression(code, id, expr);
        }
        for function in code.functions() {
            for parameter in code.params(function.parameters) {
                let value = parameter.default.and_then(|default| written(code, default));
                if let Some(value) = value {
                    self.add(parameter.name, function.name.as_str(), value, Use::Default, parameter.span);
                }
            }
            let FunctionBody::Deferred(span) = function.body else { continue };
            if depth < NESTING_MAX && holds_any(span, self.places) {
                let body = self.source.body(span);
                let outer = self.within.replace(function.name.as_str().into());
                self.code(&body, depth + 1);
                self.within = outer;
            }
        }
    }

    fn statement(&mut self, code: &Code, stmt: Stmt, class: &str) {
        match stmt {
            Stmt::Assign { targets, value } => {
                for target in code.list(targets) {
                    self.given(code, *target, value, Use::Assigned, class);
                }
            }
            Stmt::AnnAssign { target, value: Some(value), .. } => {
                self.given(code, target, value, Use::Assigned, class);
            }
            _ => {}
        }
    }

    fn expression(&mut self, code: &Code, id: ExprId, expr: Expr) {
        match expr {
            Expr::Dict(run) => {
                for pair in code.list(run).chunks_exact(2) {
                    if let (Some(name), Some(value)) = (text_of(code, pair[0]), written(code, pair[1])) {
                        self.add(name, "", value, Use::Entry, code.expr_span(pair[1]));
                    }
                }
            }
            Expr::Compare(left, rest) => {
                if let [(CompareOp::Eq | CompareOp::NotEq, right)] = code.compare(rest) {
                    self.given(code, left, *right, Use::Compared, "");
                    self.given(code, *right, left, Use::Compared, "");
                }
            }
            Expr::Call { function, arguments } => self.call(code, id, function, code.call_arguments(arguments)),
            _ => {}
        }
    }

    fn call(&mut self, code: &Code, id: ExprId, function: ExprId, arguments: &[Argument]) {
        let callee = last_name(code, function).map_or("", Symbol::as_str);
        let first = arguments.first().filter(|first| first.kind == ArgumentKind::Positional);
        let named = first.and_then(|first| text_of(code, first.value));
        for argument in arguments {
            let ArgumentKind::Keyword(name) = argument.kind else { continue };
            let Some(value) = written(code, argument.value) else { continue };
            let (name, used) = match named.filter(|_| name == "default") {
                Some(variable) => (variable, Use::Default),
                None => (name, Use::Argument),
            };
            self.add(name, callee, value, used, code.expr_span(argument.value));
        }
        // `os.getenv("SECRET_KEY", "...")`
        if let ([_, second], Some(name)) = (arguments, named)
            && second.kind == ArgumentKind::Positional
            && READS_SETTINGS.contains(&callee)
            && let Some(value) = written(code, second.value)
        {
            self.add(name, callee, value, Use::Default, code.expr_span(id));
        }
    }

    /// Something given to a name, an attribute, an item, or what `.get("name")` gives.
    fn given(&mut self, code: &Code, target: ExprId, value: ExprId, used: Use, class: &str) {
        let Some(value_written) = written(code, value) else { return };
        let (name, of) = match code.expr(target) {
            Expr::Name(name) => (name, class),
            Expr::Attribute(of, name) => (name, last_name(code, of).map_or("", Symbol::as_str)),
            Expr::Subscript(of, index) => match text_of(code, index) {
                Some(name) => (name, last_name(code, of).map_or("", Symbol::as_str)),
                None => return,
            },
            Expr::Call { function, arguments } => {
                let first = code.call_arguments(arguments).first();
                let is_get = last_name(code, function).is_some_and(|name| name == "get");
                match first.and_then(|first| text_of(code, first.value)).filter(|_| is_get) {
                    Some(name) => (name, "get"),
                    None => return,
                }
            }
            _ => return,
        };
        self.add(name, of, value_written, used, code.expr_span(value));
    }

    fn add(&mut self, name: Symbol, of: &str, value: Written, used: Use, span: Span) {
        if !speaks(name.as_str()) {
            return;
        }
        let file = self.source;
        self.found.push(Literal {
            name: name.as_str().into(),
            of: of.into(),
            value,
            used,
            file: Arc::clone(&file.path),
            line: file.line(span.start),
            within: self.within.clone(),
        });
    }
}

fn written(code: &Code, id: ExprId) -> Option<Written> {
    match code.expr(id) {
        Expr::True => Some(Written::True),
        _ => text_of(code, id).map(Written::Text),
    }
}

fn text_of(code: &Code, id: ExprId) -> Option<Symbol> {
    match code.expr(id) {
        Expr::Str(text) | Expr::Bytes(text) => Some(text),
        _ => None,
    }
}

/// The last part of a name: `key` of `self.config.key`.
fn last_name(code: &Code, id: ExprId) -> Option<Symbol> {
    match code.expr(id) {
        Expr::Name(name) | Expr::Attribute(_, name) => Some(name),
        Expr::Subscript(_, index) => text_of(code, index),
        _ => None,
    }
}
