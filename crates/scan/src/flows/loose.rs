//! Functions that no endpoint was seen to reach: handlers of errors, resolvers, tasks, commands. Who calls them, and with what, is not known; what
//! they are given is taken as raw, and what comes of that is for auditors. Requests of servers without a framework
//! (`http.server`) are no guess: what their handlers read off them is the client's.

use aho_corasick::AhoCorasick;
use memchr::memmem;
use python::interp::{Interp, Paths};
use python::program::FileId;
use python::value::{Arguments, Kind, Labels, Obj, Site, Value};

use rustc_hash::FxHashSet;

use super::{Beside, Flow, Named, Pages, reading, resolvers, sources};
use crate::access::Throughout;
use crate::project::{Role, role_of};

/// Steps to play one function, and calls inside calls there.
const STEPS_MAX: u32 = 3_000;
const DEPTH_MAX: usize = 6;
/// Steps to answer one request, and calls inside calls there.
const REQUEST_STEPS_MAX: u32 = 30_000;
const REQUEST_DEPTH_MAX: usize = 24;
/// Modules that are run for them though nothing brings them in.
const MODULES_MAX: usize = 500;
/// Functions that are played.
const PLAYS_MAX: usize = 1_000;

/// What classes derive from whose `do_GET` answers a request.
const HANDLER: &str = "http.server.BaseHTTPRequestHandler";

/// What leaves the request of the last endpoint that was played.
const LEAVING: (&str, &str) = ("flask.globals", "_end");

/// What stands in the text of functions that use what they are given.
const NEEDLES: &[&str] = &[
    "execute",
    ".raw(",
    "os.system(",
    "popen(",
    "Popen(",
    "subprocess.",
    "eval(",
    "exec(",
    "render_template_string(",
    "from_string(",
    "Template(",
    "pickle.",
    "yaml.load(",
    "urlopen(",
    "requests.",
    "httpx.",
    "open(",
    "mark_safe(",
    "Markup(",
    "redirect(",
    "exec_command(",
    ".xpath(",
    ".search(",
    "HttpResponse(",
    "HTMLResponse(",
    "import_module(",
    "marshal.",
    "jsonpickle.",
];

/// What gets to a use in functions that were never called. Where no application brings in the modules, all of them are run.
pub(crate) fn of_program(interp: &mut Interp<'_>, beside: Beside<'_>, is_without_application: bool) -> Vec<Flow> {
    for file in unseen(interp, beside.team, is_without_application) {
        interp.refill();
        let _module = interp.recovering(|i| i.run_module(file));
    }
    let leaving = leaving(interp);
    let mut found = Vec::new();
    for request in requests(interp).into_iter().take(PLAYS_MAX) {
        interp.refill();
        let flows = interp.recovering(|i| i.watching(|i| i.explore(REQUEST_STEPS_MAX, |i| answer(i, request, beside))));
        found.extend(flows.unwrap_or_default());
    }
    for function in candidates(interp, beside.team).into_iter().take(PLAYS_MAX) {
        interp.refill();
        let flows = interp
            .recovering(|i| i.watching(|i| i.explore(STEPS_MAX, |i| play(i, function, leaving.as_ref(), beside))));
        found.extend(flows.unwrap_or_default());
    }
    found
}

/// The program's own files that were not run: all of them where no application brings in any, and else those that may hold a use and that no
/// other file names in an import: commands, tasks and whatever runs by itself.
fn unseen(interp: &Interp<'_>, team: &Named, is_without_application: bool) -> Vec<FileId> {
    let Some(needles) = needles(team) else { return Vec::new() };
    let run: FxHashSet<FileId> = interp.modules_run().iter().copied().collect();
    let program = interp.program();
    let text = |id: FileId| &*program.file(id).text;
    let own = program.files().map(|(id, _)| id).filter(|id| is_own(interp, *id));
    let left: Vec<FileId> = own.filter(|id| !run.contains(id)).collect();
    if is_without_application {
        return left.into_iter().take(MODULES_MAX).collect();
    }
    let mut left: Vec<FileId> = left.into_iter().filter(|id| needles.is_match(text(*id).as_bytes())).collect();
    if !left.is_empty() {
        let imported: FxHashSet<&str> = program.files().flat_map(|(id, _)| words_of_imports(text(id))).collect();
        left.retain(|id| !imported.contains(stem(&program.file(*id).path)));
    }
    left.truncate(MODULES_MAX);
    left
}

/// The words of the lines of a file that begin as imports do.
fn words_of_imports(text: &str) -> impl Iterator<Item = &str> {
    let begins = |word: &'static str| memmem::find_iter(text.as_bytes(), word);
    let lines = begins("import ").chain(begins("from ")).filter_map(|at| {
        let begin = memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |at| at + 1);
        let line = text[at..].split('\n').next()?;
        text[begin..at].chars().all(char::is_whitespace).then_some(line)
    });
    lines.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
}

/// By what a file is imported: its name, or that of its folder.
fn stem(path: &str) -> &str {
    let path = path.strip_suffix("/__init__.py").or_else(|| path.strip_suffix(".py")).unwrap_or(path);
    path.rsplit('/').next().unwrap_or(path)
}

fn needles(team: &Named) -> Option<AhoCorasick> {
    let of_team = team.needles();
    AhoCorasick::new(NEEDLES.iter().copied().chain(of_team.iter().map(String::as_str))).ok()
}

