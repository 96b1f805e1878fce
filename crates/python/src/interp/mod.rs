//! A small abstract interpreter: it runs module bodies and functions on [abstract values](crate::value), within bounds, and
//! never runs anything for real.
//!
//! - What the source does not decide is [`Value::Unknown`] with the reason. An `if` on it runs both sides and joins them.
//! - Everything is bounded: [`Limits`] caps steps, depth of calls and turns of loops; running out ends the statement, not the run.
//! - Libraries are what our descriptions say ([`crate::program::STUBS`]), the rest of the world is [`Value::External`].
//! - While [exploring](Interp::explore) the interpreter also keeps [`Paths`]: under which conditions a call returns or raises.

mod addresses;
mod again;
mod allowance;
mod attributes;
mod branches;
mod builtins;
mod calls;
mod classes;
mod coroutines;
mod dispatch;
mod events;
mod every;
mod exceptions;
mod expressions;
mod fields;
mod files;
mod forget;
mod functions;
mod handed;
mod imports;
mod intrinsics;
mod kept;
mod loops;
mod members;
mod methods;
mod operators;
mod outcome;
mod outside;
mod paths;
mod patterns;
mod raw;
mod recall;
mod recovery;
mod resolution;
mod settings;
mod show;
mod signatures;
mod slices;
mod sorting;
mod statements;
mod strings;
mod uses;
mod volatile;
mod ways;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use model::{Gap, GapKind};
use rustc_hash::{FxHashMap, FxHashSet};

pub use events::Event;
pub use functions::CutOff;
pub use handed::HandedOut;
pub use outcome::{Outcome, Raised};
pub use paths::{Comparison, Condition, Conjunction, Joined, Literal, PATHS_MAX, Paths};
pub use raw::{Step, Told, Uses};
pub use resolution::Calls;
pub use signatures::SignatureParameter;
pub use uses::{RECEIVER, Taken};
use volatile::Volatile;

use crate::code::{Code, Span};
use crate::intern::Symbol;
use crate::program::{FileId, Program};
use crate::term::Term;
use crate::value::{Arguments, Attributes, Kind, Labels, Obj, Object, ScopeId, Site, Value};

/// Bounds of one run.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Expressions and statements evaluated for one statement of a module.
    pub steps: u32,
    /// Expressions and statements evaluated in all.
    pub steps_total: u64,
    /// Calls inside calls.
    pub depth: usize,
    /// Turns of a loop over something known.
    pub turns: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 1_000_000, steps_total: 50_000_000, depth: 48, turns: 4_096 }
    }
}

/// Why an evaluation ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abort {
    /// An exception is on its way; it is the last of the frame's raised ones.
    Raised,
    /// A bound was reached.
    Limit,
}

/// The result of evaluating something.
pub type Eval<T> = Result<T, Abort>;

#[derive(Debug, Clone, Default)]
struct Scope {
    /// Shared with the snapshots of branches, until one of them changes a name.
    names: Rc<Attributes>,
    parent: Option<ScopeId>,
    module: Option<ScopeId>,
    globals: Vec<Symbol>,
    nonlocals: Vec<Symbol>,
    /// Class bodies are not seen from the functions in them.
    is_class: bool,
    /// Whether an exploration changed something of it that is younger.
    is_volatile: bool,
}

impl Scope {
    fn set(&mut self, name: Symbol, value: Value) {
        Rc::make_mut(&mut self.names).set(name, value);
    }

    fn remove(&mut self, name: Symbol) {
        Rc::make_mut(&mut self.names).remove(name);
    }
}

