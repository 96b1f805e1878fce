//! Running statements, and joining branches that the source does not decide.

use std::rc::Rc;

use model::GapKind;

use super::branches::Mark;
use super::methods::ITEMS_MAX;
use super::paths::LITERALS_MAX;
use super::{Abort, Condition, Eval, Interp, Literal, Paths, Raised};
use crate::code::{Block, CompareOp, Expr, ExprId, Pattern, Run, Stmt, StmtId, UnaryOp};
use crate::intern::{Symbol, known};
use crate::term::Term;
use crate::value::{Attributes, Kind, Labels, Site, Value};

/// How a block ends. Later variants leave more behind; where branches join, the one that goes on the furthest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flow {
    Next,
    Continue,
    Break,
    Return,
    Raise,
}

/// Turns of a loop that were left on one side of something undecided and are joined behind it.
const LEFT_TURNS_MAX: usize = 16;
/// Copying and joining a name takes as long as copying so many items of a list.
const ITEMS_PER_NAME: usize = 32;
/// Names of a scope that a branch copies without paying: what functions and modules usually have.
const NAMES_FREE: usize = 64;
/// What a panic of ours is to the user.
const DEFECT: &str = "evaluating this statement failed inside Doorward: please report it";
/// Why the rest of a module was not evaluated.
const ALL_TAKEN: &str =
    "the program takes more steps or memory than are evaluated: not evaluated from here to the end of the file";

/// The names of a scope and the paths: what a branch changes.
pub(super) struct Snapshot {
    names: Rc<Attributes>,
    paths: Paths,
}

