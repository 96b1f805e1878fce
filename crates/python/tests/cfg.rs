//! Control-flow graphs: the literate ones of `graphs/*.py` (each function is followed by its graph in `#=` comments), and
//! properties over random programs, among them that whatever way Python may take through a body is a path of its graph.

mod programs;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use doorward_python::cfg::{BLOCKS_MAX, BlockId, Cfg, Edge, EdgeKind, Exit};
use doorward_python::code::{Block, Code, Expr, FunctionBody, Stmt, StmtId};
use doorward_python::lower;
use programs::{Outcome, Walk};
use proptest::prelude::*;

/// The name, code and last byte of each function directly in a module.
fn functions(text: &str) -> Vec<(String, Code, usize)> {
    let module = lower::module(text, &[]);
    assert!(module.errors.is_empty(), "{:?}", module.errors);
    let code = module.code;
    let mut found = Vec::new();
    for stmt in code.block(code.body) {
        let Stmt::Function(id) = code.stmt(*stmt) else {
            continue;
        };
        let function = code.function(id);
        let FunctionBody::Deferred(span) = function.body else {
            continue;
        };
        found.push((function.name.as_str().to_owned(), lower::function(text, span), span.end as usize));
    }
    found
}

fn graph_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graphs");
    let entries = std::fs::read_dir(folder).expect("the folder of graphs");
    let mut files: Vec<PathBuf> =
        entries.map(|e| e.expect("an entry").path()).filter(|p| p.extension().is_some_and(|e| e == "py")).collect();
    files.sort();
    files
}

/// The file with the graphs as they are now.
fn with_graphs(text: &str) -> String {
    let mut result = String::new();
    let mut from = 0;
    for (_, code, end) in functions(text) {
        result.push_str(&text[from..end]);
        result.push('\n');
        for line in Cfg::new(&code).show(&code, text).lines() {
            let _ = writeln!(result, "#= {line}");
        }
        from = end;
        let mut rest = &text[from..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
        while rest.starts_with("#=") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        }
        from = text.len() - rest.len();
    }
    result.push_str(&text[from..]);
    result
}

#[test]
fn graphs_are_as_written_beside_the_functions() {
    let files = graph_files();
    assert!(files.len() > 3, "only {} files", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a file of graphs");
        let now = with_graphs(&text);
        for (number, (expected, found)) in text.lines().zip(now.lines()).enumerate() {
            assert_eq!(found, expected, "{}:{}\n\n{now}", file.display(), number + 1);
        }
        assert_eq!(now.lines().count(), text.lines().count(), "{}\n\n{now}", file.display());
    }
}

/// `cargo test -p doorward-python --test cfg -- --ignored` writes the graphs as they are now; review the difference.
#[test]
#[ignore = "writes the expectations"]
fn bless() {
    for file in graph_files() {
        let text = std::fs::read_to_string(&file).expect("a file of graphs");
        std::fs::write(&file, with_graphs(&text)).expect("writing graphs");
    }
}

fn cfg_of(body: &str) -> (Code, Cfg) {
    let mut text = "def f():\n".to_owned();
    for line in body.lines() {
        let _ = writeln!(text, "    {line}");
    }
    let (_, code, _) = functions(&text).remove(0);
    let cfg = Cfg::new(&code);
    (code, cfg)
}

/// The blocks of the calls of a name: `check()` as a statement of its own.
fn calls(code: &Code, cfg: &Cfg, name: &str) -> Vec<BlockId> {
    let mut found = Vec::new();
    for (id, block) in cfg.blocks() {
        let is_call = |stmt: &StmtId| match code.stmt(*stmt) {
            Stmt::Expr(e) => {
                matches!(code.expr(e), Expr::Call { function, .. } if matches!(code.expr(function), Expr::Name(n) if n == name))
            }
            _ => false,
        };
        if block.statements.iter().any(is_call) {
            found.push(id);
        }
    }
    found
}

#[test]
fn a_check_on_every_way_is_found_and_one_on_some_ways_is_not() {
    let (code, cfg) = cfg_of("check()\nif a:\n    return 1\nreturn 2");
    assert!(!cfg.can_reach_exit_without(&calls(&code, &cfg, "check")));
    let (code, cfg) = cfg_of("if a:\n    return 1\ncheck()\nreturn 2");
    let without = cfg.exits_without(&calls(&code, &cfg, "check"));
    assert_eq!(without.len(), 1);
    assert!(matches!(without[0].1, Exit::Return { value: Some(_), .. }));
    let (code, cfg) = cfg_of("try:\n    work()\nfinally:\n    check()");
    let copies = calls(&code, &cfg, "check");
    assert_eq!(copies.len(), 2, "one for the end of the body, one for exceptions");
    assert!(!cfg.can_reach_exit_without(&copies));
    assert!(cfg.can_reach_exit_without(&copies[..1]));
    let (code, cfg) = cfg_of("while more():\n    check()\nact()");
    assert!(cfg.can_reach_exit_without(&calls(&code, &cfg, "check")));
    assert!(!cfg.can_reach_exit_without(&calls(&code, &cfg, "act")));
    let (head, act) = (calls(&code, &cfg, "check")[0], calls(&code, &cfg, "act")[0]);
    assert!(cfg.can_reach_without(head, act, &[]) && !cfg.can_reach_without(act, head, &[]));
}