#[expect(clippy::struct_excessive_bools, reason = "answers to questions of their own")]
struct Frame {
    scope: ScopeId,
    file: FileId,
    code: Arc<Code>,
    called_at: Option<Site>,
    /// The statement that runs.
    at: Span,
    /// What the function that runs is called.
    called: Option<Symbol>,
    /// The steps that were left when it began.
    entered_with: u32,
    /// How many undecided branches were open when it began.
    entered_under: u32,
    class: Option<Obj>,
    receiver: Option<Value>,
    returns: Option<Value>,
    /// Where it returns, in order.
    return_paths: Vec<Paths>,
    returned: Vec<(Value, Site, Paths)>,
    /// What it returns, and on which paths, where its caller tells them apart.
    ways: Vec<(Value, Paths)>,
    raised: Vec<Raised>,
    /// What the `except` blocks that run are handling, the innermost last.
    handled: Vec<Vec<Raised>>,
    yields: Vec<Value>,
    /// Whether it may yield more than it was seen to.
    yields_open: bool,
    /// Under which conditions it yields.
    yield_paths: Paths,
    /// Labels of the conditions met so far: what this function returns depends on them.
    control: Labels,
    /// Labels of what was handed to calls that may raise.
    risked: Labels,
    /// Whether anything was done that may raise.
    may_raise: bool,
    /// Whether nothing in it raises but what is seen to.
    is_sealed: bool,
    /// How many `try` statements with handlers are around.
    tries: u32,
    /// The names where turns of the loop that runs were left on one side of something undecided.
    left_turns: Vec<Rc<Attributes>>,
    /// Whether what it returns is told apart: it was called from outside any code, or gives what its caller returns.
    told: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ModuleState {
    Running(Obj),
    Done(Obj),
}

/// The interpreter.
pub struct Interp<'p> {
    program: &'p Program,
    heap: Vec<Object>,
    scopes: Vec<Scope>,
    frames: Vec<Frame>,
    calls: functions::Calls,
    depth_base: usize,
    telling: functions::Telling,
    /// What decorators made of functions, where that is something else.
    decorated: FxHashMap<Obj, Value>,
    eval_depth: u32,
    /// How many decorators are being applied.
    decorating: u32,
    compare_depth: u32,
    block_depth: u32,
    /// Undecided branches inside each other.
    undecided_depth: u32,
    /// Where on the heap each undecided branch of what was run began, its other side, and its end.
    branched: Vec<[usize; 3]>,
    heap_left: usize,
    /// What was there before the exploration that runs.
    lasting: Option<forget::Lasting>,
    /// What branches assign to attributes.
    assigned: branches::Assigned,
    modules: FxHashMap<FileId, ModuleState>,
    modules_running: usize,
    /// The annotated fields of classes, once no module runs any more.
    fields: FxHashMap<Obj, Rc<[(Symbol, Value)]>>,
    /// Classes whose fields were evaluated in the exploration that runs.
    evaluated_in_play: Vec<Obj>,
    namespaces: FxHashMap<Rc<str>, Obj>,
    limits: Limits,
    steps_left: u32,
    /// How many steps there were when the statement or call that runs began, or a greedy call inside it was lost.
    granted: u32,
    total_left: u64,
    /// Whether a call may take a part of the steps of its caller, and no more.
    sharing: bool,
    /// How many objects there were when the innermost loop over something unknown began.
    turn_began: usize,
    /// A function whose body is left out, and whether it was called.
    left_out: Option<(Obj, bool)>,
    opaque: bool,
    gaps: Vec<Gap>,
    gaps_seen: FxHashSet<Gap>,
    exploring: bool,
    looked_at: u16,
    paths: Paths,
    passed: Paths,
    answered: Vec<(Value, Site, Paths)>,
    /// The schemes by which the exploration tried to identify the caller.
    tried: Vec<Symbol>,
    /// Calls of something unknown while the program is put together.
    handed_out: Vec<HandedOut>,
    /// Why it is not known whether the exploration refuses, as descriptions say.
    doubts: Vec<String>,
    conditions: Vec<Condition>,
    /// Conditions of the exploration that the default of a setting decides.
    decided: Vec<(Site, Symbol)>,
    /// One of them that turns out otherwise.
    flipped: Option<Site>,
    comparisons: Vec<Comparison>,
    /// What `and` and `or` that were evaluated last stand for.
    formulas: Vec<(Site, Term)>,
    events: Vec<Event>,
    /// Steps that an event adds to the allowance.
    steps_per_event: u32,
    /// Which calls are events beside those that descriptions speak of.
    watched: events::Watched,
    trails: raw::Trails,
    resolved: FxHashMap<Site, resolution::Resolved>,
    /// The labels of the undecided operands of the `and` or `or` that was evaluated last.
    undecided: Labels,
    /// Calls of the exploration that are not followed.
    cut_off: Vec<CutOff>,
    /// The built-in names that were asked for.
    builtins: FxHashMap<Symbol, Option<Value>>,
    /// Every class that was made, in order: how subclasses are found.
    classes: Vec<Obj>,
    module_order: Vec<FileId>,
    memo: Vec<((Value, Arguments), Value)>,
    recollections: recall::Recollections,
    changes: recall::Changes,
    ways: ways::Ways,
    /// Whether the call that runs saw something older than the exploration that explorations change.
    sees_volatile: Cell<bool>,
    volatile: Volatile,
    /// String constants by their symbol.
    texts: Vec<Option<Rc<str>>>,
    /// Why what something of a library returns is not known, by its name.
    called_reasons: FxHashMap<Symbol, Rc<str>>,
    patterns: patterns::Patterns,
    called: FxHashMap<(FileId, u32), u32>,
    annotation_codes: FxHashMap<Rc<str>, Option<(Arc<Code>, crate::code::ExprId)>>,
}

