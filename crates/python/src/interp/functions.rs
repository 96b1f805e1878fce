//! Defining functions and running their bodies.

use std::cell::OnceCell;
use std::hash::BuildHasher;
use std::rc::Rc;
use std::sync::Arc;

use model::GapKind;
use rustc_hash::FxBuildHasher;

use super::statements::{Flow, flow_of};
use super::{Abort, Eval, Interp, Paths};
use crate::code::{Code, Function, FunctionBody, FunctionId, ParameterKind, Stmt};
use crate::intern::Symbol;
use crate::value::{Arguments, Attributes, FunctionValue, Kind, Labels, Obj, Object, Site, Value};

/// How often a function may be on the stack of calls.
const RECURSION_MAX: usize = 4;
/// How often one of our descriptions may be while an application is put together: blueprints in blueprints.
const RECURSION_DESCRIBED_MAX: usize = 24;
/// Steps after which a function that runs is not entered again from inside itself under conditions that nobody knows: such recursion
/// doubles with each level. Recursion over something known ends by itself.
const RECURSION_STEPS_MAX: u32 = 2_000;
/// Modules inside modules and calls inside calls together: what the stack of the thread holds with room to spare.
const FRAMES_MAX: usize = 600;
/// Calls deeper than the limit that are told of.
const CUT_OFF_MAX: usize = 64;

const CUT_OFF: &str = "calls inside calls, deeper than is followed: what they do is not known";

/// A call that is not followed.
#[derive(Debug, Clone)]
pub struct CutOff {
    /// Where.
    pub site: Site,
    /// With what.
    pub arguments: Arguments,
    /// The name of what is called, where its code is not seen; none where the call lies too deep.
    pub unseen: Option<Symbol>,
}
/// Wrappers around a function.
const WRAPPERS_MAX: usize = 16;

/// How a call that a function returns as it is tells what it returns in its caller's place.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Telling {
    /// The call whose value the function that runs returns, where that is told apart.
    pub(super) tail: Option<Site>,
    /// Whether the function that is called next gives what its caller returns.
    pub(super) answering: bool,
    /// Whether a call has told its returns.
    pub(super) told: bool,
}

