//! Credentials that are compared with a key of the configuration, the same for everybody who has it: `if key != settings.api_key`. Who has
//! such a key a gateway can tell by itself; what is looked up by a credential only the application knows.

use std::sync::Arc;

use model::{ConfiguredKey, Endpoint, Evidence, KeySource, ParameterRef, Place, Report, SecuritySchemeKind, Test};
use python::Symbol;
use python::interp::{Comparison, Interp, Literal, Paths};
use python::value::{Kind, Labels, Obj, Value};
use rustc_hash::FxHashMap;

use crate::access::refusal::{is_error, status_of_view};
use crate::access::{Throughout, dependencies_of, label};
use crate::frameworks::{Framework, RawRoute, attribute};
use crate::{schemes, tokens};

/// Steps of a dependency that is called to see what it compares.
const STEPS_MAX: u32 = 3_000;
/// The class of schemes that name a header field.
const HEADER_SCHEME: &str = "fastapi.security.schemes.APIKeyHeader";
/// The class of parameters that are read from a header field.
const HEADER: &str = "fastapi.params.Header";
/// Words before a credential (RFC 9110 section 11.1), which are no keys.
const WORDS: &[&str] = &["bearer", "basic", "digest", "token", "apikey"];

/// What an endpoint compares with a key of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Compared {
    /// The scheme that the credential is one of; nothing where that is the only one that the endpoint asks for.
    scheme: Option<Arc<str>>,
    /// The header field.
    field: Arc<str>,
    key: ConfiguredKey,
}

/// What was found out about functions.
#[derive(Debug, Default)]
pub(crate) struct ComparedKeys {
    of_functions: FxHashMap<Obj, Option<Compared>>,
    /// Of each endpoint, in their order.
    of_endpoints: Vec<Vec<Compared>>,
}

impl ComparedKeys {
    /// Notes what the next endpoint compares. What hooks, decorators and handlers do was seen in a play.
    pub(crate) fn note(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, in_play: Option<Compared>) {
        let mut found: Vec<Compared> = in_play.into_iter().collect();
        if matches!(raw.framework, Framework::FastApi | Framework::Starlette) {
            for callable in dependencies_of(interp, raw) {
                found.extend(self.of_dependency(interp, &callable));
            }
        }
        self.of_endpoints.push(found);
    }

    /// Notes nothing of the next endpoint.
    pub(crate) fn note_nothing(&mut self) {
        self.of_endpoints.push(Vec::new());
    }

    fn of_dependency(&mut self, interp: &mut Interp<'_>, callable: &Value) -> Option<Compared> {
        let function = interp.unwrapped(callable).as_object()?;
        if !matches!(interp.object(function).kind, Kind::Function(_)) || interp.is_stub(&Value::Object(function)) {
            return None;
        }
        if let Some(known) = self.of_functions.get(&function) {
            return known.clone();
        }
        let found = called(interp, function);
        self.of_functions.insert(function, found.clone());
        found
    }

    /// Says of each scheme with which key it is compared: wherever it is asked for, or not at all.
    pub(crate) fn assign(&self, report: &mut Report) {
        for application in &mut report.applications {
            let own = report.endpoints.iter().zip(&self.of_endpoints);
            let own: Vec<_> = own.filter(|(endpoint, _)| endpoint.application == application.name).collect();
            for (name, scheme) in &mut application.security_schemes {
                let asking = own.iter().filter(|(endpoint, _)| asks_for(endpoint, name));
                let all: Option<Vec<&Compared>> =
                    asking.map(|(endpoint, compared)| of_scheme(endpoint, compared, name)).collect();
                let Some([first, rest @ ..]) = all.as_deref() else { continue };
                if rest.iter().any(|other| other.field != first.field) {
                    continue;
                }
                let field = || ParameterRef::new(Place::Header, Arc::clone(&first.field));
                match &mut scheme.kind {
                    SecuritySchemeKind::ApiKey { parameter } if *parameter == field() => {}
                    SecuritySchemeKind::Custom { parameters } if parameters.is_empty() || *parameters == [field()] => {
                        *parameters = vec![field()];
                    }
                    _ => continue,
                }
                scheme.key = Some(first.key.clone());
            }
        }
    }
}

fn asks_for(endpoint: &Endpoint, scheme: &str) -> bool {
    let mut conditions = endpoint.access.requirement().into_iter().flat_map(model::AuthRequirement::conditions);
    conditions.any(|condition| matches!(&condition.test, Test::Scheme(name) if **name == *scheme))
}

/// What an endpoint compares of a scheme.
fn of_scheme<'c>(endpoint: &Endpoint, compared: &'c [Compared], scheme: &str) -> Option<&'c Compared> {
    let is_scheme = |test: &Test| matches!(test, Test::Scheme(_));
    let requirement = endpoint.access.requirement()?;
    let is_only_one = requirement.conditions().filter(|condition| is_scheme(&condition.test)).count() == 1
        && requirement.alternatives().len() == 1;
    compared.iter().find(|one| match &one.scheme {
        Some(name) => **name == *scheme,
        None => is_only_one,
    })
}