/// What makes that the request, which a framework keeps in a global, is none of an endpoint any longer.
fn leaving(interp: &mut Interp<'_>) -> Option<(Value, Site)> {
    let (module, name) = LEAVING;
    let path = format!("{}/{}.py", python::program::STUBS, module.replace('.', "/"));
    let file = interp.program().at(&path).filter(|file| interp.modules_run().contains(file))?;
    let module = interp.run_module(file);
    let site = interp.object(module).site;
    Some((interp.attribute_of(&Value::Object(module), name, site)?, site))
}

/// The functions of the program's own files whose text holds a needle and that nobody was seen to call, in their order.
fn candidates(interp: &Interp<'_>, team: &Named) -> Vec<(Obj, Site)> {
    let Some(needles) = needles(team) else { return Vec::new() };
    let program = interp.program();
    let holds = |site: &Site| {
        let text = program.file(site.file).text.as_bytes();
        let body = text.get(site.span.start as usize..site.span.end as usize).unwrap_or_default();
        needles.is_match(body)
    };
    let all = interp.functions_since(0).filter(|(obj, site)| {
        is_own(interp, site.file)
            && interp.times_called(interp.object(*obj).site) == 0
            && holds(site)
            && !resolvers::is_resolver(interp, *obj)
    });
    all.collect()
}

/// Whether a file is the program's own, and no test.
pub(super) fn is_own(interp: &Interp<'_>, file: FileId) -> bool {
    let program = interp.program();
    !program.is_stub(file) && role_of(&program.file(file).path) == Role::Source
}

/// The methods that answer requests of servers without a framework, with their classes.
fn requests(interp: &Interp<'_>) -> Vec<(Obj, Obj, Site)> {
    let all = interp.functions_since(0).filter(|(_, site)| is_own(interp, site.file));
    let answering = all.filter_map(|(obj, site)| {
        let Kind::Function(function) = &interp.object(obj).kind else { return None };
        let class = function.class?;
        let name = function.code.function(function.id).name;
        let answers = name.as_str().starts_with("do_") && interp.derives_from(&Value::Object(class), HANDLER);
        answers.then_some((class, obj, site))
    });
    answering.collect()
}

/// What gets to a use when a server without a framework answers: the class is called for each request.
fn answer(interp: &mut Interp<'_>, (class, method, site): (Obj, Obj, Site), beside: Beside<'_>) -> Vec<Flow> {
    interp.set_paths(Paths::always());
    let unknown = |name| Interp::unknown_named("an argument", Labels::NONE, python::Symbol::new(name));
    let given = ["request", "client_address", "server"].map(unknown).to_vec();
    let returned = interp.shallow(REQUEST_STEPS_MAX, REQUEST_DEPTH_MAX, |i| {
        let made = i.call_outcome(&Value::Object(class), Arguments::of(given), site).value;
        let request = made.unwrap_or_else(|| Value::instance_of(Value::Object(class), Labels::NONE));
        i.call_outcome(&Value::Object(method), Arguments::of(vec![request]), site).returned
    });
    reading::of_play(
        interp,
        &Throughout::of_function(site, interp.object(method).site, returned),
        Pages::Never,
        beside,
        &|_| None,
    )
    .flows
}

/// Whether a library makes a command of a function: who runs it gives it the arguments.
fn is_command(interp: &Interp<'_>, function: Obj) -> bool {
    let Kind::Function(function) = &interp.object(function).kind else { return false };
    function.opaque_decorators.iter().any(|(decorator, _)| match decorator.plain() {
        Value::External(name) => sources::makes_command(name.as_str()),
        Value::Unknown(unknown) => unknown.library.is_some_and(|name| sources::makes_command(name.as_str())),
        _ => false,
    })
}

fn play(
    interp: &mut Interp<'_>,
    (function, site): (Obj, Site),
    leaving: Option<&(Value, Site)>,
    beside: Beside<'_>,
) -> Vec<Flow> {
    interp.set_paths(Paths::always());
    if let Some((leave, site)) = leaving {
        let _left = interp.call_outcome(leave, Arguments::default(), *site);
    }
    let returned = interp.shallow(STEPS_MAX, DEPTH_MAX, |i| i.call_with_raw(function));
    let handler = interp.object(function).site;
    let played = Throughout::of_function(site, handler, returned.map(|o| o.returned).unwrap_or_default());
    let mut flows = reading::of_play(interp, &played, Pages::Never, beside, &|_| None).flows;
    if is_command(interp, function) {
        flows.retain_mut(|flow| {
            let giver = sources::of_command(flow);
            flow.giver = flow.giver.take().or_else(|| giver.map(Into::into));
            flow.giver.is_some()
        });
    }
    // What a source gives is raw whoever calls.
    flows.iter_mut().for_each(|flow| flow.is_loose = flow.giver.is_none());
    flows
}

#[cfg(test)]
mod tests {
    use super::words_of_imports;

    #[test]
    fn lines_that_begin_as_imports_do_are_read() {
        let text =
            "import one.two\n    from three import (four)\r\nx = 'import five'\nimportant = six\nfrom seven import *";
        let mut words: Vec<&str> = words_of_imports(text).filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        assert_eq!(words, ["four", "from", "from", "import", "import", "import", "one", "seven", "three", "two"]);
    }
}