impl Interp<'_> {
    pub(super) fn define_function(&mut self, id: FunctionId) -> Eval<()> {
        let code = Arc::clone(&self.frame().code);
        let function = *code.function(id);
        let decorators = code.list(function.decorators).to_vec();
        let mut evaluated = Vec::with_capacity(decorators.len());
        for decorator in &decorators {
            evaluated.push((self.eval(*decorator)?, self.site(code.expr_span(*decorator))));
        }
        let plain = self.function_value(id)?;
        let mut value = plain.clone();
        for (decorator, site) in evaluated.into_iter().rev() {
            value = self.decorate(&decorator, value, site);
        }
        if let (Some(obj), true, false) = (plain.as_object(), value != plain, self.exploring) {
            self.decorated.insert(obj, value.clone());
        }
        self.bind(function.name, value);
        Ok(())
    }

    /// What all decorators of a function together made of it: what its name is bound to. Itself, where they left it as it is.
    pub fn decorated(&self, function: Obj) -> Value {
        self.decorated.get(&function).cloned().unwrap_or(Value::Object(function))
    }

    /// The `def` of which decorators made something, where they left no `__wrapped__` behind.
    pub fn made_of(&self, value: &Value) -> Option<Value> {
        let Kind::Function(function) = self.kind(value.as_object()?) else { return None };
        // What a decorator makes stands inside it.
        self.frame_of_names(function.scope).parent?;
        let of = self.decorated.iter().filter(|(_, result)| self.unwrapped(result) == *value);
        of.map(|(function, _)| *function).min().map(Value::Object)
    }

    /// The decorators of a `def`, from the top.
    pub fn decorators_of(&self, function: Obj) -> Vec<Site> {
        let Kind::Function(function) = self.kind(function) else { return Vec::new() };
        let definition = function.code.function(function.id);
        let spans =
            function.code.list(definition.decorators).iter().map(|decorator| function.code.expr_span(*decorator));
        spans.map(|span| Site { file: function.file, span }).collect()
    }

    /// Applies a decorator. One that is not described leaves the function as it is, with a note.
    pub(super) fn decorate(&mut self, decorator: &Value, decorated: Value, site: Site) -> Value {
        self.decorating += 1;
        let result = self.call(decorator, Arguments::of([decorated.clone()]), site);
        self.decorating -= 1;
        match result {
            Ok(value) if !value.is_unknown() && !matches!(value, Value::External(_)) => value,
            _ => {
                self.note_opaque_decorator(decorator, &decorated, site);
                decorated
            }
        }
    }

    fn note_opaque_decorator(&mut self, decorator: &Value, decorated: &Value, site: Site) {
        for one in decorated.alternatives() {
            if let Some(obj) = self.unwrapped(one).as_object()
                && let Kind::Function(function) = &mut self.object_mut(obj).kind
            {
                Rc::make_mut(function).opaque_decorators.push((decorator.clone(), site));
            }
        }
    }

    /// The function that a decorator of the program hands to one of a library that is not described, and nothing else:
    /// `oauth.require("read")(view)`. It stays as it is, with a note, as below an `@`.
    pub(super) fn decorated_inside(&mut self, decorator: &Value, arguments: &Arguments, site: Site) -> Option<Value> {
        let library = match decorator.plain() {
            Value::Unknown(unknown) => unknown.library?,
            Value::Object(_) => self.unseen_base(self.class_of(decorator).as_object()?, None)?,
            _ => return None,
        };
        let root = library.as_str().split('.').next()?;
        let [only] = arguments.positional.as_slice() else { return None };
        let is_own = |function: &FunctionValue| !self.program.is_stub(function.file);
        let is_function = |value: &Value| {
            let kind = self.unwrapped(value).as_object().map(|obj| self.kind(obj));
            matches!(kind, Some(Kind::Function(function)) if is_own(function))
        };
        let is_decoration = self.decorating > 0 && arguments.keywords.is_empty();
        if !is_decoration || crate::standard::is_standard(root) || !only.alternatives().iter().any(is_function) {
            return None;
        }
        self.note_opaque_decorator(decorator, only, site);
        Some(only.clone())
    }

    pub(super) fn function_value(&mut self, id: FunctionId) -> Eval<Value> {
        let code = Arc::clone(&self.frame().code);
        let function = *code.function(id);
        let mut defaults = Vec::new();
        for parameter in code.params(function.parameters) {
            defaults.push(parameter.default.map(|d| self.eval(d)).transpose()?);
        }
        let scope = self.frame().scope;
        let in_function = self.frames.len() > 1
            && self.frame_of_names(scope).parent.is_some()
            && !self.frame_of_names(scope).is_class;
        let annotations = if in_function { Some(self.eager_annotations(&code, &function)) } else { None };
        let value = FunctionValue {
            file: self.frame().file,
            scope,
            id,
            defaults: defaults.into(),
            annotations,
            class: self.frame().class.filter(|_| self.frame_of_names(scope).is_class),
            code,
            opaque_decorators: Vec::new(),
            body: OnceCell::new(),
        };
        let site = self.site(function.name_span);
        Ok(self.make(Kind::Function(Rc::new(value)), site))
    }

    /// Inside a function the names of an annotation may change later (a loop over models), so it is evaluated at once.
    fn eager_annotations(&mut self, code: &Arc<Code>, function: &Function) -> Rc<[Option<Value>]> {
        let annotations = code.params(function.parameters).iter().map(|p| p.annotation).chain([function.returns]);
        annotations.map(|a| a.and_then(|a| self.eval(a).ok())).collect()
    }

    /// Calls a function object with its receiver among the arguments.
    pub(super) fn call_function(&mut self, obj: Obj, arguments: Arguments, site: Site) -> Eval<Value> {
        let giver = self.giver(obj);
        let is_raw = self.is_watching() && self.hands_raw(&arguments);
        let uses = self.used_by(obj, &arguments, is_raw, site);
        let met = if is_raw && self.runs_own_code() { self.conditions.len() } else { usize::MAX };
        let value = self.enter_function(obj, arguments, site)?;
        if self.conditions.len() > met {
            self.clean_behind_call(met);
        }
        let value = match uses {
            Some(uses) => value.relabelled(&|labels| labels.cleared(uses)),
            None => value,
        };
        Ok(match giver {
            Some(giver) => self.given_by_seen(giver, &value, site),
            None => value,
        })
    }

    fn enter_function(&mut self, obj: Obj, arguments: Arguments, site: Site) -> Eval<Value> {
        let Kind::Function(function) = self.kind(obj) else {
            return Ok(Value::unknown("not a function"));
        };
        let function = Rc::clone(function);
        let definition = *function.code.function(function.id);
        let answers = std::mem::take(&mut self.telling.answering);
        let recursive = self.recurses(&function, &definition);
        if recursive || !self.may_enter() {
            self.risk(arguments.labels());
            let labels = arguments.labels();
            // How deep it recurses is its own; how deep calls go depends on who calls.
            self.changes.effects += u32::from(!recursive);
            self.changes.recursions += u32::from(recursive);
            self.tell_cut_off(&function, &arguments, site);
            self.note_cut_off(None, site, arguments);
            return Ok(Value::unknown_with("calls inside calls, deeper than the limit", labels));
        }
        // What is called from outside any code says more than what it returns.
        let pseudo_caller = self.frames.len() == 1;
        let told = self.exploring && (pseudo_caller || answers);
        if self.is_left_out(obj) {
            return Ok(Value::unknown_with("what is left out", arguments.labels()));
        }
        let lasts = !told && self.left_out.is_none();
        let asks = self.exploring && lasts;
        if let Some(value) = if asks { self.recalled(obj, &arguments) } else { None } {
            return Ok(value);
        }
        let attempt = if pseudo_caller || !lasts { None } else { self.attempt(obj, &arguments) };
        let (entered_with, entered_under) = (self.steps_left, self.undecided_depth);
        let scopes_before = self.scopes.len();
        let heap_before = self.heap.len();
        let module = self.frame_of_names(function.scope).module;
        let scope = self.new_scope(Some(function.scope), module);
        let receiver = arguments.positional.first().cloned();
        let given = if self.sharing { arguments.clone() } else { Arguments::default() };
        self.bind_parameters(scope, &function, &definition, arguments, site);
        let code = match definition.body {
            FunctionBody::Deferred(span) => {
                *self.called.entry((function.file, definition.name_span.start)).or_default() += 1;
                Arc::clone(function.body.get_or_init(|| self.program.body(function.file, span)))
            }
            FunctionBody::Expression(_) => Arc::clone(&function.code),
        };
        let tries = self.frame().tries;
        // What our descriptions do between the calls of the program's own code takes none of its depth.
        let described = usize::from(self.exploring && self.program.is_stub(function.file));
        self.limits.depth += described;
        self.begin_call(scope, code, &function, &definition);
        let frame = self.frame_mut();
        frame.class = function.class;
        frame.called_at = Some(site);
        frame.entered_with = entered_with;
        frame.entered_under = entered_under;
        frame.called = Some(definition.name);
        (frame.receiver, frame.tries) = (receiver, tries);
        frame.told = told;
        let result = self.run_with_share(definition.body, given, site);
        let Some(frame) = self.frames.pop() else { unreachable!("a frame was pushed") };
        self.calls.end();
        self.limits.depth -= described;
        if let Some(attempt) = attempt {
            let returned = result.as_ref().ok().filter(|_| frame.raised.is_empty());
            self.remember(attempt, returned, frame.risked);
        }
        self.hand_over(frame, pseudo_caller, result.is_ok());
        self.forget_scopes(scopes_before, heap_before);
        self.lose_if_greedy(result, entered_with, site)
    }

    /// Begins a call of a function.
    fn begin_call(
        &mut self,
        scope: crate::value::ScopeId,
        code: Arc<crate::code::Code>,
        function: &FunctionValue,
        definition: &Function,
    ) {
        self.push_frame(scope, function.file, code);
        self.changes.deepest = self.changes.deepest.max(self.frames.len());
        self.calls.begin(Running { frame: self.frames.len() - 1, definition: running(function, definition) });
    }

    /// Hands what a function that was left raises and returns over to its caller.
    fn hand_over(&mut self, frame: super::Frame, pseudo_caller: bool, has_returned: bool) {
        let mut frame = frame;
        if let (Some(made), Some(site), false) = (self.made_by(&frame), frame.called_at, pseudo_caller) {
            // Where a description makes the one thing that it returns says less than where it is called.
            frame.returned.iter_mut().filter(|(_, place, _)| *place == made).for_each(|(_, place, _)| *place = site);
        }
        let caller = self.frame_mut();
        caller.raised.extend(frame.raised);
        if !caller.is_sealed {
            caller.risked = caller.risked.and(frame.risked);
            caller.may_raise |= frame.may_raise;
        }
        if pseudo_caller {
            caller.yield_paths = frame.yield_paths;
        }
        if pseudo_caller || frame.told {
            caller.returned.extend(frame.returned);
        }
        // What a generator returns is not what its call gives.
        self.telling.told = frame.told && has_returned && !frame.code.has_yield;
    }

    /// Where a function of a description returns that does so at one place alone.
    fn made_by(&self, frame: &super::Frame) -> Option<Site> {
        if !frame.told || !self.program.is_stub(frame.file) {
            return None;
        }
        let is_return = |(_, stmt): &(usize, &Stmt)| matches!(stmt, Stmt::Return(_));
        let mut returns = frame.code.stmts().iter().enumerate().filter(is_return);
        let (Some((at, _)), None) = (returns.next(), returns.next()) else { return None };
        Some(Site { file: frame.file, span: frame.code.stmt_spans[at] })
    }

    /// Runs the body of the function of the frame with its part of the steps, where calls share them.
    fn run_with_share(&mut self, body: FunctionBody, given: Arguments, site: Site) -> Eval<Value> {
        let kept = if self.frames.len() == 2 { None } else { self.take_share() };
        let result = match body {
            FunctionBody::Deferred(_) => self.run_function_body(),
            FunctionBody::Expression(expr) => self.answer_of(expr),
        };
        self.steps_left += kept.unwrap_or(0);
        if result != Err(Abort::Limit) {
            return result;
        }
        // Where it returned already is among the ways on, too.
        let (cut_at, returned) = (self.paths.clone(), std::mem::take(&mut self.frame_mut().return_paths));
        self.paths = cut_at.or(&Paths::any(&returned));
        if kept.is_none() || !self.may_go_on() {
            return result;
        }
        // What it does after this point is not seen; `paths` says when it gets there.
        let value = Value::unknown_with("what takes too many steps to work out", given.labels());
        if self.frame().told {
            self.frame_mut().returned.push((value.clone(), site, cut_at));
        }
        self.changes.effects += 1;
        self.note_cut_off(None, site, given);
        Ok(value)
    }

    /// Notes a call that is not followed (to its end). What is not described leaves room for what lies too deep.
    pub(super) fn note_cut_off(&mut self, unseen: Option<Symbol>, site: Site, arguments: Arguments) {
        let max = if unseen.is_some() { CUT_OFF_MAX / 2 } else { CUT_OFF_MAX };
        if self.exploring && self.cut_off.len() < max {
            self.cut_off.push(CutOff { site, arguments, unseen });
        }
    }

    /// Notes a call of code that is not seen: it may refuse. What our descriptions call is theirs to tell.
    pub(super) fn note_unseen(&mut self, name: Symbol, arguments: &Arguments, site: Site) {
        let (root, last) = (name.as_str().split('.').next(), name.as_str().rsplit('.').next());
        let is_class = last.is_some_and(|last| last.starts_with(char::is_uppercase));
        let is_quiet = is_class || root.is_some_and(crate::standard::is_standard) || self.program.is_stub(site.file);
        if !self.opaque && !is_quiet {
            self.note_cut_off(Some(name), site, arguments.clone());
        }
    }

    /// Tells of a call that is not followed where it might have done something that counts: it is our description's, or is given what one made.
    fn tell_cut_off(&mut self, function: &FunctionValue, arguments: &Arguments, site: Site) {
        if self.exploring {
            return;
        }
        let is_described = self.program.is_stub(function.file);
        let mut given = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, value)| value));
        if is_described || given.any(|value| self.is_stub_instance(value)) {
            let site = self.caller_outside_stubs().unwrap_or(site);
            self.gap(GapKind::EvaluationLimit, site, CUT_OFF.to_owned());
        }
    }

    /// Forgets calls of code that is not seen since some point: what they raise goes nowhere.
    pub(super) fn forget_unseen(&mut self, since: usize) {
        let mut at = 0;
        self.cut_off.retain(|call| {
            at += 1;
            at <= since || call.unseen.is_none()
        });
    }

    fn may_enter(&self) -> bool {
        self.may_enter_below(1)
    }

    /// Whether there may be so many calls inside calls from here on.
    pub(super) fn may_enter_below(&self, calls: usize) -> bool {
        let deepest = self.frames.len() + calls;
        deepest <= self.depth_base + self.limits.depth && deepest <= FRAMES_MAX
    }

    /// Whether the body of a function is left out; notes that it was called.
    fn is_left_out(&mut self, function: Obj) -> bool {
        let Some((_, is_called)) = self.left_out.as_mut().filter(|(left_out, _)| *left_out == function) else {
            return false;
        };
        *is_called = true;
        self.changes.effects += 1;
        true
    }

    /// Runs something with the body of one function left out: a call of it gives something unknown. Tells whether it was called.
    pub fn leaving_out<T>(&mut self, function: Obj, run: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let outer = self.left_out.replace((function, false));
        let result = run(self);
        let is_called = self.left_out.is_some_and(|(_, is_called)| is_called);
        self.left_out = outer;
        (result, is_called)
    }

    /// Whether a function is on the stack of calls.
    pub(super) fn is_running(&self, function: Obj) -> bool {
        let Kind::Function(function) = self.kind(function) else { return false };
        let running = running(function, function.code.function(function.id));
        running.is_none_or(|running| self.calls.of(running).next().is_some())
    }

    /// Whether a function is on the stack of calls as often as it may be.
    fn recurses(&self, function: &FunctionValue, definition: &Function) -> bool {
        let Some(definition) = running(function, definition) else { return false };
        let mut same = self.calls.of(definition);
        let Some(outermost) = same.next().map(|one| &self.frames[one.frame]) else { return false };
        let depth = 1 + same.count();
        let is_undecided = outermost.entered_under < self.undecided_depth;
        let spent = if is_undecided { outermost.entered_with.saturating_sub(self.steps_left) } else { 0 };
        let is_described = !self.exploring && self.program.is_stub(function.file);
        let depth_max = if is_described { RECURSION_DESCRIBED_MAX } else { RECURSION_MAX };
        depth >= depth_max || (!self.exploring && spent >= RECURSION_STEPS_MAX)
    }

    fn run_function_body(&mut self) -> Eval<Value> {
        let body = self.frame().code.body;
        let flow = flow_of(self.block(body))?;
        let fell_through = matches!(flow, Flow::Next | Flow::Continue | Flow::Break);
        let control = self.frame().control;
        let paths = self.paths.clone();
        let (told, site) = (self.frame().told, self.site(crate::code::Span::default()));
        let frame = self.frame_mut();
        if fell_through {
            if told {
                frame.returned.push((Value::None, site, paths.clone()));
            }
            frame.return_paths.push(paths.clone());
            let none = Value::None.with(control);
            frame.returns = Some(frame.returns.take().map_or(none.clone(), |r| r.or(none)));
            self.note_way(&Value::None, &paths);
        }
        self.hand_over_ways();
        let frame = self.frame_mut();
        let return_paths = std::mem::take(&mut frame.return_paths);
        let (returns, yields, open, is_generator) =
            (frame.returns.take(), std::mem::take(&mut frame.yields), frame.yields_open, frame.code.has_yield);
        let Some(returned) = returns else {
            return Err(Abort::Raised);
        };
        self.paths = Paths::any(&return_paths);
        self.calls.keep_for_others(return_paths);
        if is_generator {
            let site = self.site(crate::code::Span::default());
            return Ok(self.make(Kind::List { items: yields, open, set: false }, site));
        }
        Ok(returned)
    }

    /// Puts an object on the heap.
    pub(super) fn push(&mut self, object: Object) {
        if matches!(object.kind, Kind::Function(_) | Kind::Class(_) | Kind::Module { .. }) {
            self.calls.seeing.push(self.heap.len());
        }
        self.heap.push(object);
    }

    /// Scopes of finished calls are forgotten unless something made in them may still look names up.
    fn forget_scopes(&mut self, scopes: usize, heap: usize) {
        if self.calls.seeing.last().is_none_or(|newest| *newest < heap) {
            self.scopes.truncate(scopes);
        }
    }

    fn bind_parameters(
        &mut self,
        scope: crate::value::ScopeId,
        function: &FunctionValue,
        definition: &Function,
        arguments: Arguments,
        site: Site,
    ) {
        let (labels, is_own) = (arguments.labels(), !self.program.is_stub(function.file));
        let Arguments { positional, mut keywords, open, rest } = arguments;
        let mut positional = positional.into_iter();
        let parameters = function.code.params(definition.parameters);
        let mut names = Attributes::with_capacity(parameters.len() + LOCALS);
        for (index, parameter) in parameters.iter().enumerate() {
            let by_name = |keywords: &mut Vec<(crate::Symbol, Value)>| {
                keywords.iter().position(|(n, _)| *n == parameter.name).map(|at| keywords.remove(at).1)
            };
            let value = match parameter.kind {
                ParameterKind::VarPositional => Value::Tuple(positional.by_ref().collect::<Vec<_>>().into()),
                ParameterKind::VarKeyword => {
                    let entries =
                        std::mem::take(&mut keywords).into_iter().map(|(n, v)| (Value::str(n.as_str()), v)).collect();
                    let made = self.make(Kind::Dict { entries, open }, site);
                    self.keep_rest(&made, rest.clone());
                    made
                }
                ParameterKind::KeywordOnly => {
                    by_name(&mut keywords).unwrap_or_else(|| missing(function, index, open, labels))
                }
                ParameterKind::PositionalOnly | ParameterKind::Ordinary => {
                    let given = positional.next().or_else(|| by_name(&mut keywords));
                    given.unwrap_or_else(|| missing(function, index, open, labels))
                }
            };
            let value = if is_own { self.named_here(parameter.name, value, site, true) } else { value };
            names.set(parameter.name, value);
        }
        self.scope_mut(scope).names = Rc::new(names);
    }

    /// The function inside wrappers made with `functools.wraps`. A decorator may make one of several wrappers: of such a union it
    /// is the function that all of them wrap.
    pub fn unwrapped(&self, value: &Value) -> Value {
        self.unwrapped_at(value, 0)
    }

    fn unwrapped_at(&self, value: &Value, depth: usize) -> Value {
        let mut current = value.clone();
        for depth in depth..WRAPPERS_MAX {
            if let Value::Union(values) = current.plain() {
                let mut inner = values.iter().map(|v| self.unwrapped_at(v, depth + 1));
                let first = inner.next().unwrap_or(Value::None);
                return if inner.all(|v| v == first) { first } else { current };
            }
            let Some(obj) = current.as_object() else {
                break;
            };
            let inner = match self.kind(obj) {
                Kind::Bound { function, .. } | Kind::Descriptor { function, .. } => Some(function.clone()),
                _ => self.own_attribute(obj, crate::intern::known::WRAPPED).cloned(),
            };
            match inner {
                Some(inner) => current = inner,
                None => break,
            }
        }
        current
    }
}

