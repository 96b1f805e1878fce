//! Putting the applications together: which modules are run, and which factories are called because nobody calls them.

mod factories;
mod scripts;
mod specifications;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use model::{Gap, GapKind};
use python::interp::{Interp, Limits};
use python::program::{FileId, Program};
use python::source::SourceFile;
use python::value::{Arguments, Obj, Site, Value};

use crate::flows;
use crate::frameworks::attribute;
use crate::project::{Role, role_of};
use crate::{Phase, Progress, frameworks};

/// How [`frameworks::MARKERS`] are found in every file of a project.
static MARKERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| quick(frameworks::MARKERS));

/// How an import of one of [`frameworks::LIBRARIES`] begins, or the name of one that is imported by its name.
static IMPORTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let forms = [("import ", ""), ("from ", ""), (", ", ""), ("\"", "\""), ("\"", "."), ("'", "'"), ("'", ".")];
    let of = |library: &&str| forms.map(|(begin, end)| format!("{begin}{library}{end}"));
    quick(frameworks::LIBRARIES.iter().flat_map(of))
});

/// How what makes an application is.
static CONSTRUCTORS: LazyLock<Called> = LazyLock::new(|| Called::any_of(frameworks::CONSTRUCTORS));

/// Steps that the calls share in the start of an application that takes too many otherwise.
const START_STEPS: u32 = 200_000;
const START_LIMITED: &str = "the start of this application takes more steps than are evaluated: it may add more routes";

/// Runs everything that may build an application, and says what was too much.
pub(crate) fn assemble<'p>(program: &'p Program, progress: &dyn Progress) -> (Interp<'p>, Vec<Gap>) {
    let mut interp = Interp::new(program, Limits::default());
    if !imports_a_framework(program) {
        return (interp, Vec::new());
    }
    // What cleans what the environment gives, does so here already.
    interp.set_uses(flows::uses(&flows::Named::default()));
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

/// Whether a file of the project may import a framework, whatever stands around it: without one there is nothing to put together.
fn imports_a_framework(program: &Program) -> bool {
    let Some(imports) = &*IMPORTS else { return true };
    program.files().any(|(id, file)| !program.is_stub(id) && imports.is_match(&*file.text))
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
    CONSTRUCTORS.is_in(text)
}

fn speaks_of_framework(text: &str) -> bool {
    MARKERS.as_ref().is_some_and(|markers| markers.is_match(text))
}

/// What finds the leftmost of some texts: such a search looks at many bytes at once.
fn quick<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Option<AhoCorasick> {
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(texts).ok()
}

/// Calls of any of some names, found in one pass over a text: only a hint at what is worth running.
struct Called {
    finder: Option<AhoCorasick>,
    /// The last parts of the names.
    last: Vec<String>,
}

impl Called {
    fn any_of(names: &[&str]) -> Self {
        let last = names.iter().filter_map(|name| name.rsplit('.').next());
        Self { finder: quick(names.iter().map(|name| format!("{name}("))), last: last.map(str::to_owned).collect() }
    }

    /// Whether it may be in a file: a quick look.
    fn may_be_in(&self, file: &SourceFile) -> bool {
        self.last.iter().any(|name| file.may_call(name))
    }

    fn is_in(&self, text: &str) -> bool {
        let Some(finder) = &self.finder else { return false };
        let mut rest = Input::new(text);
        while let Some(found) = finder.find(rest.clone()) {
            if !ends_in_a_word(&text[..found.start()]) {
                return true;
            }
            // A name may end like another one.
            rest.set_start(found.start() + 1);
        }
        false
    }
}

fn ends_in_a_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// Where a text calls a name: only a hint at what is worth running.
fn calls<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    memchr::memmem::find_iter(text.as_bytes(), name)
        .filter(move |at| text[at + name.len()..].starts_with('(') && !ends_in_a_word(&text[..*at]))
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

#[cfg(test)]
mod tests {
    use super::{Called, IMPORTS};

    #[test]
    fn imports_of_frameworks_are_told_from_words_that_begin_so() {
        let imports = IMPORTS.as_ref().unwrap();
        let brings = [
            "import flask",
            "from flask_restx import Api",
            "import os, quart",
            "import_module('ninja.main')",
            "\"django\"",
        ];
        for text in brings {
            assert!(imports.is_match(text), "{text}");
        }
        for text in ["{\"quarter\": 4}", "flask = 1", "a quart of milk", ""] {
            assert!(!imports.is_match(text), "{text}");
        }
    }

    #[test]
    fn calls_are_found_by_whole_names() {
        let called = Called::any_of(&["App", "web.App", "Flask"]);
        for text in ["x = Flask(__name__)", "App()", "web.App()", "myweb.App()", "é.App()", "NoApp() or App()"] {
            assert!(called.is_in(text), "{text}");
        }
        for text in ["MyFlask()", "Flask ()", "Flask", "_App()", "Flasks()", ""] {
            assert!(!called.is_in(text), "{text}");
        }
    }
}
