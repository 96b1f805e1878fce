//! Abstract values: what an expression may be, as far as the source says.

use std::cell::{OnceCell, RefCell};
use std::hash::BuildHasher;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::code::{ClassId, Code, ExprId, FunctionId, Span};
use crate::intern::Symbol;
use crate::many::Many;
use crate::program::FileId;
use crate::term::Term;

/// An object on the heap of the evaluator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Obj(pub(crate) u32);

/// A scope: the names of a module, a function call, a class body or a comprehension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScopeId(pub(crate) u32);

/// Where something stands in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
}

/// Where a value comes from. Labels flow through every operation; the client of the evaluator decides what its bits mean.
#[derive(Debug, Clone, Copy, Default)]
pub struct Labels {
    /// A set of bits.
    pub bits: u16,
    /// The name of the setting that decides, if one does.
    pub setting: Option<Symbol>,
    /// The uses for which the value is still as who gave it wrote it: bits whose meaning the client decides. Unlike the others they stay
    /// with what is made of the value, and not with what is only decided by it.
    pub raw: u32,
    /// Where what is raw came along; two values that differ in nothing else are equal.
    pub trail: Option<Trail>,
}

/// The end of a trail: the last [step](crate::interp::Step) of something raw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trail(pub(crate) std::num::NonZeroU32);

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        (self.bits, self.setting, self.raw) == (other.bits, other.setting, other.raw)
    }
}

impl Eq for Labels {}

impl std::hash::Hash for Labels {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.bits, self.setting, self.raw).hash(state);
    }
}

impl Labels {
    /// No label.
    pub const NONE: Self = Self { bits: 0, setting: None, raw: 0, trail: None };
    /// The bit of values that configuration decides (environment variables, settings classes).
    pub const CONFIGURATION: u16 = 1;
    /// The bit of what code that is not seen made of labelled values: not the part of the request itself, but something about it.
    pub const LOOKED_UP: u16 = 128;

    /// The bit of an unknown value that what it is first read from says nothing about: it has its own labels, and this one once.
    pub const OWN: u16 = 2048;

    /// The bit of what code that is not seen gives though it was handed nothing: it may have found out about the request by itself.
    pub const UNSEEN: u16 = 4096;

    /// One bit.
    pub const fn bit(bits: u16) -> Self {
        Self { bits, setting: None, raw: 0, trail: None }
    }

    /// The label of the setting of this name.
    pub fn of_setting(name: Symbol) -> Self {
        Self { setting: Some(name), ..Self::bit(Self::CONFIGURATION) }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if other.is_none() && self.raw != Self::FAR {
            return self;
        }
        if self.is_none() && other.raw != Self::FAR {
            return other;
        }
        // Something far adds nothing to what is as raw for sure.
        let covers = |near: Self, far: Self| near.raw & Self::FAR == 0 && far.raw & !Self::FAR & !near.raw == 0;
        let raw = match (covers(self, other), covers(other, self)) {
            (true, _) => self.raw,
            (false, true) => other.raw,
            (false, false) => self.raw | other.raw,
        };
        Self {
            bits: self.bits | other.bits,
            setting: self.setting.or(other.setting),
            raw,
            trail: if self.goes_before(other) { self.trail } else { other.trail },
        }
    }

    /// Whether it is [`Labels::NONE`], its trail included.
    fn is_none(self) -> bool {
        self.bits == 0 && self.raw == 0 && self.setting.is_none() && self.trail.is_none()
    }

    /// Whether these are the same labels, of the same trail.
    fn is_exactly(self, other: Self) -> bool {
        self == other && self.trail == other.trail
    }