#[test]
fn dominators_of_a_diamond_and_a_loop() {
    let (code, cfg) = cfg_of("start()\nif a:\n    left()\nelse:\n    right()\nend()\nwhile b:\n    turn()\nlast()");
    let at = |name: &str| calls(&code, &cfg, name)[0];
    assert_eq!(cfg.immediate_dominator(at("end")), Some(at("start")));
    assert_eq!(cfg.immediate_post_dominator(at("start")), Some(at("end")));
    assert!(cfg.dominates(at("start"), at("last")) && !cfg.dominates(at("left"), at("end")));
    assert!(cfg.post_dominates(at("last"), at("turn")) && !cfg.post_dominates(at("turn"), at("start")));
    assert_eq!(cfg.immediate_dominator(cfg.entry()), None);
}

#[test]
fn an_endless_loop_is_an_exit_of_its_own_and_is_post_dominated_by_its_head() {
    let (_, cfg) = cfg_of("if a:\n    return 1\nwhile True:\n    if b:\n        work()");
    let kinds: Vec<Exit> = cfg.exits().iter().map(|(_, exit)| *exit).collect();
    assert!(matches!(kinds.as_slice(), [Exit::Return { .. }, Exit::Endless]), "{kinds:?}");
    let head = cfg.exits()[1].0;
    assert!(cfg.reachable().filter(|b| cfg.dominates(head, *b)).all(|b| cfg.post_dominates(head, b)));
}

