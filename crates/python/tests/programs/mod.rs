//! Random Python function bodies, and a walk through one as Python would go, with every decision left to a seed.

use std::fmt::Write;

use doorward_python::code::{Block, Code, Expr, ExprId, Stmt, StmtId};
use proptest::prelude::*;

/// A line, or a compound statement with its bodies.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Line(&'static str),
    If(Vec<Vec<Item>>, Option<Vec<Item>>),
    Loop(&'static str, Vec<Item>, Option<Vec<Item>>),
    With(&'static str, Vec<Item>),
    Try(Vec<Item>, Vec<(&'static str, Vec<Item>)>, Option<Vec<Item>>, Option<Vec<Item>>),
    Match(Vec<(&'static str, Vec<Item>)>),
    Class(Vec<Item>),
}

const LINES: &[&str] = &[
    "x = 1",
    "a()",
    "x = b.c",
    "pass",
    "return",
    "return a()",
    "raise",
    "raise E",
    "raise E()",
    "await a()",
    "import m",
    "yield 1",
    "break",
    "continue",
    "assert a",
    "del x",
    "x += 1",
    "def g(): pass",
];

/// A body of statements, a few levels deep.
pub(crate) fn body() -> impl Strategy<Value = Vec<Item>> {
    let line = prop::sample::select(LINES).prop_map(Item::Line);
    let item = line.prop_recursive(4, 40, 5, |item| {
        let block = prop::collection::vec(item, 1..4);
        let maybe = prop::option::of(block.clone());
        let clause = (prop::sample::select(&["except E", "except (E, F)", "except Exception"][..]), block.clone());
        let case = (
            prop::sample::select(&["case 1", "case P()", "case [u, v] if a()", "case 2 if a and not b"][..]),
            block.clone(),
        );
        let loops = &["while a", "while a() and b or not c", "while True", "for i in a", "for i in b()"][..];
        prop_oneof![
            (prop::collection::vec(block.clone(), 1..3), maybe.clone())
                .prop_map(|(bodies, orelse)| Item::If(bodies, orelse)),
            (prop::sample::select(loops), block.clone(), maybe.clone())
                .prop_map(|(head, body, orelse)| Item::Loop(head, body, orelse)),
            (prop::sample::select(&["with a", "with a() as x", "with suppress(E)"][..]), block.clone())
                .prop_map(|(head, body)| Item::With(head, body)),
            (block.clone(), prop::collection::vec(clause, 0..3), maybe.clone(), maybe)
                .prop_map(|(b, c, o, f)| Item::Try(b, c, o, f)),
            prop::collection::vec(case, 1..4).prop_map(Item::Match),
            block.prop_map(Item::Class),
        ]
    });
    prop::collection::vec(item, 1..6)
}

/// The source of a function with this body.
pub(crate) fn text(items: &[Item]) -> String {
    let mut text = "async def f():\n".to_owned();
    write_block(&mut text, items, 1, false);
    text
}

fn write_block(text: &mut String, items: &[Item], depth: usize, in_loop: bool) {
    for item in items {
        write_item(text, item, depth, in_loop);
    }
}

fn write_item(text: &mut String, item: &Item, depth: usize, in_loop: bool) {
    let pad = "    ".repeat(depth);
    let mut inner = |head: &str, body: &[Item], in_loop: bool| {
        let _ = writeln!(text, "{pad}{head}:");
        write_block(text, body, depth + 1, in_loop);
    };
    match item {
        Item::Line("break" | "continue") if !in_loop => {
            let _ = writeln!(text, "{pad}a()");
        }
        Item::Line(line) => {
            let _ = writeln!(text, "{pad}{line}");
        }
        Item::If(bodies, orelse) => {
            for (index, body) in bodies.iter().enumerate() {
                inner(if index == 0 { "if a or not b()" } else { "elif c" }, body, in_loop);
            }
            orelse.iter().for_each(|body| inner("else", body, in_loop));
        }
        Item::Loop(head, body, orelse) => {
            inner(head, body, true);
            orelse.iter().for_each(|body| inner("else", body, in_loop));
        }
        Item::With(head, body) => inner(head, body, in_loop),
        Item::Try(body, clauses, orelse, finally) => {
            inner("try", body, in_loop);
            clauses.iter().for_each(|(head, body)| inner(head, body, in_loop));
            orelse.iter().filter(|_| !clauses.is_empty()).for_each(|body| inner("else", body, in_loop));
            let needed = clauses.is_empty().then(|| vec![Item::Line("a()")]);
            finally.clone().or(needed).iter().for_each(|body| inner("finally", body, in_loop));
        }
        Item::Match(cases) => {
            let _ = writeln!(text, "{pad}match x:");
            for (head, body) in cases {
                let _ = writeln!(text, "{pad}    {head}:");
                write_block(text, body, depth + 2, in_loop);
            }
        }
        Item::Class(body) => {
            let _ = writeln!(text, "{pad}class C(D):");
            let plain: Vec<Item> = body
                .iter()
                .filter(|i| matches!(i, Item::Line(l) if !l.starts_with(['r', 'y']) && !l.starts_with("await")))
                .cloned()
                .collect();
            write_block(text, if plain.is_empty() { &[Item::Line("pass")] } else { &plain }, depth + 1, false);
        }
    }
}

/// The blocks directly inside a statement, and whether each is a `finally` body.
pub(crate) fn inner(code: &Code, id: StmtId) -> Vec<(Block, bool)> {
    match code.stmt(id) {
        Stmt::If { body, orelse, .. } | Stmt::For { body, orelse, .. } | Stmt::While { body, orelse, .. } => {
            vec![(body, false), (orelse, false)]
        }
        Stmt::With { body, .. } => vec![(body, false)],
        Stmt::Try { body, handlers, orelse, finally } => {
            let handlers = code.except(handlers).iter().map(|h| (h.body, false));
            handlers.chain([(body, false), (orelse, false), (finally, true)]).collect()
        }
        Stmt::Match { cases, .. } => code.match_cases(cases).iter().map(|c| (c.body, false)).collect(),
        Stmt::Class(class) => vec![(code.class(class).body, false)],
        _ => Vec::new(),
    }
}

/// How a body was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    End,
    Return,
    Raise,
    /// The walk was stopped after many steps.
    Tired,
}

enum Step {
    Next,
    Break,
    Continue,
    Return,
    Raise,
    Tired,
}

/// One way through a body: the statements begun, in order, and how it was left. A statement raises only inside a `try`.
pub(crate) struct Walk {
    pub(crate) statements: Vec<StmtId>,
    pub(crate) outcome: Outcome,
    /// Whether the last exception is that of a `raise`.
    pub(crate) raised_by_raise: bool,
}

const STEPS_MAX: usize = 200;

struct Walker<'c> {
    code: &'c Code,
    state: u64,
    statements: Vec<StmtId>,
    guarded: u32,
    raised_by_raise: bool,
}

impl Walk {
    pub(crate) fn new(code: &Code, seed: u64) -> Self {
        let mut walker = Walker { code, state: seed | 1, statements: Vec::new(), guarded: 0, raised_by_raise: false };
        let outcome = match walker.block(code.body) {
            Step::Next | Step::Break | Step::Continue => Outcome::End,
            Step::Return => Outcome::Return,
            Step::Raise => Outcome::Raise,
            Step::Tired => Outcome::Tired,
        };
        Self { statements: walker.statements, outcome, raised_by_raise: walker.raised_by_raise }
    }
}

impl Walker<'_> {
    /// One of `n`, by a generator of our own: the same seed takes the same way.
    fn one_of(&mut self, n: u64) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % n
    }

    fn block(&mut self, block: Block) -> Step {
        for id in self.code.block(block) {
            let step = self.statement(*id);
            if !matches!(step, Step::Next) {
                return step;
            }
        }
        Step::Next
    }

    /// Whether a call, an attribute or the like raises here.
    fn raises(&mut self, expr: Option<ExprId>) -> bool {
        let plain = match expr.map(|e| self.code.expr(e)) {
            None | Some(Expr::Int(_) | Expr::Name(_)) => true,
            Some(_) => false,
        };
        let raises = !plain && self.guarded > 0 && self.one_of(4) == 0;
        if raises {
            self.raised_by_raise = false;
        }
        raises
    }

    fn statement(&mut self, id: StmtId) -> Step {
        if self.statements.len() >= STEPS_MAX {
            return Step::Tired;
        }
        self.statements.push(id);
        match self.code.stmt(id) {
            Stmt::Expr(e) | Stmt::Assign { value: e, .. } if self.raises(Some(e)) => Step::Raise,
            Stmt::Return(value) if self.raises(value) => Step::Raise,
            Stmt::Return(_) => Step::Return,
            Stmt::Raise { .. } => {
                self.raised_by_raise = true;
                Step::Raise
            }
            Stmt::Break => Step::Break,
            Stmt::Continue => Step::Continue,
            Stmt::If { body, orelse, .. } => {
                let taken = if self.one_of(2) == 0 { body } else { orelse };
                self.block(taken)
            }
            Stmt::While { test, body, orelse } => self.loop_(id, self.code.expr(test) == Expr::True, body, orelse),
            Stmt::For { body, orelse, .. } => self.loop_(id, false, body, orelse),
            Stmt::With { items, body } => {
                let step = self.block(body);
                let suppress = matches!(self.code.expr(self.code.with(items)[0].context), Expr::Call { arguments, .. } if !arguments.is_empty());
                if matches!(step, Step::Raise) && suppress && self.one_of(2) == 0 { Step::Next } else { step }
            }
            Stmt::Try { .. } => self.try_(id),
            Stmt::Match { cases, .. } => {
                let cases = self.code.match_cases(cases);
                let taken = usize::try_from(self.one_of(cases.len() as u64 + 1)).unwrap_or(0);
                cases.get(taken).map_or(Step::Next, |case| self.block(case.body))
            }
            Stmt::Class(class) => self.block(self.code.class(class).body),
            _ => Step::Next,
        }
    }

    fn loop_(&mut self, id: StmtId, endless: bool, body: Block, orelse: Block) -> Step {
        let mut first = true;
        while endless || self.one_of(2) == 0 {
            // The head is begun again for each turn.
            if !std::mem::take(&mut first) {
                self.statements.push(id);
            }
            match self.block(body) {
                Step::Next | Step::Continue => {}
                Step::Break => return Step::Next,
                left => return left,
            }
            if self.statements.len() >= STEPS_MAX {
                return Step::Tired;
            }
        }
        if !first {
            self.statements.push(id);
        }
        self.block(orelse)
    }

    fn try_(&mut self, id: StmtId) -> Step {
        let Stmt::Try { body, handlers, orelse, finally } = self.code.stmt(id) else {
            return Step::Next;
        };
        let handlers = self.code.except(handlers);
        self.guarded += 1;
        let mut step = self.block(body);
        if handlers.is_empty() || finally.is_empty() {
            self.guarded -= 1;
        }
        if matches!(step, Step::Next) && !handlers.is_empty() {
            let before = self.guarded;
            step = self.block(orelse);
            self.guarded = before;
        } else if matches!(step, Step::Raise) && !handlers.is_empty() {
            step = self.handle(handlers, step);
        }
        if !handlers.is_empty() && !finally.is_empty() {
            self.guarded -= 1;
        }
        if matches!(step, Step::Tired) {
            return step;
        }
        let by_raise = self.raised_by_raise;
        match self.block(finally) {
            Step::Next => {
                self.raised_by_raise = by_raise;
                step
            }
            left => left,
        }
    }

    fn handle(&mut self, handlers: &[doorward_python::code::Handler], step: Step) -> Step {
        for handler in handlers {
            let all = matches!(handler.exception.map(|e| self.code.expr(e)), Some(Expr::Name(n)) if n == "Exception");
            if all || self.one_of(2) == 0 {
                return self.block(handler.body);
            }
        }
        step
    }
}
