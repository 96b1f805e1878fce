//! What names in a piece of code mean as far as its text says: what imports bind, and constants that were given a name once.

use std::sync::Arc;

use python::Symbol;
use python::code::{Argument, ArgumentKind, Code, Expr, ExprId, Span, Stmt};
use rustc_hash::FxHashMap;

use super::{Body, holds};

/// Names for names that are followed to a constant.
const NAMES_MAX: usize = 4;

/// What stands in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Constant {
    /// `None`
    Nothing,
    /// `True` or `False`
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(Symbol),
}

impl Constant {
    fn of(expr: Expr) -> Option<Self> {
        match expr {
            Expr::None => Some(Self::Nothing),
            Expr::True => Some(Self::Truth(true)),
            Expr::False => Some(Self::Truth(false)),
            Expr::Int(number) => Some(Self::Number(number)),
            Expr::Str(text) | Expr::Bytes(text) => Some(Self::Text(text)),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(self) -> Option<&'static str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }
}

/// What imports bind in a piece of code, by the name that stands there.
pub(super) type Imports = FxHashMap<Symbol, String>;

/// Adds what a piece of code imports.
pub(super) fn imports(code: &Code, found: &mut Imports) {
    for stmt in code.stmts() {
        match *stmt {
            Stmt::Import(aliases) => {
                for alias in code.import(aliases) {
                    let whole = alias.name.as_str();
                    let first = whole.split('.').next().unwrap_or(whole);
                    let bound = alias.asname.map_or((Symbol::new(first), first), |name| (name, whole));
                    found.insert(bound.0, bound.1.to_owned());
                }
            }
            Stmt::ImportFrom { module: Some(module), level: 0, names } => {
                for alias in code.import(names) {
                    let whole = format!("{module}.{}", alias.name);
                    found.insert(alias.asname.unwrap_or(alias.name), whole);
                }
            }
            _ => {}
        }
    }
}

impl Body<'_> {
    /// The qualified name of what a chain of names, attributes and calls begins with, as the imports around it say: `random.choice` for
    /// `choice` after `from random import choice`. None where its first name is not imported.
    pub(crate) fn qualified(&self, id: ExprId) -> Option<String> {
        self.qualified_in(self.code(), id)
    }

    /// The same of what is assigned to a name in one place: `random.SystemRandom` for `source` after `source = random.SystemRandom()`.
    pub(crate) fn origin(&self, id: ExprId) -> Option<String> {
        let (code, id) = self.written(id)?;
        self.qualified_in(code, id)
    }

    fn qualified_in(&self, code: &Code, id: ExprId) -> Option<String> {
        let (mut parts, mut at) = (Vec::new(), id);
        let first = loop {
            match code.expr(at) {
                Expr::Attribute(of, name) => {
                    parts.push(name);
                    at = of;
                }
                Expr::Call { function, .. } => at = function,
                Expr::Name(name) => break name,
                _ => return None,
            }
        };
        if self.parameters.contains(&first) {
            return None;
        }
        let mut name = self.imported().get(&first)?.clone();
        for part in parts.iter().rev() {
            name.push('.');
            name.push_str(part.as_str());
        }
        Some(name)
    }

    fn imported(&self) -> &Imports {
        self.imports.get_or_init(|| {
            let mut found = Imports::default();
            imports(&self.source.code, &mut found);
            if !Arc::ptr_eq(&self.source.code, self.shared()) {
                imports(self.code(), &mut found);
            }
            found
        })
    }

    /// What an expression is where the code says so: a constant, or a name that is given one in one place.
    pub(crate) fn constant(&self, id: ExprId) -> Option<Constant> {
        let (code, id) = self.written(id)?;
        Constant::of(code.expr(id))
    }

    /// The texts of a list, tuple or set of texts, or a text alone.
    pub(crate) fn texts(&self, id: ExprId) -> Option<Vec<&'static str>> {
        let (code, id) = self.written(id)?;
        match code.expr(id) {
            Expr::List(run) | Expr::Tuple(run) | Expr::Set(run) => {
                code.list(run).iter().map(|item| Constant::of(code.expr(*item))?.text()).collect()
            }
            expr => Some(vec![Constant::of(expr)?.text()?]),
        }
    }

    /// Where an expression is written: names are followed to what is assigned to them.
    pub(crate) fn written(&self, id: ExprId) -> Option<(&Code, ExprId)> {
        let (mut code, mut id) = (self.code(), id);
        for _ in 0..=NAMES_MAX {
            let Expr::Name(name) = code.expr(id) else { return Some((code, id)) };
            if self.parameters.contains(&name) {
                return None;
            }
            (code, id) = match assigned(code, name) {
                Assigned::Once(value) => (code, value),
                Assigned::Often => return None,
                Assigned::Never => match assigned(&self.source.code, name) {
                    Assigned::Once(value) => (&*self.source.code, value),
                    _ => return None,
                },
            };
        }
        None
    }

