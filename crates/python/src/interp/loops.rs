//! `for` and `while`: over something known turn by turn, over something unknown once.

use std::rc::Rc;

use super::statements::{Flow, flow_of};
use super::{Abort, Eval, Interp};
use crate::code::{Block, Expr, ExprId};
use crate::intern::Symbol;
use crate::term::Term;
use crate::value::{Arguments, Unknown, Value};

/// Turns of a `while` whose condition stays true.
const WHILE_TURNS_MAX: usize = 64;
/// Bytes of a text whose letters are told apart.
const LETTERS_MAX: usize = 64;

impl Interp<'_> {
    pub(super) fn for_(&mut self, target: ExprId, iter: ExprId, body: Block, orelse: Block) -> Eval<Flow> {
        let iterable = self.eval(iter)?;
        let site = self.site(self.frame().code.expr_span(iter));
        let conditions = self.conditions.len();
        if let Some(element) = self.kept_element(&iterable, site) {
            self.assign_item(target, element, &iterable)?;
            return self.unknown_turn(body, conditions);
        }
        let Some(items) = self.iterate(&iterable) else {
            let item = self.element_in(iter, &iterable);
            self.assign_item(target, item, &iterable)?;
            return self.unknown_turn(body, conditions);
        };
        if items.len() > self.limits.turns {
            return Err(Abort::Limit);
        }
        for item in items {
            self.assign(target, item)?;
            match flow_of(self.block(body))? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                left => return Ok(left),
            }
        }
        self.block(orelse)
    }

    /// What an item goes by in a turn.
    pub(super) fn assign_item(&mut self, target: ExprId, item: Value, whole: &Value) -> Eval<()> {
        self.assign(target, item)?;
        if let Expr::Name(name) = self.frame().code.expr(target) {
            let scope = self.frame().scope;
            if let Some(item) = self.scope(scope).names.get(name).cloned() {
                self.note_item(&item, whole);
            }
        }
        Ok(())
    }

    pub(super) fn while_(&mut self, test: ExprId, body: Block, orelse: Block) -> Eval<Flow> {
        for _ in 0..WHILE_TURNS_MAX {
            let condition = self.eval(test)?;
            match self.truth(&condition) {
                Some(false) => return self.block(orelse),
                None => return self.unknown_turn(body, self.conditions.len()),
                Some(true) => match flow_of(self.block(body))? {
                    Flow::Next | Flow::Continue => {}
                    Flow::Break => return Ok(Flow::Next),
                    left => return Ok(left),
                },
            }
        }
        Ok(Flow::Next)
    }

    /// One turn stands for all; the loop may also not turn at all, but what it checks is taken as checked.
    fn unknown_turn(&mut self, body: Block, conditions: usize) -> Eval<Flow> {
        let before = self.snapshot();
        self.frame_mut().yields_open = true;
        // What is put into lists from before the loop may not be there.
        let turn = if self.exploring { self.heap.len() } else { 0 };
        let outer = std::mem::replace(&mut self.turn_began, turn);
        let flow = flow_of(self.block(body));
        self.turn_began = outer;
        let flow = flow?;
        if matches!(flow, Flow::Next | Flow::Continue | Flow::Break) {
            let paths = self.paths.clone();
            self.join(&before);
            self.paths = paths;
            if flow != Flow::Break {
                self.clean_behind_loop(conditions);
            }
        } else {
            self.restore(before);
        }
        Ok(Flow::Next)
    }

    /// What iterating something yields, if that is known.
    pub(super) fn iterate(&mut self, value: &Value) -> Option<Vec<Value>> {
        self.charge_for(value);
        if let Some(items) = self.known_items(value) {
            return Some(items);
        }
        if let Some(members) = self.enum_members(value) {
            return Some(members);
        }
        // The letters of a text; of one with holes they are not known.
        if let Value::Str(text) = value.plain()
            && text.len() <= LETTERS_MAX
            && !text.contains('{')
        {
            return Some(text.chars().map(|c| Value::str(c.encode_utf8(&mut [0; 4]))).collect());
        }
        match self.class_attribute_of(value, crate::intern::known::ITER) {
            Some(Value::Object(function)) if value.as_object().is_some() => {
                let site = self.site(self.frame().at);
                let items = self.call_function(function, Arguments::of([value.clone()]), site).ok()?;
                self.known_items(&items)
            }
            _ => None,
        }
    }

    /// The items that are known, also of an instance that says what iterating it yields.
    pub(super) fn listed_items(&mut self, value: &Value) -> Vec<Value> {
        if let Value::Union(values) = value.plain()
            && self.is_watching()
        {
            let values = values.clone();
            return values.iter().flat_map(|value| self.listed_items(value)).collect();
        }
        // `for order in Order`: what a description says that a class itself yields.
        if let Some(each) = value.as_object().filter(|_| self.is_class(value))
            && let Some(function) = self.in_mro(each, Symbol::new("__each__"), None)
            && let Value::Object(function) = self.unwrapped(&function)
        {
            let site = self.site(self.frame().at);
            let items = self.call_function(function, Arguments::of([value.clone()]), site);
            return items.map(|items| self.partly_known_items(&items)).unwrap_or_default();
        }
        if let (Some(Value::Object(function)), Some(_)) =
            (self.class_attribute_of(value, crate::intern::known::ITER), value.as_object())
        {
            let site = self.site(self.frame().at);
            if let Ok(items) = self.call_function(function, Arguments::of([value.clone()]), site) {
                return self.partly_known_items(&items);
            }
        }
        self.partly_known_items(value)
    }

    /// One unknown element of an unknown iterable.
    pub(super) fn element_of(&mut self, value: &Value) -> Value {
        let items = self.listed_items(value);
        let unknown = Self::unknown_element(value, "an element of something that is not known");
        self.one_of(items, unknown)
    }

    /// One of some items or something else; while somebody asks for events, one row stands for all of a look-up.
    pub(super) fn one_of(&self, items: Vec<Value>, otherwise: Value) -> Value {
        match items.as_slice() {
            [row] if self.is_watching() && matches!(row.term(), Some(Term::Made(_))) => row.clone(),
            _ => items.into_iter().fold(otherwise, |all, item| item.or(all)),
        }
    }

    /// One of something unknown goes by the name of that: one of `roles` is called a role, too.
    pub(super) fn unknown_element(of: &Value, reason: &str) -> Value {
        match of.plain() {
            Value::Unknown(unknown) if unknown.name.is_some_and(|name| !name.as_str().contains('.')) => {
                Value::Unknown(Rc::new(Unknown {
                    reason: reason.into(),
                    class: None,
                    term: None,
                    ..(**unknown).clone()
                }))
            }
            _ => Value::unknown_with(reason, of.labels()),
        }
    }
}
