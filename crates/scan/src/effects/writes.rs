//! What is written: by a statement, by assignments to a row, by what the request names.

use std::sync::Arc;

use model::Place;
use python::interp::Event;
use python::term::Term;
use python::value::{Labels, Site, Value};

use super::sources::{Source, parts};
use super::trace::{Kind, Mass, Reader, Row, Seen, may_be_nothing};
use crate::access::label;
use crate::sql::Operand;

impl Reader<'_, '_> {
    /// What a statement writes: by the values that it is given, or by its text.
    pub(super) fn write(&self, row: &mut Row, event: &Seen<'_>, values: Option<&Value>) {
        let columns = &self.models.all[row.model].columns;
        if let Some(sql) = event.sql {
            for (name, operand) in &sql.statement.written {
                let by_place = name.strip_prefix('#').map(|at| columns.get(at.parse::<usize>().ok()?).map(|c| &c.name));
                let Some(name) = by_place.unwrap_or(Some(name)) else { continue };
                let source = match operand {
                    Operand::Other => Source::Other,
                    operand => Source::of(self.interp, &sql.value(self.interp, operand)),
                };
                row.written.push((Arc::clone(name), source));
            }
            row.mass = sql.naming().find_map(|hole| self.mass(hole, hole, event.site));
            return;
        }
        let Some(values) = values else { return };
        for (name, value) in self.interp.partly_known_entries(values) {
            // `{Order.note: "..."}`
            let named = name.as_str().and_then(|name| self.column(row.model, name));
            if let Some(name) = named.or_else(|| column_named(&name)) {
                row.may_be_nothing.extend(may_be_nothing(&value).then(|| Arc::clone(&name)));
                row.written.push((name, Source::of(self.interp, &value)));
            }
        }
        row.mass = self.interp.rest_of(values).and_then(|rest| self.mass(&rest, &rest, event.site));
    }

    /// `item.save()`, where the body of the request is the record.
    pub(super) fn created_of_request(&self, event: &Seen<'_>, made: &Value) -> Option<Row> {
        if !Source::of(self.interp, made).is_of_request() {
            return None;
        }
        let model = self.model_of_instance(made)?;
        let mut row = self.row(Kind::Create, model, event);
        row.mass = self.mass(made, made, event.site);
        Some(row)
    }

    /// The columns that assignments name, and to what they are set.
    pub(super) fn written(&self, set: &[&Event]) -> Vec<(Arc<str>, Source)> {
        let mut found: Vec<(Arc<str>, Source)> = Vec::new();
        for event in set {
            let [_, name, value] = event.arguments.positional.as_slice() else { continue };
            let Some(name) = name.as_str().map(Arc::from).or_else(|| column_named(name)) else { continue };
            let source = Source::of(self.interp, value);
            match found.iter_mut().find(|(known, _)| *known == name) {
                // Of several values the one that the client chooses counts.
                Some((_, known)) if source.is_of_request() && !known.is_of_request() => *known = source,
                Some(_) => {}
                None => found.push((name, source)),
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    /// An assignment to an attribute that the request names.
    pub(super) fn mass_set(&self, set: &Event) -> Option<Mass> {
        let [_, name, value] = set.arguments.positional.as_slice() else { return None };
        if name.as_str().is_some() || column_named(name).is_some() { None } else { self.mass(name, value, set.site) }
    }

    /// Whether the request names what is written.
    pub(super) fn mass(&self, names: &Value, values: &Value, site: Site) -> Option<Mass> {
        let labels = names.labels().and(self.interp.labels_within(values, 0));
        if !labels.has(label::INPUT | label::BODY) {
            return None;
        }
        let given = [names, values].into_iter().map(|value| Source::of(self.interp, value)).find(Source::is_of_request);
        // What code that is not seen made of the request may name what it likes.
        if given.is_none() && labels.has(Labels::LOOKED_UP) {
            return None;
        }
        let place = match given {
            Some(Source::Field(place, _)) => place,
            _ if labels.has(label::BODY) => Place::Body,
            _ => Place::Query,
        };
        let parameter = match given {
            Some(Source::Parameter { name, .. }) => Some(name),
            _ => None,
        };
        Some(Mass { place, parameter, evidence: self.evidence(site, "writes what the request names") })
    }
}

/// The name of a column that is read from its class.
fn column_named(name: &Value) -> Option<Arc<str>> {
    name.term().filter(|term| matches!(term.root(), Term::Of(_))).and_then(|term| parts(Some(term)).pop())
}
