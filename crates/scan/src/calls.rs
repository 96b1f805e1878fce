//! Calls that rules ask about, wherever they stand in the program's own code: in what endpoints reach, and in functions and statements
//! that nobody is seen to call. What they are given is read off the same evaluator.

mod given;

use std::sync::Arc;

use aho_corasick::AhoCorasick;
use model::{Endpoint, Evidence, Report};
use python::code::{Code, CompareOp, Expr, Stmt, StmtId};
use python::interp::Interp;
use python::program::FileId;
use python::value::{Obj, Site, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::project::{Role, role_of};
pub(crate) use given::Given;

/// Steps to play one function, or the statements of one module, and calls inside calls there.
const STEPS_MAX: u32 = 2_000;
const DEPTH_MAX: usize = 6;
/// Functions made by a function that are played, too, one inside the other.
const NESTING_MAX: usize = 3;
/// Functions and modules that are played in all.
const PLAYS_MAX: usize = 4_000;
/// The most bytes of a call's text that are kept.
const TEXT_BYTES_MAX: usize = 400;

/// The events that are calls: of what is watched, and of what issues and checks tokens.
const CALLS: &[&str] = &["call", "token-issue", "token-check"];

/// What makes a call one that rules ask about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watched {
    /// The begin of its qualified name.
    pub(crate) name: &'static str,
    /// What stands in the text of code that makes it: where it does not stand, nothing is played.
    pub(crate) needle: &'static str,
}

/// A call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The qualified name of what is called.
    pub(crate) name: Arc<str>,
    /// Its arguments without a name.
    pub(crate) positional: Vec<Given>,
    /// Those with one.
    pub(crate) keywords: Vec<(Arc<str>, Given)>,
    /// Where it stands.
    pub(crate) file: Arc<str>,
    /// The line, counted from 1.
    pub(crate) line: u32,
    /// What stands there.
    pub(crate) text: String,
    /// The line on which it begins.
    pub(crate) line_text: String,
    /// The names in it that the module itself assigns, and the lines.
    pub(crate) names: Vec<(Arc<str>, u32)>,
    /// The name of the function around it.
    pub(crate) within: Option<Arc<str>>,
    /// Whether it happens only where the file is started as a script.
    pub(crate) is_script: bool,
    /// The endpoints from which it is reached, by their index.
    pub(crate) endpoints: Vec<usize>,
}

impl Call {
    /// What a parameter is given, by its place or its name.
    pub(crate) fn given(&self, position: Option<usize>, name: &str) -> Option<&Given> {
        let named = self.keywords.iter().find(|(own, _)| **own == *name).map(|(_, given)| given);
        named.or_else(|| self.positional.get(position?))
    }
}

impl Call {
    /// Where the names in it are assigned.
    pub(crate) fn assigned(&self) -> Vec<Evidence> {
        let place = |(name, line): &(Arc<str>, u32)| {
            Evidence::new(Arc::clone(&self.file), *line, format!("`{name}` is assigned here"))
        };
        self.names.iter().map(place).collect()
    }

    /// The first endpoint from which it is reached.
    pub(crate) fn endpoint<'r>(&self, report: &'r Report) -> Option<&'r Endpoint> {
        report.endpoints.get(*self.endpoints.first()?)
    }
}

/// The calls that were seen so far, by where they stand.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    seen: FxHashMap<Site, Vec<Call>>,
}

impl Calls {
    /// Notes the watched calls of the play in course.
    pub(crate) fn note(&mut self, interp: &Interp<'_>, watched: &[Watched], endpoint: Option<usize>) {
        for event in interp.events().iter().filter(|event| CALLS.contains(&event.what.as_str())) {
            let Some(name) = event.arguments.positional.first().and_then(Value::as_str) else { continue };
            if !watched.iter().any(|one| name.starts_with(one.name)) {
                continue;
            }
            let calls = self.seen.entry(event.site).or_default();
            let known = calls.iter_mut().position(|call| *call.name == *name);
            let positional = event.arguments.positional[1..].iter().map(|v| Given::of(interp, v)).collect();
            let keywords = event.arguments.keywords.iter();
            let keywords = keywords.map(|(name, v)| (Arc::from(name.as_str()), Given::of(interp, v))).collect();
            match known {
                Some(index) => calls[index].seen_again(positional, keywords, endpoint),
                None => calls.push(Call {
                    name: name.into(),
                    positional,
                    keywords,
                    endpoints: endpoint.into_iter().collect(),
                    ..Call::at(interp, event.site)
                }),
            }
        }
    }