/// What each call asks for, apart from frames and heap: it is looked through often.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// Those that run, the innermost last.
    running: Vec<Running>,
    /// How many of them there are, by a short hash of their `def`: most calls are of one that does not run.
    counts: Counts,
    /// The objects on the heap that may look names up in a scope, the newest last.
    seeing: Vec<usize>,
    /// What each scope begins with.
    pub(super) no_names: Rc<Attributes>,
    /// Room for the ways back of calls that begin: nearly each has one.
    spare: Vec<Vec<Paths>>,
}

/// A number for each short hash.
#[derive(Debug)]
struct Counts([u16; 256]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; 256])
    }
}

impl Counts {
    fn of(&mut self, definition: Definition) -> &mut u16 {
        &mut self.0[Self::place(definition)]
    }

    fn place(definition: Definition) -> usize {
        usize::from(FxBuildHasher.hash_one(definition).to_be_bytes()[0])
    }
}

impl Calls {
    /// How many calls run.
    pub(super) fn running(&self) -> usize {
        self.running.len()
    }

    fn begin(&mut self, call: Running) {
        if let Some(definition) = call.definition {
            *self.counts.of(definition) += 1;
        }
        self.running.push(call);
    }

    fn end(&mut self) {
        if let Some(definition) = self.running.pop().and_then(|call| call.definition) {
            *self.counts.of(definition) -= 1;
        }
    }

