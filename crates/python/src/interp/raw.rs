//! What came from outside as somebody wrote it: for which uses it still is (`Labels::raw`), the trail it came along, and what makes it clean. The
//! client names the uses, what is given raw, and the functions that clean or test; the evaluator follows.

use std::cmp::Ordering;
use std::num::NonZeroU32;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::uses::Taken;
use super::{Condition, Interp, Literal};
use crate::code::CompareOp;
use crate::intern::{Symbol, known};
use crate::term::{Term, Test};
use crate::value::{Arguments, Kind, Labels, Obj, Site, Trail, Value};

/// Steps that are kept of one run of the evaluator: what came later has a shorter trail.
const STEPS_MAX: usize = 400_000;
/// Steps of one trail that are looked back along.
const BACK_MAX: usize = 64;
/// Alternatives of a condition that is a disjunction, and parts of one that is a conjunction, that are looked at.
const OPERANDS_MAX: usize = 32;

/// Types whose values hold nothing that somebody wrote as they please.
const PLAIN_TYPES: &[&str] = &[
    "builtins.int",
    "builtins.float",
    "builtins.bool",
    "builtins.complex",
    "uuid.UUID",
    "decimal.Decimal",
    "fractions.Fraction",
    "datetime.datetime",
    "datetime.date",
    "datetime.time",
    "datetime.timedelta",
    "ipaddress.IPv4Address",
    "ipaddress.IPv6Address",
    "ipaddress.IPv4Network",
    "ipaddress.IPv6Network",
    "pydantic.UUID1",
    "pydantic.UUID3",
    "pydantic.UUID4",
    "pydantic.UUID5",
    "pydantic.PositiveInt",
    "pydantic.NonNegativeInt",
    "pydantic.NegativeInt",
    "pydantic.NonPositiveInt",
    "pydantic.PositiveFloat",
    "pydantic.NonNegativeFloat",
    "pydantic.StrictInt",
    "pydantic.StrictFloat",
    "pydantic.StrictBool",
    "pydantic.AwareDatetime",
    "pydantic.NaiveDatetime",
    "pydantic.PastDate",
    "pydantic.FutureDate",
    "pydantic.pydantic_extra_types.IPvAnyAddress",
    "pydantic.IPvAnyAddress",
    "bson.ObjectId",
    "bson.objectid.ObjectId",
    // What of it is a text is read from it.
    "starlette.datastructures.UploadFile",
    "fastapi.UploadFile",
];
/// Types of several others, which are plain where all of those are.
const CONTAINERS: &[&str] = &[
    "typing.Union",
    "typing.Optional",
    "typing.List",
    "typing.Set",
    "typing.Tuple",
    "typing.Sequence",
    "typing.Iterable",
    "builtins.list",
    "builtins.set",
    "builtins.tuple",
    "builtins.frozenset",
];

/// One step of something raw.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Where.
    pub site: Site,
    /// The name that it got there; none where it began.
    pub name: Option<Symbol>,
    /// What gave it, where it began in a call that the client names.
    pub giver: Option<Symbol>,
    /// Whether it is the name of a parameter: it is handed to a function there.
    pub is_handed: bool,
    /// Where it began, the part of what is given: whoever asks again for that gets the same.
    pub origin: Option<Symbol>,
    /// The step before.
    pub from: Option<Trail>,
}

/// What a condition tells of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It begins with another one.
    Begins,
    /// It does not.
    BeginsNot,
    /// It ends with another one.
    Ends,
    /// Another one does not stand in it.
    Lacks,
}

