//! Fields of a request as the code of a function reads them, and the names that hold what is made of them.

use model::ObjectModel;
use python::Symbol;
use python::code::{ArgumentKind, Expr, ExprId, Span, Stmt};
use python::program::Program;

use crate::bodies::{Body, holds};
use crate::project::{Role, role_of};

/// Calls that answer with what they are given, or make a text of it.
const SHOWS: &[&str] = &[
    "jsonify",
    "dict",
    "str",
    "make_response",
    "Response",
    "JSONResponse",
    "ORJSONResponse",
    "HTMLResponse",
    "PlainTextResponse",
    "JsonResponse",
    "HttpResponse",
    "flash",
    "render_template",
    "render",
    "format",
    "dumps",
    "send_error",
    "decode",
];
/// Functions that end the handling of a request with an answer, or add to it.
const ENDS: &[&str] = &["abort", "flash", "send_error"];

/// The field of a request that an expression reads, in one of some places: `request.cookies.get("admin")`, `request.META["HTTP_USER_AGENT"]`.
pub(super) fn field_of(body: &Body<'_>, id: ExprId, places: &[&str]) -> Option<String> {
    let text = |id: ExprId| match body.code().expr(id) {
        Expr::Str(text) => Some(text.as_str().to_owned()),
        _ => None,
    };
    let is_place = |of: ExprId| body.callee(of).iter().any(|name| places.contains(&name.as_str()));
    match body.code().expr(id) {
        Expr::Subscript(of, index) if is_place(of) => text(index),
        Expr::Call { function, arguments } => {
            let Expr::Attribute(of, name) = body.code().expr(function) else { return None };
            let first = body.code().call_arguments(arguments).first()?;
            (name == "get" && is_place(of)).then(|| text(first.value)).flatten()
        }
        _ => None,
    }
}

/// The assignments to names in a function, in their order.
pub(super) fn assignments<'b>(body: &'b Body<'_>) -> impl Iterator<Item = (Symbol, ExprId)> + use<'b> {
    body.statements().flat_map(move |(stmt, _)| {
        let (targets, value) = match stmt {
            Stmt::Assign { targets, value } => (body.code().list(targets).to_vec(), Some(value)),
            Stmt::AnnAssign { target, value, .. } => (vec![target], value),
            _ => (Vec::new(), None),
        };
        let named = targets.into_iter().filter_map(move |target| match body.code().expr(target) {
            Expr::Name(name) => Some((name, value?)),
            _ => None,
        });
        named.collect::<Vec<_>>()
    })
}

/// The expressions in a piece of a function.
pub(super) fn within<'b>(body: &'b Body<'_>, span: Span) -> impl Iterator<Item = (ExprId, Expr)> + use<'b> {
    body.code().exprs().filter(move |(id, _)| holds(span, body.code().expr_span(*id)))
}

/// The names whose values an expression shows as they are: in texts, in dicts, in what answers are made of; not those that it hands to
/// other functions.
pub(super) fn shown(body: &Body<'_>, id: ExprId) -> Vec<Symbol> {
    let mut found = Vec::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        match body.code().expr(id) {
            Expr::Name(name) => found.push(name),
            Expr::Dict(run) => open.extend(body.code().list(run).iter().skip(1).step_by(2)),
            Expr::Tuple(run) | Expr::List(run) | Expr::Set(run) | Expr::Format(run) => {
                open.extend(body.code().list(run));
            }
            Expr::Binary(_, left, right) => open.extend([left, right]),
            Expr::Conditional { body: then, orelse, .. } => open.extend([then, orelse]),
            Expr::Await(of) | Expr::Starred(of) => open.push(of),
            Expr::Call { function, arguments } => {
                let shows = body.callee(function).last().is_some_and(|name| SHOWS.contains(&name.as_str()));
                let arguments = body.code().call_arguments(arguments);
                if shows {
                    open.extend(arguments.iter().filter(|a| a.kind != ArgumentKind::Star).map(|a| a.value));
                }
            }
            _ => {}
        }
    }
    found
}

/// What a function answers with: the expression, and the whole statement.
pub(super) fn answers<'b>(body: &'b Body<'_>) -> impl Iterator<Item = (ExprId, Span)> + use<'b> {
    body.statements().filter_map(move |(stmt, span)| match stmt {
        Stmt::Return(Some(value)) => Some((value, span)),
        Stmt::Expr(value) => match body.code().expr(value) {
            Expr::Call { function, .. } => {
                let name = body.callee(function).last().copied()?;
                ENDS.contains(&name.as_str()).then_some((value, span))
            }
            _ => None,
        },
        _ => None,
    })
}

/// The class around a line of a file, or that begins there: its name and its text.
pub(super) fn class_around<'p>(program: &'p Program, file: &str, line: u32) -> Option<(Symbol, &'p str)> {
    let file = program.file(program.at(file)?);
    file.code.statements_with_spans().find_map(|(stmt, span)| match stmt {
        Stmt::Class(id) if (file.line(span.start)..=file.line(span.end)).contains(&line) => {
            Some((file.code.class(id).name, file.text.get(span.start as usize..span.end as usize)?))
        }
        _ => None,
    })
}

/// The text of the class that an object model is.
pub(super) fn text_of_class<'p>(program: &'p Program, model: &ObjectModel) -> &'p str {
    let found = || {
        let file = program.file(program.at(&model.evidence.file)?);
        let is_it = |(stmt, span): &(Stmt, Span)| match stmt {
            Stmt::Class(id) => model.class.ends_with(file.code.class(*id).name.as_str()) && span.start < span.end,
            _ => false,
        };
        let (_, span) = file.code.statements_with_spans().find(is_it)?;
        file.text.get(span.start as usize..span.end as usize)
    };
    found().unwrap_or_default()
}

/// The text of the class of a name, in a file of the program's own.
pub(super) fn text_of_class_named<'p>(program: &'p Program, name: &str) -> Option<&'p str> {
    let is_own = |id, path| !program.is_stub(id) && role_of(path) == Role::Source;
    program.files().filter(|(id, file)| is_own(*id, &file.path)).find_map(|(_, file)| {
        let mut statements = file.code.statements_with_spans();
        let is_it = |(stmt, _): &(Stmt, Span)| matches!(stmt, Stmt::Class(id) if file.code.class(*id).name == name);
        let (_, span) = statements.find(is_it)?;
        file.text.get(span.start as usize..span.end as usize)
    })
}
