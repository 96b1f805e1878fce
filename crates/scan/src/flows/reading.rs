//! Reading the flows off a play.

use std::sync::Arc;

use aho_corasick::AhoCorasick;
use model::Evidence;
use python::interp::{Event, Interp, Paths, RECEIVER, Step};
use python::term::Term;
use python::value::{Arguments, Kind, Labels, Site, Trail, Value};
use rustc_hash::FxHashSet;

use super::patterns::Time;
use super::sinks::{At, ROWS, Row};
use super::{
    Beside, Flow, Followed, Held, PATH_BESIDE, Pages, Use, commands, conditions, patterns, rendering, sources,
};
use crate::access::{Throughout, label};
use crate::effects::Source;
use crate::frameworks::attribute;

/// Values inside values that are looked at, and items of each.
const DEPTH_MAX: usize = 4;
const ITEMS_MAX: usize = 64;
/// Flows of one endpoint that are kept.
const FLOWS_MAX: usize = 64;
/// Steps of a trail that are told.
const STEPS_MAX: usize = 8;
/// Bytes of what is known before something raw.
const BEFORE_BYTES_MAX: usize = 400;

/// Arguments that tell a language model what to be and to do, and those that hold messages.
const INSTRUCTIONS: &[&str] = &["system", "instructions", "system_instruction", "system_prompt"];
const MESSAGES: &[&str] = &["messages", "input"];
/// Words of code that asks how large something gets.
const SIZES: &[&str] = &["file_size", ".size", "max_length", "max_size", "max_output_size"];

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

/// A place where something is used.
struct Used<'e> {
    used_as: Use,
    by: &'e str,
    site: Site,
    within: &'e str,
    callers: &'e [Site],
    paths: &'e Paths,
    is_minor: bool,
    text: Option<String>,
    /// The line of a template that prints it.
    printed: Option<Evidence>,
    is_doubtful: bool,
}

impl<'e> Used<'e> {
    fn of(used_as: Use, by: &'e str, event: &'e Event) -> Self {
        let within = event.within.first().map_or("", |(_, name)| name.as_str());
        let (site, callers, paths) = (event.site, &event.callers[..], &event.paths);
        Self {
            used_as,
            by,
            site,
            within,
            callers,
            paths,
            is_minor: false,
            text: None,
            printed: None,
            is_doubtful: false,
        }
    }

    /// What a handler answers.
    fn by_answer(used_as: Use, site: Site, within: &'e str, paths: &'e Paths) -> Self {
        Self {
            used_as,
            by: "an answer",
            site,
            within,
            callers: &[],
            paths,
            is_minor: false,
            text: None,
            printed: None,
            is_doubtful: false,
        }
    }
}

/// The trail of something raw, and of the text of which it is a part.
type Trails = (Option<Trail>, Option<Trail>);

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
    pages: Pages,
    beside: Beside<'_>,
    text_of: &dyn Fn(usize) -> Option<String>,
) -> Followed {
    let mut reader = Reader {
        interp,
        played,
        beside,
        is_before: false,
        found: Vec::new(),
        trails: Vec::new(),
        unescaped: Vec::new(),
        held: Vec::new(),
    };
    let mut answered = FxHashSet::default();
    for (page, site) in &reader.pages(pages == Pages::Texts) {
        rendering::rendered_within(page, &mut answered);
        let at = reader.evidence(*site, "is answered here as it is");
        if matches!(page.term(), Some(Term::Text(_))) {
            reader.hold(page, &at, None);
        }
    }
    for (index, event) in interp.events().iter().enumerate() {
        reader.is_before = index < played.before_handler as usize;
        match event.what.as_str() {
            "use" => reader.used(event),
            "store" => reader.filtered(event),
            "sql" => reader.stated(event, 0, text_of(index)),
            "statement" => reader.stated(event, 0, None),
            "executed" => reader.stated(event, 1, text_of(index)),
            "render" => reader.rendered(event, answered.contains(&u32::try_from(index).unwrap_or(u32::MAX))),
            _ => {}
        }
    }
    for (value, site, paths) in &played.returned {
        reader.linked(value, *site, paths);
    }
    if pages != Pages::Never {
        reader.is_before = false;
        for (value, site, paths) in &played.returned {
            reader.answered(value, *site, paths, pages == Pages::Texts);
        }
    }
    Followed { flows: reader.found, unescaped: reader.unescaped, held: reader.held }
}