/// What a play of hooks, decorators and a handler compares on each way on which it is answered well.
pub(crate) fn in_play(interp: &Interp<'_>, raw: &RawRoute, played: &Throughout) -> Option<Compared> {
    if !raw.framework.has_global_request() {
        return None;
    }
    let is_well = |value: &Value| status_of_view(interp, value).is_none_or(|status| !is_error(status));
    let mut passing = played.returned.iter().filter(|(value, ..)| is_well(value)).map(|(.., paths)| paths);
    let first = on_all(interp, passing.next()?)?;
    passing.all(|paths| on_all(interp, paths).is_some_and(|other| other.field == first.field)).then_some(first)
}

/// What a dependency compares that is given a credential of unknown content.
fn called(interp: &mut Interp<'_>, function: Obj) -> Option<Compared> {
    let parameters = interp.signature(&Value::Object(function))?;
    let (mut given, mut scheme) = (Vec::new(), None);
    for parameter in parameters {
        let (_, extras) = interp.annotated(parameter.annotation.as_ref());
        for marker in extras.iter().chain(parameter.default.iter()) {
            let class = interp.class_of(marker);
            let field = if interp.derives_from(&class, HEADER) {
                let alias = attribute(interp, marker, "alias").and_then(|alias| alias.as_str().map(str::to_owned));
                Some(alias.unwrap_or_else(|| parameter.name.as_str().replace('_', "-")))
            } else {
                let dependency = attribute(interp, marker, "dependency").unwrap_or(Value::None);
                let is_scheme = interp.derives_from(&interp.class_of(&dependency), HEADER_SCHEME);
                scheme = if is_scheme { schemes::name_of(interp, &dependency) } else { scheme };
                let name = attribute(interp, &dependency, "name").filter(|_| is_scheme);
                name.and_then(|name| name.as_str().map(str::to_owned))
            };
            let Some(field) = field else { continue };
            let labels = Labels::bit(label::CREDENTIAL);
            given.push((parameter.name, Interp::unknown_named("a credential", labels, Symbol::new(&field))));
        }
    }
    if given.is_empty() {
        return None;
    }
    let found = interp.explore(STEPS_MAX, |interp| {
        interp.call_with_named(function, &given)?;
        on_all(interp, &interp.paths().clone())
    })?;
    let Kind::Function(of) = &interp.object(function).kind else { return None };
    let own = of.code.function(of.id).name.as_str();
    Some(Compared { scheme: scheme.or_else(|| Some(own.into())), ..found })
}

/// What is compared on each of several ways.
fn on_all(interp: &Interp<'_>, paths: &Paths) -> Option<Compared> {
    let mut all = paths.alternatives().iter().map(|path| path.iter().find_map(|literal| compared(interp, *literal)));
    let first = all.next()??;
    all.all(|other| other.is_some_and(|other| other.field == first.field)).then_some(first)
}

/// What a condition compares that turned out like this: where it holds, the credential is the key.
fn compared(interp: &Interp<'_>, literal: Literal) -> Option<Compared> {
    let condition = interp.condition(literal.condition);
    let is_key = |one: &&Comparison| {
        let is_shown = one.labels.has(label::CREDENTIAL) && !one.labels.has(Labels::LOOKED_UP | label::KEPT);
        is_shown && one.same == literal.holds && one.is_told_by(literal.holds)
    };
    condition.comparisons.iter().filter(is_key).find_map(|one| {
        let field = one.name?.as_str();
        let source = configured(interp, &one.with)?;
        let file = interp.program().file(condition.site.file);
        let place = Evidence::new(Arc::clone(&file.path), file.line(condition.site.span.start), "compares the key");
        (!field.eq_ignore_ascii_case("authorization")).then(|| Compared {
            scheme: None,
            field: field.into(),
            key: ConfiguredKey { source, evidence: place },
        })
    })
}

/// Where a key of the configuration comes from; nothing where a value is none.
fn configured(interp: &Interp<'_>, with: &Value) -> Option<KeySource> {
    if with.labels().has(label::CREDENTIAL | label::INPUT | label::BODY | Labels::LOOKED_UP) {
        return None;
    }
    let setting = with.labels().setting;
    match with.plain() {
        // The default of a setting that has to be set.
        Value::Str(text) if text.is_empty() => setting.map(|_| tokens::key_source(interp, with)),
        Value::Str(text) if WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) => None,
        Value::Str(_) => Some(tokens::key_source(interp, with)),
        Value::Unknown(_) => setting.map(|_| tokens::key_source(interp, with)),
        _ => {
            let items = interp.known_items(with)?;
            let by_itself = items.iter().any(|item| item.labels().setting.is_some());
            if setting.is_some() && !by_itself {
                return Some(one_of(interp, with));
            }
            let all: Option<Vec<KeySource>> = items.iter().map(|item| configured(interp, item)).collect();
            let mut all = all?.into_iter();
            let first = all.next()?;
            // Of several the one that everybody knows is worth telling.
            let is_known = |source: &KeySource| !matches!(source, KeySource::Setting { has_default: false, .. });
            if is_known(&first) { Some(first) } else { all.find(is_known).or(Some(first)) }
        }
    }
}

/// One of several keys that a setting holds.
fn one_of(interp: &Interp<'_>, with: &Value) -> KeySource {
    let known = interp.known_items(with).unwrap_or_default();
    let is_text = |one: &Value| one.as_str().is_some_and(|text| !text.is_empty());
    match tokens::key_source(interp, with) {
        KeySource::Setting { name, variable, default, evidence, .. } => {
            KeySource::Setting { name, variable, default, has_default: known.iter().any(is_text), evidence }
        }
        other => other,
    }
}
