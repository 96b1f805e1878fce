//! The limits that code declares by the libraries for it: slowapi, Flask-Limiter, fastapi-limiter, django-ratelimit and the throttles of
//! Django REST framework. What the evaluation put together says which limits an endpoint has, those of blueprints, routers, applications
//! and settings included; where it does not know, a limit counts as it is written at the handler.

mod dependencies;
mod figures;
mod left;
mod throttles;
mod written;

use std::sync::Arc;

use model::{Evidence, Method, RateLimit, Report};
use python::interp::Interp;
use python::program::Program;
use python::value::{Kind, Site, Value};
use rustc_hash::FxHashSet;

use crate::frameworks::{Framework, RawRoute};
use crate::project::{Role, role_of};

/// Functions of keys that give the address of the client.
const ADDRESS: &[&str] = &["get_remote_address", "get_ipaddr", "ip", "header:x-real-ip", "header:x-forwarded-for"];

/// Places that declare a limit: the file and the line.
type Places = FxHashSet<(Arc<str>, u32)>;

/// What reads the limits of endpoints.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    /// Whether the program speaks of slowapi or Flask-Limiter, of fastapi-limiter, of throttles.
    speaks: [bool; 3],
    /// Whether it sets counts of a limiter back by itself: where somebody signed in, say.
    sets_back: bool,
    /// Places that were read: what is written there does not count again.
    read: Places,
}

/// What a program calls that sets counts of a limiter back.
const SETS_BACK: &[&str] = &["limiter.clear(", "limiter.reset(", "storage.clear(", "storage.reset("];

/// Words of the libraries in the order of [`Limits::speaks`].
const WORDS: [&[&str]; 3] = [&["slowapi", "flask_limiter"], &["fastapi_limiter"], &["hrottl"]];

impl Limits {
    pub(crate) fn of(program: &Program) -> Self {
        let (mut speaks, mut sets_back) = ([false; 3], false);
        for (file, source) in program.files() {
            if program.is_stub(file) || role_of(&source.path) != Role::Source {
                continue;
            }
            for (speaks, words) in speaks.iter_mut().zip(WORDS) {
                *speaks = *speaks || speaks_of(&source.text, words);
            }
            sets_back = sets_back || speaks_of(&source.text, SETS_BACK);
        }
        Self { speaks, sets_back, read: Places::default() }
    }

    /// The limits of an endpoint, as far as the evaluation knows them.
    pub(crate) fn of_route(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method) -> Vec<RateLimit> {
        let [limiters, dependencies, throttles] = self.speaks;
        let mut found = Vec::new();
        match raw.framework {
            Framework::Flask | Framework::Quart if limiters => {
                left::of_flask(interp, raw, method, self, &mut found);
                if self.sets_back {
                    found.iter_mut().for_each(set_back);
                    found.dedup();
                }
            }
            Framework::FastApi | Framework::Starlette => {
                if limiters {
                    left::of_slowapi(interp, raw, method, self, &mut found);
                }
                if dependencies {
                    dependencies::of_route(interp, raw, self, &mut found);
                }
            }
            Framework::Django if throttles => throttles::of_route(interp, raw, method, &mut found),
            _ => {}
        }
        found
    }

    /// Adds the limits that are written at handlers and were not read yet.
    pub(crate) fn fill(&self, report: &mut Report, program: &Program) {
        written::fill(report, program, &self.read);
    }

    /// Notes that what a place declares was read.
    fn note(&mut self, at: &Evidence) {
        self.read.insert((Arc::clone(&at.file), at.line));
    }
}

/// A limit whose count the program sets back when it likes admits more than its figures say.
fn set_back(limit: &mut RateLimit) {
    (limit.quota, limit.window_s) = (None, None);
    limit.evidence.what.push_str(", whose count the code may set back");
}

/// Whether one of some words stands in a text.
fn speaks_of(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// What a function of keys of some name counts by: where it is none that is known, its name.
fn key_named(name: &str) -> Arc<str> {
    match name {
        known if ADDRESS.contains(&known) => "address".into(),
        "user" => "principal".into(),
        _ => name.into(),
    }
}

/// The same of the function itself; nothing where there is none.
fn key_of(interp: &Interp<'_>, key: &Value) -> Option<Arc<str>> {
    let name = match key.plain() {
        Value::None => return None,
        // What a function of the program's own counts by, its name does not say.
        Value::Object(_) if !interp.is_stub(&interp.unwrapped(key)) => return Some(own_key(interp, key)),
        Value::External(name) => name.as_str().rsplit('.').next().unwrap_or_default(),
        Value::Object(_) => match interp.unwrapped(key).as_object().map(|obj| &interp.object(obj).kind) {
            Some(Kind::Function(function)) => function.code.function(function.id).name.as_str(),
            _ => "",
        },
        _ => "",
    };
    Some(key_named(if name.is_empty() { "lambda" } else { name }))
}

/// A function of keys of the program's own, by its name.
fn own_key(interp: &Interp<'_>, key: &Value) -> Arc<str> {
    let unwrapped = interp.unwrapped(key);
    let function = unwrapped.as_object().map(|obj| &interp.object(obj).kind);
    let Some(Kind::Function(function)) = function else { return "lambda".into() };
    let name = function.code.function(function.id).name.as_str();
    match name {
        "" => "lambda".into(),
        // These are words of ours.
        "address" | "principal" | "path" => format!("{name}()").into(),
        other => other.into(),
    }
}

/// A limit whose figures are not known.
fn unknown(by: Vec<Arc<str>>, at: &Evidence) -> RateLimit {
    RateLimit { quota: None, window_s: None, by, shared: None, anonymous: false, evidence: at.clone() }
}

/// The most characters of a line that are told of what declares a limit.
const WRITTEN_CHARS_MAX: usize = 120;

/// The beginning of what is written at a place.
fn written_at(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(WRITTEN_CHARS_MAX) {
        Some((end, _)) => format!("`{}...`", line.get(..end).unwrap_or_default()),
        None => format!("`{line}`"),
    }
}

/// The place of a call with the first line of what is written there.
fn evidence_at(interp: &Interp<'_>, site: Site) -> Evidence {
    let file = interp.program().file(site.file);
    let text = file.text.get(site.span.start as usize..site.span.end as usize).unwrap_or_default();
    Evidence::new(Arc::clone(&file.path), file.line(site.span.start), written_at(text))
}

/// What sets a figure and what it is then, where that is not what is written: the default of a setting.
fn by_setting(value: &Value) -> String {
    let (Some(setting), Some(text)) = (value.labels().setting, value.as_str()) else { return String::new() };
    format!(": `{text}`, the default of the setting `{setting}`")
}

/// An option of a call that is given, and not as `None`.
fn given(entries: &[(Value, Value)], name: &str) -> Option<Value> {
    let found = entries.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value.clone());
    found.filter(|value| !value.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_much_of_a_line_is_told() {
        let line = |count: usize| "a".repeat(count);
        assert_eq!(written_at(&format!("{}\nb", line(WRITTEN_CHARS_MAX))), format!("`{}`", line(WRITTEN_CHARS_MAX)));
        assert_eq!(written_at(&line(WRITTEN_CHARS_MAX + 1)), format!("`{}...`", line(WRITTEN_CHARS_MAX)));
    }
}