struct Reader<'r, 'p> {
    interp: &'r Interp<'p>,
    played: &'r Throughout,
    beside: Beside<'r>,
    /// Whether what is read comes before the handler: who the request acts for is being found out there.
    is_before: bool,
    found: Vec<Flow>,
    /// The trails of each flow, and of the text of which what is raw is a part.
    trails: Vec<Trails>,
    unescaped: Vec<(Arc<str>, u32)>,
    held: Vec<Held>,
}

impl Reader<'_, '_> {
    /// A call that a table names.
    fn used(&mut self, event: &Event) {
        let Some(name) = event.arguments.positional.first().and_then(Value::as_str) else { return };
        for row in ROWS.iter().filter(|row| row.names.contains(&name)) {
            if row.used_as == Use::Packed && self.asks_for_sizes(event) {
                continue;
            }
            let (values, minor) = self.arguments(row, event);
            for (value, is_minor) in values.iter().map(|v| (v, false)).chain(minor.iter().map(|v| (v, true))) {
                self.reaches(&Used { is_minor: is_minor || row.is_minor, ..Used::of(row.used_as, name, event) }, value);
            }
        }
        if matches!(name, "yaml.load" | "yaml.load_all")
            && !loads_safely(event)
            && let Some(value) = event.arguments.positional.get(1)
        {
            self.reaches(&Used::of(Use::Objects, name, event), &value.clone());
        }
        for (used_as, value) in self.beside.team.used(name, event, self.interp) {
            self.reaches(&Used::of(used_as, name, event), &value);
        }
    }

    /// What of a call's arguments is used, and what of them is used with few consequences.
    fn arguments(&self, row: &Row, event: &Event) -> (Vec<Value>, Vec<Value>) {
        let given = &event.arguments;
        let one = |at: usize, name: &str| given.positional.get(at + 1).or_else(|| given.keyword(name)).cloned();
        match row.at {
            At::Argument(at, name) => (one(at, name).into_iter().collect(), Vec::new()),
            At::Any => {
                let by_name = given.keywords.iter().filter(|(name, _)| *name != RECEIVER).map(|(_, value)| value);
                (given.positional.iter().skip(1).chain(by_name).cloned().collect(), Vec::new())
            }
            At::Head(at, name) => {
                let text = one(at, name).filter(|text| matches!(text.term(), Some(Term::Text(_))));
                (text.into_iter().collect(), Vec::new())
            }
            At::Document(at, name) => {
                let document = one(at, name).filter(|_| one(at + 1, "parser").is_none_or(|parser| parser.is_none()));
                (document.into_iter().collect(), Vec::new())
            }
            At::Instructions => (self.instructions(given), Vec::new()),
            At::Receiver => (given.keyword(RECEIVER).cloned().into_iter().collect(), Vec::new()),
            At::Unpacked(at) => {
                let members = one(at, "members").or_else(|| given.keyword(RECEIVER).cloned());
                (members.into_iter().filter(|_| !is_filtered(event)).collect(), Vec::new())
            }
            At::Written => {
                let mode = one(1, "mode").and_then(|mode| mode.as_str().map(str::to_owned)).unwrap_or_default();
                (one(0, "file").into_iter().filter(|_| mode.contains(['w', 'a', 'x'])).collect(), Vec::new())
            }
            At::Matched => {
                let named = |value: Value| match value.as_object() {
                    Some(_) => attribute(self.interp, &value, "pattern"),
                    None => Some(value),
                };
                let pattern = one(0, "pattern").and_then(named);
                let time = pattern.and_then(|one| patterns::time_of(one.as_str()?));
                let at = if is_replacement(event) { 2 } else { 1 };
                let text = one(at, "string").into_iter().collect();
                match time {
                    Some(Time::Exponential) => (text, Vec::new()),
                    Some(Time::Polynomial) => (Vec::new(), text),
                    None => (Vec::new(), Vec::new()),
                }
            }
            At::Command => commands::parts(self.interp, given),
            At::Answer => {
                let kind = given.positional.get(1).and_then(|answer| attribute(self.interp, answer, "content_type"));
                let is_html = kind.is_none_or(|kind| kind.as_str().is_none_or(|kind| kind.contains("html")));
                (one(1, "page").filter(|_| is_html).into_iter().collect(), Vec::new())
            }
            At::Page(at, name) => {
                let kind = given.positional.get(at + 2).or_else(|| given.keyword("content_type"));
                let kind = kind.or_else(|| given.keyword("media_type")).or_else(|| given.keyword("mimetype"));
                let is_html = kind.and_then(Value::as_str).is_none_or(|kind| kind.contains("html"));
                (one(at, name).filter(|_| is_html).into_iter().collect(), Vec::new())
            }
        }
    }

