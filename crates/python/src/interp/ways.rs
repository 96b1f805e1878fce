//! What a call gives on each of its ways, kept apart for the `if` that asks: `ok, error = check(request)` and `if not ok: return error`.
//!
//! Behind a call its ways meet again, and what it gave is a union: that the error comes with `False`, and both with the condition that
//! was met inside, would be lost. So the assignment and the `if` directly behind it run once for each way, as if the condition stood here.

use super::statements::Flow;
use super::{Interp, Paths};
use crate::code::{Expr, ExprId, Run, Stmt, StmtId};
use crate::interp::Eval;
use crate::value::Value;

/// Ways that are kept apart.
const WAYS_MAX: usize = 4;

/// The ways of the call that returned last, where somebody asked for them.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// How many frames there are where the call stands whose ways are wanted.
    wanted: Option<usize>,
    /// What it gave, and on which paths.
    found: Vec<(Value, Paths)>,
}

/// What can be told of a value without more: ways that differ in it are worth telling apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    None,
    Bool(bool),
    /// Anything that holds something.
    Other,
}

impl Interp<'_> {
    /// The targets and the call of an assignment whose ways the next statement asks for.
    pub(super) fn asked_of_call(&self, statement: StmtId, next: Option<&StmtId>) -> Option<(Run, ExprId)> {
        if !self.exploring {
            return None;
        }
        let code = &self.frame().code;
        let (Stmt::Assign { targets, value }, Stmt::If { .. }) = (code.stmt(statement), code.stmt(*next?)) else {
            return None;
        };
        let called = match code.expr(value) {
            Expr::Await(inner) => inner,
            _ => value,
        };
        matches!(code.expr(called), Expr::Call { .. }).then_some((targets, value))
    }

    /// Runs such an assignment; and the `if` behind it, once for each way, where the ways differ: then it says how that ended.
    pub(super) fn assigned_and_asked(&mut self, (targets, value): (Run, ExprId), next: StmtId) -> Eval<Option<Flow>> {
        let outer = self.ways.wanted.replace(self.frames.len());
        self.ways.found.clear();
        let given = self.eval(value);
        self.ways.wanted = outer;
        let ways = std::mem::take(&mut self.ways.found);
        let given = given?;
        // What the call stands in may have made something else of it.
        let is_its = ways.len() == given.alternatives().len()
            && ways.iter().zip(given.alternatives()).all(|((way, _), one)| way.plain() == one.plain());
        if !is_its || !differ(&ways) {
            self.assign_all(targets, &given)?;
            return Ok(None);
        }
        let labels = given.labels();
        self.each_way(&ways, &mut |s, way| {
            s.assign_all(targets, &way.clone().with(labels))?;
            s.statement(next)
        })
        .map(Some)
    }

    fn assign_all(&mut self, targets: Run, value: &Value) -> Eval<()> {
        let code = std::sync::Arc::clone(&self.frame().code);
        for target in code.list(targets) {
            self.assign(*target, value.clone())?;
        }
        Ok(())
    }

    fn each_way(
        &mut self,
        ways: &[(Value, Paths)],
        run: &mut dyn FnMut(&mut Self, &Value) -> Eval<Flow>,
    ) -> Eval<Flow> {
        let Some(((value, paths), rest)) = ways.split_first() else { return Ok(Flow::Next) };
        if rest.is_empty() {
            self.paths = paths.clone();
            return run(self, value);
        }
        // Both sides need what runs each of them, one after the other.
        let run = std::cell::RefCell::new(run);
        self.fork_on(
            |s| {
                s.paths = paths.clone();
                (run.borrow_mut())(s, value)
            },
            |s| s.each_way(rest, &mut **run.borrow_mut()),
        )
    }

    /// Whether the ways of calls from here are wanted: such a call is made, even if it was made before, unless it gives but one thing.
    pub(super) fn wants_ways(&self) -> bool {
        self.ways.wanted == Some(self.frames.len())
    }

    /// Notes what the function that runs returns, if its ways are wanted.
    pub(super) fn note_way(&mut self, value: &Value, paths: &Paths) {
        if self.exploring && self.ways.wanted == Some(self.frames.len() - 1) {
            let ways = &mut self.frame_mut().ways;
            match ways.iter_mut().find(|(v, _)| v == value) {
                Some((_, known)) => *known = known.or(paths),
                None => ways.push((value.clone(), paths.clone())),
            }
        }
    }

    /// Notes that a call gave this one thing, on all of its ways, if those are wanted.
    pub(super) fn gives_one_way(&mut self, value: &Value) {
        if self.wants_ways() {
            self.ways.found = vec![(value.clone(), self.paths.clone())];
        }
    }

    /// Hands the ways of the function that ends to who wants them.
    pub(super) fn hand_over_ways(&mut self) {
        if self.exploring && self.ways.wanted == Some(self.frames.len() - 1) {
            self.ways.found = std::mem::take(&mut self.frame_mut().ways);
        }
    }
}

/// Whether ways differ in what a test would see.
fn differ(ways: &[(Value, Paths)]) -> bool {
    let told: Vec<Vec<Told>> = ways.iter().map(|(value, _)| told(value)).collect();
    (2..=WAYS_MAX).contains(&ways.len())
        && told.iter().any(|t| *t != told[0])
        && told.iter().any(|t| t.iter().any(|one| *one != Told::Other))
}

fn told(value: &Value) -> Vec<Told> {
    let one = |value: &Value| match value.plain() {
        Value::None => Told::None,
        Value::Bool(holds) => Told::Bool(*holds),
        _ => Told::Other,
    };
    match value.plain() {
        Value::Tuple(items) => items.iter().map(one).collect(),
        _ => vec![one(value)],
    }
}
