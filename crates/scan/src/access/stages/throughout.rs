//! A play through dependencies and handler with a credential of unknown content, to see what the handler does. What dependencies give
//! that look at nothing but the credential is asked once.

use model::Method;
use python::Symbol;
use python::interp::{Interp, Paths};
use python::program::FileId;
use python::term::Term;
use python::value::{Kind, Site, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::shape::shape;
use super::super::{
    EFFECT_DEPTH_MAX, EFFECT_STEPS, EFFECT_STEPS_AROUND, EFFECT_STEPS_OF_VIEWS, EFFECT_STEPS_PER_EVENT, IDENTIFIED,
    Judge, STEPS_MAX, label,
};
use super::Stage;
use crate::frameworks::{Framework, RawRoute};

/// Steps of a dependency, or of all middleware, beyond which it is not played for each endpoint to see what handlers do.
const COSTLY_STEPS: u64 = 1_000;

/// What dependencies give to anybody with a credential, whatever the endpoint: by what they are.
#[derive(Debug, Default)]
pub(in crate::access) struct Known {
    given: FxHashMap<String, Value>,
    /// Those of which it depends on the endpoint, but that take too many steps to be asked for each.
    costly: FxHashSet<String>,
    /// Whether what stands around the routes takes too many steps to be played for each.
    costly_layers: bool,
}

/// A value of which nothing is known is what its annotation says.
pub(super) fn of_class(value: Value, class: Option<Value>) -> Value {
    match value {
        Value::Unknown(unknown) if unknown.class.is_none() && class.is_some() => {
            Value::Unknown(python::value::Unknown { class, ..(*unknown).clone() }.into())
        }
        other => other,
    }
}

/// A value without what only this play has: instances become unknown ones of their class.
fn lasting(interp: &Interp<'_>, value: &Value) -> Value {
    let labels = interp.labels_within(value, 0);
    let class_of = |class: &Value| Some(class.clone()).filter(|c| interp.is_lasting(c));
    let unknown = || Value::unknown_with("what a dependency gives", labels);
    match value.plain() {
        Value::Union(values) => {
            let all = values.iter().map(|v| lasting(interp, v));
            all.reduce(Value::or).unwrap_or(Value::None).with(value.labels())
        }
        Value::Object(obj) => match &interp.object(*obj).kind {
            Kind::Instance { class } => class_of(class).map_or_else(unknown, |class| Value::instance_of(class, labels)),
            _ => unknown(),
        },
        Value::Unknown(of) => {
            let identified = of.labels.has(label::CREDENTIAL);
            let term = identified.then(|| Term::Given(python::Symbol::new(IDENTIFIED)).into());
            let class = of.class.as_ref().and_then(class_of);
            Value::Unknown(python::value::Unknown { term, class, ..(**of).clone() }.into())
        }
        Value::Tuple(_) => unknown(),
        _ => value.clone(),
    }
}

/// What a play through dependencies and handler came to.
pub(crate) struct Throughout {
    /// What dependencies gave, by callable, in the order in which they were done.
    pub(crate) solved: Vec<(Value, Value)>,
    /// How many events came before the handler.
    pub(crate) before_handler: u32,
    /// How many steps of what is raw came before the handler.
    pub(crate) steps_before: usize,
    /// How many events came before what is only this endpoint's.
    pub(crate) before_own: u32,
    /// Whether what came before it are hooks that run for every endpoint.
    pub(crate) has_hooks: bool,
    /// The function that answers: its file and its name.
    pub(crate) handler: Option<(FileId, Symbol)>,
    /// Where the handler stands.
    pub(crate) handler_at: Site,
    /// Where the program has it called: what a class of a library does by itself is done there.
    pub(crate) called: Site,
    /// What the handler returns, with the conditions.
    pub(crate) returned: Vec<(Value, Site, Paths)>,
    /// Whether a condition in the handler, or in what it calls, looked at a credential or at what was made of one.
    pub(crate) asks_who: bool,
    /// Whether all of the handler was played.
    pub(crate) is_whole: bool,
}

impl Throughout {
    /// What a call of a function that nobody is seen to call came to.
    pub(crate) fn of_function(called: Site, handler_at: Site, returned: Vec<(Value, Site, Paths)>) -> Self {
        Self {
            solved: Vec::new(),
            before_handler: 0,
            before_own: 0,
            steps_before: 0,
            has_hooks: false,
            handler: None,
            handler_at,
            called,
            returned,
            asks_who: false,
            is_whole: false,
        }
    }
}

/// A number of events.
fn count(events: usize) -> u32 {
    u32::try_from(events).unwrap_or(u32::MAX)
}

/// The function that a developer wrote to answer.
fn handler_of(interp: &Interp<'_>, raw: &RawRoute) -> Option<(FileId, Symbol)> {
    let inner = interp.unwrapped(raw.written.as_ref().unwrap_or(&raw.endpoint));
    match &interp.object(inner.as_object()?).kind {
        Kind::Function(function) => Some((function.file, function.code.function(function.id).name)),
        _ => None,
    }
}

impl Judge {
    /// Plays a request without a credential through dependencies and handler, and reads what that came to.
    pub(crate) fn play_without_credential<T>(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        read: impl FnOnce(&mut Interp<'_>, &Throughout) -> T,
    ) -> T {
        // What dependencies give to somebody is not what they give to nobody.
        let known = std::mem::take(&mut self.known);
        let result = interp.watching(|i| {
            i.explore(STEPS_MAX, |i| {
                let played = self.throughout(i, raw, method);
                read(i, &played)
            })
        });
        self.known = known;
        result
    }

    /// Dependencies and handler with a credential of unknown content.
    pub(in crate::access) fn throughout(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
    ) -> Throughout {
        let mut constants = std::mem::take(&mut self.constants);
        let mut known = std::mem::take(&mut self.known);
        let mut stage = Stage::new(interp, raw, method, &mut constants, self.redirects);
        stage.known = Some(&mut known);
        if stage.known.as_deref().is_some_and(|known| known.costly_layers) {
            stage.is_partial = true;
        } else {
            let steps_before = interp.total_left();
            self.around(interp, &mut stage, raw, method);
            let is_costly = steps_before - interp.total_left() > COSTLY_STEPS;
            stage.known.iter_mut().for_each(|known| known.costly_layers = is_costly);
        }
        let around = interp.events().len();
        let arguments = stage.dependencies(interp, raw);
        let solved = std::mem::take(&mut stage.solved);
        let mut annotated = |callable: Value, value: Value| {
            let class = interp.return_annotation(&callable).and_then(|annotation| interp.class_in(&annotation));
            (callable, of_class(value, class))
        };
        let solved = solved.into_iter().map(|(callable, _, value)| annotated(callable, value)).collect();
        let is_partial = stage.is_partial;
        let (before_handler, steps_before) = (interp.events().len(), interp.steps_so_far());
        let reached = !interp.paths().is_never() && stage.play.unknown.is_none();
        let call = |i: &mut Interp<'_>| i.call_outcome(&raw.endpoint, arguments, raw.site);
        let is_django = raw.framework == Framework::Django;
        let steps = match (is_django, raw.framework.has_global_request()) {
            (true, _) => EFFECT_STEPS_OF_VIEWS,
            (false, true) => EFFECT_STEPS + EFFECT_STEPS_AROUND,
            (false, false) => EFFECT_STEPS,
        };
        interp.forget_looked_at();
        let outcome = reached.then(|| interp.by_events(steps, EFFECT_STEPS_PER_EVENT, EFFECT_DEPTH_MAX, call));
        self.constants = constants;
        self.known = known;
        Throughout {
            solved,
            before_handler: count(before_handler),
            steps_before,
            // Middleware of Django and aiohttp is among what runs before a handler.
            before_own: count(if is_django || raw.framework == Framework::Aiohttp { before_handler } else { around }),
            has_hooks: raw.framework.has_global_request() && !is_django,
            handler: handler_of(interp, raw),
            handler_at: handler_site(interp, raw),
            called: raw.site,
            asks_who: interp.looked_at() & label::CREDENTIAL != 0,
            is_whole: !is_partial && outcome.as_ref().is_some_and(|o| !o.limited),
            returned: outcome.map(|o| o.returned).unwrap_or_default(),
        }
    }
}

/// Where the handler stands that a developer wrote, or the route.
pub(super) fn handler_site(interp: &Interp<'_>, raw: &RawRoute) -> Site {
    let written = interp.unwrapped(raw.written.as_ref().unwrap_or(&raw.endpoint));
    let site = written.as_object().map_or(raw.site, |obj| interp.object(obj).site);
    if interp.program().is_stub(site.file) { raw.site } else { site }
}

impl Stage<'_> {
    /// What a dependency gave before, or what it gives if it is called. Who looks at nothing but the credential gives the same to all.
    pub(super) fn known_or_called(&mut self, interp: &mut Interp<'_>, callable: &Value, site: Site) -> Value {
        let Some(known) = &self.known else { return self.call_dependency(interp, callable, site) };
        let key = shape(interp, std::slice::from_ref(callable));
        if let Some(value) = known.given.get(&key) {
            self.is_partial |= known.costly.contains(&key);
            return value.clone();
        }
        let steps_before = interp.total_left();
        let of_endpoint = label::INPUT | label::BODY | label::ROUTE;
        let looked_before = interp.looked_at() & of_endpoint;
        let value = self.call_dependency(interp, callable, site);
        let looked = interp.looked_at() & of_endpoint;
        let lasting = lasting(interp, &value);
        let is_same = looked_before | looked == 0 && !lasting.labels().has(of_endpoint);
        let is_costly = steps_before - interp.total_left() > COSTLY_STEPS;
        if let (Some(known), true) = (self.known.as_deref_mut(), is_same || is_costly) {
            if !is_same {
                known.costly.insert(key.clone());
            }
            known.given.insert(key, lasting);
        }
        value
    }
}