    /// What a language model is told to be and to do.
    fn instructions(&self, given: &Arguments) -> Vec<Value> {
        let named = INSTRUCTIONS.iter().filter_map(|name| given.keyword(name)).cloned();
        let messages = given.positional.iter().skip(1).chain(MESSAGES.iter().filter_map(|name| given.keyword(name)));
        let messages = messages.flat_map(|messages| self.interp.partly_known_items(messages));
        named.chain(messages.take(ITEMS_MAX).filter_map(|message| self.of_system(&message))).collect()
    }

    /// The text of a message that is not the user's: `{"role": "system", "content": ...}`, `("system", ...)`.
    fn of_system(&self, message: &Value) -> Option<Value> {
        let is_system = |role: &Value| matches!(role.as_str(), Some("system" | "developer"));
        if let Value::Tuple(parts) = message.plain() {
            return parts.first().filter(|role| is_system(role)).and_then(|_| parts.get(1)).cloned();
        }
        let Kind::Dict { entries, .. } = &self.interp.object(message.as_object()?).kind else { return None };
        let held = |wanted: &str| entries.iter().find(|(key, _)| key.as_str() == Some(wanted)).map(|(_, value)| value);
        held("role").filter(|role| is_system(role)).and_then(|_| held("content")).cloned()
    }

    /// Whether the files of the functions that lead to a call ask how large something is that they unpack.
    fn asks_for_sizes(&self, event: &Event) -> bool {
        let Ok(words) = AhoCorasick::new(SIZES) else { return false };
        let program = self.interp.program();
        event.within.iter().any(|(file, _)| words.is_match(program.file(*file).text.as_bytes()))
    }

    /// A filter of documents.
    fn filtered(&mut self, event: &Event) {
        if let Some(filter) = event.arguments.positional.get(2).cloned() {
            self.reaches(&Used::of(Use::Document, "a filter of documents", event), &filter);
        }
    }

    /// A statement of SQL.
    fn stated(&mut self, event: &Event, at: usize, text: Option<String>) {
        if let Some(statement) = event.arguments.positional.get(at).cloned() {
            self.reaches(&Used { text, ..Used::of(Use::Sql, "a statement of SQL", event) }, &statement);
        }
    }

    /// What a handler answers, where a text is a page.
    fn answered(&mut self, value: &Value, site: Site, paths: &Paths, may_be_text: bool) {
        for one in value.alternatives().iter().filter(|one| may_be_text || one.as_object().is_some()) {
            let Some(page) = self.page_of(one) else { continue };
            // A library's function makes the answer of it: what it was handed stands where it is called.
            let is_made = self.interp.program().is_stub(site.file);
            let handed = self.raw_within(&page, Use::Html).first().and_then(|raw| raw.value.labels().trail);
            let site = self.interp.steps_to(handed).last().filter(|_| is_made).map_or(site, |step| step.site);
            let within = self.played.handler.map_or("", |(_, name)| name.as_str());
            self.reaches(&Used::by_answer(Use::Html, site, within, paths), &page);
        }
    }

