//! What is saved and deleted explicitly, as records of Django are: a new one, one that was found, one that a found one or the principal
//! leads to. And who the request acts for, where the framework itself says it.

use std::sync::Arc;

use python::interp::Event;
use python::term::Term;
use python::value::{self, Value};

use super::sources::{Source, is, is_of_principal, parts};
use super::trace::{Identified, Kind, Reader, Row, Seen};

/// What gives handlers of Django who the request acts for.
const REQUEST_USER: &str = "django.http.HttpRequest.user";

/// What an answer holds of a record.
pub(super) struct Shown {
    pub(super) is_whole: bool,
    names: Vec<Arc<str>>,
}

impl Shown {
    /// The columns that it holds; none where it holds all.
    pub(super) fn columns(self) -> Vec<Arc<str>> {
        if self.is_whole { Vec::new() } else { self.names }
    }
}

impl Reader<'_, '_> {
    /// A record that is saved, deleted or related to others, unless it was looked up here: that is read with the look-up.
    pub(super) fn saved(&self, event: &Seen<'_>, rows: &mut Vec<Row>) {
        let Some(subject) = event.arguments.positional.first() else { return };
        let kind = if event.what.as_str() == "delete" { Kind::Delete } else { Kind::Update };
        for one in subject.alternatives() {
            match one.term() {
                None if kind == Kind::Update => rows.extend(self.saved_new(event, one)),
                Some(Term::Made(made))
                    if !is(self.interp.events(), *made, "principal") && event.what.as_str() != "relate" => {}
                Some(term @ (Term::Made(_) | Term::Part(..))) => rows.extend(self.saved_other(kind, event, one, term)),
                _ => {}
            }
        }
    }

    /// A record that the program made: the first time that it is saved.
    fn saved_new(&self, event: &Seen<'_>, subject: &Value) -> Option<Row> {
        let obj = subject.as_object()?;
        let value::Kind::Instance { class } = &self.interp.object(obj).kind else { return None };
        let model = self.models.of_class(self.interp, class)?;
        let before = self.interp.events().get(..event.index as usize).unwrap_or_default();
        let same = |other: &Event| {
            let subject = other.arguments.positional.first();
            other.what.as_str() == "save" && subject.and_then(Value::as_object) == Some(obj)
        };
        (self.models.is_django(model) && !before.iter().any(same)).then(|| self.created(event)).flatten()
    }

    /// A record that another one leads to, or the principal.
    fn saved_other(&self, kind: Kind, event: &Seen<'_>, subject: &Value, term: &Term) -> Option<Row> {
        let model = self.model_of_instance(subject)?;
        let mut row = self.row(kind, model, event);
        row.compared.extend(is_of_principal(subject).then(Vec::new));
        row.is_doubtful = true;
        if kind == Kind::Update {
            row.written = self.written_to(model, term, &[event.event]);
        }
        Some(row)
    }

    /// The model of which a value is an unknown instance.
    pub(super) fn model_of_instance(&self, subject: &Value) -> Option<usize> {
        match subject.plain() {
            Value::Unknown(unknown) => self.models.of_class(self.interp, unknown.class.as_ref()?),
            _ => None,
        }
    }

    /// The columns of a record that are written: what is assigned to it, and of Django's what was, once it is saved.
    pub(super) fn written_to(&self, model: usize, of: &Term, uses: &[&Event]) -> Vec<(Arc<str>, Source)> {
        if !self.models.is_django(model) {
            return self.written(uses);
        }
        let mut names: Vec<(Arc<str>, Source)> = Vec::new();
        let about = |event: &&Event| event.arguments.positional.first().and_then(Value::term) == Some(of);
        for event in self.interp.events().iter().filter(about) {
            let second = event.arguments.positional.get(1);
            match event.what.as_str() {
                "set" | "relate" => {
                    let source =
                        event.arguments.positional.get(2).map_or(Source::Other, |v| Source::of(self.interp, v));
                    names.extend(second.and_then(|name| Some((self.column(model, name.as_str()?)?, source))));
                }
                "assign" => {
                    let given = second.map(|given| self.interp.partly_known_items(given)).unwrap_or_default();
                    let own = given.iter().filter_map(|name| self.column(model, name.as_str()?));
                    names.extend(own.map(|name| (name, Source::Other)));
                }
                _ => {}
            }
        }
        names.retain(|(name, _)| self.models.all[model].column(name).is_some());
        names.sort_by(|a, b| (&a.0, !a.1.is_of_request()).cmp(&(&b.0, !b.1.is_of_request())));
        names.dedup_by(|a, b| a.0 == b.0);
        names
    }

    /// The columns that the answer holds, where it does not hold all of a record.
    pub(super) fn shown(&self, model: usize, event: &Seen<'_>) -> Shown {
        let mut names: Vec<Arc<str>> = Vec::new();
        let mut is_whole = false;
        let columns = &self.models.all[model].columns;
        for (value, ..) in &self.played.returned {
            self.each_held(value, 0, &mut |value| {
                let Some(term) = value.term().filter(|term| *term.root() == Term::Made(event.index)) else { return };
                let parts = parts(Some(term));
                // `rows[0][3]` is a column of what a statement selects: the last of the indexes.
                let by_index = |part: &Arc<str>| event.sql?.column_at(part.strip_prefix('#')?.parse().ok()?, columns);
                match (parts.first(), parts.last().and_then(by_index)) {
                    (_, Some(name)) => names.push(name),
                    (Some(name), None) => names.extend(self.column(model, name)),
                    (None, _) => is_whole = true,
                }
            });
        }
        names.retain(|name| self.models.all[model].column(name).is_some());
        names.sort();
        names.dedup();
        Shown { is_whole, names }
    }

    /// What an answer holds of the principal itself.
    pub(super) fn answered_principal(&self, event: &Seen<'_>) -> Option<Row> {
        let model = event.arguments.positional.first().and_then(|entity| self.model_of(entity))?;
        let (_, site, _) = self.played.returned.iter().find(|(value, ..)| self.holds(value, event.index))?;
        let mut row = self.row(Kind::Read, model, event);
        row.compared.push(Vec::new());
        row.is_answered = true;
        let shown = self.shown(model, event);
        if !shown.is_whole && shown.names.is_empty() {
            return None;
        }
        row.is_whole = shown.is_whole;
        row.shown = shown.columns();
        row.evidence.push(self.evidence(*site, "answers with it"));
        Some(row)
    }

    /// Who the framework says that the request acts for.
    pub(super) fn principals(&self) -> Vec<Identified> {
        let mut found: Vec<Identified> = Vec::new();
        for event in self.interp.events().iter().filter(|event| event.what.as_str() == "principal") {
            let Some(model) = event.arguments.positional.first().and_then(|entity| self.model_of(entity)) else {
                continue;
            };
            if !found.iter().any(|one| one.model == Some(model)) {
                found.push(Identified {
                    source: REQUEST_USER.into(),
                    model: Some(model),
                    by: None,
                    evidence: self.evidence(event.site, "asks for who the request acts for"),
                });
            }
        }
        found
    }
}