    /// Plays what holds a needle and was not seen yet.
    pub(crate) fn complete(&mut self, interp: &mut Interp<'_>, watched: &[Watched]) {
        let mut plays = 0;
        let all = needles(interp, watched);
        for (file, _) in &all {
            interp.refill();
            let _module = interp.recovering(|i| i.run_module(*file));
        }
        let mut functions: FxHashMap<FileId, Vec<(Obj, Site)>> = FxHashMap::default();
        for (function, site) in interp.functions_since(0) {
            functions.entry(site.file).or_default().push((function, site));
        }
        for (file, places) in all {
            let own = functions.get(&file).map_or(&[][..], Vec::as_slice);
            let parts = Parts::of(interp, file, own, &places, |place| self.is_seen(file, place));
            if !parts.statements.is_empty() {
                plays += 1;
                self.play(interp, watched, |i| i.run_again(file, &parts.statements));
            }
            for function in parts.functions {
                plays += 1;
                self.play(interp, watched, |i| call_with_those_inside(i, function, &places, 0));
            }
            if plays > PLAYS_MAX {
                return;
            }
        }
    }

    fn play(&mut self, interp: &mut Interp<'_>, watched: &[Watched], run: impl FnOnce(&mut Interp<'_>)) {
        interp.refill();
        let _played = interp.recovering(|i| {
            i.explore(STEPS_MAX, |i| {
                i.watching(|i| i.shallow(STEPS_MAX, DEPTH_MAX, run));
                self.note(i, watched, None);
            });
        });
    }

    fn is_seen(&self, file: FileId, place: u32) -> bool {
        self.seen.keys().any(|site| site.file == file && (site.span.start..site.span.end).contains(&place))
    }

    /// All of them, in the order of files and lines.
    pub(crate) fn into_sorted(self) -> Vec<Call> {
        let mut all: Vec<Call> = self.seen.into_values().flatten().collect();
        all.sort_by(|a, b| (&a.file, a.line, &a.name, &a.text).cmp(&(&b.file, b.line, &b.name, &b.text)));
        all
    }
}

impl Call {
    /// A call of which only the place is known.
    fn at(interp: &Interp<'_>, site: Site) -> Self {
        let file = interp.program().file(site.file);
        let text = file.text.get(site.span.start as usize..site.span.end as usize).unwrap_or_default();
        let kept = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= TEXT_BYTES_MAX);
        Self {
            name: "".into(),
            positional: Vec::new(),
            keywords: Vec::new(),
            file: Arc::clone(&file.path),
            line: file.line(site.span.start),
            text: text[..kept.last().unwrap_or(0)].to_owned(),
            line_text: line_of(&file.text, site.span.start as usize),
            names: names_in(interp, site.file, text),
            within: function_around(interp, site),
            is_script: script_blocks(interp, site.file).iter().any(|span| span.contains(&site.span.start)),
            endpoints: Vec::new(),
        }
    }

    /// What two plays give to one call is what either gives.
    fn seen_again(&mut self, positional: Vec<Given>, keywords: Vec<(Arc<str>, Given)>, endpoint: Option<usize>) {
        if let Some(endpoint) = endpoint.filter(|e| !self.endpoints.contains(e)) {
            self.endpoints.push(endpoint);
        }
        for (own, other) in self.positional.iter_mut().zip(positional) {
            own.join(other);
        }
        for (name, other) in keywords {
            match self.keywords.iter_mut().find(|(own, _)| *own == name) {
                Some((_, own)) => own.join(other),
                None => self.keywords.push((name, other)),
            }
        }
    }
}

/// What of a file is played: statements of its body, and functions.
struct Parts {
    statements: Vec<StmtId>,
    functions: Vec<Obj>,
}

impl Parts {
    fn of(
        interp: &Interp<'_>,
        file: FileId,
        functions: &[(Obj, Site)],
        places: &[u32],
        is_seen: impl Fn(u32) -> bool,
    ) -> Self {
        let code = &interp.program().file(file).code;
        let mut parts = Self { statements: Vec::new(), functions: Vec::new() };
        let mut known = FxHashSet::default();
        for place in places.iter().copied().filter(|place| !is_seen(*place)) {
            let around = functions.iter().filter(|(_, site)| (site.span.start..site.span.end).contains(&place));
            // The innermost: a method of a class that a function makes.
            if let Some((function, _)) = around.min_by_key(|(_, site)| site.span.end - site.span.start) {
                if known.insert(*function) {
                    parts.functions.push(*function);
                }
                continue;
            }
            let holds = |id: &&StmtId| {
                let span = code.stmt_span(**id);
                (span.start..span.end).contains(&place)
            };
            let statement = code.block(code.body).iter().find(holds).copied();
            let is_definition = |id: &StmtId| {
                matches!(code.stmt(*id), Stmt::Function(_) | Stmt::Class(_) | Stmt::Import(_) | Stmt::ImportFrom { .. })
            };
            if let Some(statement) = statement.filter(|id| !is_definition(id) && !parts.statements.contains(id)) {
                parts.statements.push(statement);
            }
        }
        parts
    }
}