/// What the client says about uses.
#[derive(Debug)]
pub struct Uses {
    /// All of them.
    pub all: u32,
    /// The labels of what is given raw.
    pub given: u16,
    /// The places whose parts are given raw, as descriptions call them, and for which uses.
    pub places: &'static [(&'static str, u32)],
    /// What calls by these names give is raw for these uses.
    pub giving: FxHashMap<Symbol, u32>,
    /// The last parts of those names.
    pub giving_methods: rustc_hash::FxHashSet<Symbol>,
    /// What these names give without a request, by who runs the program, is raw for these uses, of which one is [`Labels::FAR`].
    pub outside: FxHashMap<Symbol, u32>,
    /// Those of them whose code is seen: what it gives is raw, whatever it does.
    pub giving_seen: rustc_hash::FxHashSet<Symbol>,
    /// Libraries, by the first part of their names, of which a function gives a text that it is handed, in some form. So does the standard one.
    pub giving_on: &'static [&'static str],
    /// What still is raw of a text that was written to a file: the uses.
    pub in_files: u32,
    /// Functions of libraries that read the files whose paths they are given, by qualified names.
    pub reading: rustc_hash::FxHashSet<Symbol>,
    /// Functions, and parts and methods of something raw that libraries gave, as `zipfile.ZipFile.namelist`: what they give is raw for these uses, too, where that is for the others.
    pub holding: FxHashMap<Symbol, (u32, u32)>,
    /// What functions give is clean for these uses, by qualified names; `hashlib.*` is all of a module.
    pub clean: FxHashMap<Symbol, u32>,
    /// What methods of something raw give is clean for these uses: they only tell something about it.
    pub telling: FxHashMap<Symbol, u32>,
    /// What a function or method holds of is clean for these uses: `x.isdigit()`.
    pub testing: FxHashMap<Symbol, u32>,
    /// Attributes that are tests: what they are of is clean for these uses where they hold, or where they do not.
    pub attributes: &'static [(&'static str, bool, u32)],
    /// Arguments that decide what the methods do of what a library makes.
    pub deciding: &'static [&'static str],
    /// Calls that are events (`use`) where they are handed something raw.
    pub noted: rustc_hash::FxHashSet<Symbol>,
    /// What is clean where a text, by the name it goes by, was found to begin with another, to end with it, or not to hold it.
    pub told: fn(Told, Option<&str>, &str) -> u32,
    /// Parts by whose names the whole is told of, and the uses.
    pub telling_of_whole: &'static [(&'static str, u32)],
    /// For a use, the characters without which a text does no harm in it.
    pub harmful: Vec<(u32, &'static str)>,
}

/// A text that is known, or the last piece of one that is known in part.
fn last_of_text(value: &Value) -> Option<&str> {
    value.plain().alternatives().iter().find_map(|one| match one.term() {
        Some(Term::Text(parts)) => parts.last().and_then(Value::as_str),
        _ => one.as_str(),
    })
}

/// What something unknown goes by.
fn subject_name(value: &Value) -> Option<&'static str> {
    value.plain().alternatives().iter().find_map(|one| match one.plain() {
        Value::Unknown(unknown) => unknown.name.map(Symbol::as_str),
        _ => None,
    })
}

impl Uses {
    /// For which uses a part of a place is raw; a row for `header.host` says it of that part alone.
    fn of_place(&self, place: &str, name: Option<&str>) -> u32 {
        let is_of = |row: &str| match row.split_once('.') {
            Some((of, part)) => of == place && name.is_some_and(|name| name.eq_ignore_ascii_case(part)),
            None => row == place,
        };
        self.places.iter().find(|(row, _)| is_of(row)).map_or(0, |(_, uses)| *uses)
    }
}

impl Default for Uses {
    /// Nothing is raw.
    fn default() -> Self {
        Self {
            all: 0,
            given: 0,
            places: &[],
            giving: FxHashMap::default(),
            outside: FxHashMap::default(),
            giving_methods: rustc_hash::FxHashSet::default(),
            giving_seen: rustc_hash::FxHashSet::default(),
            giving_on: &[],
            in_files: 0,
            reading: rustc_hash::FxHashSet::default(),
            holding: FxHashMap::default(),
            clean: FxHashMap::default(),
            telling: FxHashMap::default(),
            testing: FxHashMap::default(),
            attributes: &[],
            deciding: &[],
            noted: rustc_hash::FxHashSet::default(),
            told: |_, _, _| 0,
            telling_of_whole: &[],
            harmful: Vec::new(),
        }
    }
}

/// What is followed of raw values.
#[derive(Debug, Default)]
pub(super) struct Trails {
    /// What patterns let through, of these uses.
    pub(super) read_patterns: super::patterns::ReadPatterns,
    pub(super) uses: Rc<Uses>,
    steps: Vec<Step>,
    /// What functions take that were noted.
    pub(super) taken: FxHashMap<Symbol, Rc<Taken>>,
    names: FxHashMap<Obj, Option<Symbol>>,
    /// Of what something is an item, by the trail of its name.
    pub(super) wholes: FxHashMap<Trail, (Value, Value)>,
    /// Of what collections were made.
    pub(super) collected: FxHashMap<Obj, Value>,
    /// How the operands turned out behind which the one that runs stands: `known(x) and use(x)`.
    operands: Vec<Literal>,
}

impl Trails {
    /// Forgets what an exploration found out about items.
    pub(super) fn forget_items(&mut self) {
        self.wholes.clear();
        self.collected.clear();
    }
}

