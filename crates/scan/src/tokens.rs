//! Tokens: where they are issued and checked, with which key, and what they say.

mod published;
mod recipes;
mod refused;

use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;
use memchr::memmem;
use model::{Evidence, KeySource, Known, Report, TokenCheck, TokenIssue};
use python::Symbol;
use python::interp::{Event, Interp, Paths};
use python::term::Term;
use python::value::{Kind, Site, Value};

use crate::effects::Source;
use crate::project::{Role, role_of};

pub(crate) use recipes::recipes;

/// Values inside an answer that are searched for a token.
const ANSWER_DEPTH_MAX: usize = 3;

/// A token that is issued.
pub(crate) type Issue = TokenIssue;

/// A token that is checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Check {
    pub(crate) check: TokenCheck,
    /// Whether it is checked before the handler begins.
    pub(crate) guards: bool,
}

/// The tokens that the play in course issued, with the index of the event, and those that it checked.
pub(crate) fn seen(interp: &Interp<'_>, before_handler: usize) -> (Vec<(usize, Issue)>, Vec<Check>) {
    let (mut issues, mut checks) = (Vec::new(), Vec::new());
    for (index, event) in interp.events().iter().enumerate() {
        match event.what.as_str() {
            "token-issue" => issues.extend(issue(interp, event, index).map(|one| (index, one))),
            "token-check" => checks.push(Check { check: check(interp, event), guards: index < before_handler }),
            _ => {}
        }
    }
    (issues, checks)
}