    /// Ends all but so many of the outermost.
    pub(super) fn end_all_but(&mut self, outermost: usize) {
        while self.running.len() > outermost {
            self.end();
        }
    }

    /// Those of a `def`, the outermost first.
    fn of(&self, definition: Definition) -> impl Iterator<Item = &Running> {
        let any = self.counts.0[Counts::place(definition)] != 0;
        let running = if any { self.running.as_slice() } else { &[] };
        running.iter().filter(move |one| one.definition == Some(definition))
    }

    /// Keeps the room that the ways back of a call took.
    fn keep_for_others(&mut self, mut return_paths: Vec<Paths>) {
        if self.spare.len() < SPARE_MAX && return_paths.capacity() <= SPARE_MAX {
            return_paths.clear();
            self.spare.push(return_paths);
        }
    }

    /// Such room.
    pub(super) fn take_spare(&mut self) -> Vec<Paths> {
        self.spare.pop().unwrap_or_default()
    }

    /// Forgets the objects from one on.
    pub(super) fn forget_from(&mut self, heap: usize) {
        self.seeing.truncate(self.seeing.partition_point(|at| *at < heap));
    }
}

/// A `def`: the file and the first byte.
type Definition = (crate::program::FileId, u32);

/// A call that runs.
#[derive(Debug)]
struct Running {
    /// Which frame is its.
    frame: usize,
    /// Its `def`; none for a lambda.
    definition: Option<Definition>,
}

