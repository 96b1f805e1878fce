//! Defaults that the program does not run with: `if KEY == "changeme": raise RuntimeError("set KEY")`, at the start or in a validator of
//! the settings. Read off the code itself: what raises there is no path of any endpoint.

use memchr::memmem;
use python::code::{Block, Code, CompareOp, Expr, ExprId, FunctionBody, Stmt};
use python::intern::Symbol;
use python::interp::Interp;
use python::program::FileId;

use crate::project::{Role, role_of};

/// Connectives inside connectives of a test, and functions inside functions, that are searched.
const NESTING_MAX: usize = 8;

/// Calls that end the program, by the last part of their name.
const ENDS: &[&str] = &["exit", "_exit", "abort", "quit"];

/// Whether some code ends the program where a setting has this text.
pub(super) fn is_refused(interp: &Interp<'_>, text: &str) -> bool {
    let finder = memmem::Finder::new(text.as_bytes());
    interp.program().files().any(|(id, file)| {
        let is_own = !interp.program().is_stub(id) && role_of(&file.path) != Role::Test;
        is_own && finder.find(file.text.as_bytes()).is_some() && {
            let search = Search { interp, file: id, text, names: constants(&file.code, text) };
            search.refuses(&file.code, 0)
        }
    })
}

/// The names that a module gives a text.
fn constants(code: &Code, text: &str) -> Vec<Symbol> {
    let is_text = |value: ExprId| matches!(code.expr(value), Expr::Str(s) | Expr::Bytes(s) if s.as_str() == text);
    let mut names = Vec::new();
    for statement in code.stmts() {
        let target = match *statement {
            Stmt::Assign { targets, value } if is_text(value) => code.list(targets).first().copied(),
            Stmt::AnnAssign { target, value: Some(value), .. } if is_text(value) => Some(target),
            _ => None,
        };
        if let Some(Expr::Name(name)) = target.map(|t| code.expr(t)) {
            names.push(name);
        }
    }
    names
}

struct Search<'s, 'p> {
    interp: &'s Interp<'p>,
    file: FileId,
    text: &'s str,
    /// Constants that hold the text.
    names: Vec<Symbol>,
}

impl Search<'_, '_> {
    fn refuses(&self, code: &Code, depth: usize) -> bool {
        let by_statement = code.stmts().iter().any(|statement| match *statement {
            Stmt::If { test, body, .. } => self.says(code, test, true, 0) && ends(code, body),
            Stmt::Assert { test, .. } => self.says(code, test, false, 0),
            _ => false,
        });
        by_statement
            || depth < NESTING_MAX
                && code.functions().iter().any(|function| match function.body {
                    FunctionBody::Deferred(span) => {
                        self.refuses(&self.interp.program().body(self.file, span), depth + 1)
                    }
                    FunctionBody::Expression(_) => false,
                })
    }

    /// Whether a test asks whether something is the text (`equal`), or whether it is another.
    fn says(&self, code: &Code, test: ExprId, equal: bool, depth: usize) -> bool {
        let (is_same, is_among) = match equal {
            true => (CompareOp::Eq, CompareOp::In),
            false => (CompareOp::NotEq, CompareOp::NotIn),
        };
        match code.expr(test) {
            Expr::And(operands) | Expr::Or(operands) if depth < NESTING_MAX => {
                code.list(operands).iter().any(|one| self.says(code, *one, equal, depth + 1))
            }
            Expr::Compare(left, rest) => match code.compare(rest) {
                [(op, right)] if *op == is_same => self.is_text(code, left) != self.is_text(code, *right),
                [(op, right)] if *op == is_among => self.holds_text(code, *right) || self.is_text(code, left),
                _ => false,
            },
            _ => false,
        }
    }

    fn is_text(&self, code: &Code, value: ExprId) -> bool {
        match code.expr(value) {
            Expr::Str(text) | Expr::Bytes(text) => text.as_str() == self.text,
            Expr::Name(name) => self.names.contains(&name),
            _ => false,
        }
    }

    fn holds_text(&self, code: &Code, value: ExprId) -> bool {
        match code.expr(value) {
            Expr::Tuple(items) | Expr::List(items) | Expr::Set(items) => {
                code.list(items).iter().any(|item| self.is_text(code, *item))
            }
            _ => false,
        }
    }
}

/// Whether a block ends the program: it raises what is no answer to a request, or exits.
fn ends(code: &Code, body: Block) -> bool {
    code.block(body).iter().any(|id| match code.stmt(*id) {
        Stmt::Raise { exception: Some(exception), .. } => {
            last_name(code, exception).is_some_and(|name| !name.as_str().starts_with("HTTP"))
        }
        Stmt::Expr(call) => last_name(code, call).is_some_and(|name| ENDS.contains(&name.as_str())),
        _ => false,
    })
}

/// The last part of the name of what is called: `exit` of `sys.exit(1)`.
fn last_name(code: &Code, value: ExprId) -> Option<Symbol> {
    match code.expr(value) {
        Expr::Call { function, .. } => last_name(code, function),
        Expr::Name(name) | Expr::Attribute(_, name) => Some(name),
        _ => None,
    }
}