/// Calls a function, and those that it makes and that hold one of the places.
fn call_with_those_inside(interp: &mut Interp<'_>, function: Obj, places: &[u32], depth: usize) {
    let made_before = interp.objects_made();
    let file = interp.object(function).site.file;
    interp.set_paths(python::interp::Paths::always());
    let _outcome = interp.call_with_unknowns(function);
    if depth >= NESTING_MAX {
        return;
    }
    let holds = |site: &Site| site.file == file && places.iter().any(|p| (site.span.start..site.span.end).contains(p));
    let made: Vec<Obj> =
        interp.functions_since(made_before).filter(|(_, site)| holds(site)).map(|(obj, _)| obj).collect();
    for inner in made {
        call_with_those_inside(interp, inner, places, depth + 1);
    }
}

/// Where files of the program that are no tests hold a needle.
fn needles(interp: &Interp<'_>, watched: &[Watched]) -> Vec<(FileId, Vec<u32>)> {
    let mut texts: Vec<&str> = watched.iter().map(|one| one.needle).collect();
    texts.sort_unstable();
    texts.dedup();
    let Ok(finder) = AhoCorasick::new(texts) else { return Vec::new() };
    let program = interp.program();
    let own = program.files().filter(|(id, file)| !program.is_stub(*id) && role_of(&file.path) == Role::Source);
    let mut found = Vec::new();
    for (id, file) in own {
        let found_here = finder.find_overlapping_iter(&*file.text);
        let mut places: Vec<u32> = found_here.filter_map(|one| u32::try_from(one.start()).ok()).collect();
        places.sort_unstable();
        if !places.is_empty() {
            found.push((id, places));
        }
    }
    found
}

/// The names in a piece of code that the body of the module assigns, with the lines.
fn names_in(interp: &Interp<'_>, file: FileId, text: &str) -> Vec<(Arc<str>, u32)> {
    let source = interp.program().file(file);
    let code = &source.code;
    let mut found: Vec<(Arc<str>, u32)> = Vec::new();
    for id in code.block(code.body) {
        let targets = match code.stmt(*id) {
            Stmt::Assign { targets, .. } => code.list(targets),
            _ => continue,
        };
        for target in targets {
            let Expr::Name(name) = code.expr(*target) else { continue };
            let is_named = |word: &str| name == word;
            if text.split(|c: char| !c.is_alphanumeric() && c != '_').any(is_named) {
                found.push((name.as_str().into(), source.line(code.stmt_span(*id).start)));
            }
        }
    }
    found
}

/// The line of a place.
fn line_of(text: &str, at: usize) -> String {
    let begin = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let line = text.get(begin..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    line.chars().take(TEXT_BYTES_MAX).collect()
}

/// The name of the outermost function around a place.
fn function_around(interp: &Interp<'_>, site: Site) -> Option<Arc<str>> {
    let code = &interp.program().file(site.file).code;
    let around = code.functions().iter().find(|function| match function.body {
        python::code::FunctionBody::Deferred(span) => (span.start..span.end).contains(&site.span.start),
        python::code::FunctionBody::Expression(_) => false,
    });
    around.map(|function| Arc::from(function.name.as_str()))
}

/// The bytes of the blocks of a module that run only where it is started as a script.
fn script_blocks(interp: &Interp<'_>, file: FileId) -> Vec<std::ops::Range<u32>> {
    let code = &interp.program().file(file).code;
    script_statements(code).into_iter().map(|id| code.stmt_span(id)).map(|span| span.start..span.end).collect()
}

/// The statements of a module that run only where it is started as a script.
pub(crate) fn script_statements(code: &Code) -> Vec<StmtId> {
    let asks = |test| match code.expr(test) {
        Expr::Compare(left, rest) => {
            let compared = code.compare(rest);
            let is_name = |id| matches!(code.expr(id), Expr::Name(name) if name == "__name__");
            matches!(compared, [(CompareOp::Eq, right)] if is_name(left) || is_name(*right))
        }
        _ => false,
    };
    let statements = code.block(code.body).iter();
    statements.filter(|id| matches!(code.stmt(**id), Stmt::If { test, .. } if asks(test))).copied().collect()
}
