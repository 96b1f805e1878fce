//! Reading the flows off a play.

use std::sync::Arc;

use model::Evidence;
use python::interp::{Event, Interp, Paths};
use python::term::Term;
use python::value::{Kind, Labels, Site, Trail, Value};

use super::sinks::{At, ROWS, Row};
use super::{Flow, PATH_BESIDE, Use, commands, conditions, patterns};
use crate::access::Throughout;
use crate::effects::Source;

/// Values inside values that are looked at, and items of each.
const DEPTH_MAX: usize = 4;
const ITEMS_MAX: usize = 64;
/// Flows of one endpoint that are kept.
const FLOWS_MAX: usize = 64;
/// Steps of a trail that are told.
const STEPS_MAX: usize = 8;
/// Bytes of what is known before something raw.
const BEFORE_BYTES_MAX: usize = 400;

/// Something raw, and what is known of the text before it.
struct Raw {
    value: Value,
    before: String,
    /// In which ways it may do harm there.
    harmful: u32,
    /// The trail of the text of which it is a part.
    whole: Option<Trail>,
    /// Those of all that is raw in that text.
    parts: Vec<Trail>,
}

/// The text in which something stands.
#[derive(Clone)]
struct Text {
    before: String,
    whole: Option<Trail>,
    parts: Vec<Trail>,
}

/// What of a play gets to a use, with the text of statements of SQL by their event. Where it answers pages, a text that is returned is one.
pub(crate) fn of_play(
    interp: &Interp<'_>,
    played: &Throughout,
    answers_pages: bool,
    text_of: &dyn Fn(usize) -> Option<String>,
) -> Vec<Flow> {
    let mut reader = Reader { interp, played, found: Vec::new(), trails: Vec::new() };
    for (index, event) in interp.events().iter().enumerate() {
        match event.what.as_str() {
            "use" => reader.used(event),
            "store" => reader.filtered(event),
            "sql" => reader.stated(event, 0, text_of(index)),
            "statement" => reader.stated(event, 0, None),
            "executed" => reader.stated(event, 1, text_of(index)),
            _ => {}
        }
    }
    if answers_pages {
        for (value, site, paths) in &played.returned {
            reader.answered(value, *site, paths);
        }
    }
    reader.found
}

struct Reader<'r, 'p> {
    interp: &'r Interp<'p>,
    played: &'r Throughout,
    found: Vec<Flow>,
    /// The trails of each flow, and of the text of which what is raw is a part.
    trails: Vec<(Option<Trail>, Option<Trail>)>,
}

impl Reader<'_, '_> {
    /// A call that a table names.
    fn used(&mut self, event: &Event) {
        let Some(name) = event.arguments.positional.first().and_then(Value::as_str) else { return };
        for row in ROWS.iter().filter(|row| row.names.contains(&name)) {
            let (values, minor) = self.arguments(row, event);
            for (value, is_minor) in values.iter().map(|v| (v, false)).chain(minor.iter().map(|v| (v, true))) {
                self.reaches(row.used_as, name, event, value, is_minor || row.is_minor, None);
            }
        }
        if matches!(name, "yaml.load" | "yaml.load_all")
            && !loads_safely(event)
            && let Some(value) = event.arguments.positional.get(1)
        {
            self.reaches(Use::Objects, name, event, &value.clone(), false, None);
        }
    }

    /// What of a call's arguments is used, and what of them is used with few consequences.
    fn arguments(&self, row: &Row, event: &Event) -> (Vec<Value>, Vec<Value>) {
        let given = &event.arguments;
        let one = |at: usize, name: &str| given.positional.get(at + 1).or_else(|| given.keyword(name)).cloned();
        match row.at {
            At::Argument(at, name) => (one(at, name).into_iter().collect(), Vec::new()),
            At::Any => {
                let all = given.positional.iter().skip(1).chain(given.keywords.iter().map(|(_, value)| value));
                (all.cloned().collect(), Vec::new())
            }
            At::Written => {
                let mode = one(1, "mode").and_then(|mode| mode.as_str().map(str::to_owned)).unwrap_or_default();
                (one(0, "file").into_iter().filter(|_| mode.contains(['w', 'a', 'x'])).collect(), Vec::new())
            }
            At::Matched => {
                let named = |value: Value| match value.as_object() {
                    Some(obj) => self.interp.object(obj).attributes.get(python::Symbol::new("pattern")).cloned(),
                    None => Some(value),
                };
                let pattern = one(0, "pattern").and_then(named);
                let pattern = pattern.filter(|one| one.as_str().is_some_and(patterns::is_exponential));
                let at = if is_replacement(event) { 2 } else { 1 };
                (pattern.and_then(|_| one(at, "string")).into_iter().collect(), Vec::new())
            }
            At::Command => commands::parts(self.interp, given),
            At::Page(at, name) => {
                let kind = given.positional.get(at + 2).or_else(|| given.keyword("content_type"));
                let kind = kind.or_else(|| given.keyword("media_type")).or_else(|| given.keyword("mimetype"));
                let is_html = kind.and_then(Value::as_str).is_none_or(|kind| kind.contains("html"));
                (one(at, name).filter(|_| is_html).into_iter().collect(), Vec::new())
            }
        }
    }

