//! Putting the applications together: which modules are run, and which factories are called because nobody calls them.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use model::{Gap, GapKind};
use python::interp::{Interp, Limits};
use python::program::{FileId, Program};
use python::value::{Arguments, Kind, Labels, Site, Value};

use crate::frameworks::fastapi::attribute;
use crate::project::{Role, role_of};
use crate::{Phase, Progress, frameworks};

/// How [`frameworks::MARKERS`] are found in every file of a project.
static MARKERS: LazyLock<Vec<Finder<'static>>> =
    LazyLock::new(|| frameworks::MARKERS.iter().map(Finder::new).collect());

const LIMITED: &str = "this factory takes more steps than are evaluated: its application may have more routes";

const FAILED: &str = "calling this factory failed inside Doorward: please report it";
/// Steps that the calls share in the start of an application that takes too many otherwise.
const START_STEPS: u32 = 200_000;
const START_LIMITED: &str = "the start of this application takes more steps than are evaluated: it may add more routes";

/// Runs everything that may build an application, and says what was too much.
pub(crate) fn assemble<'p>(program: &'p Program, progress: &dyn Progress) -> (Interp<'p>, Vec<Gap>) {
    let mut interp = Interp::new(program, Limits::default());
    let roots = roots(program);
    let total = roots.len();
    for (done, file) in roots.into_iter().enumerate() {
        interp.refill();
        interp.run_module(file);
        progress.advance(Phase::Evaluate, done + 1, total);
    }
    let mut gaps = Vec::new();
    call_factories(&mut interp, &mut gaps);
    start(&mut interp, &mut gaps);
    (interp, gaps)
}

/// The modules that are run: those that make applications first, then those that speak of a framework at all.
fn roots(program: &Program) -> Vec<FileId> {
    let speaking: Vec<(FileId, bool, Role)> = program
        .files()
        .filter(|(id, file)| !program.is_stub(*id) && speaks_of_framework(&file.text))
        .map(|(id, file)| (id, makes_application(&file.text), role_of(&file.path)))
        .collect();
    let any_source = speaking.iter().any(|(_, makes, role)| *makes && *role == Role::Source);
    let wanted = |role: Role| role == Role::Source || (!any_source && role != Role::Migration);
    let (makes, speaks): (Vec<_>, Vec<_>) =
        speaking.into_iter().filter(|(_, _, role)| wanted(*role)).partition(|(_, makes, _)| *makes);
    makes.into_iter().chain(speaks).map(|(id, ..)| id).collect()
}

fn makes_application(text: &str) -> bool {
    frameworks::CONSTRUCTORS.iter().any(|name| calls(text, name).next().is_some())
}

fn speaks_of_framework(text: &str) -> bool {
    MARKERS.iter().any(|marker| marker.find(text.as_bytes()).is_some())
}

/// Where a text calls a name: only a hint at what is worth running.
fn calls<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        after == Some('(') && !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Calls the functions that make an application and that nothing has called: `uvicorn --factory`, `if __name__ == "__main__"`.
fn call_factories(interp: &mut Interp<'_>, gaps: &mut Vec<Gap>) {
    let program = interp.program();
    let mut factories: Vec<(Site, Value)> = Vec::new();
    for (obj, object) in interp.objects() {
        let Kind::Function(function) = &object.kind else {
            continue;
        };
        let file = program.file(function.file);
        if program.is_stub(function.file) || role_of(&file.path) != Role::Source || function.class.is_some() {
            continue;
        }
        let python::code::FunctionBody::Deferred(span) = function.code.function(function.id).body else {
            continue;
        };
        let body = file.slice(span);
        let site = object.site;
        if interp.times_called(site) == 0 && makes_application(body) && !factories.iter().any(|(s, _)| *s == site) {
            factories.push((site, Value::Object(obj)));
        }
    }
    factories.sort_by_key(|(site, _)| *site);
    let calls_others = callers_first(interp, &factories);
    let mut factories: Vec<_> = factories.into_iter().zip(calls_others).collect();
    factories.sort_by_key(|(_, others)| std::cmp::Reverse(*others));
    let factories: Vec<_> = factories.into_iter().map(|(f, _)| f).collect();
    for (site, factory) in factories {
        if interp.times_called(site) > 0 {
            continue;
        }
        interp.refill();
        let called = interp.recovering(|i| {
            let arguments = unknown_arguments(i, &factory);
            i.call_outcome(&factory, arguments, site).limited
        });
        let (kind, reason) = match called {
            Some(false) => continue,
            Some(true) => (GapKind::EvaluationLimit, LIMITED),
            None => (GapKind::Internal, FAILED),
        };
        gaps.push(frameworks::fastapi::gap_at(interp, kind, site, reason.to_owned()));
    }
}