impl<'p> Interp<'p> {
    /// An interpreter of a program, which has run nothing.
    pub fn new(program: &'p Program, limits: Limits) -> Self {
        Self {
            program,
            heap: Vec::with_capacity(allowance::HEAP_RESERVED),
            scopes: Vec::with_capacity(allowance::SCOPES_RESERVED),
            frames: Vec::new(),
            calls: functions::Calls::default(),
            depth_base: 0,
            telling: functions::Telling::default(),
            decorated: FxHashMap::default(),
            eval_depth: 0,
            decorating: 0,
            compare_depth: 0,
            block_depth: 0,
            undecided_depth: 0,
            branched: Vec::new(),
            heap_left: allowance::HEAP_MAX,
            lasting: None,
            assigned: branches::Assigned::default(),
            modules: FxHashMap::default(),
            modules_running: 0,
            fields: FxHashMap::default(),
            evaluated_in_play: Vec::new(),
            namespaces: FxHashMap::default(),
            limits,
            steps_left: limits.steps,
            granted: limits.steps,
            total_left: limits.steps_total,
            sharing: false,
            turn_began: 0,
            left_out: None,
            opaque: false,
            gaps: Vec::new(),
            gaps_seen: FxHashSet::default(),
            exploring: false,
            looked_at: 0,
            paths: Paths::always(),
            passed: Paths::never(),
            answered: Vec::new(),
            tried: Vec::new(),
            handed_out: Vec::new(),
            doubts: Vec::new(),
            conditions: Vec::new(),
            decided: Vec::new(),
            flipped: None,
            comparisons: Vec::new(),
            formulas: Vec::new(),
            events: Vec::new(),
            steps_per_event: 0,
            watched: events::Watched::default(),
            trails: raw::Trails::default(),
            resolved: FxHashMap::default(),
            undecided: Labels::NONE,
            cut_off: Vec::new(),
            builtins: FxHashMap::default(),
            classes: Vec::new(),
            module_order: Vec::new(),
            memo: Vec::new(),
            recollections: recall::Recollections::default(),
            changes: recall::Changes::default(),
            ways: ways::Ways::default(),
            sees_volatile: Cell::new(false),
            volatile: Volatile::default(),
            texts: Vec::new(),
            called_reasons: FxHashMap::default(),
            patterns: patterns::Patterns::default(),
            called: FxHashMap::default(),
            annotation_codes: FxHashMap::default(),
        }
    }