    /// The host of an address in the markup of an answer: a cache may keep that for others.
    fn linked(&mut self, value: &Value, site: Site, paths: &Paths) {
        let within = self.played.handler.map_or("", |(_, name)| name.as_str());
        let used = Used { is_minor: true, ..Used::by_answer(Use::Link, site, within, paths) };
        for raw in self.raw_within(value, Use::Link).iter().filter(|raw| is_address_of_markup(&raw.before)) {
            self.add(&used, raw, true);
        }
    }

    /// What a template prints so that it is markup.
    fn rendered(&mut self, event: &Event, is_answered: bool) {
        let is_page = is_answered || rendering::is_page(event);
        if !is_page && !rendering::is_html(self.interp, event) {
            return;
        }
        self.unescaped.extend(rendering::unescaped(self.interp, event).filter(|_| is_page));
        for one in rendering::printed(self.interp, self.beside.templates, event) {
            let is_doubtful = one.is_doubtful || !is_page;
            let used = Used::of(Use::Html, "a template", event);
            if !is_doubtful {
                let rendered = self.evidence(event.site, "renders it");
                self.hold(&one.value, &one.at, Some(&rendered));
            }
            self.reaches(&Used { printed: Some(one.at), is_doubtful, ..used }, &one.value);
        }
    }

    /// What was looked up, where a page prints it.
    fn hold(&mut self, value: &Value, at: &Evidence, rendered: Option<&Evidence>) {
        for one in value.alternatives() {
            if let Some(Term::Text(parts)) = one.term() {
                parts.iter().for_each(|part| self.hold(part, at, rendered));
            } else if let Some((event, parts)) = one.term().and_then(row_and_parts)
                && self.held.len() < FLOWS_MAX
            {
                self.held.push(Held { event, parts, at: at.clone(), rendered: rendered.cloned() });
            }
        }
    }

    /// The pages that are answered, and where: a response of HTML, or a text where that is one.
    fn pages(&self, may_be_text: bool) -> Vec<(Value, Site)> {
        let counts = |one: &&Value| may_be_text || one.as_object().is_some();
        let of = |value: &Value| -> Vec<Value> {
            value.alternatives().iter().filter(counts).filter_map(|one| self.page_of(one)).collect()
        };
        self.played
            .returned
            .iter()
            .flat_map(|(value, site, _)| of(value).into_iter().map(|page| (page, *site)))
            .collect()
    }

    /// The text of an answer that is a page.
    fn page_of(&self, value: &Value) -> Option<Value> {
        match value.plain() {
            Value::Tuple(parts) => self.page_of(parts.first()?),
            Value::Object(obj) => {
                let object = self.interp.object(*obj);
                let Kind::Instance { .. } = &object.kind else { return None };
                let named = |name: &str| object.attributes.get(python::Symbol::new(name));
                let told = |name: &str| named(name).filter(|kind| !kind.is_none());
                let kind = told("mimetype").or_else(|| told("content_type")).or_else(|| told("media_type"));
                let is_html = kind.is_none_or(|kind| kind.as_str().is_some_and(|kind| kind.contains("html")));
                named("content").filter(|_| is_html).and_then(|content| self.page_of(content))
            }
            Value::Unknown(_) => Some(value.clone()),
            _ => None,
        }
    }

    /// What of a value is raw where it is used.
    fn reaches(&mut self, used: &Used<'_>, value: &Value) {
        for raw in self.raw_within(value, used.used_as) {
            let harmful = conditions::harmful_behind(self.interp, &raw.value, raw.harmful, used.paths);
            if harmful != 0 {
                self.add(used, &raw, used.is_minor || harmful == PATH_BESIDE);
            }
        }
    }