    /// The texts of the conditions of `if` under which a piece of it stands, in either branch: the outermost first.
    pub(crate) fn conditions_around(&self, within: Span) -> Vec<&str> {
        let around = self.statements().filter_map(|(stmt, span)| match stmt {
            Stmt::If { test, .. } if holds(span, within) => Some(self.code().expr_span(test)),
            _ => None,
        });
        let mut tests: Vec<Span> = around.filter(|test| !holds(*test, within)).collect();
        tests.sort_unstable_by_key(|test| test.start);
        tests.into_iter().map(|test| self.text(test)).collect()
    }

    /// What a call is given by a name, or by a place among those without one.
    pub(crate) fn argument(&self, arguments: &[Argument], place: Option<usize>, name: &str) -> Option<ExprId> {
        let named = arguments.iter().find(|one| matches!(one.kind, ArgumentKind::Keyword(own) if own == name));
        let plain = arguments.iter().take_while(|one| one.kind == ArgumentKind::Positional);
        named.or_else(|| plain.clone().nth(place?)).map(|one| one.value)
    }
}

enum Assigned {
    Never,
    Once(ExprId),
    Often,
}

fn assigned(code: &Code, name: Symbol) -> Assigned {
    let is_it = |target: ExprId| matches!(code.expr(target), Expr::Name(own) if own == name);
    let mut found = Assigned::Never;
    for stmt in code.stmts() {
        let value = match *stmt {
            Stmt::Assign { targets, value } if code.list(targets).iter().any(|target| is_it(*target)) => Some(value),
            Stmt::AnnAssign { target, value: Some(value), .. } if is_it(target) => Some(value),
            Stmt::AugAssign { target, .. } | Stmt::For { target, .. } if is_it(target) => return Assigned::Often,
            _ => None,
        };
        match (value, &found) {
            (Some(value), Assigned::Never) => found = Assigned::Once(value),
            (Some(_), _) => return Assigned::Often,
            (None, _) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use model::{Project, Report, Tool};
    use python::program::{NoFiles, Program};
    use python::source::SourceFile;

    use super::*;
    use crate::bodies::{Sought, each};

    /// What a look at the first call in a text says.
    fn looked<T>(text: &str, look: impl Fn(&Body<'_>, ExprId, &[Argument]) -> T) -> Option<T> {
        let (file, _) = SourceFile::new("main.py".into(), text.as_bytes().to_vec());
        let program = Program::new(vec![file], Vec::new(), Box::new(NoFiles));
        let report = Report::new(Tool { name: "doorward".into(), version: "0".into() }, Project::default());
        let mut said = None;
        each(&program, &report, &[Sought::words(&["call("]).in_modules_too()], |body, _| {
            let call = body.code().exprs().find_map(|(_, expr)| match expr {
                Expr::Call { function, arguments } => Some((function, arguments)),
                _ => None,
            });
            said = call.map(|(function, arguments)| look(body, function, body.code().call_arguments(arguments)));
        });
        said
    }

    #[test]
    fn imports_say_what_is_called() {
        let name = |text: &str| looked(text, |body, function, _| body.qualified(function)).flatten();
        assert_eq!(name("from a.b import call\ncall()").as_deref(), Some("a.b.call"));
        assert_eq!(name("def f():\n    import a as x\n    x.y.call()").as_deref(), Some("a.y.call"));
        assert_eq!(name("import a\ndef f(a):\n    a.call()"), None, "a parameter hides what is imported");
        assert_eq!(name("from .a import call\ncall()"), None);
    }

    #[test]
    fn names_are_followed_to_a_constant() {
        let given = |text: &str| looked(text, |body, _, given| body.constant(given[0].value)).flatten();
        assert_eq!(given("OFF = False\ndef f():\n    off = OFF\n    call(off)"), Some(Constant::Truth(false)));
        assert_eq!(given("off = False\noff = True\ncall(off)"), None, "it may be either");
        assert_eq!(given("OFF = False\ndef f(OFF):\n    call(OFF)"), None);
        let chain = |names: usize| {
            let links: String = (1..names).map(|n| format!("n{n} = n{}\n", n - 1)).collect();
            format!("n0 = 1\n{links}call(n{})", names - 1)
        };
        assert_eq!(given(&chain(NAMES_MAX)), Some(Constant::Number(1)));
        assert_eq!(given(&chain(NAMES_MAX + 1)), None);
    }

    #[test]
    fn conditions_are_those_of_either_branch() {
        let conditions = |text: &str| {
            let all = |body: &Body<'_>, function| {
                let around = body.conditions_around(body.code().expr_span(function));
                around.into_iter().map(str::to_owned).collect::<Vec<_>>()
            };
            looked(text, |body, function, _| all(body, function)).unwrap_or_default()
        };
        assert_eq!(conditions("if a:\n    if b: pass\n    else: call()"), ["a", "b"]);
        assert_eq!(conditions("if call(): pass"), Vec::<String>::new());
    }
}
