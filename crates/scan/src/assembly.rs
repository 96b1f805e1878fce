//! Putting the applications together: which modules are run, and which factories are called because nobody calls them.

mod factories;
mod scripts;
mod specifications;

use std::sync::LazyLock;

use memchr::memmem::Finder;
use model::{Gap, GapKind};
use python::interp::{Interp, Limits};
use python::program::{FileId, Program};
use python::value::{Arguments, Obj, Site, Value};

use crate::frameworks::attribute;
use crate::project::{Role, role_of};
use crate::{Phase, Progress, frameworks};

/// How [`frameworks::MARKERS`] are found in every file of a project.
static MARKERS: LazyLock<Vec<Finder<'static>>> =
    LazyLock::new(|| frameworks::MARKERS.iter().map(Finder::new).collect());

/// Steps that the calls share in the start of an application that takes too many otherwise.
const START_STEPS: u32 = 200_000;
const START_LIMITED: &str = "the start of this application takes more steps than are evaluated: it may add more routes";

/// Runs everything that may build an application, and says what was too much.
pub(crate) fn assemble<'p>(program: &'p Program, progress: &dyn Progress) -> (Interp<'p>, Vec<Gap>) {
    let mut interp = Interp::new(program, Limits::default());
    frameworks::django::configure(&mut interp);
    let roots = roots(program);
    let total = roots.len();
    for (done, file) in roots.into_iter().enumerate() {
        interp.refill();
        interp.run_module(file);
        progress.advance(Phase::Evaluate, done + 1, total);
    }
    let mut gaps = Vec::new();
    frameworks::django::make(&mut interp, &mut gaps);
    scripts::run(&mut interp, &mut gaps);
    factories::call(&mut interp, &mut gaps);
    specifications::load(&mut interp, &mut gaps);
    start(&mut interp, &mut gaps);
    handed_out(&mut interp, &mut gaps);
    (interp, gaps)
}

/// Applications and routers that are handed to code that nobody knows: plugins, modules that data names.
fn handed_out(interp: &mut Interp<'_>, gaps: &mut Vec<Gap>) {
    for call in interp.take_handed_out() {
        let class = |obj: &Obj| interp.class_of(&Value::Object(*obj));
        if call.given.iter().any(|obj| frameworks::takes_routes(interp, &class(obj))) {
            let reason = format!("an application is handed to something that may add routes: {}", call.reason);
            let gap = frameworks::gap_at(interp, GapKind::UnresolvedRouter, call.site, reason);
            if !gaps.contains(&gap) {
                gaps.push(gap);
            }
        }
    }
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
    calls_any(text, frameworks::CONSTRUCTORS)
}

fn calls_any(text: &str, names: &[&str]) -> bool {
    names.iter().any(|name| calls(text, name).next().is_some())
}

fn speaks_of_framework(text: &str) -> bool {
    MARKERS.iter().any(|marker| marker.find(text.as_bytes()).is_some())
}

/// Where a text calls a name: only a hint at what is worth running.
fn calls<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    memchr::memmem::find_iter(text.as_bytes(), name).filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        after == Some('(') && !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Does what the server does before the first request: handlers of `startup` and the lifespan may add routes.
fn start(interp: &mut Interp<'_>, gaps: &mut Vec<Gap>) {
    for app in frameworks::applications(interp) {
        let value = Value::Object(app.object);
        if app.framework == frameworks::Framework::Aiohttp {
            start_aiohttp(interp, &app, gaps);
            continue;
        }
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

/// What aiohttp does before the first request. The router takes no routes any more: whoever is handed the application then adds none.
fn start_aiohttp(interp: &mut Interp<'_>, app: &frameworks::App, gaps: &mut Vec<Gap>) {
    handed_out(interp, gaps);
    for (handler, given) in frameworks::aiohttp::starting(interp, app.object) {
        start_with(interp, &handler, Arguments::of([given]), app.site, gaps);
    }
    interp.take_handed_out();
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
        gaps.push(frameworks::gap_at(interp, GapKind::EvaluationLimit, place, START_LIMITED.to_owned()));
    }
    outcome.value
}
