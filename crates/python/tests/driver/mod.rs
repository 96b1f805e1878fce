//! Reading and evaluating files given as bytes, whatever they hold: what the hostile, property and smoke tests drive.
#![allow(dead_code, reason = "each binary that drives files asks for a part of it")]

use doorward_python::Symbol;
use doorward_python::cfg::Cfg;
use doorward_python::code::{FunctionBody, Stmt};
use doorward_python::interp::{Interp, Limits};
use doorward_python::lower;
use doorward_python::program::{NoFiles, Program};
use doorward_python::source::SourceFile;
use model::GapKind;

/// What became of a program.
pub(crate) struct Evaluated {
    /// The kinds of its gaps.
    pub(crate) gaps: Vec<GapKind>,
    /// What `interp.show` prints of the names of its last file.
    pub(crate) names: Vec<(Symbol, String)>,
}

/// Reads one file.
pub(crate) fn read(bytes: &[u8]) -> (SourceFile, Vec<GapKind>) {
    let (file, gaps) = SourceFile::new("main.py".into(), bytes.to_vec());
    (file, gaps.iter().map(|g| g.kind).collect())
}

/// Reads one file and draws its graphs.
pub(crate) fn lower(bytes: &[u8]) {
    draw(&read(bytes).0);
}

/// The gaps of reading one file.
pub(crate) fn kinds(bytes: &[u8]) -> Vec<GapKind> {
    read(bytes).1
}

/// Bounds that keep a debug build quick.
pub(crate) const SMALL: Limits = Limits { steps: 20_000, steps_total: 200_000, depth: 48, turns: 4_096 };

/// Bounds for thousands of programs.
pub(crate) const TINY: Limits = Limits { steps: 2_000, steps_total: 20_000, depth: 24, turns: 200 };

/// Evaluates within [`SMALL`] bounds.
pub(crate) fn evaluate(files: &[(&str, &[u8])]) -> Evaluated {
    evaluate_within(files, SMALL)
}

/// Reads files, draws the graphs of their functions, runs the last file as a module, calls what it defines without arguments.
pub(crate) fn evaluate_within(files: &[(&str, &[u8])], limits: Limits) -> Evaluated {
    let mut gaps = Vec::new();
    let mut sources = Vec::new();
    for (path, bytes) in files {
        let (file, found) = SourceFile::new((*path).into(), bytes.to_vec());
        gaps.extend(found.iter().map(|g| g.kind));
        draw(&file);
        sources.push(file);
    }
    let program = Program::new(sources, Vec::new(), Box::new(NoFiles));
    let mut interp = Interp::new(&program, limits);
    let mut names = Vec::new();
    if let Some(last) = files.last().and_then(|(path, _)| program.at(path)) {
        interp.run_module(last);
        let bound: Vec<_> = interp.module_names(|_, _| true).into_iter().filter(|(file, _, _)| *file == last).collect();
        let mut objects = Vec::new();
        for (_, name, value) in bound {
            names.push((name, interp.show(&value)));
            objects.extend(value.as_object().map(|o| (interp.object(o).site, value)));
        }
        for (site, value) in objects.into_iter().take(20) {
            let outcome = interp.explore(2_000, |i| {
                i.keep_what_is_new();
                i.call_outcome(&value, doorward_python::value::Arguments::default(), site)
            });
            names.extend(outcome.value.map(|v| (Symbol::new("()"), interp.show(&v))));
            interp.signature(&value);
        }
    }
    gaps.extend(interp.take_gaps().iter().map(|g| g.kind));
    assert!(!gaps.contains(&GapKind::Internal), "a panic inside the evaluation; it is printed above");
    Evaluated { gaps, names }
}

fn draw(file: &SourceFile) {
    let _ = Cfg::new(&file.code).show(&file.code, &file.text);
    for stmt in file.code.block(file.code.body) {
        let Stmt::Function(id) = file.code.stmt(*stmt) else { continue };
        let FunctionBody::Deferred(span) = file.code.function(id).body else { continue };
        let code = lower::function(&file.text, span);
        let cfg = Cfg::new(&code);
        let last = cfg.blocks().last().map_or(cfg.entry(), |(id, _)| id);
        cfg.dominates(cfg.entry(), last);
        cfg.post_dominates(last, cfg.entry());
    }
}

/// What `interp.show` prints of a name of the last file.
pub(crate) fn shown(files: &[(&str, &[u8])], name: &str) -> String {
    let names = evaluate(files).names;
    names.into_iter().find(|(n, _)| *n == name).map_or_else(|| "not bound".to_owned(), |(_, shown)| shown)
}

/// Runs something on the stack that the scanner gives its workers.
pub(crate) fn on_big_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    on_stack(256 << 20, run)
}

/// Runs something on a stack of so many bytes: a smaller one is made sooner, and enough for small bounds.
pub(crate) fn on_stack<T: Send + 'static>(bytes: usize, run: impl FnOnce() -> T + Send + 'static) -> T {
    let worker = std::thread::Builder::new().stack_size(bytes).spawn(run).expect("a thread");
    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
