//! Factories: functions and classes that make an application, and that nothing has called while modules ran.
//!
//! A server calls them (`uvicorn --factory`), or a command line (`if __name__ == "__main__"`, an entry point). The text of a body only
//! chooses what is worth calling; which routes there are is what the call does.

use model::GapKind;
use python::Symbol;
use python::code::{FunctionBody, ParameterKind};
use python::interp::Interp;
use python::program::FileId;
use python::value::{Arguments, FunctionValue, Kind, Labels, Obj, Site, Value};
use rustc_hash::FxHashMap;

use super::{Called, calls};
use crate::frameworks::{CONSTRUCTORS, Framework, ROUTE_ADDERS, gap_at};
use crate::project::{Role, role_of};
use model::Gap;

const LIMITED: &str = "this factory takes more steps than are evaluated: its application may have more routes";
const FAILED: &str = "calling this factory failed inside Doorward: please report it";
const NOBODY: &str = "an argument of a factory that nothing calls";

/// A function of the project that is no method, or a method of one of its classes.
struct Candidate {
    site: Site,
    function: Value,
    class: Option<Obj>,
    name: &'static str,
}

/// Calls what makes an application and was not called: functions, then what uses a class that makes one, then such classes themselves.
pub(super) fn call(interp: &mut Interp<'_>, gaps: &mut Vec<Gap>) {
    let derived = derived_applications(interp);
    call_functions(interp, &[CONSTRUCTORS, &derived].concat(), gaps);
    let mut holders: Vec<Obj> = Vec::new();
    for class in uncalled(interp, CONSTRUCTORS).into_iter().filter_map(|method| method.class) {
        for class in most_derived(interp, class) {
            if !holders.contains(&class) {
                holders.push(class);
            }
        }
    }
    let names: Vec<&str> = holders.iter().filter_map(|class| class_name(interp, *class)).collect();
    if !names.is_empty() {
        // Whoever makes the object does the rest, too: `server = Server(); server.add_routes(); server.run()`.
        call_functions(interp, &names, gaps);
    }
    for class in holders {
        set_up(interp, class, gaps);
    }
    call_those_that_complete(interp, gaps);
}

/// The names of the project's own classes of applications: `class Service(Flask)`.
fn derived_applications(interp: &Interp<'_>) -> Vec<&'static str> {
    let classes = interp.objects().filter(|(_, object)| matches!(object.kind, Kind::Class(_)));
    let own = classes.filter(|(_, object)| !interp.program().is_stub(object.site.file));
    let serving = own.filter(|(obj, _)| Framework::of(interp, &Value::Object(*obj)).is_some());
    serving.filter_map(|(obj, _)| class_name(interp, obj)).collect()
}

/// Calls the functions that nothing has called and that complete an application of their module: `def main(): app.register(...)`.
fn call_those_that_complete(interp: &mut Interp<'_>, gaps: &mut Vec<Gap>) {
    // The module that makes it: what another one adds is a variant that is served by choice.
    let made_there = |(file, _, value): &(FileId, Symbol, Value)| {
        value.as_object().is_some_and(|obj| interp.object(obj).site.file == *file)
    };
    let is_served = |interp: &Interp<'_>, value: &Value| Framework::of(interp, &interp.class_of(value)).is_some();
    let served: Vec<_> = interp.module_names(is_served).into_iter().filter(made_there).collect();
    let registers = Called::any_of(REGISTERS);
    let completes = |candidate: &Candidate| {
        let text = body(interp, &candidate.function);
        let mut names = served.iter().filter(|(file, ..)| *file == candidate.site.file).map(|(_, name, _)| name);
        // Who needs nothing to be given is what a server or a command line begins with.
        let begins = || takes_nothing(interp, &candidate.function) && registers.is_in(text);
        candidate.class.is_none() && (names.any(|name| speaks_of(text, name.as_str())) || begins())
    };
    let names = [ROUTE_ADDERS, &["route"]].concat();
    let candidates = uncalled(interp, &names).into_iter().filter(completes).collect();
    call_in_order(interp, candidates, gaps);
}

/// What adds the routes of a part to an application: a function that calls it has one at hand.
const REGISTERS: &[&str] = &["register_blueprint", "include_router"];

fn takes_nothing(interp: &Interp<'_>, function: &Value) -> bool {
    match function.as_object().map(|o| &interp.object(o).kind) {
        Some(Kind::Function(f)) => f.code.params(f.code.function(f.id).parameters).is_empty(),
        _ => false,
    }
}

/// Whether a text holds a name as a word.
fn speaks_of(text: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(|c| is_word(c) || c == '.') && !after.is_some_and(is_word)
    })
}