    /// The labels of one of two values: what is raw for sure in one of them counts, and not what may be in the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let is_far = |labels: Self| labels.raw & Self::FAR != 0;
        if self.raw == 0 || other.raw == 0 || is_far(self) == is_far(other) {
            return self.and(other);
        }
        let near = if is_far(other) { self } else { other };
        Self { raw: near.raw, trail: near.trail, ..self.and(other) }
    }

    /// Whether the trail of this is that of both: of what is raw for more uses, and else of the first.
    fn goes_before(self, other: Self) -> bool {
        let both = self.trail.is_some() && other.trail.is_some();
        if both { self.raw.count_ones() >= other.raw.count_ones() } else { self.trail.is_some() }
    }

    /// The labels of what is decided by a value with these, or says something about it, and holds nothing of its text.
    #[must_use]
    pub fn of_decision(self) -> Self {
        Self { raw: 0, trail: None, ..self }
    }

    /// The bit of what is raw only if code that is not seen gave on what it was handed.
    pub const FAR: u32 = 1 << 31;

    /// The labels of what code that is not seen made of something raw.
    #[must_use]
    pub fn far(self) -> Self {
        if self.raw == 0 { self } else { Self { raw: self.raw | Self::FAR, ..self } }
    }

    /// The labels without some uses.
    #[must_use]
    pub fn cleared(self, uses: u32) -> Self {
        let raw = self.raw & !uses;
        let raw = if raw == Self::FAR { 0 } else { raw };
        Self { raw, trail: self.trail.filter(|_| raw != 0), ..self }
    }

    /// The labels of what code that is not seen makes of values with these.
    #[must_use]
    pub fn looked_up(self) -> Self {
        if self.bits & !Self::UNSEEN == 0 { self } else { self.and(Self::bit(Self::LOOKED_UP)) }
    }

    /// Whether one of these bits is set.
    pub fn has(self, bits: u16) -> bool {
        self.bits & bits != 0
    }

    /// Whether there is no label.
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }
}

/// A value that is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// Why, for a person: it reaches the user as a gap.
    pub reason: Rc<str>,
    /// Where it comes from.
    pub labels: Labels,
    /// The attribute, key or parameter that it was read from last.
    pub name: Option<Symbol>,
    /// The class whose instance it is, where an annotation or a constructor of a library says so.
    pub class: Option<Value>,
    /// What it stands for, where that is known.
    pub term: Option<Rc<Term>>,
    /// The function or class of a library that gave it, or something that it is part of.
    pub library: Option<Symbol>,
}

/// Reasons that are kept at hand: most of them are constants of ours that are given again and again.
const REASONS: usize = 256;

thread_local! {
    static GIVEN: RefCell<[Option<Rc<str>>; REASONS]> = const { RefCell::new([const { None }; REASONS]) };
}

/// A reason, shared with those before it that were given by the same constant.
pub(crate) fn shared(reason: &str) -> Rc<str> {
    let hash = FxBuildHasher.hash_one((reason.as_ptr().addr(), reason.len()));
    let place = usize::try_from(hash >> 40).unwrap_or(0) % REASONS;
    GIVEN.with_borrow_mut(|given| match &mut given[place] {
        Some(known) if **known == *reason => Rc::clone(known),
        other => Rc::clone(other.insert(Rc::from(reason))),
    })
}

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `None`
    None,
    /// `...`
    Ellipsis,
    /// `True`, `False`
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// A string.
    Str(Rc<str>),
    /// A byte string, decoded for display.
    Bytes(Rc<str>),
    /// A tuple.
    Tuple(Many),
    /// An object with identity.
    Object(Obj),
    /// Something of a library that is not described: its qualified name, such as `sqlalchemy.orm.Session`.
    External(Symbol),
    /// One of several.
    Union(Many),
    /// Known, with the labels of where it comes from.
    Labelled(Rc<(Value, Labels)>),
    /// Not known.
    Unknown(Rc<Unknown>),
}

/// How many alternatives a union may have before it is not known.
pub const UNION_MAX: usize = 12;
/// How many of them there may be where all are objects, such as the classes that a module defines.
pub const UNION_OBJECTS_MAX: usize = 24;

impl Value {
    /// A string.
    pub fn str(text: &str) -> Self {
        Self::Str(Rc::from(text))
    }

    /// An unknown value, with the reason.
    pub fn unknown(reason: &str) -> Self {
        Self::unknown_with(reason, Labels::NONE)
    }

    /// An unknown value with labels.
    pub fn unknown_with(reason: &str, labels: Labels) -> Self {
        Self::Unknown(Rc::new(Unknown {
            reason: shared(reason),
            labels,
            name: None,
            class: None,
            term: None,
            library: None,
        }))
    }

    /// An unknown instance of a class.
    pub fn instance_of(class: Value, labels: Labels) -> Self {
        Self::Unknown(Rc::new(Unknown {
            reason: Rc::from("an instance made elsewhere"),
            labels,
            name: None,
            class: Some(class),
            term: None,
            library: None,
        }))
    }

