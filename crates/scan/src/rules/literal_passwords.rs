//! Where the code gives an account a password that stands in it: `user.password = "..."`, `User(password="...")`,
//! `user.set_password("...")`, `User.objects.create_user(...)`.

use model::ObjectModel;
use python::Symbol;
use python::code::{Argument, ArgumentKind, Expr, ExprId, Span, Stmt};

use super::fields::assignments;
use super::{Whole, secret_names};
use crate::bodies::{Body, Sought};
use crate::objects;

/// Functions in which such a thing may stand.
pub(super) const SOUGHT: Sought = Sought::words(&[
    "password = \"",
    "password = '",
    "password=\"",
    "password='",
    "passwd = \"",
    "passwd = '",
    "passwd=\"",
    "passwd='",
    "set_password(\"",
    "set_password('",
    "create_user(",
    "create_superuser(",
]);

/// What makes a hash of the password it is given.
const SETTERS: &[&str] = &["set_password"];
/// What makes an account in Django, with the password as its third argument or under its name.
const MAKERS: &[&str] = &["create_user", "create_superuser"];
const PASSWORD_OF_MAKERS: usize = 2;
/// Words in the names of functions and files that make accounts to show or to try something.
const SHOWS: &[&str] =
    &["demo", "sample", "samples", "example", "seed", "seeds", "fake", "dummy", "mock", "test", "tests"];

/// A password that stands in the code and that an object is given.
pub(super) struct LiteralPassword<'w> {
    /// Whose: what kind of object; none where a setter tells that it is somebody who signs in.
    pub(super) model: Option<&'w ObjectModel>,
    /// The column; none where a setter is called.
    pub(super) column: Option<Symbol>,
    /// Where it stands.
    pub(super) span: Span,
}

/// The passwords that a function gives the objects of models whose rows are somebody's.
pub(super) fn given<'w>(body: &Body<'_>, whole: &Whole<'w>) -> Vec<LiteralPassword<'w>> {
    let file = body.source.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".py");
    if secret_names::has_word(body.name.as_str(), SHOWS) || secret_names::has_word(file, SHOWS) {
        return Vec::new();
    }
    let made: Vec<(Symbol, &ObjectModel)> =
        assignments(body).filter_map(|(name, value)| Some((name, made_by(body, whole, value)?))).collect();
    let of_name = |id: ExprId| match body.code().expr(id) {
        Expr::Name(name) => made.iter().rev().find(|(own, _)| *own == name).map(|(_, model)| *model),
        _ => None,
    };
    let mut found = Vec::new();
    for (stmt, span) in body.statements() {
        let Stmt::Assign { targets, value } = stmt else { continue };
        for target in body.code().list(targets) {
            if let Expr::Attribute(of, column) = body.code().expr(*target)
                && let (true, Some(model)) = (is_password(body, column, value), of_name(of))
            {
                found.push(LiteralPassword { model: Some(model), column: Some(column), span });
            }
        }
    }
    for (id, expr) in body.code().exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        let arguments = body.code().call_arguments(arguments);
        let span = body.code().expr_span(id);
        if let Some(model) = made_by(body, whole, id) {
            found.extend(arguments.iter().find_map(|argument| match argument.kind {
                ArgumentKind::Keyword(column) if is_password(body, column, argument.value) => {
                    Some(LiteralPassword { model: Some(model), column: Some(column), span })
                }
                _ => None,
            }));
        }
        if sets_password(body, function, arguments) {
            found.push(LiteralPassword { model: None, column: None, span });
        }
    }
    found
}

/// Whether a call gives somebody a password that stands in the code: `user.set_password("...")`, `User.objects.create_user(...)`.
fn sets_password(body: &Body<'_>, function: ExprId, arguments: &[Argument]) -> bool {
    let Expr::Attribute(_, name) = body.code().expr(function) else { return false };
    if SETTERS.contains(&name.as_str()) {
        return arguments.first().is_some_and(|first| is_password(body, name, first.value));
    }
    let is_given = |(index, argument): (usize, &Argument)| match argument.kind {
        ArgumentKind::Keyword(keyword) => is_password(body, keyword, argument.value),
        ArgumentKind::Positional => {
            index == PASSWORD_OF_MAKERS
                && matches!(body.code().expr(argument.value), Expr::Str(text) if is_plain(text.as_str()))
        }
        _ => false,
    };
    MAKERS.contains(&name.as_str()) && arguments.iter().enumerate().any(is_given)
}

/// Whether a text may be a password, and is no hash of one.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('!') && !secret_names::is_hash(text)
}

/// Whether a name holds a password, and an expression is one that stands in the code and is no hash.
fn is_password(body: &Body<'_>, name: Symbol, value: ExprId) -> bool {
    let Expr::Str(text) = body.code().expr(value) else { return false };
    secret_names::names_a_password(name.as_str()) && is_plain(text.as_str())
}

/// The model of somebody's rows whose class an expression calls.
fn made_by<'w>(body: &Body<'_>, whole: &Whole<'w>, value: ExprId) -> Option<&'w ObjectModel> {
    let Expr::Call { function, .. } = body.code().expr(value) else { return None };
    let class = *body.callee(function).last()?;
    let is_it = |model: &&ObjectModel| model.class.rsplit('.').next() == Some(class.as_str());
    let model = whole.report.objects.iter().find(is_it)?;
    (!objects::is_of_a_service(&model.name)).then_some(model)
}