/// Calls the functions whose body calls one of these names and that nothing has called.
fn call_functions(interp: &mut Interp<'_>, names: &[&str], gaps: &mut Vec<Gap>) {
    let candidates = uncalled(interp, names).into_iter().filter(|c| c.class.is_none()).collect();
    call_in_order(interp, candidates, gaps);
}

/// Calls functions that nothing has called, callers before callees.
fn call_in_order(interp: &mut Interp<'_>, mut candidates: Vec<Candidate>, gaps: &mut Vec<Gap>) {
    let bodies: Vec<_> = candidates.iter().map(|c| (c.name, body(interp, &c.function))).collect();
    let calls_others: Vec<usize> = bodies
        .iter()
        .map(|(own, text)| bodies.iter().filter(|(name, _)| name != own && calls(text, name).next().is_some()).count())
        .collect();
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(calls_others[*at]));
    let order: Vec<Site> = order.into_iter().map(|at| candidates[at].site).collect();
    for site in order {
        if let Some(at) = candidates.iter().position(|c| c.site == site).filter(|_| interp.times_called(site) == 0) {
            let candidate = candidates.swap_remove(at);
            if let Some(around) = handing_on(interp, &candidate) {
                call_one(interp, &around.function, around.site, gaps);
            }
            if interp.times_called(site) == 0 {
                call_one(interp, &candidate.function, site, gaps);
            }
        }
    }
}

/// The function that nothing has called and that gives what a factory makes of the arguments that it hands it: the program's own way
/// to call it, which knows more than its defaults.
fn handing_on(interp: &Interp<'_>, factory: &Candidate) -> Option<Candidate> {
    let hands_on = |around: &Candidate| {
        let text = body(interp, &around.function);
        let given = |at: usize| !text[at + factory.name.len() + 1..].trim_start().starts_with(')');
        around.class.is_none() && speaks_of(text, "return") && calls(text, factory.name).any(given)
    };
    uncalled(interp, &[factory.name]).into_iter().filter(|around| around.site != factory.site).find(hands_on)
}

/// Makes an object of a class that holds an application, and calls those of its methods that make the application or add routes, in
/// the order in which they stand: which of them a server calls stands in code that was not found.
fn set_up(interp: &mut Interp<'_>, class: Obj, gaps: &mut Vec<Gap>) {
    let site = interp.object(class).site;
    if methods(interp, class, CONSTRUCTORS).is_empty() {
        return;
    }
    let Some(object) = call_one(interp, &Value::Object(class), site, gaps) else { return };
    let makes = methods(interp, class, CONSTRUCTORS);
    for method in makes.into_iter().chain(methods(interp, class, ROUTE_ADDERS)) {
        if interp.times_called(method.site) == 0
            && let Some(bound) = interp.attribute_of(&object, method.name, method.site)
        {
            call_one(interp, &bound, method.site, gaps);
        }
    }
}

/// The methods of a class, inherited ones too, whose body calls one of these names and that nothing has called, in order.
fn methods(interp: &Interp<'_>, class: Obj, names: &[&str]) -> Vec<Candidate> {
    let held =
        |method: &Candidate| method.class.is_some_and(|of| interp.linearised(class).contains(&Value::Object(of)));
    uncalled(interp, names).into_iter().filter(held).collect()
}