    /// The value, if it is not known, with what it stands for.
    #[must_use]
    pub fn standing_for(self, term: Option<Term>) -> Self {
        match (self, term) {
            (Self::Unknown(unknown), Some(term)) => {
                Self::Unknown(Rc::new(Unknown { term: Some(Rc::new(term)), ..(*unknown).clone() }))
            }
            (other, _) => other,
        }
    }

    /// The value, if it is not known, as an instance of a class.
    #[must_use]
    pub(crate) fn instance_of_class(self, class: Option<Value>) -> Self {
        match (self, class) {
            (Self::Unknown(unknown), class @ Some(_)) => {
                Self::Unknown(Rc::new(Unknown { class, ..(*unknown).clone() }))
            }
            (other, _) => other,
        }
    }

    /// The value, if it is not known, as something that a library made.
    #[must_use]
    pub(crate) fn of_library(self, library: Option<Symbol>) -> Self {
        match (self, library) {
            (Self::Unknown(unknown), Some(_)) => Self::Unknown(Rc::new(Unknown { library, ..(*unknown).clone() })),
            (other, _) => other,
        }
    }

    /// What it stands for, where that is known.
    pub fn term(&self) -> Option<&Term> {
        match self.plain() {
            Self::Unknown(unknown) => unknown.term.as_deref(),
            _ => None,
        }
    }

    /// The value with more labels.
    #[must_use]
    pub fn with(self, labels: Labels) -> Self {
        if labels == Labels::NONE {
            return self;
        }
        match self {
            Self::Labelled(inner) => match inner.1.and(labels) {
                same if same.is_exactly(inner.1) => Self::Labelled(inner),
                labels => Self::Labelled(Rc::new((inner.0.clone(), labels))),
            },
            Self::Unknown(unknown) => {
                let labels = match unknown.labels.has(Labels::OWN) {
                    true => Labels { bits: unknown.labels.bits & !Labels::OWN, ..unknown.labels },
                    false => unknown.labels.and(labels),
                };
                if labels.is_exactly(unknown.labels) {
                    return Self::Unknown(unknown);
                }
                Self::Unknown(Rc::new(Unknown { labels, ..(*unknown).clone() }))
            }
            other if other.is_constant() && labels.of_decision() == Labels::NONE => other,
            other if other.is_constant() => Self::Labelled(Rc::new((other, labels.of_decision()))),
            other => {
                // What is raw in it stays so, whatever it is decided by.
                let own = other.labels();
                let labels = Labels { raw: labels.raw | own.raw, trail: own.trail.or(labels.trail), ..labels };
                Self::Labelled(Rc::new((other, labels)))
            }
        }
    }

    /// Whether it stands in the code as it is.
    fn is_constant(&self) -> bool {
        !matches!(self, Self::Object(_) | Self::Tuple(_) | Self::Union(_) | Self::Unknown(_) | Self::Labelled(_))
    }

    /// The value with other labels where it is raw.
    #[must_use]
    pub fn relabelled(&self, change: &dyn Fn(Labels) -> Labels) -> Self {
        match self {
            _ if self.labels().raw == 0 => self.clone(),
            Self::Unknown(unknown) => {
                let labels = change(unknown.labels);
                // The parts of a text have labels of their own.
                let is_text = matches!(unknown.term.as_deref(), Some(Term::Text(_)));
                let is_clean = labels.raw != unknown.labels.raw;
                let term = unknown.term.clone().filter(|_| !(is_text && is_clean));
                Self::Unknown(Rc::new(Unknown { labels, term, ..(**unknown).clone() }))
            }
            Self::Labelled(inner) => Self::Labelled(Rc::new((inner.0.relabelled(change), change(inner.1)))),
            Self::Union(values) => Self::Union(values.iter().map(|one| one.relabelled(change)).collect()),
            other => other.clone(),
        }
    }

    /// What is raw of it by another name: something else was made of it.
    #[must_use]
    pub(crate) fn called(&self, name: Symbol) -> Self {
        match self {
            _ if self.labels().raw == 0 => self.clone(),
            Self::Unknown(unknown) => {
                Self::Unknown(Rc::new(Unknown { name: Some(name), term: None, ..(**unknown).clone() }))
            }
            Self::Labelled(inner) => Self::Labelled(Rc::new((inner.0.called(name), inner.1))),
            Self::Union(values) => Self::Union(values.iter().map(|one| one.called(name)).collect()),
            other => other.clone(),
        }
    }