impl Interp<'_> {
    /// Says what is raw. It counts while [watching](Interp::watching).
    pub fn set_uses(&mut self, uses: Rc<Uses>) {
        self.trails.uses = uses;
        self.trails.read_patterns.borrow_mut().clear();
    }

    /// The steps that lead to where something raw is, the first one first.
    pub fn steps_to(&self, trail: Option<Trail>) -> Vec<Step> {
        let mut found: Vec<Step> = self.back_along(trail).collect();
        found.reverse();
        found
    }

    /// The steps of a text behind those of what is raw in it: since it became part of the text.
    pub fn steps_since(&self, parts: &[Trail], whole: Option<Trail>) -> Vec<Step> {
        let trails = std::iter::successors(whole, |at| self.trails.steps.get(at.0.get() as usize - 1)?.from);
        let behind = trails.take(BACK_MAX).take_while(|at| !parts.contains(at));
        let mut found: Vec<Step> =
            behind.filter_map(|at| self.trails.steps.get(at.0.get() as usize - 1).copied()).collect();
        found.reverse();
        found
    }

    /// How many steps there are: a mark for [`Interp::began_before`].
    pub fn steps_so_far(&self) -> usize {
        self.trails.steps.len()
    }

    /// Whether a trail began before there were so many steps.
    pub fn began_before(&self, trail: Option<Trail>, steps: usize) -> bool {
        let from = |at: &Trail| self.trails.steps.get(at.0.get() as usize - 1)?.from;
        let first = std::iter::successors(trail, from).take(BACK_MAX).last();
        first.is_some_and(|first| (first.0.get() as usize) <= steps)
    }

    pub(super) fn back_along(&self, trail: Option<Trail>) -> impl Iterator<Item = Step> {
        let step = |trail: Trail| self.trails.steps.get(trail.0.get() as usize - 1).copied();
        std::iter::successors(trail.and_then(step), move |at| at.from.and_then(step)).take(BACK_MAX)
    }

    /// Labels of what a client gives raw, from here on.
    pub fn given_raw(&mut self, labels: Labels, site: Site) -> Labels {
        if !self.is_watching() || self.trails.uses.all == 0 {
            return labels;
        }
        let trail = self.step_of(Step { site, name: None, giver: None, is_handed: false, origin: None, from: None });
        Labels { raw: self.trails.uses.all, trail, ..labels }
    }

    /// The same for what a description reads off a place, where that is given raw.
    pub(super) fn read_raw(&mut self, labels: Labels, place: Option<&str>, name: Option<&str>, site: Site) -> Labels {
        let uses = &self.trails.uses;
        let raw = match place {
            Some(place) => uses.of_place(place, name),
            None if labels.has(uses.given) => uses.all,
            None => 0,
        };
        let site = self.caller_outside_stubs().unwrap_or(site);
        let given = if raw == 0 { labels } else { self.given_raw(labels, site) };
        if let (Some(place), Some(name), Some(trail)) = (place, name, given.trail)
            && let Some(step) = self.trails.steps.get_mut(trail.0.get() as usize - 1)
        {
            step.origin = Some(Symbol::new(&format!("{place}.{name}")));
        }
        if given.raw == 0 { given } else { Labels { raw, ..given } }
    }

    pub(super) fn step_of(&mut self, step: Step) -> Option<Trail> {
        if self.trails.steps.len() >= STEPS_MAX {
            return step.from;
        }
        self.trails.steps.push(step);
        u32::try_from(self.trails.steps.len()).ok().and_then(NonZeroU32::new).map(Trail)
    }

    /// A value that gets a name: one step more, where it is raw.
    pub(super) fn named_here(&mut self, name: Symbol, value: Value, site: Site, is_handed: bool) -> Value {
        let labels = value.labels();
        if labels.raw == 0 || !self.is_watching() || self.program.is_stub(site.file) {
            return value;
        }
        let (name, from) = (Some(name), labels.trail);
        let trail = self.step_of(Step { site, name, giver: None, is_handed, origin: None, from });
        value.relabelled(&|labels| Labels { trail, ..labels })
    }

    /// What is remembered of a call came along the trail of its arguments, whoever called before.
    pub(super) fn along(value: Value, arguments: &Arguments) -> Value {
        if value.labels().raw == 0 {
            return value;
        }
        let trail = arguments.labels().trail;
        value.relabelled(&|labels| Labels { trail: trail.or(labels.trail), ..labels })
    }

    /// The labels of what a call gives, raw where the client says so.
    pub(super) fn given_by(&mut self, name: Symbol, labels: Labels, site: Site) -> Labels {
        let giving = if self.is_watching() { self.trails.uses.giving.get(&name).copied() } else { None };
        let Some(uses) = giving else { return labels };
        let begin = Step { site, name: None, giver: Some(name), is_handed: false, origin: None, from: None };
        if uses & Labels::FAR == 0 {
            // It is of whoever gives it, and of nobody who was handed something before.
            return Labels { raw: uses, trail: self.step_of(begin), ..labels };
        }
        let trail = labels.trail.or_else(|| self.step_of(begin));
        Labels { raw: labels.raw | uses, trail, ..labels }
    }

    /// Whether a function of a library gives on what it is handed.
    pub(super) fn gives_on(&self, name: &str) -> bool {
        let root = name.split('.').next().unwrap_or(name);
        crate::standard::is_standard(root) || self.trails.uses.giving_on.contains(&root)
    }

    /// By what the methods of something that a library makes go: not by its name, where something of the program's own decides what they do.
    pub(super) fn made_as(&self, name: Symbol, arguments: &Arguments) -> Symbol {
        let decides = |(argument, value): &(Symbol, Value)| {
            self.trails.uses.deciding.contains(&argument.as_str()) && self.is_made_by_program(value)
        };
        let is_own = self.is_watching() && arguments.keywords.iter().any(decides);
        if is_own { Symbol::new(&format!("{name}(own)")) } else { name }
    }

    /// Whether something is an instance of a class of the program's own.
    fn is_made_by_program(&self, value: &Value) -> bool {
        let class = self.class_of(value).as_object().map(|class| &self.object(class).kind);
        matches!(class, Some(Kind::Class(class)) if !self.program.is_stub(class.file))
    }

    /// The labels of what a function gives.
    pub(super) fn cleaned_by(&self, name: &str, labels: Labels) -> Labels {
        if labels.raw == 0 && labels.trail.is_none() {
            return labels;
        }
        let uses = self.uses_of(&self.trails.uses.clean, name);
        // What comes from outside and is not followed yet is not told apart by uses.
        if uses == 0 { labels } else { labels.cleared(uses) }
    }

    /// The labels of what a method of something gives.
    pub(super) fn told_by(&self, method: Symbol, labels: Labels) -> Labels {
        let telling = self.trails.uses.telling.get(&method).copied();
        telling.map_or(labels, |uses| labels.cleared(uses))
    }

    fn uses_of(&self, table: &FxHashMap<Symbol, u32>, name: &str) -> u32 {
        let of_module = || name.split_once('.').map(|(root, _)| Symbol::new(&format!("{root}.*")));
        let found = table.get(&Symbol::new(name)).or_else(|| table.get(&of_module()?));
        found.copied().unwrap_or(0)
    }

    /// Cleans what a described function, or one of the program, gives if the client says that it cleans; notes that it was called.
    pub(super) fn used_by(&mut self, function: Obj, arguments: &Arguments, is_raw: bool, site: Site) -> Option<u32> {
        if !self.is_watching() || !is_raw && !self.hands_unset(arguments) {
            return None;
        }
        let name = self.name_of_function(function)?;
        if self.trails.uses.noted.contains(&name) {
            self.note_taken(name, function);
            self.note_use(name, arguments, site);
        }
        Some(self.uses_of(&self.trails.uses.clean, name.as_str())).filter(|uses| *uses != 0)
    }

    /// Notes a call by its name where it is handed something raw.
    pub(super) fn note_use(&mut self, name: Symbol, arguments: &Arguments, site: Site) {
        // What a description does is its own; what the program asks of it counts.
        let is_own = self.frames.last().is_none_or(|frame| !self.program.is_stub(frame.file));
        let is_noted = is_own && self.is_watching() && self.trails.uses.noted.contains(&name);
        if is_noted && (self.hands_raw(arguments) || self.hands_unset(arguments)) {
            let mut arguments = arguments.clone();
            arguments.positional.splice(0..0, [Value::str("use"), Value::str(name.as_str())]);
            let behind = self.trails.operands.iter().fold(self.paths.clone(), |paths, operand| paths.with(*operand));
            let paths = std::mem::replace(&mut self.paths, behind);
            self.note_only(Symbol::new("use"), &arguments, site);
            self.paths = paths;
        }
    }

    /// Notes how an operand turned out, for those behind it; `and` goes on where it holds.
    pub(super) fn note_operand(&mut self, term: Option<&Term>, site: Site, labels: Labels, and: bool) {
        let Some(term) = term.filter(|_| self.is_watching() && self.trails.operands.len() < OPERANDS_MAX) else {
            return;
        };
        let Ok(condition) = u32::try_from(self.conditions.len()) else { return };
        let term = Some(Rc::new(term.clone()));
        self.conditions.push(Condition { site, labels, comparisons: Vec::new(), term, is_exception: false });
        self.trails.operands.push(Literal { condition, holds: and });
    }

    /// How many operands are noted, and to forget those behind so many.
    pub(super) fn operands_noted(&self) -> usize {
        self.trails.operands.len()
    }

    pub(super) fn forget_operands(&mut self, noted: usize) {
        self.trails.operands.truncate(noted);
    }

    /// `module.name` of a function, `module.Class.name` of a method, once it was asked for.
    pub(super) fn name_of_function(&mut self, obj: Obj) -> Option<Symbol> {
        if let Some(name) = self.trails.names.get(&obj) {
            return *name;
        }
        let name = match self.kind(obj) {
            Kind::Function(function) => {
                let class = function.class.and_then(|class| self.qualified_name(&Value::Object(class)));
                let own = function.code.function(function.id).name;
                let around = class.map_or_else(|| self.program.name_of(function.file).1, str::to_owned);
                Some(Symbol::new(&format!("{around}.{own}")))
            }
            Kind::Class(class) => Some(class.qualified),
            _ => None,
        };
        if self.is_lasting(&Value::Object(obj)) {
            self.trails.names.insert(obj, name);
        }
        name
    }

    /// What a test of something raw stands for: where it holds, that is clean for these uses.
    pub(super) fn tested_by(&self, name: Symbol, subject: Option<&Value>) -> Option<Term> {
        let subject = subject.filter(|subject| subject.labels().raw != 0)?;
        let uses = self.trails.uses.testing.get(&name).copied()?;
        Some(Term::Tested(Rc::new(Test { subject: subject.clone(), where_true: uses, where_false: 0 })))
    }

    /// The same of `isinstance(x, str)`: it is as clean as what the class makes.
    pub(super) fn tested_by_class(&self, subject: &Value, class: &Value) -> Option<Term> {
        if self.is_plain_type(class) {
            return self.tested_by(Symbol::new("isinstance"), Some(subject));
        }
        let uses = self.uses_of(&self.trails.uses.clean, self.qualified_name(class)?);
        let is_telling = subject.labels().raw & uses != 0;
        is_telling.then(|| Term::Tested(Rc::new(Test { subject: subject.clone(), where_true: uses, where_false: 0 })))
    }

    /// What an attribute of something raw stands for that is a test: `address.is_private`.
    pub(super) fn tested_by_attribute(&self, name: Symbol, value: &Value) -> Option<Term> {
        if !self.is_watching() || value.labels().raw == 0 {
            return None;
        }
        let (_, holds, uses) = *self.trails.uses.attributes.iter().find(|(own, ..)| name == *own)?;
        let (where_true, where_false) = if holds { (uses, 0) } else { (0, uses) };
        Some(Term::Tested(Rc::new(Test { subject: value.clone(), where_true, where_false })))
    }

    /// What a test of something raw for its truth stands for: where it is false, it is empty.
    pub(super) fn emptiness_of(&self, value: &Value) -> Option<Term> {
        let is_raw = self.is_watching() && value.is_unknown() && value.labels().raw != 0;
        let uses = self.trails.uses.all;
        is_raw.then(|| Term::Tested(Rc::new(Test { subject: value.clone(), where_true: 0, where_false: uses })))
    }

    /// Whether a text of which one end is known begins or ends with another.
    pub(super) fn affix_of_text(&self, method: Symbol, subject: &Value, arguments: &Arguments) -> Option<bool> {
        let Some(Term::Text(parts)) = subject.term().filter(|_| self.is_watching()) else { return None };
        let affix = arguments.positional.first()?.as_str()?;
        let long_enough = |part: &Value| part.as_str().filter(|text| text.len() >= affix.len()).map(str::to_owned);
        match method.as_str() {
            "startswith" => Some(long_enough(parts.first()?)?.starts_with(affix)),
            "endswith" => Some(long_enough(parts.last()?)?.ends_with(affix)),
            _ => None,
        }
    }

    /// The same of `x.startswith("/")`.
    pub(super) fn tested_by_method(&self, method: Symbol, subject: &Value, arguments: &Arguments) -> Option<Term> {
        if let Some(term) = self.tested_as_set(method.as_str(), subject, arguments.positional.first()) {
            return Some(term);
        }
        if subject.labels().raw == 0 {
            return None;
        }
        let told = |what, text: &str| (self.trails.uses.told)(what, subject_name(subject), text);
        // Of several affixes it is one.
        let affixes = match arguments.positional.first().map(Value::plain) {
            Some(Value::Tuple(all)) => all.iter().map(last_of_text).collect::<Option<Vec<_>>>(),
            _ => arguments.positional.first().and_then(last_of_text).map(|one| vec![one]),
        };
        let each =
            |what| affixes.iter().flatten().map(|affix| told(what, affix)).reduce(|all, one| all & one).unwrap_or(0);
        let (where_true, where_false) = match (method.as_str(), &affixes) {
            ("startswith", Some(_)) => (each(Told::Begins), each(Told::BeginsNot)),
            ("endswith", Some(_)) => (each(Told::Ends), 0),
            _ => return self.tested_by(method, Some(subject)),
        };
        let is_telling = where_true | where_false != 0;
        is_telling.then(|| Term::Tested(Rc::new(Test { subject: subject.clone(), where_true, where_false })))
    }

    /// The labels of `x.replace("'", "")`, `x.lstrip("/")`: where a character is not there any more, it does no harm.
    pub(super) fn without_character(&self, method: Symbol, labels: Labels, arguments: &Arguments) -> Labels {
        if method == "lstrip" || method == "strip" {
            let stripped = arguments.positional.first().and_then(Value::as_str);
            return stripped.map_or(labels, |of| labels.cleared((self.trails.uses.told)(Told::BeginsNot, None, of)));
        }
        let (Some(from), Some(to)) =
            (arguments.positional.first().and_then(Value::as_str), arguments.positional.get(1).and_then(Value::as_str))
        else {
            return labels;
        };
        let is_gone = method == "replace" && from.chars().count() == 1 && !to.contains(from);
        if is_gone { labels.cleared((self.trails.uses.told)(Told::Lacks, None, from)) } else { labels }
    }

    /// What a file that is opened goes by: `open(.py)`, where the end of its name is known.
    pub(super) fn opened(&self, arguments: &Arguments) -> Option<Symbol> {
        let last = last_of_text(arguments.positional.first()?)?;
        let (_, suffix) = last.rsplit_once('.').filter(|(_, suffix)| !suffix.contains('/'))?;
        Some(Symbol::new(&format!("open(.{suffix})")))
    }

    /// What descriptions say of what somebody wrote: `__called__(name, value)` is made of it, and goes by another name;
    /// `__tests__(method, value, ...)` says what that method would; `__found__(matches, match, text)`.
    pub(super) fn of_raw(&mut self, name: &str, arguments: &Arguments) -> Option<Value> {
        let named = |value: &Value| value.as_str().map(Symbol::new);
        match name {
            "__called__" => Some(arguments.positional.get(1)?.called(named(arguments.positional.first()?)?)),
            "__tests__" => {
                let subject = arguments.positional.get(1)?;
                let given = Arguments::of(arguments.positional.get(2..)?.iter().cloned());
                let term = self.tested_by_method(named(arguments.positional.first()?)?, subject, &given);
                let labels = subject.labels().of_decision();
                Some(Value::unknown_with("whether a test holds", labels).standing_for(term))
            }
            _ => self.found_match(arguments),
        }
    }

    /// The uses for which a text is clean that holds none but these characters.
    pub(super) fn clean_without(&self, may_hold: impl Fn(char) -> bool) -> u32 {
        let harmful = self.trails.uses.harmful.iter();
        harmful.filter(|(_, characters)| !characters.chars().any(&may_hold)).fold(0, |all, (uses, _)| all | uses)
    }

    /// The uses in which nothing but ends of lines does harm.
    pub(super) fn harmed_by_ends_of_lines(&self) -> u32 {
        let harmful = self.trails.uses.harmful.iter();
        harmful.filter(|(_, all)| all.chars().all(|c| matches!(c, '\r' | '\n'))).fold(0, |all, (uses, _)| all | uses)
    }

    /// Whether values of a type hold nothing that somebody wrote as they please: numbers, dates, members of an enumeration.
    pub fn is_plain_type(&self, annotation: &Value) -> bool {
        match annotation.plain() {
            Value::None => true,
            Value::External(name) => PLAIN_TYPES.contains(&name.as_str()),
            Value::Object(obj) => match self.kind(*obj) {
                Kind::Class(class) => {
                    self.class_flag(*obj, known::ENUMERATION) || PLAIN_TYPES.contains(&class.qualified.as_str())
                }
                Kind::Generic { origin, arguments } => match self.qualified_name(origin) {
                    Some("typing.Literal" | "typing_extensions.Literal") => true,
                    Some("typing.Annotated" | "typing_extensions.Annotated") => {
                        arguments.first().is_some_and(|of| self.is_plain_type(of))
                    }
                    Some(name) if CONTAINERS.contains(&name) => arguments.iter().all(|of| self.is_plain_type(of)),
                    _ => false,
                },
                _ => false,
            },
            _ => false,
        }
    }

    /// What is clean, and for which uses, where a condition turned out like this.
    pub fn cleaned_where(&self, term: &Term, holds: bool) -> Vec<(Value, u32)> {
        let every = |operands: &[Option<Term>]| {
            let known = operands.iter().take(OPERANDS_MAX).flatten();
            known.flat_map(|operand| self.cleaned_where(operand, holds)).collect()
        };
        match term {
            Term::Not(inner) => self.cleaned_where(inner, !holds),
            Term::Tested(test) => {
                let uses = if holds { test.where_true } else { test.where_false };
                vec![(test.subject.clone(), uses)]
            }
            Term::All(operands) if holds => every(operands),
            Term::Any(operands) if !holds => every(operands),
            Term::All(operands) | Term::Any(operands) => self.cleaned_by_each(operands, holds),
            Term::Compared(sides) => self.cleaned_by_comparison(sides, holds),
            _ => Vec::new(),
        }
    }

    /// What is clean whichever of several conditions turned out like this.
    fn cleaned_by_each(&self, operands: &[Option<Term>], holds: bool) -> Vec<(Value, u32)> {
        let mut all = operands.iter().map(|one| one.as_ref().map_or(Vec::new(), |one| self.cleaned_where(one, holds)));
        let mut kept = all.next().unwrap_or_default();
        for other in all {
            kept.retain_mut(|(subject, uses)| {
                *uses &=
                    other.iter().filter(|(one, _)| self.is_same(one, subject)).fold(0, |all, (_, uses)| all | uses);
                *uses != 0
            });
        }
        kept
    }

    /// `x == "a"`, `x in ALLOWED`: what is compared with something that nobody outside wrote.
    fn cleaned_by_comparison(&self, (left, op, right): &(Value, CompareOp, Value), holds: bool) -> Vec<(Value, u32)> {
        // What only few uses mind counts as what nobody outside wrote: the host of the request.
        let distance = |value: &Value| self.distance(self.labels_within(value, 0));
        let (left_distance, right_distance) = (distance(left), distance(right));
        // `PATTERN.match(x) is not None`
        if let (Some(test @ Term::Tested(_)), true) = (left.term(), right.is_none()) {
            return match op {
                CompareOp::Is | CompareOp::Eq => self.cleaned_where(test, !holds),
                CompareOp::IsNot | CompareOp::NotEq => self.cleaned_where(test, holds),
                _ => Vec::new(),
            };
        }
        let same = match op {
            CompareOp::Eq | CompareOp::Is | CompareOp::In => holds,
            CompareOp::NotEq | CompareOp::IsNot | CompareOp::NotIn => !holds,
            _ => false,
        };
        if !same {
            // `"'" not in x`
            let lacks = matches!((op, holds), (CompareOp::In, false) | (CompareOp::NotIn, true));
            let told =
                left.as_str().filter(|_| lacks).map_or(0, |text| (self.trails.uses.told)(Told::Lacks, None, text));
            return if told == 0 { Vec::new() } else { vec![(right.clone(), told)] };
        }
        let all = self.trails.uses.all;
        let is_equality = !matches!(op, CompareOp::In | CompareOp::NotIn);
        match left_distance.cmp(&right_distance) {
            Ordering::Greater if !right.is_none() => {
                let uses = if is_equality { all } else { self.clean_among(left, right) };
                vec![(left.clone(), uses)]
            }
            Ordering::Less if is_equality && !left.is_none() => vec![(right.clone(), all)],
            _ => Vec::new(),
        }
    }

    /// Whether two raw values are one: they stand for the same, or one of them got another name on its way to the other.
    pub fn is_same(&self, one: &Value, other: &Value) -> bool {
        match (one.term(), other.term()) {
            (Some(one), Some(other)) if !matches!(one, Term::Text(_)) => return one == other,
            (Some(_), None) | (None, Some(_)) => return false,
            _ => {}
        }
        let (first, second) = (one.labels().trail, other.labels().trail);
        // For what it is raw changes on the way.
        let bare = |value: &Value| value.relabelled(&|labels| Labels { raw: 0, ..labels });
        (self.leads(first, second) || self.leads(second, first)) && (one == other || bare(one) == bare(other))
    }

    /// The uses for which something raw is clean where another value is clean for some: the same, or a part that tells of it.
    pub fn cleaned_of_same(&self, subject: &Value, uses: u32, raw: &Value) -> u32 {
        let of_one = |one: &Value| {
            if self.is_same(one, raw) {
                return uses;
            }
            if one.as_object().is_some() {
                return if self.is_item_of(raw, one) { uses } else { 0 };
            }
            if let Some(Term::Text(parts)) = one.term() {
                return if parts.iter().any(|part| self.is_same(part, raw)) { uses } else { 0 };
            }
            let Value::Unknown(part) = one.plain() else { return 0 };
            let table = self.trails.uses.telling_of_whole.iter();
            let is_called = |own: Symbol, name: &str| own == name || own.as_str().rsplit('.').next() == Some(name);
            let told =
                table.filter(|(name, _)| part.name.is_some_and(|own| is_called(own, name))).map(|(_, uses)| uses);
            let told = told.fold(0, |all, uses| all | uses) & uses;
            let is_of_it =
                told != 0 && (self.leads(raw.labels().trail, one.labels().trail) || self.begins_like(one, raw));
            if is_of_it { told } else { 0 }
        };
        subject.plain().alternatives().iter().fold(0, |all, one| all | of_one(one))
    }

    /// Whether something was made of the same part of what is given that another value is.
    fn begins_like(&self, made: &Value, given: &Value) -> bool {
        let origin = |value: &Value| self.back_along(value.labels().trail).last().and_then(|step| step.origin);
        let is_whole = given.term().is_some_and(|term| !matches!(term, Term::Text(_)));
        is_whole && origin(made).is_some() && origin(made) == origin(given)
    }

    /// Whether one trail goes on as another.
    fn leads(&self, from: Option<Trail>, to: Option<Trail>) -> bool {
        from.is_some() && (from == to || self.back_along(to).any(|step| step.from == from))
    }

    /// Behind a condition that turned out like this, what it tested is clean wherever the function that runs has a name for it.
    pub(super) fn clean_behind(&mut self, term: Option<&Term>, holds: bool) {
        let Some(term) = term.filter(|_| self.is_watching()) else { return };
        let cleaned = self.cleaned_where(term, holds);
        if cleaned.is_empty() {
            return;
        }
        let scope = self.frame().scope;
        let lists = cleaned.iter().any(|(subject, _)| subject.as_object().is_some());
        let raw: Vec<(Symbol, Value)> = self
            .scope(scope)
            .names
            .iter()
            .filter(|(_, value)| value.labels().raw != 0 || lists && value.as_object().is_some())
            .map(|(n, v)| (n, v.clone()))
            .collect();
        for (name, value) in raw {
            let made: Vec<Value> =
                value.plain().alternatives().iter().map(|one| self.cleaned_of(one, &cleaned)).collect();
            let made = made.into_iter().reduce(Value::or).unwrap_or(Value::None);
            if made.labels().raw != value.labels().raw || made.as_object() != value.as_object() {
                self.bind_in(scope, name, made);
            }
        }
    }

    /// Runs something behind such a condition, and undoes what that made clean.
    pub(super) fn behind<T>(&mut self, term: Option<&Term>, holds: bool, run: impl FnOnce(&mut Self) -> T) -> T {
        if term.is_none() || !self.is_watching() {
            return run(self);
        }
        let scope = self.frame().scope;
        let before = Rc::clone(&self.scope(scope).names);
        self.clean_behind(term, holds);
        let cleaned = Rc::clone(&self.scope(scope).names);
        let result = run(self);
        for (name, value) in before.iter() {
            // What was cleaned, and did not become something else.
            let was = cleaned.get(name).filter(|was| *was != value || was.labels().raw != value.labels().raw);
            if was.is_some() && self.name_in(scope, name) == was {
                self.bind_in(scope, name, value.clone());
            }
        }
        result
    }

    fn cleaned_of(&mut self, value: &Value, cleaned: &[(Value, u32)]) -> Value {
        if value.as_object().is_some() {
            let of_it = cleaned.iter().filter(|(subject, _)| subject.plain() == value.plain());
            let uses = of_it.fold(0, |all, (_, uses)| all | uses);
            let made = (uses != 0).then(|| self.cleaned_list(value, uses, self.site(self.frame().at))).flatten();
            return made.unwrap_or_else(|| value.clone());
        }
        let uses = cleaned.iter().fold(0, |all, (subject, uses)| all | self.cleaned_of_same(subject, *uses, value));
        if uses == 0 { value.clone() } else { value.relabelled(&|labels| labels.cleared(uses)) }
    }
}
