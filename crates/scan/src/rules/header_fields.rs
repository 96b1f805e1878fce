//! Fields of answers that code sets by hand: `response.headers["X-Name"] = ...`, `headers={"X-Name": ...}`, `response.headers.append("X-Name", ...)`,
//! `(b"x-name", ...)`.

use python::code::{Expr, ExprId, Stmt};

use crate::bodies::Body;

/// What looks like a field: a name that stands in the code, and its value.
pub(super) fn set(body: &Body<'_>) -> Vec<(&'static str, ExprId)> {
    let code = body.code();
    let assigned = body.statements().filter_map(|(stmt, _)| match stmt {
        Stmt::Assign { targets, value } => match code.expr(*code.list(targets).first()?) {
            Expr::Subscript(_, field) => Some((field, value)),
            _ => None,
        },
        _ => None,
    });
    let given = code.exprs().flat_map(|(_, expr)| match expr {
        Expr::Dict(run) => code.list(run).chunks_exact(2).map(|pair| (pair[0], pair[1])).collect(),
        Expr::Call { arguments, .. } => match code.call_arguments(arguments) {
            [field, value] => vec![(field.value, value.value)],
            _ => Vec::new(),
        },
        Expr::Tuple(run) => match code.list(run) {
            [field, value] => vec![(*field, *value)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    });
    let named = |(field, value): (ExprId, ExprId)| match code.expr(field) {
        Expr::Bytes(name) => Some((name.as_str(), value)),
        _ => Some((body.constant(field)?.text()?, value)),
    };
    assigned.chain(given).filter_map(named).collect()
}

/// The values of one field.
pub(super) fn of(body: &Body<'_>, name: &str) -> impl Iterator<Item = ExprId> {
    set(body).into_iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