    /// The value without labels.
    pub fn plain(&self) -> &Self {
        match self {
            Self::Labelled(inner) => &inner.0,
            other => other,
        }
    }

    /// The labels.
    pub fn labels(&self) -> Labels {
        match self {
            Self::Labelled(inner) => inner.1,
            Self::Unknown(unknown) => unknown.labels,
            Self::Union(values) | Self::Tuple(values) => values.labels(),
            _ => Labels::NONE,
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self.plain() {
            Self::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self.plain() {
            Self::Int(i) => Some(*i),
            Self::Bool(b) => Some(i64::from(*b)),
            _ => None,
        }
    }

    /// The object, if it is one.
    pub fn as_object(&self) -> Option<Obj> {
        match self.plain() {
            Self::Object(o) => Some(*o),
            _ => None,
        }
    }

    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self.plain(), Self::None)
    }

    /// Whether nothing is known about it.
    pub fn is_unknown(&self) -> bool {
        matches!(self.plain(), Self::Unknown(_))
    }

    /// The alternatives: one, or those of a union.
    pub fn alternatives(&self) -> &[Value] {
        match self {
            Self::Union(values) => values,
            other => std::slice::from_ref(other),
        }
    }

    /// Either of two values.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "symmetric, and what `reduce` takes")]
    pub fn or(self, other: Self) -> Self {
        if self == other {
            return self;
        }
        let (own, others) = (self.alternatives(), other.alternatives());
        let is_union = matches!(self, Self::Union(_)) && own.len() <= UNION_MAX;
        if is_union && others.iter().all(|value| own.contains(value)) {
            return self;
        }
        let mut all: Vec<Value> = Vec::with_capacity(own.len() + others.len());
        all.extend_from_slice(own);
        for value in others {
            if !all.contains(value) {
                all.push(value.clone());
            }
        }
        let are_objects = || all.iter().all(|one| matches!(one.plain(), Self::Object(_)));
        if all.len() > UNION_OBJECTS_MAX || (all.len() > UNION_MAX && !are_objects()) {
            let labels = all.iter().fold(Labels::NONE, |l, v| l.or(v.labels()));
            return Self::unknown_with("one of too many values", labels);
        }
        Self::Union(all.into())
    }
}

/// A function object.
#[derive(Debug, Clone)]
pub struct FunctionValue {
    /// The file it stands in.
    pub file: FileId,
    /// The code that defines it.
    pub code: Arc<Code>,
    /// Which function of that code.
    pub id: FunctionId,
    /// Where its free names are looked up.
    pub scope: ScopeId,
    /// The evaluated defaults, one for each parameter that has one.
    pub defaults: Rc<[Option<Value>]>,
    /// The annotations that were evaluated when it was defined (inside functions), one for each parameter.
    pub annotations: Option<Rc<[Option<Value>]>>,
    /// The class in whose body it stands.
    pub class: Option<Obj>,
    /// The names of decorators of libraries that could not be evaluated, from the bottom.
    pub opaque_decorators: Vec<(Value, Site)>,
    /// The code of its body, once it was called.
    pub(crate) body: OnceCell<Arc<Code>>,
}

/// A class object.
#[derive(Debug, Clone)]
pub struct ClassValue {
    /// Its name.
    pub name: Symbol,
    /// Dotted name of its module.
    pub module: Symbol,
    /// `module.Name`
    pub qualified: Symbol,
    /// The file it stands in.
    pub file: FileId,
    /// The code that defines it.
    pub code: Arc<Code>,
    /// Which class of that code.
    pub id: ClassId,
    /// Where names in its annotations are looked up.
    pub scope: ScopeId,
    /// Its bases as written.
    pub bases: Vec<Value>,
    /// Its method resolution order: itself, then objects and externals.
    pub mro: Vec<Value>,
    /// `class A(B, table=True)`: the keywords.
    pub keywords: Vec<(Symbol, Value)>,
    /// The annotated names of its body in order, with the annotation.
    pub annotations: Vec<(Symbol, ExprId)>,
}

