//! Which statements and expressions may raise. Reading a plain name, a constant, a display of those and `is` may not; a call, an
//! attribute, an item, an operator, `await`, `yield`, an import may.

use crate::code::{ArgumentKind, Code, CompareOp, Expr, ExprId, Function, Stmt, StmtId, UnaryOp};

/// Whether a simple statement, or the head of a compound one other than `if` and `while`, may raise.
pub(super) fn statement(code: &Code, id: StmtId) -> bool {
    match code.stmt(id) {
        Stmt::Expr(value) | Stmt::TypeAlias { value, .. } => expression(code, value),
        Stmt::Assign { targets, value } => {
            expression(code, value) || code.list(targets).iter().any(|t| target(code, *t))
        }
        Stmt::AnnAssign { target: to, value, .. } => value.is_some_and(|v| expression(code, v) || target(code, to)),
        Stmt::Return(value) => value.is_some_and(|v| expression(code, v)),
        Stmt::Function(function) => definition(code, code.function(function)),
        Stmt::Class(class) => {
            let class = code.class(class);
            !class.decorators.is_empty() || !class.arguments.is_empty()
        }
        Stmt::Pass | Stmt::Break | Stmt::Continue | Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Try { .. } => false,
        Stmt::If { test, .. } | Stmt::While { test, .. } => expression(code, test),
        Stmt::AugAssign { .. }
        | Stmt::Raise { .. }
        | Stmt::Assert { .. }
        | Stmt::Delete(_)
        | Stmt::Import(_)
        | Stmt::ImportFrom { .. }
        | Stmt::For { .. }
        | Stmt::With { .. }
        | Stmt::Match { .. } => true,
    }
}

/// Storing into a name never raises; unpacking, attributes and items may.
fn target(code: &Code, id: ExprId) -> bool {
    !matches!(code.expr(id), Expr::Name(_))
}

/// Decorators are called and defaults evaluated where the function is defined; annotations are taken as harmless.
fn definition(code: &Code, function: &Function) -> bool {
    !function.decorators.is_empty()
        || code.params(function.parameters).iter().any(|p| p.default.is_some_and(|d| expression(code, d)))
}

/// Whether evaluating an expression may raise. Testing the truth of a value is taken as harmless.
pub(super) fn expression(code: &Code, id: ExprId) -> bool {
    let mut pending = vec![id];
    while let Some(id) = pending.pop() {
        match code.expr(id) {
            Expr::None
            | Expr::True
            | Expr::False
            | Expr::Ellipsis
            | Expr::Int(_)
            | Expr::OtherNumber
            | Expr::Str(_)
            | Expr::Bytes(_)
            | Expr::Name(_) => {}
            Expr::Tuple(items) | Expr::List(items) | Expr::And(items) | Expr::Or(items) | Expr::Slice(items) => {
                pending.extend(code.list(items));
            }
            Expr::Unary(UnaryOp::Not, operand) => pending.push(operand),
            Expr::Conditional { test, body, orelse } => pending.extend([test, body, orelse]),
            Expr::Walrus(_, value) => pending.push(value),
            Expr::Compare(left, rest) => {
                let rest = code.compare(rest);
                if !rest.iter().all(|(op, _)| matches!(op, CompareOp::Is | CompareOp::IsNot)) {
                    return true;
                }
                pending.push(left);
                pending.extend(rest.iter().map(|(_, right)| *right));
            }
            Expr::Lambda(function) => {
                if definition(code, code.function(function)) {
                    return true;
                }
            }
            // Items of sets and keys of dicts are hashed, `*x` iterates, f-strings format.
            _ => return true,
        }
    }
    false
}

/// Whether an expression is a call of something whose last name is `suppress`: its context ends exceptions.
pub(super) fn suppresses(code: &Code, context: ExprId) -> bool {
    let Expr::Call { function, arguments } = code.expr(context) else {
        return false;
    };
    let called = matches!(code.expr(function), Expr::Name(name) | Expr::Attribute(_, name) if name == "suppress");
    called
        && code
            .call_arguments(arguments)
            .iter()
            .any(|a| matches!(a.kind, ArgumentKind::Positional | ArgumentKind::Star))
}

/// Whether an `except` clause with these exceptions catches whatever a program raises.
pub(super) fn catches_all(code: &Code, exceptions: Option<ExprId>) -> bool {
    let Some(exceptions) = exceptions else {
        return true;
    };
    let is_root =
        |id: ExprId| matches!(code.expr(id), Expr::Name(name) if name == "Exception" || name == "BaseException");
    match code.expr(exceptions) {
        Expr::Tuple(items) => code.list(items).iter().any(|id| is_root(*id)),
        _ => is_root(exceptions),
    }
}
