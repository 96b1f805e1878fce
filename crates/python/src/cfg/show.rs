//! A graph as text, for tests and for people who look into an analysis.

use std::fmt::Write;

use rustc_hash::FxHashMap;

use super::{BlockId, Cfg, Edge, EdgeKind, Exit};
use crate::code::{Code, ExprId, Span, Stmt, StmtId};

/// Statements and expressions are shown up to this many characters.
const SHOWN_MAX: usize = 40;

impl Cfg {
    /// One line a block: its statements, then where it leads and when. `text` is the text of the file.
    pub fn show(&self, code: &Code, text: &str) -> String {
        let mut shown = String::new();
        let mut exits: FxHashMap<BlockId, Vec<Exit>> = FxHashMap::default();
        self.exits.iter().for_each(|(at, left)| exits.entry(*at).or_default().push(*left));
        for (id, block) in self.blocks() {
            let dead = if self.is_reachable(id) { "" } else { " (unreachable)" };
            let statements: Vec<String> = block.statements.iter().map(|s| statement(code, *s, text)).collect();
            let edges = block.edges.iter().map(|e| edge(code, *e, text));
            let exits = exits.get(&id).into_iter().flatten().map(|e| exit(code, *e, text));
            let leads: Vec<String> = edges.chain(exits).collect();
            let _ = writeln!(shown, "b{}{dead}: {} -> {}", id.index(), statements.join("; "), leads.join(", "));
        }
        shown.replace(":  ->", ": ->").replace("-> \n", "->\n")
    }
}

fn edge(code: &Code, edge: Edge, text: &str) -> String {
    let BlockId(to) = edge.to;
    match edge.kind {
        EdgeKind::Next => format!("b{to}"),
        EdgeKind::Test { test, holds: true } => {
            format!("b{to} if {}", expression(code, test, text))
        }
        EdgeKind::Test { test, holds: false } => {
            format!("b{to} unless {}", expression(code, test, text))
        }
        EdgeKind::Item { more: true } => format!("b{to} each"),
        EdgeKind::Item { more: false } => format!("b{to} done"),
        EdgeKind::Case { matches: true, .. } => format!("b{to} matches"),
        EdgeKind::Case { matches: false, .. } => format!("b{to} else"),
        EdgeKind::Raises => format!("b{to} raises"),
        EdgeKind::Caught(Some(exceptions)) => {
            format!("b{to} except {}", expression(code, exceptions, text))
        }
        EdgeKind::Caught(None) => format!("b{to} except"),
        EdgeKind::Suppressed => format!("b{to} suppressed"),
    }
}

fn exit(code: &Code, exit: Exit, text: &str) -> String {
    let with = |word: &str, value: Option<ExprId>| match value {
        Some(value) => format!("{word} {}", expression(code, value, text)),
        None => word.to_owned(),
    };
    match exit {
        Exit::Return { value, .. } => with("return", value),
        Exit::Raise { exception, .. } => with("raise", exception),
        Exit::Uncaught => "uncaught".to_owned(),
        Exit::End => "end".to_owned(),
        Exit::Endless => "endless".to_owned(),
        Exit::Cut => "cut".to_owned(),
    }
}

fn expression(code: &Code, id: ExprId, text: &str) -> String {
    first_line(code.expr_span(id), text)
}

fn statement(code: &Code, id: StmtId, text: &str) -> String {
    match code.stmt(id) {
        Stmt::Function(function) => format!("def {}", code.function(function).name),
        Stmt::Class(class) => format!("class {}", code.class(class).name),
        Stmt::Try { .. } => "try".to_owned(),
        _ => first_line(code.stmt_span(id), text),
    }
}

fn first_line(span: Span, text: &str) -> String {
    let slice = text.get(span.start as usize..span.end as usize).unwrap_or("");
    let line = slice.lines().next().unwrap_or("").trim_end_matches([' ', ':']);
    line.chars().take(SHOWN_MAX).collect()
}
