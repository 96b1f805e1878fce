//! Evaluating expressions and assigning to targets.

use std::rc::Rc;
use std::sync::Arc;

use super::methods::ITEMS_MAX;
use super::{Comparison, Eval, Interp, Joined};
use crate::code::{ArgumentKind, CompareOp, ComprehensionKind, Expr, ExprId, Generator, Run, UnaryOp};
use crate::intern::Symbol;
use crate::term::Term;
use crate::value::{Arguments, Kind, Labels, Site, Value};

/// Expressions and calls inside each other, through calls and modules: what the stack of the thread holds in a debug build too.
pub(super) const EVAL_DEPTH_MAX: u32 = 2_500;

impl Interp<'_> {
    pub(super) fn eval(&mut self, id: ExprId) -> Eval<Value> {
        if self.eval_depth >= EVAL_DEPTH_MAX {
            return Ok(Value::unknown("an expression deeper than the limit"));
        }
        self.eval_depth += 1;
        let value = self.eval_expression(id);
        self.eval_depth -= 1;
        value
    }

    fn eval_expression(&mut self, id: ExprId) -> Eval<Value> {
        self.step()?;
        let frame = self.frame();
        let site = Site { file: frame.file, span: frame.code.expr_span(id) };
        Ok(match frame.code.expr(id) {
            Expr::Invalid => Value::unknown("a syntax error"),
            Expr::None => Value::None,
            Expr::True => Value::Bool(true),
            Expr::False => Value::Bool(false),
            Expr::Ellipsis => Value::Ellipsis,
            Expr::Int(i) => Value::Int(i),
            Expr::OtherNumber => Value::unknown("a number"),
            Expr::Str(s) => Value::Str(self.text(s)),
            Expr::Bytes(s) => Value::Bytes(Rc::from(s.as_str())),
            Expr::Format(parts) => self.format_string(parts)?,
            place @ (Expr::Name(_) | Expr::Attribute(..) | Expr::Subscript(..)) => self.eval_place(place, site)?,
            Expr::Call { function, arguments } => return self.eval_call(function, arguments, site),
            Expr::Tuple(items) => super::operators::tuple(self.eval_items(items)?),
            display @ (Expr::List(items) | Expr::Set(items)) => {
                let items = self.eval_items(items)?;
                self.make(Kind::List { items, open: false, set: matches!(display, Expr::Set(_)) }, site)
            }
            Expr::Dict(pairs) => self.dict_display(pairs, site)?,
            Expr::Starred(inner) => self.eval(inner)?,
            Expr::Await(inner) => self.eval(inner).and_then(|value| self.awaited(value, site))?,
            Expr::Binary(op, left, right) => {
                let left = self.eval(left)?;
                let right = self.eval(right)?;
                if op == crate::code::BinaryOp::BitOr && self.is_type_like(&left) && self.is_type_like(&right) {
                    if let Some(made) = self.overloaded("or", &left, Some(&right)) {
                        return Ok(made);
                    }
                    return Ok(self.union_type(left, right, site));
                }
                self.binary(op, &left, &right)
            }
            Expr::Unary(op, operand) => self.unary(op, operand)?,
            Expr::And(parts) => self.and_or(parts, true, site)?,
            Expr::Or(parts) => self.and_or(parts, false, site)?,
            Expr::Compare(left, rest) => self.compare_chain(left, rest)?,
            Expr::Conditional { test, body, orelse } => self.conditional(test, body, orelse)?,
            Expr::Lambda(function) => self.function_value(function)?,
            Expr::Comprehension { kind, element, value, generators } => {
                self.comprehension(kind, element, value, generators, site)?
            }
            Expr::Yield(inner) => {
                let value = inner.map_or(Ok(Value::None), |v| self.eval(v))?;
                self.yielded(vec![value], false)
            }
            Expr::YieldFrom(inner) => self.yield_from(inner)?,
            Expr::Walrus(target, value) => {
                let value = self.eval(value)?;
                self.assign(target, value.clone())?;
                value
            }
            Expr::Slice(_) => Value::unknown("a slice"),
        })
    }

    /// What is at a place that could be assigned to, as well.
    fn eval_place(&mut self, place: Expr, site: Site) -> Eval<Value> {
        let value = match place {
            Expr::Name(name) => self.name(name),
            Expr::Attribute(of, name) => {
                let of = self.eval(of)?;
                self.attribute(&of, name, site)?
            }
            Expr::Subscript(of, key) => {
                let of = self.eval(of)?;
                if let Expr::Slice(bounds) = self.frame().code.expr(key) {
                    return self.sliced(&of, bounds, site);
                }
                let key = self.eval(key)?;
                self.subscript(&of, &key, site)?
            }
            _ => Value::unknown("no place"),
        };
        Ok(self.read_from_outside(value, site))
    }

    /// A string constant: one text, however often it is evaluated.
    fn text(&mut self, symbol: Symbol) -> Rc<str> {
        if self.texts.len() <= symbol.index() {
            self.texts.resize(symbol.index() + 1, None);
        }
        Rc::clone(self.texts[symbol.index()].get_or_insert_with(|| Rc::from(symbol.as_str())))
    }

    fn yield_from(&mut self, inner: ExprId) -> Eval<Value> {
        let value = self.eval(inner)?;
        Ok(if let Some(items) = self.iterate(&value) {
            self.yielded(items, false)
        } else {
            let element = self.element_of(&value);
            self.yielded(vec![element], true)
        })
    }

    fn yielded(&mut self, items: Vec<Value>, open: bool) -> Value {
        let room = self.limits.turns.saturating_sub(self.frame().yields.len());
        let paths = self.paths.clone();
        let frame = self.frame_mut();
        frame.yield_paths = frame.yield_paths.or(&paths);
        frame.yields_open |= open || items.len() > room;
        frame.yields.extend(items.into_iter().take(room));
        Value::unknown("sent into a generator")
    }

    fn name(&mut self, name: Symbol) -> Value {
        let scope = self.frame().scope;
        self.lookup(scope, name).unwrap_or_else(|| Value::unknown(&format!("`{name}` is not defined here")))
    }

    /// Items of a display; `*rest` is spread where it is known.
    fn eval_items(&mut self, items: Run) -> Eval<Vec<Value>> {
        let code = Arc::clone(&self.frame().code);
        let mut values = Vec::with_capacity(code.list(items).len());
        for item in code.list(items) {
            if let Expr::Starred(inner) = code.expr(*item) {
                let inner = self.eval(inner)?;
                match self.iterate(&inner) {
                    Some(spread) => values.extend(spread.into_iter().take(ITEMS_MAX.saturating_sub(values.len()))),
                    None => values.push(self.element_of(&inner)),
                }
            } else {
                values.push(self.eval(*item)?);
            }
        }
        Ok(values)
    }

    fn dict_display(&mut self, pairs: Run, site: Site) -> Eval<Value> {
        let code = Arc::clone(&self.frame().code);
        let (mut entries, mut open) = (Vec::new(), false);
        let mut rest = None;
        for pair in code.list(pairs).chunks_exact(2) {
            let value = self.eval(pair[1])?;
            if code.expr(pair[0]) == Expr::Invalid {
                let (spread, more) = self.entries_and_openness(&value).unwrap_or((Vec::new(), true));
                for (k, v) in spread {
                    put(&mut entries, k, v);
                }
                open |= more;
                rest = self.rest_of(&value).or(rest);
                continue;
            }
            let key = self.eval(pair[0])?;
            put(&mut entries, key, value);
        }
        let made = self.make(Kind::Dict { entries, open }, site);
        self.keep_rest(&made, rest);
        Ok(made)
    }

    fn eval_call(&mut self, function: ExprId, arguments: Run, site: Site) -> Eval<Value> {
        let is_returned = self.telling.tail.take_if(|tail| *tail == site).is_some();
        let expr = self.frame().code.expr(function);
        if expr == Expr::Name(crate::intern::known::SUPER) && arguments.is_empty() {
            return Ok(self.bare_super(site));
        }
        if let Expr::Attribute(of, name) = expr {
            let receiver = self.eval(of)?;
            let arguments = match self.makes_any(arguments) && self.takes_coroutines(&receiver, Some(name)) {
                true => self.eval_coroutines(arguments, site)?,
                false => self.eval_arguments(arguments)?,
            };
            self.telling.answering = is_returned;
            return self.call_method(&receiver, name, arguments, site);
        }
        let callee = self.eval(function)?;
        let arguments = match self.makes_any(arguments) && self.takes_coroutines(&callee, None) {
            true => self.eval_coroutines(arguments, site)?,
            false => self.eval_arguments(arguments)?,
        };
        self.telling.answering = is_returned;
        self.call(&callee, arguments, site)
    }

    pub(super) fn eval_arguments(&mut self, arguments: Run) -> Eval<Arguments> {
        let nth = |s: &Self, at: usize| s.frame().code.call_arguments(arguments).get(at).copied();
        let count = self.frame().code.call_arguments(arguments).len();
        // A method gets what it is called on, too.
        let room = if count == 0 { 0 } else { count + 1 };
        let mut evaluated = Arguments { positional: Vec::with_capacity(room), ..Arguments::default() };
        let mut at = 0;
        while let Some(argument) = nth(self, at) {
            at += 1;
            let value = self.eval(argument.value)?;
            match argument.kind {
                ArgumentKind::Positional => evaluated.positional.push(value),
                ArgumentKind::Keyword(name) => evaluated.keywords.push((name, value)),
                ArgumentKind::Star => match self.iterate(&value) {
                    Some(items) => evaluated.positional.extend(items),
                    None => evaluated.open = true,
                },
                ArgumentKind::DoubleStar => {
                    let (entries, more) = self.entries_and_openness(&value).unwrap_or((Vec::new(), true));
                    let named = entries.into_iter().filter_map(|(k, v)| Some((Symbol::new(k.as_str()?), v)));
                    evaluated.keywords.extend(named);
                    evaluated.open |= more;
                    evaluated.rest = self.rest_of(&value).or(evaluated.rest);
                }
            }
        }
        Ok(evaluated)
    }

    /// The labels of what decides an undecided condition: of `and` and `or`, those of the operands that are undecided themselves.
    pub(super) fn deciding(&self, expr: ExprId, value: &Value) -> Labels {
        match self.frame().code.expr(expr) {
            Expr::And(_) | Expr::Or(_) => self.undecided,
            _ => value.labels().and(self.unseen_in(value)),
        }
    }

    /// The truth of the value of an expression. What `and` and `or` gave was looked at in their turn: it is not noted again.
    pub(super) fn truth_of(&mut self, expr: ExprId, value: &Value) -> Option<bool> {
        let mark = self.comparisons.len();
        let truth = self.truth(value);
        if matches!(self.frame().code.expr(expr), Expr::And(_) | Expr::Or(_)) {
            self.comparisons.truncate(mark);
        }
        truth
    }

    fn unary(&mut self, op: UnaryOp, operand: ExprId) -> Eval<Value> {
        let mark = self.comparisons.len();
        let value = self.eval(operand)?;
        let labels = value.labels().and(self.unseen_in(&value));
        Ok(match (op, value.plain()) {
            (UnaryOp::Not, _) => {
                if let Some(truth) = self.truth_of(operand, &value) {
                    return Ok(Value::Bool(!truth).with(labels));
                }
                self.comparisons[mark..].iter_mut().for_each(Comparison::negate);
                let term = self.test_term(operand, &value).and_then(|t| t.negated());
                Value::unknown_with("the negation of something unknown", labels.of_decision()).standing_for(term)
            }
            (UnaryOp::Minus, Value::Int(i)) => i.checked_neg().map_or_else(|| Value::unknown("a number"), Value::Int),
            (UnaryOp::Plus, Value::Int(i)) => Value::Int(*i),
            (UnaryOp::Invert, Value::Object(_)) => self
                .overloaded("invert", &value, None)
                .unwrap_or_else(|| Value::unknown_with("an operation on something unknown", labels)),
            _ => Value::unknown_with("an operation on something unknown", labels),
        })
    }

    /// `and`, `or`: stops where the outcome is known; otherwise any of the operands.
    fn and_or(&mut self, parts: Run, and: bool, site: Site) -> Eval<Value> {
        let noted = self.operands_noted();
        let value = self.operands(parts, and, site);
        self.forget_operands(noted);
        value
    }

    fn operands(&mut self, parts: Run, and: bool, site: Site) -> Eval<Value> {
        let code = Arc::clone(&self.frame().code);
        let parts = code.list(parts);
        let mut result: Option<Value> = None;
        let mut labels = Labels::NONE;
        let mut terms = Vec::new();
        let (mark, mut undecided, mut open) = (self.comparisons.len(), 0, Labels::NONE);
        for (index, part) in parts.iter().enumerate() {
            let value = self.eval(*part)?;
            labels = labels.and(value.labels());
            let truth = self.truth_of(*part, &value);
            let last = index + 1 == parts.len();
            if truth.is_none() {
                if self.exploring {
                    let term = self.test_term(*part, &value);
                    self.note_operand(term.as_ref(), site, value.labels(), and);
                    terms.push(term);
                }
                undecided += 1;
                open = open.and(value.labels()).and(self.unseen_in(&value));
            }
            self.undecided = open;
            if undecided > 1 && (last || truth == Some(!and)) {
                self.comparisons[mark..].iter_mut().for_each(|c| c.join(and));
            }
            if truth == Some(!and) || last {
                let formula = result.as_ref().and_then(|before| self.one_test(parts, &terms, before, &value, and));
                self.note_formula(site, terms, and);
                if let Some(formula) = formula {
                    let labels = labels.of_decision();
                    return Ok(Value::unknown_with("several conditions", labels).standing_for(Some(formula)));
                }
                // Unknown operands before it may already have decided.
                let labels = labels.of_decision();
                return Ok(match result {
                    None => value.with(labels),
                    // One false operand is enough, whatever the others are.
                    Some(_) if and && truth == Some(false) => value.with(labels),
                    Some(before) => before.or(value).with(labels),
                });
            }
            if truth.is_none() {
                // What goes on behind an undecided operand is that it was true (`and`) or false (`or`).
                let escaping = self.falsy_part(value, and);
                result = Some(result.map_or(escaping.clone(), |r| r.or(escaping)));
            }
        }
        Ok(result.unwrap_or(Value::None))
    }

    /// What several tests of something raw are together: what they give may be returned, and asked about elsewhere.
    fn one_test(
        &self,
        parts: &[ExprId],
        terms: &[Option<Term>],
        before: &Value,
        last: &Value,
        and: bool,
    ) -> Option<Term> {
        let code = &self.frame().code;
        let tests = |id: &ExprId| {
            matches!(code.expr(*id), Expr::Compare(..) | Expr::Unary(UnaryOp::Not, _) | Expr::And(_) | Expr::Or(_))
        };
        let are_tests = parts.iter().all(tests) || [before, last].into_iter().all(is_test);
        let is_about_raw = |term: &Term| [true, false].iter().any(|holds| !self.cleaned_where(term, *holds).is_empty());
        let is_asked = self.is_watching() && are_tests && terms.iter().flatten().any(is_about_raw);
        if is_asked { Term::connected(terms.to_vec(), and) } else { None }
    }

    fn falsy_part(&mut self, value: Value, and: bool) -> Value {
        let kept: Vec<Value> = value.alternatives().iter().filter(|v| self.truth(v) != Some(and)).cloned().collect();
        kept.into_iter().reduce(Value::or).unwrap_or(value)
    }

    fn compare_chain(&mut self, left: ExprId, rest: Run) -> Eval<Value> {
        let code = Arc::clone(&self.frame().code);
        let site = self.site(code.expr_span(left));
        let mut left = self.eval(left)?;
        if self.exploring {
            left = self.stood_for(left, site)?;
        }
        let first = left.clone();
        let mut labels = left.labels().and(self.unseen_in(&left));
        let mut known = Some(true);
        for (op, right) in code.compare(rest) {
            let mut right = self.eval(*right)?;
            if self.exploring {
                right = self.stood_for(right, site)?;
            }
            labels = labels.and(right.labels());
            match self.compare(*op, &left, &right) {
                Some(true) => {}
                Some(false) => return Ok(Value::Bool(false).with(labels)),
                None => {
                    known = None;
                    let same = matches!(op, CompareOp::Eq | CompareOp::Is | CompareOp::In);
                    self.note_comparison(&left, &right, same);
                    let held = self.only_unknown_item(*op, &right);
                    self.note_comparison(held.as_ref().unwrap_or(&right), &left, same);
                }
            }
            left = right;
        }
        let term = match (known, code.compare(rest)) {
            (None, [(op, _)]) => {
                let described = self.described_membership(*op, &first, &left);
                let within = || self.within_set(*op, &first, &left);
                described
                    .or_else(within)
                    .or_else(|| Term::compared(&first, *op, &left))
                    .or_else(|| Term::of_match(&first, *op, &left))
            }
            _ => None,
        };
        Ok(known.map_or_else(
            || Value::unknown_with("a comparison of something unknown", labels.of_decision()).standing_for(term),
            |k| Value::Bool(k).with(labels),
        ))
    }

    /// What stands for each item of a list that something is looked for in: `"admin" in [role.name for role in roles]`.
    fn only_unknown_item(&self, op: CompareOp, list: &Value) -> Option<Value> {
        if !matches!(op, CompareOp::In | CompareOp::NotIn) {
            return None;
        }
        match self.kind(list.as_object()?) {
            Kind::List { items, open: true, .. } => match &items[..] {
                [item @ Value::Unknown(_)] => Some(item.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// While exploring: remembers that something labelled was compared, and with what.
    pub(super) fn note_comparison(&mut self, unknown: &Value, with: &Value, same: bool) {
        if self.exploring && !unknown.labels().is_empty() {
            let name = match unknown.plain() {
                Value::Unknown(u) => u.name,
                _ => None,
            };
            let (with, labels) = (with.clone(), unknown.labels());
            self.comparisons.push(Comparison { name, with, labels, same, joined: Joined::Alone });
        }
    }

    /// Comparisons of one value with several: a comparison with one of them.
    pub(super) fn unite_comparisons(&mut self, mark: usize) {
        if let Some(several @ [first, _, ..]) = self.comparisons.get(mark..) {
            let with = Value::Tuple(several.iter().map(|c| c.with.clone()).collect());
            let united = Comparison { with, ..first.clone() };
            self.comparisons.truncate(mark);
            self.comparisons.push(united);
        }
    }

    /// While exploring: remembers that something labelled was tested for truth.
    pub(super) fn note_truth(&mut self, value: &Value) {
        if let Value::Unknown(u) = value
            && self.exploring
            && !u.labels.is_empty()
            && u.name.is_some()
        {
            let (name, with, labels) = (u.name, Value::Bool(true), u.labels);
            self.comparisons.push(Comparison { name, with, labels, same: true, joined: Joined::Alone });
        }
    }

    fn conditional(&mut self, test: ExprId, body: ExprId, orelse: ExprId) -> Eval<Value> {
        let condition = self.eval(test)?;
        let labels = condition.labels().of_decision();
        match self.truth_of(test, &condition) {
            Some(true) => Ok(self.eval(body)?.with(labels)),
            Some(false) => Ok(self.eval(orelse)?.with(labels)),
            None => {
                let tested = self.test_term(test, &condition);
                let first = self.behind(tested.as_ref(), true, |s| s.eval(body))?;
                let second = self.behind(tested.as_ref(), false, |s| s.eval(orelse))?;
                Ok(first.or(second).with(labels))
            }
        }
    }

    fn comprehension(
        &mut self,
        kind: ComprehensionKind,
        element: ExprId,
        value: Option<ExprId>,
        generators: Run,
        site: Site,
    ) -> Eval<Value> {
        let code = Arc::clone(&self.frame().code);
        let outer = self.frame().scope;
        let module = self.frame_of_names(outer).module;
        let inner = self.new_scope(Some(outer), module);
        self.frame_mut().scope = inner;
        let mut found = Found { element, value, items: Vec::new(), open: false };
        let result = self.generate(code.comprehension(generators), &mut found);
        self.frame_mut().scope = outer;
        result?;
        let Found { items, open, .. } = found;
        Ok(if kind == ComprehensionKind::Dict {
            let mut entries = Vec::with_capacity(items.len());
            for (k, v) in items {
                put(&mut entries, k, v);
            }
            self.make(Kind::Dict { entries, open }, site)
        } else {
            let items = items.into_iter().map(|(item, _)| item).collect();
            self.make(Kind::List { items, open, set: kind == ComprehensionKind::Set }, site)
        })
    }

    fn generate(&mut self, generators: &[Generator], found: &mut Found) -> Eval<()> {
        let Some((generator, rest)) = generators.split_first() else {
            let element = self.eval(found.element)?;
            let value = found.value.map_or(Ok(Value::None), |v| self.eval(v))?;
            found.items.push((element, value));
            return Ok(());
        };
        let iterable = self.eval(generator.iter)?;
        let site = self.site(self.frame().code.expr_span(generator.iter));
        let items = if let Some(element) = self.kept_element(&iterable, site) {
            found.open = true;
            vec![element]
        } else if let Some(items) = self.iterate(&iterable) {
            items
        } else {
            found.open = true;
            vec![self.element_in(generator.iter, &iterable)]
        };
        let code = Arc::clone(&self.frame().code);
        'items: for item in items.into_iter().take(self.limits.turns) {
            self.assign_item(generator.target, item.clone(), &iterable)?;
            for condition in code.list(generator.conditions) {
                let test = *condition;
                let condition = self.eval(test)?;
                self.note_filter(&item, test, &condition, site);
                match self.truth(&condition) {
                    Some(false) => continue 'items,
                    Some(true) => {}
                    None => {
                        found.open = true;
                        let tested = self.test_term(test, &condition);
                        self.clean_behind(tested.as_ref(), true);
                    }
                }
            }
            self.generate(rest, found)?;
        }
        Ok(())
    }

    /// Assigns to a target: a name, an attribute, an item, or a list of targets.
    pub(super) fn assign(&mut self, target: ExprId, value: Value) -> Eval<()> {
        let code = Arc::clone(&self.frame().code);
        match code.expr(target) {
            Expr::Name(name) => {
                let site = self.site(code.expr_span(target));
                let value = self.named_here(name, value, site, false);
                self.bind(name, value);
            }
            Expr::Attribute(of, name) => {
                let of = self.eval(of)?;
                let of = self.behind_proxy(of, self.site(code.expr_span(target)))?;
                self.note_set(&of, &Value::str(name.as_str()), &value, self.site(code.expr_span(target)));
                self.set_attribute(&of, name, &value);
            }
            Expr::Subscript(of, key) => {
                let of = self.eval(of)?;
                let key = self.eval(key)?;
                if matches!(of.term(), Some(Term::Made(_))) {
                    self.note_set(&of, &key, &value, self.site(code.expr_span(target)));
                }
                if let Some(obj) = of.as_object() {
                    self.note_put(obj, Some(&key), &value, self.site(code.expr_span(target)));
                }
                self.set_item(&of, key, value);
            }
            Expr::Tuple(targets) | Expr::List(targets) => self.unpack(code.list(targets), &value)?,
            Expr::Starred(inner) => self.assign(inner, value)?,
            _ => {}
        }
        Ok(())
    }

    fn unpack(&mut self, targets: &[ExprId], value: &Value) -> Eval<()> {
        let code = Arc::clone(&self.frame().code);
        let items = self.iterate(value);
        let star = targets.iter().position(|t| matches!(code.expr(*t), Expr::Starred(_)));
        let after_star = star.map_or(0, |at| targets.len() - at - 1);
        for (index, target) in targets.iter().enumerate() {
            let item = match &items {
                Some(items) if star == Some(index) => {
                    let rest: Vec<Value> = items
                        .iter()
                        .skip(index)
                        .take(items.len().saturating_sub(index + after_star))
                        .cloned()
                        .collect();
                    let site = self.site(code.expr_span(*target));
                    Some(self.make(Kind::List { items: rest, open: false, set: false }, site))
                }
                Some(items) if star.is_some_and(|s| index > s) => {
                    items.get(items.len().wrapping_sub(targets.len() - index)).cloned()
                }
                Some(items) => items.get(index).cloned(),
                None => None,
            };
            let item = item.unwrap_or_else(|| Value::unknown_with("part of something unknown", value.labels()));
            // What is raw of one item is not so of the next.
            let labels = value.labels();
            let labels = if items.is_some() { labels.cleared(labels.raw) } else { labels };
            self.assign(*target, item.with(labels))?;
        }
        Ok(())
    }
}

/// Whether a value only says whether something holds.
fn is_test(value: &Value) -> bool {
    let is_one = |one: &Value| match one.plain() {
        Value::Bool(_) => true,
        other => other.term().is_some_and(Term::is_logical),
    };
    value.plain().alternatives().iter().all(is_one)
}

struct Found {
    element: ExprId,
    value: Option<ExprId>,
    items: Vec<(Value, Value)>,
    open: bool,
}

/// A dict larger than this is only appended to: look-ups read it from its end, and a table of thousands is data.
const INDEXED_MAX: usize = 512;

/// Sets a key of a dict, keeping its place.
pub(super) fn put(entries: &mut Vec<(Value, Value)>, key: Value, value: Value) {
    let known =
        if entries.len() > INDEXED_MAX { None } else { entries.iter_mut().find(|(k, _)| k.plain() == key.plain()) };
    match known {
        Some(entry) => entry.1 = value,
        None => entries.push((key, value)),
    }
}
