//! `try`: which handler an exception reaches, and what an exception of unknown code would do.

use std::sync::Arc;

use super::statements::{Flow, flow_of};
use super::{Eval, Interp, Literal, Paths, Raised};
use crate::code::{Block, Handler, Run};
use crate::intern::known;
use crate::value::{Labels, Value};

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
        let start = self.paths.clone();
        let condition = self.exception_condition(handlers[0]);
        if let Some(condition) = condition {
            self.paths = start.with(Literal { condition, holds: false });
        }
        let mark = self.frame().raised.len();
        let risked = std::mem::take(&mut self.frame_mut().risked);
        self.frame_mut().tries += 1;
        let result = flow_of(self.block(body));
        self.frame_mut().tries -= 1;
        let mut flow = result?;
        let at_risk = std::mem::replace(&mut self.frame_mut().risked, risked);
        self.frame_mut().risked = risked.and(at_risk);
        if let Some(condition) = condition {
            self.conditions[condition as usize].labels = at_risk;
        }
        if flow == Flow::Next {
            flow = flow_of(self.block(orelse))?;
        }
        let mut raised = self.frame_mut().raised.split_off(mark);
        for handler in handlers {
            let (caught, left) = self.caught_by(*handler, raised)?;
            raised = left;
            let reached = Self::reached(&start, condition, &caught);
            if reached.is_never() {
                continue;
            }
            let exception = caught.iter().map(|r| r.exception.clone()).reduce(Value::or);
            let exception =
                exception.unwrap_or_else(|| Value::unknown_with("an exception of the called code", at_risk));
            flow = self.handle(*handler, exception, reached, flow)?;
        }
        self.frame_mut().raised.extend(raised);
        Ok(flow)
    }

    /// The condition that something in a `try` raises. Only an exploration follows exceptions that nobody is seen to raise.
    fn exception_condition(&mut self, first: Handler) -> Option<u32> {
        if !self.exploring {
            return None;
        }
        let site = self.site(first.span);
        let control = self.frame().control;
        let condition = self.condition_at(site, Labels::NONE, usize::MAX);
        self.frame_mut().control = control;
        Some(condition)
    }

    fn reached(start: &Paths, condition: Option<u32>, caught: &[Raised]) -> Paths {
        let by_unknown =
            condition.map_or_else(Paths::never, |condition| start.with(Literal { condition, holds: true }));
        caught.iter().fold(by_unknown, |paths, raised| paths.or(&raised.paths))
    }

    /// Splits what was raised into what this handler catches and the rest. What may be caught is caught.
    fn caught_by(&mut self, handler: Handler, raised: Vec<Raised>) -> Eval<(Vec<Raised>, Vec<Raised>)> {
        let Some(exception) = handler.exception else {
            return Ok((raised, Vec::new()));
        };
        if raised.is_empty() {
            return Ok((raised, Vec::new()));
        }
        let class = self.eval(exception)?;
        let (mut caught, mut left) = (Vec::new(), Vec::new());
        for r in raised {
            match self.is_exception_of(&r.exception, &class) {
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

    /// `raise E` and `raise E()` are the same.
    pub(super) fn is_exception_of(&mut self, exception: &Value, class: &Value) -> Option<bool> {
        if self.is_class(exception) { self.is_subclass(exception, class) } else { self.is_instance(exception, class) }
    }

    fn handle(&mut self, handler: Handler, exception: Value, reached: Paths, flow: Flow) -> Eval<Flow> {
        let after_body = self.snapshot();
        self.paths = reached;
        let scope = self.frame().scope;
        let bare = known::EXCEPTION;
        self.scope_mut(scope).set(bare, exception.clone());
        if let Some(name) = handler.name {
            self.bind(name, exception);
        }
        let outcome = flow_of(self.block(handler.body))?;
        self.scope_mut(scope).remove(bare);
        match (flow == Flow::Next, outcome == Flow::Next) {
            (true, true) => self.join(after_body),
            (true, false) => self.restore(after_body),
            (false, true) => {}
            (false, false) => {
                let paths = self.paths.clone();
                self.restore(after_body);
                self.paths = self.paths.or(&paths);
            }
        }
        Ok(flow.min(outcome))
    }

    /// Notes that something unknown was called: it may raise, depending on what it was given.
    pub(super) fn risk(&mut self, labels: Labels) {
        let frame = self.frame_mut();
        frame.risked = frame.risked.and(labels);
    }
}