    /// A filter of documents.
    fn filtered(&mut self, event: &Event) {
        if let Some(filter) = event.arguments.positional.get(2).cloned() {
            self.reaches(Use::Document, "a filter of documents", event, &filter, false, None);
        }
    }

    /// A statement of SQL.
    fn stated(&mut self, event: &Event, at: usize, text: Option<String>) {
        if let Some(statement) = event.arguments.positional.get(at).cloned() {
            self.reaches(Use::Sql, "a statement of SQL", event, &statement, false, text);
        }
    }

    /// What a handler answers, where a text is a page.
    fn answered(&mut self, value: &Value, site: Site, paths: &Paths) {
        for one in value.alternatives() {
            let Some(page) = self.page_of(one) else { continue };
            for raw in self.raw_within(&page, Use::Html) {
                if conditions::harmful_behind(self.interp, &raw.value, raw.harmful, paths) != 0 {
                    // A library's function makes the answer of it: what it was handed stands where it is called.
                    let steps = self.interp.steps_to(raw.value.labels().trail);
                    let is_made = self.interp.program().is_stub(site.file);
                    let site = steps.last().filter(|_| is_made).map_or(site, |step| step.site);
                    let within = self.played.handler.map_or("", |(_, name)| name.as_str());
                    self.add(Use::Html, "an answer", site, within, &[], &raw, false, None);
                }
            }
        }
    }

    /// The text of an answer that is a page.
    fn page_of(&self, value: &Value) -> Option<Value> {
        match value.plain() {
            Value::Tuple(parts) => self.page_of(parts.first()?),
            Value::Object(obj) => {
                let object = self.interp.object(*obj);
                let Kind::Instance { .. } = &object.kind else { return None };
                let named = |name: &str| object.attributes.get(python::Symbol::new(name));
                let kind = named("mimetype").or_else(|| named("content_type")).filter(|kind| !kind.is_none());
                let kind = kind.or_else(|| named("content_type").filter(|kind| !kind.is_none()));
                let is_html = kind.is_none_or(|kind| kind.as_str().is_some_and(|kind| kind.contains("html")));
                named("content").filter(|_| is_html).and_then(|content| self.page_of(content))
            }
            Value::Unknown(_) => Some(value.clone()),
            _ => None,
        }
    }

    fn reaches(&mut self, used_as: Use, by: &str, event: &Event, value: &Value, is_minor: bool, text: Option<String>) {
        let within = event.within.first().map_or("", |(_, name)| name.as_str());
        for raw in self.raw_within(value, used_as) {
            let harmful = conditions::harmful_behind(self.interp, &raw.value, raw.harmful, &event.paths);
            if harmful != 0 {
                let is_minor = is_minor || harmful == PATH_BESIDE;
                self.add(used_as, by, event.site, within, &event.callers, &raw, is_minor, text.clone());
            }
        }
    }

    /// What of a value is raw for a use.
    fn raw_within(&self, value: &Value, used_as: Use) -> Vec<Raw> {
        let mut found = Vec::new();
        let mut text = Text { before: String::new(), whole: None, parts: Vec::new() };
        self.collect_raw(value, used_as, 0, &mut text, &mut found);
        found.truncate(ITEMS_MAX);
        found
    }

    fn collect_raw(&self, value: &Value, used_as: Use, depth: usize, text: &mut Text, found: &mut Vec<Raw>) {
        if depth > DEPTH_MAX {
            return;
        }
        if let Some(Term::Text(parts)) = value.term() {
            text.whole = text.whole.or(value.labels().trail);
            text.parts
                .extend(parts.iter().filter(|part| part.labels().raw != 0).filter_map(|part| part.labels().trail));
            for part in parts.iter() {
                if let Some(known) = part.as_str().filter(|known| text.before.len() + known.len() <= BEFORE_BYTES_MAX) {
                    text.before.push_str(known);
                }
                self.collect_raw(part, used_as, depth + 1, text, found);
                if part.as_str().is_none() {
                    text.before.push_str("{}");
                }
            }
            return;
        }
        match value.plain() {
            Value::Unknown(_) => {
                let harmful = value.labels().raw & used_as.bits_behind(&text.before);
                if harmful != 0 {
                    found.push(Raw {
                        value: value.clone(),
                        before: text.before.clone(),
                        harmful,
                        whole: text.whole,
                        parts: text.parts.clone(),
                    });
                }
            }
            Value::Union(all) | Value::Tuple(all) => {
                for one in all.iter().take(ITEMS_MAX) {
                    self.collect_raw(one, used_as, depth + 1, &mut text.clone(), found);
                }
            }
            Value::Object(_) if used_as == Use::Path && self.is_file(value) => {}
            Value::Object(obj) => {
                let object = self.interp.object(*obj);
                let held: Vec<Value> = match &object.kind {
                    Kind::List { items, .. } => items.iter().take(ITEMS_MAX).cloned().collect(),
                    Kind::Dict { entries, .. } => entries.iter().take(ITEMS_MAX).map(|(_, v)| v.clone()).collect(),
                    Kind::Instance { .. } => object.attributes.iter().take(ITEMS_MAX).map(|(_, v)| v.clone()).collect(),
                    _ => Vec::new(),
                };
                for one in &held {
                    self.collect_raw(one, used_as, depth + 1, &mut text.clone(), found);
                }
            }
            _ => {}
        }
    }

