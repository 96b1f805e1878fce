//! What a program is given from outside without a request: the environment, the command line. It is mostly read once, long before a play in which
//! what is raw is followed: until then it has a trail and is raw for nothing, and becomes raw where code that is followed reads it.

use std::rc::Rc;

use super::Interp;
use super::raw::Step;
use crate::intern::Symbol;
use crate::term::Term;
use crate::value::{Arguments, Labels, Site, Trail, Value};

/// What gives the variables of the environment.
const ENVIRONMENT: &str = "os.environ";

impl Interp<'_> {
    /// Configuration read from the environment: the default in the code, labelled with the name of the variable.
    pub(super) fn environment(&mut self, name: Option<&Value>, default: Option<&Value>, site: Site) -> Value {
        let variable = name.and_then(Value::as_str);
        let label = variable.map_or_else(|| Labels::bit(Labels::CONFIGURATION), |n| Labels::of_setting(Symbol::new(n)));
        let is_set = default.is_some_and(|default| !default.is_unknown() && !default.is_none());
        if let Some(default) = default.filter(|_| is_set) {
            return default.clone().with(label);
        }
        let labels = self.given_by_environment(label, site);
        if default.is_some_and(Value::is_none) {
            return Self::unset(labels);
        }
        Value::unknown_with(&format!("environment variable `{}`", variable.unwrap_or("?")), labels)
    }

    /// What is nothing unless it is set from outside. It is decided and compared as nothing is: raw it is only where it is used.
    pub(super) fn unset(labels: Labels) -> Value {
        Value::Labelled(Rc::new((Value::None, Labels { raw: 0, ..labels })))
    }

    /// For what something is raw where it is used.
    pub fn raw_where_used(&self, value: &Value) -> u32 {
        let labels = value.labels();
        if value.is_none() { self.outside_uses(labels.trail).unwrap_or(0) } else { labels.raw }
    }

    /// Whether one of the arguments is nothing unless it is set from outside.
    pub(super) fn hands_unset(&self, arguments: &Arguments) -> bool {
        let given = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, value)| value));
        given.filter(|value| value.is_none()).any(|value| self.raw_where_used(value) != 0)
    }

    /// The labels of a variable of the environment that has no default.
    pub(super) fn given_by_environment(&mut self, labels: Labels, site: Site) -> Labels {
        self.given_outside(Symbol::new(ENVIRONMENT), labels, site)
    }

    /// The labels of what a giver gives. Where nothing is followed yet, the client need not have said for what it is raw; while access is judged
    /// nothing is followed.
    pub(super) fn given_outside(&mut self, giver: Symbol, labels: Labels, site: Site) -> Labels {
        let raw = match self.is_watching() {
            true => self.trails.uses.outside.get(&giver).copied(),
            false => Some(0).filter(|_| !self.exploring),
        };
        let Some(raw) = raw else { return labels };
        let site = self.caller_outside_stubs().unwrap_or(site);
        let trail = self.step_of(Step {
            site,
            name: None,
            giver: Some(giver),
            is_handed: false,
            origin: labels.setting,
            from: None,
        });
        Labels { raw, trail, ..labels }
    }

    /// `__outside__(giver)`: something that is given there.
    pub(super) fn outside(&mut self, giver: &str, site: Site) -> Value {
        let labels = self.given_outside(Symbol::new(giver), Labels::NONE, site);
        Value::unknown_with(&format!("what `{giver}` gives"), labels)
    }

    /// What was given before the play that runs, as that reads it.
    pub(super) fn read_from_outside(&mut self, value: Value, site: Site) -> Value {
        let labels = value.labels();
        if labels.raw != 0 || labels.trail.is_none() || !self.is_watching() {
            return value;
        }
        let Value::Unknown(unknown) = &value else { return value };
        let Some(uses) = self.outside_uses(labels.trail) else { return value };
        let trail = self.seen_from(labels.trail, site);
        let labels = Labels { raw: uses, trail, ..labels };
        let term = match unknown.term.as_deref() {
            Some(Term::Text(parts)) => {
                let parts: Vec<Value> = parts.iter().map(|part| self.read_from_outside(part.clone(), site)).collect();
                Some(Rc::new(Term::Text(parts.into())))
            }
            _ => unknown.term.clone(),
        };
        Value::Unknown(Rc::new(crate::value::Unknown { labels, term, ..(**unknown).clone() }))
    }

    /// What a description keeps at hand is given where the program reads it.
    fn seen_from(&mut self, trail: Option<Trail>, site: Site) -> Option<Trail> {
        let first = *self.steps_to(trail).first()?;
        let is_by_library = self.program.is_stub(first.site.file);
        let site = if is_by_library { self.caller_outside_stubs().unwrap_or(site) } else { site };
        if is_by_library { self.step_of(Step { site, ..first }) } else { trail }
    }

    /// For what something is raw that comes from outside without a request, by its trail.
    pub(super) fn outside_uses(&self, trail: Option<Trail>) -> Option<u32> {
        let first = self.back_along(trail).last()?;
        self.trails.uses.outside.get(&first.giver?).copied()
    }

    /// How far off whoever wrote something stands: nobody outside, who runs the program, whoever sends a request.
    pub(super) fn distance(&self, labels: Labels) -> u8 {
        match labels.raw & self.trails.uses.all {
            0 => 0,
            _ if self.outside_uses(labels.trail).is_some() => 1,
            _ => 2,
        }
    }
}