    /// What of a value is raw for a use.
    fn raw_within(&self, value: &Value, used_as: Use) -> Vec<Raw> {
        let mut found = Vec::new();
        let mut text = Text { before: String::new(), whole: None, parts: Vec::new() };
        self.collect_raw(value, used_as, 0, &mut text, &mut found);
        // Of one source and place the first is told: what is certain comes before what went through others.
        found.sort_by_key(|raw| self.is_far(&raw.value));
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
            // What is nothing unless it is set from outside is raw, too.
            Value::Unknown(_) | Value::None => {
                let harmful = self.interp.raw_where_used(value) & used_as.bits_behind(&text.before);
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

    /// Whether a flow is known already: the same at the same place, which it reaches on two ways, or the same text, made a statement before it runs.
    fn is_told(&self, used: &Used<'_>, use_at: &Evidence, source: &Source, trails: Trails) -> bool {
        self.found.iter().zip(&self.trails).any(|(flow, known)| {
            let is_same_use = &*flow.by == used.by;
            let is_same = if is_same_use {
                flow.source == *source && flow.steps.contains(use_at)
            } else {
                trails.1.is_some() && *known == trails
            };
            flow.used_as == used.used_as && is_same
        })
    }

    fn add(&mut self, used: &Used<'_>, raw: &Raw, is_minor: bool) {
        if self.found.len() >= FLOWS_MAX {
            return;
        }
        let giver = self.interp.steps_to(raw.value.labels().trail).first().and_then(|step| step.giver);
        if giver.is_some_and(|giver| self.is_meant(used, raw, giver.as_str(), is_minor)) {
            return;
        }
        let use_at = self.evidence(used.site, "uses it");
        let source = Source::of(self.interp, &raw.value);
        let trails = (raw.value.labels().trail, raw.whole);
        if self.is_told(used, &use_at, &source, trails) {
            return;
        }
        // A text that is built in one function and used by another is wrong where it is built.
        let behind = self.interp.steps_since(&raw.parts, raw.whole);
        let built = behind.first().filter(|_| behind.iter().any(|step| step.is_handed));
        let at = built.map_or_else(|| use_at.clone(), |step| self.evidence(step.site, "becomes part of this text"));
        let mut steps = self.steps(raw, &behind, used.callers);
        let is_at = |one: &Evidence, step: &Evidence| (&step.file, step.line) == (&one.file, one.line);
        match steps.iter_mut().find(|step| is_at(&at, step)) {
            Some(step) => step.clone_from(&at),
            None => steps.push(at.clone()),
        }
        steps.retain(|step| !is_at(&use_at, step));
        steps.push(use_at);
        steps.extend(used.printed.clone());
        self.trails.push(trails);
        let variable =
            raw.value.labels().setting.filter(|_| giver.is_some_and(|of| sources::is_environment(of.as_str())));
        self.found.push(Flow {
            used_as: used.used_as,
            by: used.by.into(),
            at,
            site: used.site,
            within: used.within.into(),
            source,
            steps,
            before: raw.before.clone(),
            text: used.text.clone(),
            giver: giver.map(|name| name.as_str().into()),
            variable: variable.map(|name| name.as_str().into()),
            is_minor,
            is_far: used.is_doubtful || self.is_far(&raw.value) || self.is_of_principal(&raw.value),
            is_loose: false,
            endpoints: Vec::new(),
        });
    }

    /// Whether who runs the program is meant to say what is used there. Where a request goes, too, unless what comes back is passed on.
    fn is_meant(&self, used: &Used<'_>, raw: &Raw, giver: &str, is_minor: bool) -> bool {
        if !sources::is_environment(giver) && !sources::is_command_line(giver) {
            return false;
        }
        let is_whole = raw.whole.is_none() && raw.before.is_empty();
        let is_address = used.used_as == Use::Url && !(is_whole && self.is_passed_on(&raw.value));
        is_minor || is_address || sources::is_meant(giver, used.used_as, used.by, is_whole)
    }

    /// Whether what comes back from an address becomes part of what is answered.
    fn is_passed_on(&self, address: &Value) -> bool {
        let began =
            |value: &Value| self.interp.steps_to(value.labels().trail).first().map(|step| (step.site, step.giver));
        let pages = self.interp.events().iter().filter(|event| is_page(event));
        let given = pages.flat_map(|event| {
            let by_name = event.arguments.keywords.iter().map(|(_, value)| value);
            event.arguments.positional.iter().chain(by_name)
        });
        let mut answers = self.played.returned.iter().map(|(value, ..)| value).chain(given);
        answers.any(|value| self.raw_within(value, Use::Html).iter().any(|raw| began(&raw.value) == began(address)))
    }

    /// Whether code that is not seen may have made something else of it, or who runs the program wrote it.
    fn is_far(&self, value: &Value) -> bool {
        self.interp.raw_where_used(value) & Labels::FAR != 0
    }

    /// Whether it came of a credential before the handler began, and is used behind that: who the request acts for was looked up by then.
    fn is_of_principal(&self, value: &Value) -> bool {
        let labels = value.labels();
        !self.is_before
            && labels.has(label::CREDENTIAL)
            && self.interp.began_before(labels.trail, self.played.steps_before)
    }

    /// Where it began, the names that it got, those of the text of which it became a part, and the calls in which that was.
    fn steps(&self, raw: &Raw, behind: &[Step], callers: &[Site]) -> Vec<Evidence> {
        let mut told: Vec<Evidence> = Vec::new();
        let mut tell = |site: Site, what: String| {
            let step = self.evidence(site, what);
            if told.iter().all(|one| (&one.file, one.line) != (&step.file, step.line)) {
                told.push(step);
            }
        };
        for step in self.interp.steps_to(raw.value.labels().trail).iter().chain(behind) {
            match (step.name, step.giver) {
                (Some(name), _) => tell(step.site, format!("goes on as `{name}`")),
                (None, Some(giver)) => tell(step.site, format!("`{giver}` gives it here")),
                (None, None) => tell(step.site, "the client gives it here".to_owned()),
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

/// The event that gave a row, and the names behind it.
fn row_and_parts(term: &Term) -> Option<(u32, Vec<Arc<str>>)> {
    let (mut parts, mut at) = (Vec::new(), term);
    while let Term::Part(of, name) = at {
        parts.insert(0, Arc::from(name.as_str()));
        at = of;
    }
    if let Term::Made(event) = at { Some((*event, parts)) } else { None }
}

/// Whether something is made a page, or a template of one.
fn is_page(event: &Event) -> bool {
    let name = event.arguments.positional.first().and_then(Value::as_str);
    let makes_one = |row: &&Row| matches!(row.used_as, Use::Html | Use::Template);
    event.what.as_str() == "render"
        || name.is_some_and(|name| ROWS.iter().filter(makes_one).any(|row| row.names.contains(&name)))
}

/// Whether the call replaces: the text stands behind the replacement.
fn is_replacement(event: &Event) -> bool {
    matches!(event.arguments.positional.first().and_then(Value::as_str), Some("re.sub" | "re.subn" | "re.Pattern.sub"))
}

/// Whether what comes behind a text is the host of an address in markup: `<a href='https://`.
fn is_address_of_markup(before: &str) -> bool {
    let before = before.strip_suffix("://").map_or(before, |before| before.trim_end_matches(char::is_alphabetic));
    let before = before.trim_end_matches(['"', '\'']);
    ["href=", "src=", "action="].iter().any(|attribute| before.ends_with(attribute))
}

/// Whether the members of an archive are filtered where they are unpacked: by their name (`filter="data"`), or by a function; or the archive is
/// a ZIP, of which names that lead out are made such that do not.
fn is_filtered(event: &Event) -> bool {
    let named = |name: &str| event.arguments.keyword(name);
    let is_zip = named("format").and_then(Value::as_str) == Some("zip");
    is_zip || named("filter").is_some_and(|filter| !filter.is_none() && filter.as_str() != Some("fully_trusted"))
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