/// The project's classes below a class that no further class derives from: what a server makes an object of. The class itself if
/// there are none.
fn most_derived(interp: &Interp<'_>, class: Obj) -> Vec<Obj> {
    let derives = |from: Obj, of: Obj| from != of && interp.linearised(of).contains(&Value::Object(from));
    let own = |obj: &Obj| role_of(&interp.program().file(interp.object(*obj).site.file).path) == Role::Source;
    let classes = interp.objects().filter(|(_, object)| matches!(object.kind, Kind::Class(_))).map(|(obj, _)| obj);
    let below: Vec<Obj> = classes.filter(|of| derives(class, *of)).filter(own).collect();
    let leaves: Vec<Obj> = below.iter().copied().filter(|at| !below.iter().any(|of| derives(*at, *of))).collect();
    if leaves.is_empty() { vec![class] } else { leaves }
}

/// The project's functions and methods whose body calls one of these names, and that nothing has called, in order.
fn uncalled(interp: &Interp<'_>, names: &[&str]) -> Vec<Candidate> {
    let (program, called) = (interp.program(), Called::any_of(names));
    let mut found: Vec<Candidate> = Vec::new();
    // Most files hold none of the names at all.
    let mut speaking: FxHashMap<FileId, bool> = FxHashMap::default();
    let mut speaks = |file: FileId| {
        *speaking.entry(file).or_insert_with(|| !program.is_stub(file) && called.may_be_in(program.file(file)))
    };
    for (obj, object) in interp.objects() {
        let Kind::Function(function) = &object.kind else { continue };
        // The path is looked at last: few bodies are left by then.
        if !speaks(function.file)
            || interp.times_called(object.site) > 0
            || !called.is_in(body_of(interp, function))
            || found.iter().any(|c| c.site == object.site)
            || role_of(&program.file(function.file).path) != Role::Source
        {
            continue;
        }
        let name = function.code.function(function.id).name.as_str();
        found.push(Candidate { site: object.site, function: Value::Object(obj), class: function.class, name });
    }
    found.sort_by_key(|c| c.site);
    found
}

fn call_one(interp: &mut Interp<'_>, callable: &Value, site: Site, gaps: &mut Vec<Gap>) -> Option<Value> {
    interp.refill();
    let called = interp.recovering(|i| {
        let arguments = unknown_arguments(i, callable);
        i.call_outcome(callable, arguments, site)
    });
    let (kind, reason) = match &called {
        Some(outcome) if !outcome.limited => return called.and_then(|outcome| outcome.value),
        Some(_) => (GapKind::EvaluationLimit, LIMITED),
        None => (GapKind::Internal, FAILED),
    };
    gaps.push(gap_at(interp, kind, site, reason.to_owned()));
    called.and_then(|outcome| outcome.value)
}

/// Arguments for a factory: its defaults, and unknown instances of what its annotations name.
fn unknown_arguments(interp: &mut Interp<'_>, callable: &Value) -> Arguments {
    let mut arguments = Arguments::default();
    for parameter in interp.signature(callable).unwrap_or_default() {
        let named = matches!(parameter.kind, ParameterKind::Ordinary | ParameterKind::KeywordOnly);
        if parameter.default.is_none() && named {
            let class = parameter.annotation.as_ref().and_then(|a| interp.class_in(a));
            let value = class.map_or_else(|| Value::unknown(NOBODY), |c| Value::instance_of(c, Labels::NONE));
            arguments.keywords.push((parameter.name, value));
        }
    }
    arguments
}

fn class_name(interp: &Interp<'_>, class: Obj) -> Option<&'static str> {
    match &interp.object(class).kind {
        Kind::Class(class) => Some(class.name.as_str()),
        _ => None,
    }
}

fn body<'i>(interp: &'i Interp<'_>, function: &Value) -> &'i str {
    match function.as_object().map(|o| &interp.object(o).kind) {
        Some(Kind::Function(function)) => body_of(interp, function),
        _ => "",
    }
}

fn body_of<'i>(interp: &'i Interp<'_>, function: &FunctionValue) -> &'i str {
    match function.code.function(function.id).body {
        FunctionBody::Deferred(span) => interp.program().file(function.file).slice(span),
        FunctionBody::Expression(_) => "",
    }
}