    /// The program.
    pub fn program(&self) -> &'p Program {
        self.program
    }

    /// An object.
    pub fn object(&self, obj: Obj) -> &Object {
        let object = &self.heap[obj.0 as usize];
        if object.is_volatile {
            self.sees_volatile.set(true);
        }
        object
    }

    /// The names that a function sees around itself, inside the functions that made it: its closure, sorted.
    pub fn captured(&self, function: &crate::value::FunctionValue) -> Vec<(Symbol, Value)> {
        let mut names = Vec::new();
        let mut at = Some(function.scope);
        while let Some(scope) = at.map(|s| self.scope(s)).filter(|s| s.parent.is_some()) {
            names.extend(scope.names.iter().map(|(name, value)| (name, value.clone())));
            at = scope.parent;
        }
        names.sort_by_key(|(name, _)| *name);
        names
    }

    pub(crate) fn object_mut(&mut self, obj: Obj) -> &mut Object {
        self.changed_object(obj, None)
    }

    /// All objects with their ids, in the order in which they were made.
    pub fn objects(&self) -> impl Iterator<Item = (Obj, &Object)> {
        self.heap.iter().enumerate().map(|(i, o)| (Obj(u32::try_from(i).unwrap_or(u32::MAX)), o))
    }

    /// Makes an object.
    pub fn make(&mut self, kind: Kind, site: Site) -> Value {
        self.weigh(&kind);
        let obj = Obj(u32::try_from(self.heap.len()).unwrap_or(u32::MAX));
        let made_by = if self.program.is_stub(site.file) { self.caller_outside_stubs() } else { None };
        let changed = self.changes.count;
        self.push(Object { kind, attributes: Attributes::default(), site, made_by, changed, is_volatile: false });
        Value::Object(obj)
    }

    /// The innermost call in the program itself that is being evaluated.
    fn caller_outside_stubs(&self) -> Option<Site> {
        let stub = self.frames.iter().rev().take_while(|f| self.program.is_stub(f.file)).last()?;
        stub.called_at.filter(|site| !self.program.is_stub(site.file))
    }

    /// The condition of a [`Literal`].
    pub fn condition(&self, index: u32) -> &Condition {
        &self.conditions[index as usize]
    }

    /// What could not be evaluated.
    pub fn take_gaps(&mut self) -> Vec<Gap> {
        self.gaps_seen.clear();
        std::mem::take(&mut self.gaps)
    }

    /// How often the `def` at a site was called.
    pub fn times_called(&self, site: Site) -> u32 {
        self.called.get(&(site.file, site.span.start)).copied().unwrap_or(0)
    }

    /// The files that were run as modules, in order.
    pub fn modules_run(&self) -> &[FileId] {
        &self.module_order
    }

    /// Runs something with its own allowance of steps, tracking paths; conditions of earlier explorations are forgotten.
    ///
    /// The result must not hold values that the exploration made, unless [`Interp::keep_what_is_new`] was called.
    pub fn explore<T>(&mut self, steps: u32, run: impl FnOnce(&mut Self) -> T) -> T {
        let (before, exploring) = (self.steps_left, self.exploring);
        self.steps_left = steps;
        self.exploring = true;
        self.paths = Paths::always();
        self.conditions.clear();
        self.decided.clear();
        self.looked_at = 0;
        self.comparisons.clear();
        self.formulas.clear();
        self.events.clear();
        self.cut_off.clear();
        self.recollections.clear();
        self.trails.forget_items();
        self.changes.inside.clear();
        let outer = self.begin_to_forget();
        let result = run(self);
        self.forget(outer);
        self.recollections.clear();
        self.steps_left = before;
        self.exploring = exploring;
        result
    }

    /// Whether values that our descriptions call absent (a header, a cookie) are taken as present and not known instead.
    pub fn set_opaque(&mut self, opaque: bool) {
        self.opaque = opaque;
    }

    /// The conditions of the last exploration that the default of a setting decided.
    pub fn decided_by_settings(&self) -> Vec<(Site, Symbol)> {
        self.decided.clone()
    }

    /// Lets one condition that a setting decides turn out otherwise than by default.
    pub fn flip(&mut self, condition: Option<Site>) {
        self.flipped = condition;
        self.recollections.clear();
    }

    /// Whether a condition turns out otherwise than by default.
    pub fn is_flipped(&self) -> bool {
        self.flipped.is_some()
    }

    /// The labels of everything that a condition of the last exploration looked at.
    pub fn looked_at(&self) -> u16 {
        self.looked_at
    }

    /// Runs something with its own allowance of steps, of which a call inside a call may take a part: what is deep inside may run out of
    /// them, and gives something unknown, while what is around goes on.
    pub fn sharing<T>(&mut self, steps: u32, run: impl FnOnce(&mut Self) -> T) -> T {
        let sharing = std::mem::replace(&mut self.sharing, true);
        let result = self.apart(steps, run);
        self.sharing = sharing;
        result
    }

    /// Runs something with its own allowance of steps, whatever is left of the present one.
    pub fn apart<T>(&mut self, steps: u32, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.steps_left, steps);
        let result = run(self);
        self.steps_left = before;
        result
    }

    /// Begins anew to note what conditions look at.
    pub fn forget_looked_at(&mut self) {
        self.looked_at = 0;
    }

    /// Runs something with its own allowance of steps and calls inside calls no deeper than this: what is called below that gives
    /// something unknown instead of using up all steps.
    pub fn shallow<T>(&mut self, steps: u32, depth: usize, run: impl FnOnce(&mut Self) -> T) -> T {
        let (depth_before, steps_before) = (self.limits.depth, (self.steps_left, self.granted));
        self.limits.depth = self.limits.depth.min(depth + self.frames.len().saturating_sub(self.depth_base));
        (self.steps_left, self.granted) = (steps, steps);
        let result = run(self);
        self.limits.depth = depth_before;
        self.steps_left = self.steps_left.max(steps_before.0);
        self.granted = steps_before.1;
        result
    }

    /// Whether absent values are taken as present and not known.
    pub fn is_opaque(&self) -> bool {
        self.opaque
    }

    /// Whether something is defined by our descriptions of libraries.
    pub fn is_stub(&self, value: &Value) -> bool {
        value.as_object().is_some_and(|o| match self.kind(o) {
            Kind::Class(class) => self.program.is_stub(class.file),
            Kind::Function(function) => self.program.is_stub(function.file),
            _ => false,
        })
    }

    /// Whether calling something yields: a function with a `yield` in its body.
    pub fn is_generator(&self, callable: &Value) -> bool {
        let inner = self.unwrapped(callable);
        let Some(Kind::Function(function)) = inner.as_object().map(|o| self.kind(o)) else {
            return false;
        };
        match function.code.function(function.id).body {
            crate::code::FunctionBody::Deferred(span) => self.program.body(function.file, span).has_yield,
            crate::code::FunctionBody::Expression(_) => false,
        }
    }

    /// The type and the extras of `Annotated[type, extras...]`; other annotations have no extras.
    pub fn annotated(&self, annotation: Option<&Value>) -> (Option<Value>, Vec<Value>) {
        let mut extras = Vec::new();
        let mut current = annotation.cloned();
        while let Some(Kind::Generic { origin, arguments }) =
            current.as_ref().and_then(Value::as_object).map(|o| self.kind(o))
        {
            if !matches!(origin, Value::External(n) if n.as_str() == "typing.Annotated") || arguments.is_empty() {
                break;
            }
            extras.extend(arguments[1..].iter().cloned());
            current = Some(arguments[0].clone());
        }
        (current, extras)
    }

    /// Sets an entry of a dict from outside any code.
    pub fn set_entry(&mut self, dict: Obj, key: &str, value: Value) {
        if let Kind::Dict { entries, .. } = &mut self.object_mut(dict).kind {
            expressions::put(entries, Value::str(key), value);
        }
    }

    /// Sets an attribute of an object from outside any code.
    pub fn set(&mut self, obj: Obj, name: &str, value: Value) {
        let name = Symbol::new(name);
        self.attributes_mut(obj, name).set(name, value);
    }

    /// Under which conditions the exploration called `__passed__` so far: what a middleware calls to go on.
    pub fn take_passed(&mut self) -> Paths {
        std::mem::replace(&mut self.passed, Paths::never())
    }

    /// What the exploration sent to the client so far without returning it, with the conditions.
    pub fn take_answered(&mut self) -> Vec<(Value, Site, Paths)> {
        std::mem::take(&mut self.answered)
    }

    /// Gives the next call from outside a full allowance of steps.
    pub fn refill(&mut self) {
        self.steps_left = self.limits.steps;
        self.granted = self.limits.steps;
    }

    /// What is left of the allowance of steps for everything.
    pub fn total_left(&self) -> u64 {
        self.total_left
    }

    /// The names that the modules run so far bind to certain values, in the order of the modules; names of a module are sorted.
    pub fn module_names(&self, wanted: impl Fn(&Self, &Value) -> bool) -> Vec<(FileId, Symbol, Value)> {
        let mut found = Vec::new();
        for file in &self.module_order {
            let Some(ModuleState::Running(obj) | ModuleState::Done(obj)) = self.modules.get(file) else {
                continue;
            };
            let Kind::Module { scope, .. } = self.kind(*obj) else {
                continue;
            };
            let all = self.scope(*scope).names.iter().filter(|(_, value)| wanted(self, value));
            let mut names: Vec<_> = all.map(|(name, value)| (*file, name, value.clone())).collect();
            names.sort_by_key(|(_, name, _)| name.as_str());
            found.extend(names);
        }
        found
    }

    /// The calls that the exploration did not follow so far, because they lie deeper than the limit.
    pub fn take_cut_off(&mut self) -> Vec<CutOff> {
        std::mem::take(&mut self.cut_off)
    }

    /// Under which conditions the exploration goes on from here.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// Goes on under these conditions.
    pub fn set_paths(&mut self, paths: Paths) {
        self.paths = paths;
    }

    /// Calls a value from outside any code. Paths go on from where the exploration stands.
    pub fn call_outcome(&mut self, callee: &Value, arguments: Arguments, site: Site) -> Outcome {
        self.push_frame_at(site);
        self.telling.answering = false;
        if self.exploring {
            self.frame_mut().tries = 1;
        }
        let result = self.call(callee, arguments, site);
        let limited = result == Err(Abort::Limit);
        let Some(frame) = self.frames.pop() else { unreachable!("a frame was pushed") };
        let unfinished = if limited { self.paths.clone() } else { Paths::never() };
        if result.is_err() {
            self.paths = Paths::never();
        }
        let paths = self.paths.clone();
        Outcome {
            value: result.ok(),
            paths,
            raised: frame.raised,
            returned: frame.returned,
            yielded: frame.yield_paths,
            limited,
            unfinished,
        }
    }

    /// Reads an attribute from outside any code, as `getattr` with a default of nothing.
    pub fn attribute_of(&mut self, value: &Value, name: &str, site: Site) -> Option<Value> {
        self.push_frame_at(site);
        let found = self.attribute(value, Symbol::new(name), site).ok();
        self.frames.pop();
        found
    }

    fn push_frame_at(&mut self, site: Site) {
        let scope = self.new_scope(None, None);
        let code = Arc::clone(&self.program.file(site.file).code);
        self.push_frame(scope, site.file, code);
    }

    fn push_frame(&mut self, scope: ScopeId, file: FileId, code: Arc<Code>) {
        let return_paths = self.calls.take_spare();
        self.frames.push(Frame {
            scope,
            file,
            code,
            called_at: None,
            at: Span::default(),
            called: None,
            entered_with: 0,
            entered_under: 0,
            class: None,
            receiver: None,
            returns: None,
            return_paths,
            returned: Vec::new(),
            ways: Vec::new(),
            raised: Vec::new(),
            handled: Vec::new(),
            yields: Vec::new(),
            yields_open: false,
            yield_paths: Paths::never(),
            control: Labels::NONE,
            risked: Labels::NONE,
            may_raise: false,
            is_sealed: false,
            tries: 0,
            left_turns: Vec::new(),
            told: false,
        });
    }

    fn frame(&self) -> &Frame {
        let Some(frame) = self.frames.last() else { unreachable!("code runs in a frame") };
        frame
    }

    fn frame_mut(&mut self) -> &mut Frame {
        let Some(frame) = self.frames.last_mut() else { unreachable!("code runs in a frame") };
        frame
    }

    fn site(&self, span: Span) -> Site {
        Site { file: self.frame().file, span }
    }

    fn gap(&mut self, kind: GapKind, site: Site, reason: String) {
        let file = self.program.file(site.file);
        let gap = Gap { kind, file: Arc::clone(&file.path), line: Some(file.line(site.span.start)), reason };
        self.changes.effects += 1;
        if self.gaps_seen.insert(gap.clone()) {
            self.gaps.push(gap);
        }
    }

    fn new_scope(&mut self, parent: Option<ScopeId>, module: Option<ScopeId>) -> ScopeId {
        let id = ScopeId(u32::try_from(self.scopes.len()).unwrap_or(u32::MAX));
        self.scopes.push(Scope {
            names: Rc::clone(&self.calls.no_names),
            parent,
            module: module.or(Some(id)),
            globals: Vec::new(),
            nonlocals: Vec::new(),
            is_class: false,
            is_volatile: false,
        });
        id
    }

    fn scope(&self, id: ScopeId) -> &Scope {
        let scope = &self.scopes[id.0 as usize];
        if scope.is_volatile {
            self.sees_volatile.set(true);
        }
        scope
    }

    fn scope_mut(&mut self, id: ScopeId) -> &mut Scope {
        self.scope_changes(id.0 as usize, None);
        &mut self.scopes[id.0 as usize]
    }

    /// Looks a name up from a scope outwards, then among the built-in ones.
    fn lookup(&mut self, scope: ScopeId, name: Symbol) -> Option<Value> {
        let start = self.frame_of_names(scope);
        if start.globals.contains(&name) {
            let module = start.module.unwrap_or(scope);
            return self.name_in(module, name).cloned().or_else(|| self.builtin(name));
        }
        let mut current = Some(scope);
        let mut innermost = true;
        while let Some(id) = current {
            let scope = self.frame_of_names(id);
            if (innermost || !scope.is_class)
                && let Some(value) = self.name_in(id, name)
            {
                return Some(value.clone());
            }
            innermost = false;
            current = scope.parent;
        }
        self.builtin(name)
    }

    fn bind(&mut self, name: Symbol, value: Value) {
        let id = self.frame().scope;
        let scope = self.frame_of_names(id);
        let target = if scope.globals.contains(&name) {
            scope.module.unwrap_or(id)
        } else if scope.nonlocals.contains(&name) {
            self.owner_of(scope.parent, name).unwrap_or(id)
        } else {
            id
        };
        self.bind_in(target, name, value);
    }

    fn owner_of(&self, mut current: Option<ScopeId>, name: Symbol) -> Option<ScopeId> {
        while let Some(id) = current {
            let scope = self.frame_of_names(id);
            if !scope.is_class && self.name_in(id, name).is_some() {
                return Some(id);
            }
            current = scope.parent;
        }
        None
    }
}