    /// Whether something is a file in memory: what stands in it is not its name.
    fn is_file(&self, value: &Value) -> bool {
        let class = self.interp.class_of(value);
        ["io.BytesIO", "io.StringIO"].iter().any(|name| self.interp.derives_from(&class, name))
    }

    #[expect(clippy::too_many_arguments, reason = "what a flow is made of")]
    fn add(
        &mut self,
        used_as: Use,
        by: &str,
        site: Site,
        within: &str,
        callers: &[Site],
        raw: &Raw,
        is_minor: bool,
        text: Option<String>,
    ) {
        if self.found.len() >= FLOWS_MAX {
            return;
        }
        let used = self.evidence(site, "uses it");
        let source = Source::of(self.interp, &raw.value);
        let trails = (raw.value.labels().trail, raw.whole);
        let is_told = self.found.iter().zip(&self.trails).any(|(flow, known)| {
            // The same at the same place, which it reaches on two ways; or the same text, made a statement before it runs.
            let is_same_use = &*flow.by == by && flow.source == source && flow.steps.last() == Some(&used);
            flow.used_as == used_as && (is_same_use || &*flow.by != by && raw.whole.is_some() && *known == trails)
        });
        if is_told {
            return;
        }
        let mut steps = self.steps(raw, callers);
        // A text that is built in one function and used by another is wrong where it is built.
        let behind = self.interp.steps_since(&raw.parts, raw.whole);
        let built = behind.first().filter(|_| behind.iter().any(|step| step.is_handed));
        let at = built.map_or(used.clone(), |step| self.evidence(step.site, "becomes part of this text"));
        for one in [&at, &used] {
            steps.retain(|step| (&step.file, step.line) != (&one.file, one.line));
            steps.push(one.clone());
        }
        steps.dedup();
        self.trails.push(trails);
        self.found.push(Flow {
            used_as,
            by: by.into(),
            at,
            within: within.into(),
            source,
            steps,
            before: raw.before.clone(),
            text,
            is_minor,
            is_far: raw.value.labels().raw & Labels::FAR != 0,
            is_loose: false,
            endpoints: Vec::new(),
        });
    }

    /// Where it began, the names that it got, and the calls in which that was.
    fn steps(&self, raw: &Raw, callers: &[Site]) -> Vec<Evidence> {
        let mut told: Vec<Evidence> = Vec::new();
        let mut tell = |site: Site, what: String| {
            let step = self.evidence(site, what);
            if told.iter().all(|one| (&one.file, one.line) != (&step.file, step.line)) {
                told.push(step);
            }
        };
        for step in self.interp.steps_to(raw.value.labels().trail) {
            match step.name {
                None => tell(step.site, "the client gives it here".to_owned()),
                Some(name) => tell(step.site, format!("goes on as `{name}`")),
            }
        }
        for caller in callers.iter().rev() {
            tell(*caller, "on the way there".to_owned());
        }
        if told.len() > STEPS_MAX {
            told.drain(1..=told.len() - STEPS_MAX);
        }
        told
    }

    fn evidence(&self, site: Site, what: impl Into<String>) -> Evidence {
        let by_library = site == self.played.called || self.interp.program().is_stub(site.file);
        let site = if by_library { self.played.handler_at } else { site };
        let file = self.interp.program().file(site.file);
        Evidence::new(Arc::clone(&file.path), file.line(site.span.start), what)
    }
}

/// Whether the call replaces: the text stands behind the replacement.
fn is_replacement(event: &Event) -> bool {
    matches!(event.arguments.positional.first().and_then(Value::as_str), Some("re.sub" | "re.subn" | "re.Pattern.sub"))
}

/// Whether a loader is named that makes only plain values.
fn loads_safely(event: &Event) -> bool {
    let loader = event.arguments.positional.get(2).or_else(|| event.arguments.keyword("Loader"));
    let name = loader.and_then(|loader| match loader.plain() {
        Value::External(name) => Some(name.as_str()),
        Value::Unknown(unknown) => unknown.name.map(python::Symbol::as_str),
        _ => None,
    });
    name.is_some_and(|name| name.ends_with("SafeLoader") || name.ends_with("BaseLoader"))
}