/// What an object is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A list, set or generator; `open` when it may hold more than is listed.
    List {
        /// What it holds.
        items: Vec<Value>,
        /// Whether it may hold more.
        open: bool,
        /// Whether it is a set.
        set: bool,
    },
    /// A dict; `open` when it may hold more than is listed.
    Dict {
        /// Key and value, in order.
        entries: Vec<(Value, Value)>,
        /// Whether it may hold more.
        open: bool,
    },
    /// An instance of a class that is described (of the project or of a library).
    Instance {
        /// Its class, an object or an external.
        class: Value,
    },
    /// A function.
    Function(Rc<FunctionValue>),
    /// A class.
    Class(Box<ClassValue>),
    /// A method bound to a receiver.
    Bound {
        /// The receiver.
        receiver: Value,
        /// The function.
        function: Value,
    },
    /// A method of a built-in type bound to a receiver.
    Builtin {
        /// The receiver.
        receiver: Value,
        /// The name of the method.
        name: Symbol,
    },
    /// `super()`: attribute look-up starts behind `after` in the order of `receiver`.
    Super {
        /// The receiver.
        receiver: Value,
        /// The class behind which look-up starts.
        after: Obj,
    },
    /// `staticmethod`, `classmethod`, `property` around a function.
    Descriptor {
        /// Which.
        kind: Descriptor,
        /// The function.
        function: Value,
    },
    /// A subscripted type such as `list[int]` or `Annotated[User, Depends(f)]`; unions of types have `typing.Union` as origin.
    Generic {
        /// What is subscripted.
        origin: Value,
        /// The arguments.
        arguments: Vec<Value>,
    },
    /// A module of the program.
    Module {
        /// The file; none for a namespace package.
        file: Option<FileId>,
        /// Its names.
        scope: ScopeId,
        /// Its directory, for a package.
        directory: Option<Rc<str>>,
    },
}

/// The kinds of descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "Python's own names")]
pub enum Descriptor {
    Static,
    Class,
    Property,
    CachedProperty,
}

/// An object: what it is, and its attributes.
#[derive(Debug, Clone)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// Its attributes. Classes keep those of their body here, in order of definition.
    pub attributes: Attributes,
    /// Where it was made.
    pub site: Site,
    /// For what a description of a library makes: the call in the program that led to it.
    pub made_by: Option<Site>,
    /// When it changed last, counted in the changes of the evaluator.
    pub(crate) changed: u32,
    /// Whether an exploration changed something of it that is younger.
    pub(crate) is_volatile: bool,
}

/// Attributes of an object, or names of a scope, in order of their first assignment; small maps are searched one by one.
#[derive(Debug, Clone, Default)]
pub struct Attributes {
    entries: Vec<(Symbol, Value)>,
    index: Option<Box<FxHashMap<Symbol, usize>>>,
    /// A bit of each name that was ever set: it rules out most of the names that are asked for and not there.
    bits: u64,
}

/// The bit of a name.
fn bit_of(name: Symbol) -> u64 {
    1 << (u32::try_from(name.index()).unwrap_or(0).wrapping_mul(0x9E37_79B1) >> 26)
}

const SMALL_MAX: usize = 24;

impl Attributes {
    /// The value of a name.
    pub fn get(&self, name: Symbol) -> Option<&Value> {
        self.position(name).map(|at| &self.entries[at].1)
    }

    /// Sets a name.
    pub fn set(&mut self, name: Symbol, value: Value) {
        if let Some(at) = self.position(name) {
            self.entries[at].1 = value;
            return;
        }
        self.entries.push((name, value));
        self.bits |= bit_of(name);
        let last = self.entries.len() - 1;
        if let Some(index) = &mut self.index {
            index.insert(name, last);
        } else if self.entries.len() > SMALL_MAX {
            self.index = Some(Box::new(self.entries.iter().enumerate().map(|(i, (n, _))| (*n, i)).collect()));
        }
    }

    /// None, with room for so many.
    pub fn with_capacity(names: usize) -> Self {
        Self { entries: Vec::with_capacity(names), index: None, bits: 0 }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Each name is what it is here or there.
    pub fn join(&mut self, other: &Self) {
        for (name, value) in other.iter() {
            match self.position(name) {
                Some(at) if self.entries[at].1 == *value => {}
                Some(at) => {
                    let mine = std::mem::replace(&mut self.entries[at].1, Value::None);
                    self.entries[at].1 = value.clone().or(mine);
                }
                None => self.set(name, value.clone()),
            }
        }
    }

    /// Forgets a name.
    pub fn remove(&mut self, name: Symbol) {
        if self.position(name).is_none() {
            return;
        }
        self.entries.retain(|(n, _)| *n != name);
        self.index = None;
        if self.entries.len() > SMALL_MAX {
            self.index = Some(Box::new(self.entries.iter().enumerate().map(|(i, (n, _))| (*n, i)).collect()));
        }
    }

    /// All, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Symbol, &Value)> {
        self.entries.iter().map(|(name, value)| (*name, value))
    }