/// Does what the server does before the first request: handlers of `startup` and the lifespan may add routes.
fn start(interp: &mut Interp<'_>, gaps: &mut Vec<Gap>) {
    for app in frameworks::fastapi::applications(interp) {
        let value = Value::Object(app.object);
        let Some(router) = attribute(interp, &value, "router") else { continue };
        let handlers = attribute(interp, &router, "on_startup").map(|h| interp.partly_known_items(&h));
        for handler in handlers.unwrap_or_default() {
            start_with(interp, &handler, Arguments::default(), app.site, gaps);
        }
        let lifespan = attribute(interp, &router, "lifespan_context").filter(|l| l.as_object().is_some());
        let Some(lifespan) = lifespan else { continue };
        let entered = start_with(interp, &lifespan, Arguments::of([value]), app.site, gaps);
        let enter = entered.filter(|e| e.as_object().is_some());
        let enter = enter.and_then(|e| interp.attribute_of(&e, "__aenter__", app.site)).filter(|e| !e.is_unknown());
        if let Some(enter) = enter {
            start_with(interp, &enter, Arguments::default(), app.site, gaps);
        }
    }
}

fn start_with(
    interp: &mut Interp<'_>,
    handler: &Value,
    arguments: Arguments,
    site: Site,
    gaps: &mut Vec<Gap>,
) -> Option<Value> {
    interp.refill();
    let mut outcome = interp.call_outcome(handler, arguments.clone(), site);
    if outcome.limited {
        // What it does itself matters more than what happens far inside of it.
        outcome = interp.sharing(START_STEPS, |i| i.call_outcome(handler, arguments, site));
    }
    if outcome.limited {
        let place = interp.unwrapped(handler).as_object().map_or(site, |o| interp.object(o).site);
        gaps.push(frameworks::fastapi::gap_at(interp, GapKind::EvaluationLimit, place, START_LIMITED.to_owned()));
    }
    outcome.value
}

/// For each factory, how many other ones its body names: a factory called by a factory must not be called before it.
fn callers_first(interp: &Interp<'_>, factories: &[(Site, Value)]) -> Vec<usize> {
    let text = |value: &Value| match value.as_object().map(|o| &interp.object(o).kind) {
        Some(Kind::Function(f)) => match f.code.function(f.id).body {
            python::code::FunctionBody::Deferred(span) => {
                (f.code.function(f.id).name.as_str(), interp.program().file(f.file).slice(span))
            }
            python::code::FunctionBody::Expression(_) => ("", ""),
        },
        _ => ("", ""),
    };
    let texts: Vec<_> = factories.iter().map(|(_, v)| text(v)).collect();
    texts
        .iter()
        .map(|(own, body)| texts.iter().filter(|(name, _)| name != own && calls(body, name).next().is_some()).count())
        .collect()
}

/// Arguments for a factory: its defaults, and unknown instances of what its annotations name.
fn unknown_arguments(interp: &mut Interp<'_>, callable: &Value) -> Arguments {
    let mut arguments = Arguments::default();
    for parameter in interp.signature(callable).unwrap_or_default() {
        if parameter.default.is_none()
            && matches!(
                parameter.kind,
                python::code::ParameterKind::Ordinary | python::code::ParameterKind::KeywordOnly
            )
        {
            let class = parameter.annotation.as_ref().and_then(|a| interp.class_in(a));
            let value = match class {
                Some(class) => Value::instance_of(class, Labels::NONE),
                None => Value::unknown("an argument of a factory that nothing calls"),
            };
            arguments.keywords.push((parameter.name, value));
        }
    }
    arguments
}