/// What identifies a `def` among the running ones; lambdas are short enough to do without.
fn running(function: &FunctionValue, definition: &Function) -> Option<Definition> {
    match definition.body {
        FunctionBody::Deferred(span) => Some((function.file, span.start)),
        FunctionBody::Expression(_) => None,
    }
}

/// Vectors that are kept for the next calls, and what each may hold.
const SPARE_MAX: usize = 64;
/// Local names that most functions have beside their parameters.
const LOCALS: usize = 4;

/// A parameter that no argument was given for: its default, or unknown.
fn missing(function: &FunctionValue, index: usize, open: bool, labels: Labels) -> Value {
    match function.defaults.get(index).cloned().flatten() {
        Some(default) if open => default.or(Value::unknown("an argument that is not known")),
        Some(default) => default,
        None => Value::unknown_with("an argument that is not known", labels),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use crate::program::{NoFiles, Program};
    use crate::source::SourceFile;
    use crate::value::Value;

    use super::super::Interp;

    #[test]
    fn calls_that_ended_are_not_among_those_that_run() {
        let text = b"def f(n):\n    if n > 2: return n\n    return f(n + 1)\nx = f(0)\ny = f(1)\n".to_vec();
        let (file, _) = SourceFile::new("main.py".into(), text);
        let program = Program::new(vec![file], Vec::new(), Box::new(NoFiles));
        let mut interp = Interp::new(&program, Limits::default());
        interp.run_module(program.at("main.py").expect("the file"));
        assert_eq!(interp.calls.running(), 0);
        assert!(interp.calls.counts.0.iter().all(|count| *count == 0));
        let bound = interp.module_names(|_, value| *value == Value::Int(3));
        assert_eq!(bound.len(), 2);
    }
}
