//! `try` and `with`: which handler or context manager an exception reaches, and what an exception of unknown code would do.

use std::sync::Arc;

use super::statements::{Flow, flow_of};
use super::{Eval, Interp, Literal, Paths, Raised};
use crate::code::{Block, Handler, Run, Span};
use crate::intern::known;
use crate::value::{Arguments, Labels, Site, Value};

/// What takes an exception.
#[derive(Clone, Copy)]
enum Catcher<'v> {
    /// An `except` of a `try`.
    Handler(Handler),
    /// The context manager of a `with`.
    Manager(&'v Value),
}

impl Interp<'_> {
    pub(super) fn try_(&mut self, body: Block, handlers: Run, orelse: Block, finally: Block) -> Eval<Flow> {
        let code = Arc::clone(&self.frame().code);
        let handlers = code.except(handlers).to_vec();
        let flow = if handlers.is_empty() {
            flow_of(self.block(body))?
        } else {
            self.try_with_handlers(body, &handlers, orelse)?
        };
        match self.block(finally)? {
            Flow::Next => Ok(flow),
            left => Ok(left),
        }
    }

    fn try_with_handlers(&mut self, body: Block, handlers: &[Handler], orelse: Block) -> Eval<Flow> {
        let catchers: Vec<Catcher<'_>> = handlers.iter().map(|h| Catcher::Handler(*h)).collect();
        self.caught(body, handlers[0].span, &catchers, orelse)
    }

    /// The body of a `with`: a context manager may swallow what is raised in it.
    pub(super) fn managed(&mut self, managers: &[Value], body: Block) -> Eval<Flow> {
        let mut catchers = Vec::new();
        for manager in managers {
            let unseen = Value::unknown("an exception of the called code");
            if self.exploring && self.swallows(manager, &unseen) != Some(false) {
                catchers.push(Catcher::Manager(manager));
            }
        }
        if catchers.is_empty() {
            return self.block(body);
        }
        // The innermost manager meets an exception first.
        catchers.reverse();
        let span =
            self.frame().code.block(body).first().map_or_else(Span::default, |s| self.frame().code.stmt_span(*s));
        self.caught(body, span, &catchers, Block::default())
    }

    /// Runs a body; what it raises goes to the first catcher that takes it.
    fn caught(&mut self, body: Block, span: Span, catchers: &[Catcher<'_>], orelse: Block) -> Eval<Flow> {
        let start = self.paths.clone();
        let condition = self.exception_condition(span);
        if let Some(condition) = condition {
            self.paths = start.with(Literal { condition, holds: false });
        }
        let (mark, unseen_before) = (self.frame().raised.len(), self.cut_off.len());
        let risked = std::mem::take(&mut self.frame_mut().risked);
        let may_raise = std::mem::take(&mut self.frame_mut().may_raise);
        self.frame_mut().tries += 1;
        let result = flow_of(self.block(body));
        self.frame_mut().tries -= 1;
        let mut flow = result?;
        let at_risk = std::mem::replace(&mut self.frame_mut().risked, risked);
        self.frame_mut().risked = risked.and(at_risk);
        let is_at_risk = std::mem::replace(&mut self.frame_mut().may_raise, may_raise);
        self.frame_mut().may_raise |= is_at_risk;
        if let Some(condition) = condition {
            self.conditions[condition as usize].labels = at_risk;
        }
        if flow == Flow::Next {
            flow = flow_of(self.block(orelse))?;
        }
        let mut raised = self.frame_mut().raised.split_off(mark);
        if raised.is_empty()
            && !is_at_risk
            && flow == Flow::Next
            && self.exploring
            && self.cut_off.len() == unseen_before
        {
            // All of it is described, and nothing in it raises.
            return Ok(flow);
        }
        for catcher in catchers {
            let (taken, left) = self.caught_by(*catcher, raised)?;
            raised = left;
            let reached = Self::reached(&start, condition, &taken);
            if reached.is_never() {
                continue;
            }
            let unseen = Value::unknown_with("an exception of the called code", at_risk);
            let exception = taken.iter().map(|r| r.exception.clone()).reduce(Value::or);
            let exception = exception.unwrap_or_else(|| unseen.clone());
            let paths = Self::reached(&start, condition, &[]);
            let site = self.site(span);
            let unseen = Raised { exception: unseen, site, paths };
            self.frame_mut().handled.push(taken.into_iter().chain([unseen]).collect());
            let unseen_in_body = self.cut_off.len();
            let outcome = self.handle(*catcher, exception, reached, flow);
            self.frame_mut().handled.pop();
            let outcome = outcome?;
            flow = flow.min(outcome);
            if unseen_in_body > unseen_before && outcome != Flow::Raise && self.catches_all(*catcher)? {
                self.forget_unseen(unseen_before);
            }
        }
        self.frame_mut().raised.extend(raised);
        Ok(flow)
    }

    /// Whether `__exit__` of a context manager swallows an exception: it answers with something true.
    fn swallows(&mut self, manager: &Value, exception: &Value) -> Option<bool> {
        let exit = [known::EXIT, known::AEXIT].into_iter().find_map(|name| self.class_attribute_of(manager, name));
        let Some(function) = exit.and_then(|e| e.as_object()).filter(|_| manager.as_object().is_some()) else {
            return Some(false);
        };
        let class = match exception {
            Value::Unknown(_) => Value::unknown("the class of an exception"),
            raised if self.is_class(raised) => raised.clone(),
            raised => self.class_of(raised),
        };
        let arguments = Arguments::of([manager.clone(), class, exception.clone(), Value::None]);
        let (paths, mark) = (self.paths.clone(), self.frame().raised.len());
        let site = self.made_at(function);
        let answer = self.call_function(function, arguments, site).ok();
        self.paths = paths;
        self.frame_mut().raised.truncate(mark);
        answer.map_or(Some(false), |answer| self.truth(&answer))
    }

    /// The condition that something in a `try` raises. Only an exploration follows exceptions that nobody is seen to raise.
    fn exception_condition(&mut self, span: Span) -> Option<u32> {
        if !self.exploring {
            return None;
        }
        let site = self.site(span);
        let control = self.frame().control;
        let condition = self.condition_at(site, Labels::NONE, usize::MAX);
        self.conditions[condition as usize].is_exception = true;
        self.frame_mut().control = control;
        Some(condition)
    }

    fn reached(start: &Paths, condition: Option<u32>, caught: &[Raised]) -> Paths {
        let by_unknown =
            condition.map_or_else(Paths::never, |condition| start.with(Literal { condition, holds: true }));
        caught.iter().fold(by_unknown, |paths, raised| paths.or(&raised.paths))
    }

    /// Splits what was raised into what is caught here and the rest. What may be caught is caught.
    fn caught_by(&mut self, catcher: Catcher<'_>, raised: Vec<Raised>) -> Eval<(Vec<Raised>, Vec<Raised>)> {
        if raised.is_empty() {
            return Ok((raised, Vec::new()));
        }
        let class = match catcher {
            Catcher::Handler(Handler { exception: Some(exception), .. }) => self.eval(exception)?,
            Catcher::Handler(_) => return Ok((raised, Vec::new())),
            Catcher::Manager(_) => Value::None,
        };
        let (mut caught, mut left) = (Vec::new(), Vec::new());
        for r in raised {
            let taken = match catcher {
                Catcher::Handler(_) => self.is_exception_of(&r.exception, &class),
                Catcher::Manager(manager) => self.swallows(manager, &r.exception),
            };
            match taken {
                Some(true) => caught.push(r),
                Some(false) => left.push(r),
                None => {
                    caught.push(r.clone());
                    left.push(r);
                }
            }
        }
        Ok((caught, left))
    }

    /// Whether a catcher takes whatever code that is not seen raises.
    fn catches_all(&mut self, catcher: Catcher<'_>) -> Eval<bool> {
        let Catcher::Handler(Handler { exception: Some(exception), .. }) = catcher else { return Ok(true) };
        let class = self.eval(exception)?;
        let is_base =
            |one: &Value| matches!(self.qualified_name(one), Some("builtins.Exception" | "builtins.BaseException"));
        Ok(match class.plain() {
            Value::Tuple(classes) => classes.iter().any(is_base),
            one => is_base(one),
        })
    }

    /// `raise E` and `raise E()` are the same.
    pub(super) fn is_exception_of(&mut self, exception: &Value, class: &Value) -> Option<bool> {
        if self.is_class(exception) { self.is_subclass(exception, class) } else { self.is_instance(exception, class) }
    }

    /// What a catcher does with an exception; where its body goes.
    fn handle(&mut self, catcher: Catcher<'_>, exception: Value, reached: Paths, flow: Flow) -> Eval<Flow> {
        let (name, body) = match catcher {
            Catcher::Handler(handler) => (handler.name, handler.body),
            Catcher::Manager(_) => (None, Block::default()),
        };
        let after_body = self.snapshot();
        let mark = self.begin_branches();
        self.paths = reached;
        let scope = self.frame().scope;
        let bare = known::EXCEPTION;
        self.bind_in(scope, bare, exception.clone());
        if let Some(name) = name {
            self.bind(name, exception);
        }
        let outcome = flow_of(self.block(body));
        // What becomes of a request goes by what is left last: nothing is asked of it twice for the sake of either.
        if let Ok(outcome) = outcome
            && self.is_watching()
        {
            self.join_assigned(mark, (flow, Vec::new()), outcome);
        }
        self.end_branches();
        let outcome = outcome?;
        self.scope_mut(scope).remove(bare);
        match (flow == Flow::Next, outcome == Flow::Next) {
            (true, true) => self.join(&after_body),
            (true, false) => self.restore(after_body),
            (false, true) => {}
            (false, false) => {
                let paths = self.paths.clone();
                self.restore(after_body);
                self.paths = self.paths.or(&paths);
            }
        }
        Ok(outcome)
    }

    /// Raises again what an `except` block handles: each of the exceptions on the ways on which it was raised, and not all on all.
    pub(super) fn raised_again(&mut self, site: Site) {
        let here = self.paths.clone();
        for handled in self.frame().handled.last().cloned().unwrap_or_default() {
            let paths = handled.paths.and(&here);
            if !paths.is_never() {
                let site = if self.program.is_stub(handled.site.file) { site } else { handled.site };
                self.frame_mut().raised.push(Raised { exception: handled.exception, site, paths });
            }
        }
    }

    /// Notes that something unknown was called: it may raise, depending on what it was given.
    pub(super) fn risk(&mut self, labels: Labels) {
        let frame = self.frame_mut();
        if !frame.is_sealed {
            frame.risked = frame.risked.and(labels);
            frame.may_raise = true;
        }
    }
}