#[test]
fn a_body_past_the_bound_is_cut_and_says_so() {
    let body = |turns: usize| "if a:\n    b()\n".repeat(turns);
    // Each `if` needs a block of its own and one for its body.
    let (_, cfg) = cfg_of(&body(BLOCKS_MAX / 4));
    assert!(cfg.is_complete());
    let (_, cfg) = cfg_of(&body(BLOCKS_MAX));
    assert!(!cfg.is_complete());
    assert!(cfg.exits().iter().any(|(_, exit)| *exit == Exit::Cut));
    assert!(cfg.blocks().count() <= BLOCKS_MAX + 8);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a bound on the time that a hostile body may take")]
fn hostile_bodies_end_quickly() {
    let nested = |depth: usize| {
        let mut text = String::new();
        for i in 0..depth {
            let _ = write!(text, "{0}try:\n{0} a()\n{0}finally:\n", " ".repeat(i));
        }
        text + &" ".repeat(depth) + "b()"
    };
    let deep =
        (0..90).map(|i| format!("{0}try:\n", " ".repeat(i))).collect::<String>() + &" ".repeat(90) + "return a()";
    let closing: String = (0..90).rev().map(|i| format!("\n{0}finally:\n{0} b()", " ".repeat(i))).collect();
    let cases = [
        "if a:\n    b()\nel".repeat(30_000) + "se:\n    pass",
        format!("try:\n{}except E:\n    pass", "    a()\n".repeat(60_000)),
        format!("try:\n{}finally:\n    pass", "    if a: return b()\n".repeat(30_000)),
        format!("match x:\n{}", "    case 1: a()\n".repeat(60_000)),
        format!("if {}: pass", vec!["a"; 4_000].join(" and ")),
        format!("if {} a: pass", "not ".repeat(3_999)),
        nested(90),
        deep + &closing,
        format!("try:\n    a()\n{}", "except E: b()\n".repeat(20_000)),
        "while True:\n    if a: break\n".repeat(20_000),
        "if a:\n    while True: pass\n".repeat(20_000),
    ];
    for body in cases {
        let started = std::time::Instant::now();
        let (_, cfg) = cfg_of(&body);
        let far = cfg.blocks().last().expect("a block").0;
        assert!(!cfg.dominates(far, cfg.entry()) || far == cfg.entry());
        let _ = cfg.post_dominates(cfg.entry(), far);
        let took = started.elapsed();
        assert!(took.as_secs() < 10, "{took:?} for {body:.60}");
    }
}

/// All statements below a block, and those of them that stand in a `finally`.
fn statements(code: &Code, body: Block) -> (Vec<StmtId>, BTreeSet<StmtId>) {
    let (mut all, mut in_finally) = (Vec::new(), BTreeSet::new());
    let mut pending = vec![(body, false)];
    while let Some((block, copied)) = pending.pop() {
        for id in code.block(block) {
            all.push(*id);
            if copied {
                in_finally.insert(*id);
            }
            pending.extend(programs::inner(code, *id).into_iter().map(|(b, finally)| (b, copied || finally)));
        }
    }
    (all, in_finally)
}

/// The places from which a walk may go on: blocks and how many of their statements are done.
type Places = BTreeSet<(BlockId, usize)>;

/// Follows edges into the first statements that they lead to.
fn after(cfg: &Cfg, edges: &[Edge]) -> Places {
    let mut found = Places::new();
    let mut pending: Vec<BlockId> = edges.iter().map(|e| e.to).collect();
    let mut seen = BTreeSet::new();
    while let Some(block) = pending.pop() {
        if seen.insert(block) {
            found.insert((block, 0));
            if cfg.block(block).statements.is_empty() {
                pending.extend(cfg.block(block).edges.iter().map(|e| e.to));
            }
        }
    }
    found
}

/// Whether a walk through the program is a path of the graph.
fn follows(cfg: &Cfg, walk: &Walk) -> Result<(), String> {
    let mut places: Places = after(cfg, &[Edge { to: cfg.entry(), kind: EdgeKind::Next }]);
    for (at, stmt) in walk.statements.iter().enumerate() {
        let mut next = Places::new();
        for (block, done) in &places {
            let block_now = cfg.block(*block);
            if block_now.statements.get(*done) == Some(stmt) {
                next.insert((*block, done + 1));
                if done + 1 == block_now.statements.len() {
                    // Tests of `and`, `or` have blocks without statements: `after` follows them.
                    next.extend(after(cfg, &block_now.edges));
                }
            }
        }
        if next.is_empty() {
            return Err(format!("no way to {stmt:?}, statement {at} of {:?}", walk.statements));
        }
        places = next;
    }
    let left = |exit: &Exit| match walk.outcome {
        Outcome::End => matches!(exit, Exit::End),
        Outcome::Return => matches!(exit, Exit::Return { .. }),
        Outcome::Raise => matches!(exit, Exit::Raise { .. } | Exit::Uncaught),
        Outcome::Tired => true,
    };
    let ends = places.iter().any(|(block, done)| {
        *done == cfg.block(*block).statements.len() && cfg.exits().iter().any(|(at, exit)| at == block && left(exit))
    });
    // Outside every `try` the graph has no edges for exceptions of plain statements.
    let unwatched = walk.outcome == Outcome::Raise && !walk.raised_by_raise;
    if ends || unwatched || walk.outcome == Outcome::Tired {
        Ok(())
    } else {
        Err(format!("not left by {:?}: {:?}", walk.outcome, walk.statements))
    }
}

fn check_structure(code: &Code, cfg: &Cfg) -> Result<(), TestCaseError> {
    let (all, in_finally) = statements(code, code.body);
    for stmt in all {
        let blocks = cfg.blocks_of(stmt).len();
        prop_assert!(blocks == 1 || blocks > 1 && in_finally.contains(&stmt), "{stmt:?} stands in {blocks} blocks");
    }
    for (id, block) in cfg.blocks() {
        for edge in &block.edges {
            prop_assert_eq!(cfg.predecessors(edge.to).iter().filter(|p| **p == id).count(), 1);
        }
        for before in cfg.predecessors(id) {
            prop_assert!(cfg.block(*before).edges.iter().any(|e| e.to == id));
        }
        let leads = !block.edges.is_empty() || !cfg.is_reachable(id) || cfg.exits().iter().any(|(at, _)| *at == id);
        prop_assert!(leads, "{id:?} leads nowhere");
    }
    Ok(())
}

/// A dominator by definition: without it, the entry does not reach the other.
fn check_dominators(cfg: &Cfg) -> Result<(), TestCaseError> {
    let blocks: Vec<BlockId> = cfg.reachable().collect();
    for a in &blocks {
        for b in &blocks {
            let dominates = a == b || !cfg.can_reach_without(cfg.entry(), *b, &[*a]);
            prop_assert_eq!(cfg.dominates(*a, *b), dominates, "{:?} over {:?}", a, b);
            let reaches_exit = cfg.exits().iter().any(|(exit, _)| cfg.can_reach_without(*b, *exit, &[*a]));
            prop_assert_eq!(cfg.post_dominates(*a, *b), a == b || !reaches_exit, "{:?} behind {:?}", a, b);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_python_may_do_is_a_path_of_the_graph(program in programs::body(), seed in any::<u64>()) {
        let text = programs::text(&program);
        let (_, code, _) = functions(&text).remove(0);
        let cfg = Cfg::new(&code);
        check_structure(&code, &cfg)?;
        for turn in 0..40 {
            let walk = Walk::new(&code, seed.wrapping_add(turn));
            if let Err(problem) = follows(&cfg, &walk) {
                prop_assert!(false, "{problem}\n{text}\n{}", cfg.show(&code, &text));
            }
        }
    }

    #[test]
    fn dominators_are_what_their_definition_says(program in programs::body()) {
        let text = programs::text(&program);
        let (_, code, _) = functions(&text).remove(0);
        let cfg = Cfg::new(&code);
        if cfg.blocks().count() < 60 {
            check_dominators(&cfg)?;
        }
    }
}