/// The texts of the keys that stand in the code: for this process only, so that they are not shown.
pub(crate) fn keys_in_code(report: &Report) -> Vec<&str> {
    let tokens = report.applications.iter().flat_map(|application| &application.tokens);
    let keys = tokens.flat_map(|t| [t.issue.as_ref().map(|i| &i.key), t.check.as_ref().map(|c| &c.key)]).flatten();
    let mut found: Vec<&str> = keys.filter_map(text_of).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn text_of(key: &KeySource) -> Option<&str> {
    match key {
        KeySource::Literal { value: Some(secret), .. } | KeySource::Setting { default: Some(secret), .. } => {
            Some(secret.expose())
        }
        _ => None,
    }
}

/// Where answers hold a token: which of the issued ones, and the JSON Pointer.
pub(crate) fn answered(
    interp: &Interp<'_>,
    issues: &[(usize, Issue)],
    returned: &[(Value, Site, Paths)],
) -> Vec<(usize, Arc<str>)> {
    let mut found: Vec<(usize, Arc<str>)> = Vec::new();
    for (position, (index, _)) in issues.iter().enumerate() {
        let Ok(made) = u32::try_from(*index) else { continue };
        let pointer = returned.iter().find_map(|(value, ..)| pointer_to(interp, value, made, 0));
        found.extend(pointer.map(|p| (position, Arc::from(p))));
    }
    found
}

fn pointer_to(interp: &Interp<'_>, value: &Value, made: u32, depth: usize) -> Option<String> {
    if value.term() == Some(&Term::Made(made)) {
        return Some(String::new());
    }
    if depth > ANSWER_DEPTH_MAX {
        return None;
    }
    let inside = |name: &str, v: &Value| {
        let rest = pointer_to(interp, v, made, depth + 1)?;
        Some(format!("/{}{rest}", name.replace('~', "~0").replace('/', "~1")))
    };
    match value.plain() {
        Value::Union(values) => values.iter().find_map(|v| pointer_to(interp, v, made, depth)),
        Value::Object(obj) => {
            let object = interp.object(*obj);
            match &object.kind {
                Kind::Dict { entries, .. } => entries.iter().find_map(|(k, v)| inside(k.as_str()?, v)),
                Kind::Instance { .. } => object.attributes.iter().find_map(|(k, v)| inside(k.as_str(), v)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn issue(interp: &Interp<'_>, event: &Event, index: usize) -> Option<Issue> {
    let claims = event.arguments.keyword("claims")?;
    let algorithm = event.arguments.keyword("algorithm")?;
    let entries = interp.partly_known_entries(claims);
    let claims: IndexMap<Arc<str>, String> =
        entries.iter().filter_map(|(k, v)| Some((Arc::from(k.as_str()?), words_for(interp, v)))).collect();
    let lifetime_s = claims.contains_key("exp").then(|| lifetime(interp, index)).flatten();
    Some(TokenIssue {
        algorithm: known_algorithm(interp, algorithm, event.site),
        key: key_source(interp, event.arguments.keyword("key")?),
        claims,
        lifetime_s,
        evidence: evidence(interp, event.site, "issues a token"),
    })
}

fn known_algorithm(interp: &Interp<'_>, value: &Value, site: Site) -> Known<Arc<str>> {
    match (value.as_str(), value.labels().setting) {
        (Some(name), None) => Known::proven(name.into(), vec![evidence(interp, site, "names the algorithm")]),
        (Some(name), Some(setting)) => Known::assumed(name.into(), format!("the default of `{setting}`")),
        _ => Known::unknown(crate::frameworks::gap_at(
            interp,
            model::GapKind::UnresolvedGuard,
            site,
            "the algorithm of a token is not known".to_owned(),
        )),
    }
}

/// How long a token is valid: the one duration that was made since the last token.
fn lifetime(interp: &Interp<'_>, index: usize) -> Option<u64> {
    const UNITS: &[(&str, u64)] =
        &[("weeks", 604_800), ("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1)];
    let before = &interp.events()[..index];
    let durations = before.iter().rev().take_while(|e| e.what.as_str() != "token-issue").filter(|e| {
        e.what.as_str() == "call"
            && e.arguments.positional.first().and_then(Value::as_str) == Some("datetime.timedelta")
    });
    let seconds = |event: &Event| {
        let given = event.arguments.keywords.iter().map(|(name, v)| {
            let unit = UNITS.iter().find(|(unit, _)| *name == *unit)?.1;
            u64::try_from(v.as_int()?).ok()?.checked_mul(unit)
        });
        let days = event.arguments.positional.get(1).map(|v| u64::try_from(v.as_int()?).ok()?.checked_mul(86_400));
        given.chain(days).sum::<Option<u64>>()
    };
    let all: Option<Vec<u64>> = durations.map(seconds).collect();
    match all?.as_slice() {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => Some(*first),
        _ => None,
    }
}

fn check(interp: &Interp<'_>, event: &Event) -> TokenCheck {
    let given = |name: &str| event.arguments.keyword(name).cloned().unwrap_or(Value::None);
    let (options, extra) = (given("options"), given("extra"));
    let option = |name: &str| entry(interp, &options, name).or_else(|| entry(interp, &extra, name));
    let is_off = |name: &str| option(name).is_some_and(|v| v.plain() == &Value::Bool(false));
    let place = evidence(interp, event.site, "checks a token");
    let is_known = options.is_none() || interp.known_entries(&options).is_some();
    let signature = if is_off("verify_signature") || is_off("verify") {
        Known::proven(false, vec![place.clone()])
    } else if is_known {
        Known::proven(true, vec![place.clone()])
    } else {
        Known::assumed(true, "the options of the check are not known").with_evidence([place.clone()])
    };
    let mut claims: Vec<Arc<str>> = Vec::new();
    if !is_off("verify_exp") && signature.value() == Some(&true) {
        claims.push("exp".into());
    }
    let required = option("require").map(|r| interp.partly_known_items(&r)).unwrap_or_default();
    claims.extend(required.iter().filter_map(|r| r.as_str().map(Arc::from)));
    // Where the signature is not verified nothing of the token is, and each of these can be switched off.
    let verified = |argument: &str, switch: &str| {
        option(argument).filter(|value| !value.is_none() && signature.value() == Some(&true) && !is_off(switch))
    };
    let (audience, issuer) = (verified("audience", "verify_aud"), verified("issuer", "verify_iss"));
    claims.extend(audience.is_some().then(|| Arc::from("aud")));
    claims.extend(issuer.is_some().then(|| Arc::from("iss")));
    claims.sort();
    claims.dedup();
    let algorithms = given("algorithms");
    let listed = if algorithms.as_str().is_some() { vec![algorithms] } else { interp.partly_known_items(&algorithms) };
    TokenCheck {
        algorithms: listed.iter().filter_map(|a| a.as_str().map(Arc::from)).collect(),
        key: published::fetched(interp, &given("key")).unwrap_or_else(|| key_source(interp, &given("key"))),
        audience: audience.and_then(|value| expected(interp, &value, event.site, &place)),
        issuer: issuer.and_then(|value| expected(interp, &value, event.site, &place)),
        signature,
        claims,
        evidence: place,
    }
}

/// What a claim must be, or one of several; nothing where it may be anything.
fn expected(interp: &Interp<'_>, value: &Value, site: Site, place: &Evidence) -> Option<Known<Vec<Arc<str>>>> {
    if value.is_none() {
        return None;
    }
    let listed = if value.as_str().is_some() { Some(vec![value.clone()]) } else { interp.known_items(value) };
    let texts: Option<Vec<Arc<str>>> =
        listed.iter().flatten().map(|one| one.as_str().filter(|text| !text.is_empty()).map(Arc::from)).collect();
    let setting = listed.iter().flatten().find_map(|one| one.labels().setting).or(value.labels().setting);
    Some(match (texts.filter(|texts| !texts.is_empty()), setting) {
        (Some(texts), None) => Known::proven(texts, vec![place.clone()]),
        (Some(texts), Some(setting)) => Known::assumed(texts, format!("the default of the setting `{setting}`")),
        (None, setting) => {
            let reason = setting.map_or_else(
                || crate::frameworks::why(interp, value),
                |setting| format!("the setting `{setting}` has no default"),
            );
            Known::unknown(crate::frameworks::gap_at(interp, model::GapKind::UnresolvedGuard, site, reason))
        }
    })
}

fn entry(interp: &Interp<'_>, of: &Value, name: &str) -> Option<Value> {
    interp.partly_known_entries(of).into_iter().find(|(k, _)| k.as_str() == Some(name)).map(|(_, v)| v)
}

/// Functions that make something that nobody can guess.
const RANDOM: &[&str] = &["secrets.", "os.urandom", "uuid.uuid4", "cryptography.fernet.Fernet.generate_key"];

/// Where a key comes from.
pub(crate) fn key_source(interp: &Interp<'_>, key: &Value) -> KeySource {
    let setting = key.labels().setting;
    match (key.plain(), setting) {
        (Value::Str(text) | Value::Bytes(text), Some(setting)) if !text.is_empty() => {
            match stands_at(interp, text, Some(setting)) {
                // The program does not run with it.
                Some(_) if refused::is_refused(interp, text) => KeySource::setting(setting.as_str()),
                Some(place) => KeySource::Setting {
                    name: setting.as_str().into(),
                    variable: variable(interp, setting),
                    default: Some(model::Secret::new(text.to_string())),
                    has_default: true,
                    evidence: Some(place),
                },
                // From an `.env` file.
                None => without_default(interp, setting),
            }
        }
        (Value::Str(text) | Value::Bytes(text), None) if !text.is_empty() => match stands_at(interp, text, None) {
            Some(place) => KeySource::literal(text.to_string(), place),
            // Put together of parts.
            None => KeySource::Unknown { reason: "a text that is put together".to_owned() },
        },
        (_, Some(setting)) => without_default(interp, setting),
        (Value::Unknown(unknown), None)
            if unknown.name.is_some_and(|n| RANDOM.iter().any(|r| n.as_str().starts_with(r))) =>
        {
            KeySource::Generated
        }
        (Value::Unknown(unknown), None) => KeySource::Unknown { reason: unknown.reason.to_string() },
        _ => KeySource::Unknown { reason: "a key that is not known".to_owned() },
    }
}

fn without_default(interp: &Interp<'_>, setting: Symbol) -> KeySource {
    let variable = variable(interp, setting);
    KeySource::Setting { name: setting.as_str().into(), variable, default: None, has_default: false, evidence: None }
}

/// The variable that sets a setting, where that is not its name in capitals.
fn variable(interp: &Interp<'_>, setting: Symbol) -> Option<Arc<str>> {
    let variable = interp.variable_of_setting(setting)?.to_uppercase();
    (variable != setting.as_str().to_uppercase()).then(|| variable.into())
}

/// Whether a class of settings has this text as the default of a setting.
fn is_default(interp: &Interp<'_>, setting: Symbol, text: &str) -> bool {
    let is_text = |value: &Value| {
        let default = crate::frameworks::attribute(interp, value, "default");
        value.as_str() == Some(text) || default.is_some_and(|d| d.as_str() == Some(text))
    };
    let classes = interp.objects().filter(|(_, object)| matches!(object.kind, Kind::Class(_)));
    classes.filter_map(|(_, object)| object.attributes.get(setting)).any(is_text)
}

/// Where a text stands in the code of the program: on a line that names the setting, if there is one.
fn stands_at(interp: &Interp<'_>, text: &Rc<str>, setting: Option<Symbol>) -> Option<Evidence> {
    // A key in PEM may stand on one line.
    let escaped = text.replace('\n', "\\n");
    let as_it_is = written_at(interp, text, text, setting);
    as_it_is.or_else(|| (escaped != **text).then(|| written_at(interp, &escaped, text, setting)).flatten())
}

fn written_at(interp: &Interp<'_>, written: &str, text: &str, setting: Option<Symbol>) -> Option<Evidence> {
    let finder = memmem::Finder::new(written.as_bytes());
    let mut first = None;
    for (_, file) in interp.program().files() {
        if file.path.starts_with(python::program::STUBS) || role_of(&file.path) == Role::Test {
            continue;
        }
        for at in finder.find_iter(file.text.as_bytes()) {
            let quoted = at
                .checked_sub(1)
                .and_then(|before| file.text.as_bytes().get(before))
                .is_some_and(|b| matches!(b, b'"' | b'\''));
            if !quoted {
                continue;
            }
            let line = file.line(u32::try_from(at).unwrap_or(u32::MAX));
            let place = || Evidence::new(Arc::clone(&file.path), line, "the key stands here");
            let words = file.text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("");
            if setting.is_none_or(|s| words.contains(s.as_str())) {
                return Some(place());
            }
            first.get_or_insert_with(place);
        }
    }
    first.filter(|_| setting.is_none_or(|s| is_default(interp, s, text)))
}

/// What a claim is filled with, in short.
fn words_for(interp: &Interp<'_>, value: &Value) -> String {
    match Source::of(interp, value) {
        Source::Row(index, parts) => {
            let entity = interp.events().get(index as usize).and_then(|e| e.arguments.positional.first());
            let class = entity.map(|e| class_name(interp, e)).unwrap_or_default();
            std::iter::once(class).chain(parts.iter().map(ToString::to_string)).collect::<Vec<_>>().join(".")
        }
        Source::Parameter { name, part } => part.map_or_else(|| name.to_string(), |part| format!("{name}.{part}")),
        Source::Field(_, name) => name.map_or_else(|| "the request".to_owned(), |name| name.to_string()),
        Source::Session(_) => "who asks".to_owned(),
        Source::Credential(claim) => claim.map_or_else(|| "who asks".to_owned(), |claim| format!("the claim {claim}")),
        Source::Text | Source::Constant | Source::Nothing => {
            value.as_str().map_or_else(|| "a constant".to_owned(), |text| format!("{text:?}"))
        }
        Source::Other => match value.plain() {
            Value::Unknown(unknown) => unknown.name.map_or_else(|| "computed".to_owned(), |n| n.to_string()),
            _ => "one of several values".to_owned(),
        },
    }
}

fn class_name(interp: &Interp<'_>, entity: &Value) -> String {
    let of = match entity.term().map(Term::root) {
        Some(Term::Of(class)) => Value::Object(*class),
        _ => entity.clone(),
    };
    interp.qualified_name(&of).and_then(|n| n.rsplit('.').next()).unwrap_or("a row").to_owned()
}

fn evidence(interp: &Interp<'_>, site: Site, what: &str) -> Evidence {
    let file = interp.program().file(site.file);
    Evidence::new(Arc::clone(&file.path), file.line(site.span.start), what)
}