    fn position(&self, name: Symbol) -> Option<usize> {
        if self.bits & bit_of(name) == 0 {
            return None;
        }
        match &self.index {
            Some(index) => index.get(&name).copied(),
            None => self.entries.iter().position(|(n, _)| *n == name),
        }
    }
}

/// The arguments of a call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arguments {
    /// By position.
    pub positional: Vec<Value>,
    /// By name.
    pub keywords: Vec<(Symbol, Value)>,
    /// Whether an unknown `*args` or `**kwargs` may hold more.
    pub open: bool,
    /// The unknown `**kwargs`.
    pub rest: Option<Value>,
}

impl Arguments {
    /// By position only.
    pub fn of(positional: impl IntoIterator<Item = Value>) -> Self {
        Self { positional: positional.into_iter().collect(), ..Self::default() }
    }

    /// An argument by name.
    pub fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// An argument by position or name.
    pub fn get(&self, position: usize, name: &str) -> Option<&Value> {
        self.positional.get(position).or_else(|| self.keyword(name))
    }

    /// The labels of all of them.
    pub fn labels(&self) -> Labels {
        let all = self.positional.iter().chain(self.keywords.iter().map(|(_, v)| v));
        all.fold(Labels::NONE, |labels, v| labels.and(v.labels()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_shared_with_the_same_text_alone() {
        let mut text = String::from("one reason");
        let first = shared(&text);
        assert!(Rc::ptr_eq(&first, &shared(&text)));
        // The same place in memory and as many bytes, and something else stands there.
        text.replace_range(0..3, "two");
        let second = shared(&text);
        assert_eq!((&*first, &*second), ("one reason", "two reason"));
        assert_eq!(&*shared("one reason"), "one reason");
    }

    #[test]
    fn names_that_are_gone_are_not_found_and_others_still_are() {
        let name = |of: usize| Symbol::new(&format!("attribute{of}"));
        let mut attributes = Attributes::with_capacity(2);
        assert!(attributes.get(name(0)).is_none());
        (0..200).for_each(|of| attributes.set(name(of), Value::Int(i64::try_from(of).unwrap_or(-1))));
        attributes.remove(name(7));
        assert!(attributes.get(name(7)).is_none() && attributes.get(name(200)).is_none());
        assert_eq!(attributes.get(name(8)), Some(&Value::Int(8)));
        attributes.set(name(7), Value::None);
        assert_eq!((attributes.get(name(7)), attributes.len()), (Some(&Value::None), 200));
    }

    #[test]
    fn labels_that_add_nothing_leave_a_value_as_it_is() {
        let labels = |bits| Labels::bit(bits);
        for value in [Value::unknown_with("x", labels(6)), Value::Int(1).with(labels(6))] {
            assert_eq!(value.clone().with(labels(2)).labels(), labels(6));
            assert_eq!(value.with(labels(8)).labels(), labels(14));
        }
        let trail = |of: u32| Labels { raw: 1, trail: std::num::NonZeroU32::new(of).map(Trail), ..Labels::NONE };
        // Equal labels of another trail are others.
        assert!(!trail(1).is_exactly(trail(2)) && trail(1) == trail(2));
        assert_eq!(trail(1).and(Labels::NONE).trail, trail(1).trail);
        assert_eq!(Labels::NONE.and(trail(2)).trail, trail(2).trail);
    }

    #[test]
    fn either_of_what_is_there_already_is_no_more() {
        let (one, two, three) = (Value::Int(1), Value::Int(2), Value::Int(3));
        let either = one.clone().or(two.clone());
        assert_eq!(either.clone().or(two.clone()), either);
        assert_eq!(either.clone().or(two.clone().or(one.clone())).alternatives(), [one.clone(), two.clone()]);
        assert_eq!(either.or(three.clone()).alternatives(), [one, two, three]);
    }
}