impl Interp<'_> {
    pub(super) fn block(&mut self, block: Block) -> Eval<Flow> {
        if block.is_empty() {
            return Ok(Flow::Next);
        }
        self.deeper(|s| s.statements(block))
    }

    fn statements(&mut self, block: Block) -> Eval<Flow> {
        let nth = |s: &Self, at: usize| s.frame().code.block(block).get(at).copied();
        let mut at = 0;
        while let Some(id) = nth(self, at) {
            at += 1;
            let before = self.exploring.then(|| self.paths.clone());
            let next = nth(self, at);
            let ended = match (self.asked_of_call(id, next.as_ref()), next) {
                (Some(asked), Some(next)) => self.assigned_and_asked(asked, next).map(|ended| {
                    at += usize::from(ended.is_some());
                    ended.unwrap_or(Flow::Next)
                }),
                _ => self.statement(id),
            };
            let flow = match ended {
                Err(Abort::Raised) => Flow::Raise,
                Err(Abort::Limit) => {
                    // Whatever comes of the statement lies on the paths that lead to it.
                    self.paths = before.unwrap_or_else(Paths::always);
                    return Err(Abort::Limit);
                }
                other => other?,
            };
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    /// Module bodies: a statement that raises or runs out of steps loses itself and not the rest of the module.
    pub(super) fn module_block(&mut self, block: Block) {
        let code = std::sync::Arc::clone(&self.frame().code);
        for id in code.block(block) {
            let outer = (self.steps_left, self.granted);
            let span = code.stmt_span(*id);
            self.refill_for(span.end.saturating_sub(span.start));
            let ended = self.recovering(|s| s.statement(*id));
            let site = self.site(span);
            if ended.is_none() {
                self.gap(GapKind::Internal, site, DEFECT.to_owned());
            }
            if ended == Some(Err(Abort::Limit)) {
                if self.total_left == 0 {
                    self.gap(GapKind::EvaluationLimit, site, ALL_TAKEN.to_owned());
                    (self.steps_left, self.granted) = outer;
                    return;
                }
                self.gap(GapKind::EvaluationLimit, site, "evaluating this statement took too many steps".to_owned());
            }
            // A module imported by a module has its own allowance; `Limits::steps_total` bounds them all.
            (self.steps_left, self.granted) = outer;
            self.frame_mut().raised.clear();
        }
    }

    pub(super) fn statement(&mut self, id: StmtId) -> Eval<Flow> {
        self.step()?;
        let frame = self.frame_mut();
        let span = frame.code.stmt_span(id);
        frame.at = span;
        let code = &frame.code;
        match code.stmt(id) {
            Stmt::Expr(e) => {
                if !self.is_coroutine_that_never_runs(e) {
                    self.eval(e)?;
                }
            }
            Stmt::Assign { targets, value } => {
                let value = self.eval(value)?;
                let nth = |s: &Self, at: usize| s.frame().code.list(targets).get(at).copied();
                let mut at = 0;
                while let Some(target) = nth(self, at) {
                    at += 1;
                    self.assign(target, value.clone())?;
                }
            }
            Stmt::AnnAssign { target, annotation, value } => self.annotated_assign(target, annotation, value)?,
            Stmt::AugAssign { target, op, value } => self.augmented_assign(target, op, value)?,
            Stmt::Return(value) => return self.return_(value, span),
            Stmt::Raise { exception, .. } => return self.raise(exception, span),
            Stmt::Delete(targets) => self.delete(targets)?,
            Stmt::Break => return Ok(Flow::Break),
            Stmt::Continue => return Ok(Flow::Continue),
            Stmt::Global(names) => {
                let (scope, names) = (frame.scope, code.names(names).to_vec());
                self.scope_mut(scope).globals.extend(names);
            }
            Stmt::Nonlocal(names) => {
                let (scope, names) = (frame.scope, code.names(names).to_vec());
                self.scope_mut(scope).nonlocals.extend(names);
            }
            Stmt::Import(names) => self.import(names),
            Stmt::ImportFrom { module, level, names } => self.import_from(module, level, names),
            Stmt::If { test, body, orelse } => return self.if_(test, body, orelse),
            Stmt::For { target, iter, body, orelse } => return self.looping(|s| s.for_(target, iter, body, orelse)),
            Stmt::While { test, body, orelse } => return self.looping(|s| s.while_(test, body, orelse)),
            Stmt::With { items, body } => return self.with(items, body),
            Stmt::Try { body, handlers, orelse, finally } => return self.try_(body, handlers, orelse, finally),
            Stmt::Match { subject, cases } => return self.match_(subject, cases),
            Stmt::Function(function) => self.define_function(function)?,
            Stmt::Class(class) => self.define_class(class)?,
            Stmt::TypeAlias { name, value } => {
                let value = self.eval(value)?;
                self.bind(name, value);
            }
            // `assert` is removed by `python -O`: it decides nothing.
            Stmt::Assert { .. } | Stmt::Pass => {}
        }
        Ok(Flow::Next)
    }

    fn annotated_assign(&mut self, target: ExprId, _annotation: ExprId, value: Option<ExprId>) -> Eval<()> {
        // Annotations of class bodies are kept by the class and read when somebody asks.
        let Some(value) = value else { return Ok(()) };
        let value = self.eval(value)?;
        self.assign(target, value)
    }

    fn augmented_assign(&mut self, target: ExprId, op: crate::code::BinaryOp, value: ExprId) -> Eval<()> {
        let left = self.eval(target)?;
        let right = self.eval(value)?;
        if let (Some(obj), crate::code::BinaryOp::Add) = (left.as_object(), op)
            && matches!(self.kind(obj), Kind::List { .. })
        {
            let added = self.known_items(&right);
            if let Kind::List { items, open, .. } = &mut self.object_mut(obj).kind {
                match added {
                    Some(added) if items.len() + added.len() < ITEMS_MAX => items.extend(added),
                    _ => *open = true,
                }
                return Ok(());
            }
        }
        let result = self.binary(op, &left, &right);
        self.assign(target, result)
    }

    fn return_(&mut self, value: Option<ExprId>, span: crate::code::Span) -> Eval<Flow> {
        let told = self.frame().told;
        self.telling.tail = value.filter(|_| told).and_then(|value| self.call_in(value));
        self.telling.told = false;
        let value = value.map_or(Ok(Value::None), |v| self.eval(v))?;
        let is_told = std::mem::take(&mut self.telling.told);
        (self.telling.tail, self.telling.answering) = (None, false);
        let site = self.site(span);
        let paths = self.paths.clone();
        let frame = self.frame_mut();
        if told && !is_told {
            frame.returned.push((value.clone(), site, paths.clone()));
        }
        self.note_way(&value, &paths);
        let frame = self.frame_mut();
        if frame.return_paths.last() != Some(&paths) {
            frame.return_paths.push(paths);
        }
        let value = value.with(frame.control);
        frame.returns = Some(match frame.returns.take() {
            Some(other) => other.or(value),
            None => value,
        });
        Ok(Flow::Return)
    }

    /// What the body of a `lambda` gives: it returns that.
    pub(super) fn answer_of(&mut self, expression: ExprId) -> Eval<Value> {
        let told = self.frame().told;
        self.telling.tail = Some(expression).filter(|_| told).and_then(|expression| self.call_in(expression));
        self.telling.told = false;
        let value = self.eval(expression)?;
        let is_told = std::mem::take(&mut self.telling.told);
        (self.telling.tail, self.telling.answering) = (None, false);
        if told && !is_told {
            let site = self.site(self.frame().code.expr_span(expression));
            let paths = self.paths.clone();
            self.frame_mut().returned.push((value.clone(), site, paths));
        }
        Ok(value)
    }

    /// The place of a call that is all that an expression does.
    fn call_in(&self, expression: ExprId) -> Option<Site> {
        let code = &self.frame().code;
        match code.expr(expression) {
            Expr::Call { .. } => Some(self.site(code.expr_span(expression))),
            Expr::Await(inner) => self.call_in(inner),
            _ => None,
        }
    }

    fn raise(&mut self, exception: Option<ExprId>, span: crate::code::Span) -> Eval<Flow> {
        let handled = self.lookup(self.frame().scope, known::EXCEPTION);
        let exception = match exception {
            Some(e) => self.eval(e)?,
            None => handled.clone().unwrap_or_else(|| Value::unknown("re-raised")),
        };
        let site = self.site(span);
        let several = matches!(exception.plain(), Value::Union(_));
        if several && self.exploring && !self.frame().handled.is_empty() && Some(&exception) == handled.as_ref() {
            self.raised_again(site);
        } else {
            self.raised(exception, site);
        }
        Ok(Flow::Raise)
    }

    pub(super) fn raised(&mut self, exception: Value, site: Site) {
        let (paths, site) = (self.paths.clone(), self.asked_at(site));
        self.frame_mut().raised.push(Raised { exception, site, paths });
    }

    /// Where code of the program asks a description for what it raises: `abort(403)`. Itself, where the program is not around.
    fn asked_at(&self, site: Site) -> Site {
        let is_described = |frame: &super::Frame| self.program.is_stub(frame.file);
        let described = self.frames.iter().skip(1).rev().take_while(|frame| is_described(frame)).count();
        if !self.exploring || described == 0 || described + 1 >= self.frames.len() {
            return site;
        }
        self.frames[self.frames.len() - described].called_at.unwrap_or(site)
    }

    fn delete(&mut self, targets: Run) -> Eval<()> {
        let code = std::sync::Arc::clone(&self.frame().code);
        for target in code.list(targets) {
            match code.expr(*target) {
                Expr::Name(name) => {
                    let scope = self.frame().scope;
                    self.scope_mut(scope).remove(name);
                }
                Expr::Attribute(of, name) => {
                    let of = self.eval(of)?;
                    // `del router.routes` after inclusion frees memory; what was included stays.
                    if let (Some(obj), false) = (of.as_object(), self.is_stub_instance(&of)) {
                        self.attributes_mut(obj, name).remove(name);
                    }
                }
                Expr::Subscript(of, key) => {
                    let (of, key) = (self.eval(of)?, self.eval(key)?);
                    if let Some(obj) = of.as_object() {
                        self.note_removed(obj, &key, self.site(code.expr_span(*target)));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn if_(&mut self, test: ExprId, body: Block, orelse: Block) -> Eval<Flow> {
        let mark = self.comparisons.len();
        let condition = self.eval(test)?;
        let truth = self.truth_of(test, &condition).map(|truth| self.as_configured(test, condition.labels(), truth));
        if truth.is_some() {
            // What is returned below depends on it, as much as on a condition that is not known.
            let bits = condition.labels().bits & !Labels::CONFIGURATION;
            self.frame_mut().control = self.frame().control.and(Labels::bit(bits));
        }
        match truth {
            Some(true) => {
                let flow = self.block(body)?;
                // A check of the configuration that fails under its defaults would end the program before it serves anything.
                if flow == Flow::Raise && !self.exploring && self.frame().tries == 0 {
                    self.frame_mut().raised.clear();
                    return Ok(Flow::Next);
                }
                Ok(flow)
            }
            Some(false) => self.block(orelse),
            None => {
                let id = self.condition_met(test, self.deciding(test, &condition), mark);
                self.note_test(id, test, &condition);
                let tested = self.test_term(test, &condition);
                self.fork(
                    id,
                    |s| {
                        s.narrow(test, true);
                        s.clean_behind(tested.as_ref(), true);
                        s.block(body)
                    },
                    |s| {
                        s.narrow(test, false);
                        s.clean_behind(tested.as_ref(), false);
                        s.block(orelse)
                    },
                )
            }
        }
    }

    /// A condition that a setting decides turns out as by default, unless the exploration is about it turning out otherwise.
    fn as_configured(&mut self, test: ExprId, labels: Labels, truth: bool) -> bool {
        let Some(setting) = labels.setting.filter(|_| self.exploring) else {
            return truth;
        };
        let site = self.site(self.frame().code.expr_span(test));
        self.note_decided(site, setting);
        truth != (self.flipped == Some(site))
    }

    /// Notes a condition that the default of a setting decides.
    pub(super) fn note_decided(&mut self, site: Site, setting: Symbol) {
        if !self.decided.iter().any(|(s, _)| *s == site) {
            self.decided.push((site, setting));
        }
    }

    /// Notes a condition that the source does not decide.
    pub(super) fn condition_met(&mut self, test: ExprId, labels: Labels, mark: usize) -> u32 {
        let span = self.frame().code.expr_span(test);
        self.condition_at(self.site(span), labels, mark)
    }

    pub(super) fn condition_at(&mut self, site: Site, labels: Labels, mark: usize) -> u32 {
        self.frame_mut().control = self.frame().control.and(labels.of_decision());
        if !self.exploring {
            return 0;
        }
        let comparisons = self.comparisons.split_off(mark.min(self.comparisons.len()));
        self.conditions.push(Condition { site, labels, comparisons, term: None, is_exception: false });
        u32::try_from(self.conditions.len() - 1).unwrap_or(u32::MAX)
    }

    /// `check(request)` without `await`, where `check` is an `async def`: a coroutine is made and thrown away.
    fn is_coroutine_that_never_runs(&mut self, statement: ExprId) -> bool {
        let code = &self.frame().code;
        let Expr::Call { function, .. } = code.expr(statement) else { return false };
        let Expr::Name(name) = code.expr(function) else { return false };
        let callee = self.lookup(self.frame().scope, name);
        callee.and_then(|callee| self.is_coroutine(&callee)).unwrap_or(false)
    }

    /// Runs two sides of an undecided condition from the same state, and joins what goes on.
    pub(super) fn fork(
        &mut self,
        condition: u32,
        holds: impl FnOnce(&mut Self) -> Eval<Flow>,
        fails: impl FnOnce(&mut Self) -> Eval<Flow>,
    ) -> Eval<Flow> {
        self.fork_on(
            |s| {
                s.take_side(condition, true);
                holds(s)
            },
            |s| {
                s.take_side(condition, false);
                fails(s)
            },
        )
    }

    /// Runs two sides from the same state, and joins what goes on. Each says itself on which paths it is.
    pub(super) fn fork_on(
        &mut self,
        first: impl FnOnce(&mut Self) -> Eval<Flow>,
        second: impl FnOnce(&mut Self) -> Eval<Flow>,
    ) -> Eval<Flow> {
        let mark = self.begin_branches();
        self.undecided_depth += 1;
        let flows = self.sides(mark, first, second);
        self.undecided_depth -= 1;
        self.end_branches();
        flows
    }

    fn sides(
        &mut self,
        mark: Mark,
        holds: impl FnOnce(&mut Self) -> Eval<Flow>,
        fails: impl FnOnce(&mut Self) -> Eval<Flow>,
    ) -> Eval<Flow> {
        let (before, began) = (self.snapshot(), self.heap.len());
        let first = flow_of(holds(self))?;
        let after_first = self.snapshot();
        let other = self.heap.len();
        let left = self.take_assigned(mark);
        self.restore(before);
        let second = flow_of(fails(self))?;
        self.note_branches([began, other, self.heap.len()]);
        self.join_assigned(mark, (first, left), second);
        self.note_left_turns(first, second, &after_first);
        match (first == Flow::Next, second == Flow::Next) {
            (true, true) => self.join(&after_first),
            (true, false) => self.restore(after_first),
            (false, true) => {}
            (false, false) => self.paths = self.paths.or(&after_first.paths),
        }
        Ok(first.min(second))
    }

    /// Where one side leaves a turn of a loop and the other does not, its names are kept: they join behind the loop.
    fn note_left_turns(&mut self, first: Flow, second: Flow, after_first: &Snapshot) {
        let leaves = |flow| matches!(flow, Flow::Break | Flow::Continue);
        if !self.is_watching() || first == second || !(leaves(first) || leaves(second)) {
            return;
        }
        let second_names = Rc::clone(&self.scope(self.frame().scope).names);
        let left = &mut self.frame_mut().left_turns;
        let room = LEFT_TURNS_MAX.saturating_sub(left.len());
        let both = [(first, &after_first.names), (second, &second_names)];
        left.extend(both.into_iter().filter(|(flow, _)| leaves(*flow)).map(|(_, names)| Rc::clone(names)).take(room));
    }

    /// Runs a loop; behind it names hold what any turn left in them.
    pub(super) fn looping(&mut self, run: impl FnOnce(&mut Self) -> Eval<Flow>) -> Eval<Flow> {
        if !self.is_watching() {
            return run(self);
        }
        let outer = std::mem::take(&mut self.frame_mut().left_turns);
        let flow = run(self);
        let left = std::mem::replace(&mut self.frame_mut().left_turns, outer);
        let scope = self.frame().scope;
        for names in left {
            Rc::make_mut(&mut self.scope_mut(scope).names).join(&names);
        }
        flow
    }

    fn take_side(&mut self, condition: u32, holds: bool) {
        if self.exploring {
            // Where only events count, a way through a hundred conditions is not told apart from its neighbours.
            let is_long = self.steps_per_event > 0 && self.paths.longest() >= LITERALS_MAX;
            let literal = Literal { condition, holds };
            self.paths = if is_long { self.paths.without_more(literal) } else { self.paths.with(literal) };
        }
    }

    pub(super) fn snapshot(&mut self) -> Snapshot {
        self.charge(self.scope(self.frame().scope).names.len().saturating_sub(NAMES_FREE) * ITEMS_PER_NAME);
        Snapshot { names: Rc::clone(&self.scope(self.frame().scope).names), paths: self.paths.clone() }
    }

    pub(super) fn restore(&mut self, snapshot: Snapshot) {
        let scope = self.frame().scope;
        self.scope_mut(scope).names = snapshot.names;
        self.paths = snapshot.paths;
    }

    pub(super) fn join(&mut self, other: &Snapshot) {
        let scope = self.frame().scope;
        if !Rc::ptr_eq(&self.scope(scope).names, &other.names) {
            Rc::make_mut(&mut self.scope_mut(scope).names).join(&other.names);
        }
        self.paths = self.paths.or(&other.paths);
    }

    /// Drops the alternatives of a variable that a test rules out.
    pub(super) fn narrow(&mut self, test: ExprId, holds: bool) {
        let code = std::sync::Arc::clone(&self.frame().code);
        match code.expr(test) {
            Expr::Unary(UnaryOp::Not, inner) => self.narrow(inner, !holds),
            Expr::Name(name) => self.keep(name, |s, v| s.truth(v) != Some(!holds)),
            Expr::And(parts) if holds => {
                for part in code.list(parts) {
                    self.narrow(*part, true);
                }
            }
            Expr::Or(parts) if !holds => {
                for part in code.list(parts) {
                    self.narrow(*part, false);
                }
            }
            Expr::Compare(left, rest) => {
                let [(op @ (CompareOp::Is | CompareOp::IsNot), right)] = code.compare(rest) else {
                    return;
                };
                let (Expr::Name(name), Expr::None) = (code.expr(left), code.expr(*right)) else {
                    return;
                };
                let none = holds == (*op == CompareOp::Is);
                self.keep(name, |_, v| v.is_unknown() || v.is_none() == none);
            }
            _ => {}
        }
    }

    fn keep(&mut self, name: Symbol, wanted: impl Fn(&mut Self, &Value) -> bool) {
        let scope = self.frame().scope;
        let Some(Value::Union(values)) = self.name_in(scope, name).cloned() else {
            return;
        };
        let kept: Vec<Value> = values.iter().filter(|v| wanted(self, v)).cloned().collect();
        if let Some(value) = kept.into_iter().reduce(Value::or) {
            self.bind_in(scope, name, value);
        }
    }

    fn with(&mut self, items: Run, body: Block) -> Eval<Flow> {
        let code = std::sync::Arc::clone(&self.frame().code);
        let mut managers = Vec::new();
        for item in code.with(items) {
            let context = self.eval(item.context)?;
            let entered = self.enter(&context)?;
            if let Some(target) = item.target {
                self.assign(target, entered)?;
            }
            managers.push(context);
        }
        self.managed(&managers, body)
    }

    fn match_(&mut self, subject: ExprId, cases: Run) -> Eval<Flow> {
        let code = std::sync::Arc::clone(&self.frame().code);
        let value = self.eval(subject)?;
        self.cases(subject, &value, code.match_cases(cases))
    }

    fn cases(&mut self, subject: ExprId, value: &Value, mut cases: &[crate::code::Case]) -> Eval<Flow> {
        while let Some((case, rest)) = cases.split_first() {
            match self.case_matches(value, case)? {
                (Some(false), _) => cases = rest,
                (Some(true), _) => return self.block(case.body),
                (None, mark) => {
                    let id = self.condition_met(subject, value.labels(), mark);
                    let tested = self.taken_by_case(value, case)?;
                    if let (Some(condition), Some(_)) = (self.conditions.get_mut(id as usize), &tested) {
                        condition.term = tested.clone().map(Rc::new);
                    }
                    return self.fork(
                        id,
                        |s| {
                            s.clean_behind(tested.as_ref(), true);
                            s.block(case.body)
                        },
                        |s| {
                            s.clean_behind(tested.as_ref(), false);
                            s.deeper(|s| s.cases(subject, value, rest))
                        },
                    );
                }
            }
        }
        Ok(Flow::Next)
    }

    /// Whether a value is what a case takes, and which comparisons are older than the question.
    fn case_matches(&mut self, value: &Value, case: &crate::code::Case) -> Eval<(Option<bool>, usize)> {
        let mark = self.comparisons.len();
        let mut matched = self.matches(value, case.pattern)?;
        if let (Some(guard), true) = (case.guard, matched != Some(false)) {
            let guard = self.eval(guard)?;
            matched = match (matched, self.truth(&guard)) {
                (Some(true), known) => known,
                (_, Some(false)) => Some(false),
                _ => None,
            };
        }
        Ok((matched, mark))
    }

    /// What it stands for that something raw is what a case takes.
    fn taken_by_case(&mut self, value: &Value, case: &crate::code::Case) -> Eval<Option<Term>> {
        let is_asked = self.exploring && self.is_watching() && value.labels().raw != 0 && case.guard.is_none();
        if is_asked { self.taken_by_pattern(value, case.pattern) } else { Ok(None) }
    }

    fn taken_by_pattern(&mut self, value: &Value, pattern: u32) -> Eval<Option<Term>> {
        let code = std::sync::Arc::clone(&self.frame().code);
        match code.pattern(pattern) {
            Pattern::Value(expected) => {
                let expected = self.eval(*expected)?;
                Ok(Some(Term::Compared(Rc::new((value.clone(), CompareOp::Eq, expected)))))
            }
            Pattern::Bind(Some(inner), _) => self.taken_by_pattern(value, *inner),
            Pattern::Or(patterns) => {
                let each: Eval<Vec<_>> = patterns.iter().map(|one| self.taken_by_pattern(value, *one)).collect();
                Ok(Some(Term::Any(each?.into())))
            }
            _ => Ok(None),
        }
    }

    fn matches(&mut self, value: &Value, pattern: u32) -> Eval<Option<bool>> {
        let code = std::sync::Arc::clone(&self.frame().code);
        match code.pattern(pattern) {
            Pattern::Value(expr) => {
                let expected = self.eval(*expr)?;
                let equal = self.equal(value, &expected);
                if equal.is_none() {
                    self.note_comparison(value, &expected, true);
                }
                Ok(equal)
            }
            Pattern::Bind(inner, name) => {
                let matched = inner.map_or(Ok(Some(true)), |p| self.matches(value, p))?;
                if let Some(name) = name {
                    self.bind(*name, value.clone());
                }
                Ok(matched)
            }
            Pattern::Or(patterns) => {
                let (mut all_fail, mark) = (true, self.comparisons.len());
                for p in patterns {
                    match self.matches(value, *p)? {
                        Some(true) => return Ok(Some(true)),
                        Some(false) => {}
                        None => all_fail = false,
                    }
                }
                self.unite_comparisons(mark);
                Ok(all_fail.then_some(false))
            }
            Pattern::Class { class, binds, bare } => {
                for name in binds {
                    self.bind(*name, Value::unknown_with("part of a matched value", value.labels()));
                }
                let class = self.eval(*class)?;
                Ok(self.is_instance(value, &class).filter(|known| *bare || !known))
            }
            Pattern::Other(binds) => {
                for name in binds {
                    self.bind(*name, Value::unknown_with("part of a matched value", value.labels()));
                }
                Ok(None)
            }
        }
    }
}

/// An exception that leaves a branch ends the branch.
pub(super) fn flow_of(result: Eval<Flow>) -> Eval<Flow> {
    match result {
        Err(Abort::Raised) => Ok(Flow::Raise),
        other => other,
    }
}
