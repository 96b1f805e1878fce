//! Who a request acts for, read off a play: rows that only a credential leads to, claims of a token, a session.

use std::sync::Arc;

use model::Place;
use python::interp::Event;
use python::term::Term;
use python::value::{self, Obj, Site, Value};

use super::sources::{Source, is_of_principal};
use super::trace::{Identified, Kind, Reader, Row, Seen};

impl Reader<'_, '_> {
    /// The rows that a credential leads to before the handler begins, with the dependency that gives each.
    pub(super) fn identified(&self, rows: &[Row]) -> Vec<Identified> {
        let mut found = self.principals();
        for (callable, value) in &self.played.solved {
            let inner = self.interp.unwrapped(callable);
            let Some((source, site)) = self.named(&inner) else { continue };
            let row = value.alternatives().iter().find_map(|v| match v.term() {
                Some(Term::Made(index)) if *index < self.played.before_handler => Some(*index),
                _ => None,
            });
            let one = row.and_then(|index| self.identified_by(index, &source, site)).or_else(|| {
                let shown = value.alternatives().iter().find(|v| is_of_principal(v))?;
                Some(Identified {
                    model: self.model_of_unknown(shown),
                    source,
                    by: None,
                    evidence: self.evidence(site, "gives who a credential names"),
                })
            });
            found.extend(one);
        }
        if found.iter().all(|one: &Identified| one.model.is_none()) {
            let by_rows: Vec<Identified> = rows.iter().filter_map(|row| self.identified_in(row)).collect();
            found.splice(0..0, by_rows);
        }
        if found.is_empty() {
            found.extend(self.identified_by_claims(rows));
        }
        found
    }

    /// A row that a credential leads to, wherever that happens.
    fn identified_in(&self, row: &Row) -> Option<Identified> {
        let event = self.seen(row.event?);
        if !matches!(row.kind, Kind::Read | Kind::Identify | Kind::Update) || row.many || !self.names_principal(row) {
            return None;
        }
        let (column, source) = row.key.clone()?;
        let claim = match source {
            Source::Credential(claim) => claim,
            _ => None,
        };
        let name = &self.models.all[row.model].name;
        let evidence = self.evidence(event.site, format!("finds the `{name}` that a credential names"));
        // Where a token says who it is, who reads the token does, and not who looks up the row.
        let checked = self.interp.events()[..event.index as usize].iter().find(|e| e.what.as_str() == "token-check");
        let source = self.place_of(checked.filter(|_| claim.is_some()).unwrap_or(&event))?;
        Some(Identified { source, model: Some(row.model), by: Some((column, claim)), evidence })
    }

    /// Who is known by the claims of a token or by the session alone.
    fn identified_by_claims(&self, rows: &[Row]) -> Option<Identified> {
        let checks = |event: &&Event| event.what.as_str() == "token-check";
        let check = self.interp.events().iter().position(|event| checks(&event));
        if let Some(event) = check.and_then(|at| u32::try_from(at).ok()).map(|at| self.seen(at)) {
            let evidence = self.evidence(event.site, "gives who a credential names");
            return Some(Identified { source: self.place_of(&event)?, model: None, by: None, evidence });
        }
        let uses = |row: &&Row| {
            row.filters.iter().chain(&row.written).any(|(_, source)| matches!(source, Source::Session(Some(_))))
        };
        let row = rows.iter().find(uses)?;
        let evidence = self.evidence(self.seen(row.event?).site, "asks the session who it is");
        Some(Identified { source: "session".into(), model: None, by: None, evidence })
    }

    /// The qualified name of the function in which something happens.
    fn place_of(&self, event: &Event) -> Option<Arc<str>> {
        let (file, name) = *event.within.first()?;
        let (_, module) = self.interp.program().name_of(file);
        Some(format!("{module}.{name}").into())
    }

    /// The model of which a value is an instance, where it was looked up for another endpoint.
    fn model_of_unknown(&self, value: &Value) -> Option<usize> {
        match value.plain() {
            Value::Unknown(unknown) => self.models.of_class(self.interp, unknown.class.as_ref()?),
            _ => None,
        }
    }

    fn identified_by(&self, index: u32, source: &Arc<str>, site: Site) -> Option<Identified> {
        let event = &self.seen(index);
        let model = self.model_of_event(event)?;
        let row = self.row(Kind::Read, model, event);
        let (column, credential) = row.filters.into_iter().find(|(_, s)| s.is_principal())?;
        let claim = match credential {
            Source::Credential(claim) => claim,
            _ => None,
        };
        let name = &self.models.all[model].name;
        let evidence = self.evidence(site, format!("gives the `{name}` that a credential names"));
        Some(Identified { source: Arc::clone(source), model: Some(model), by: Some((column, claim)), evidence })
    }

    /// The qualified name of a dependency of the program itself.
    fn named(&self, callable: &Value) -> Option<(Arc<str>, Site)> {
        let obj: Obj = callable.as_object()?;
        let object = self.interp.object(obj);
        let program = self.interp.program();
        let (site, name) = match &object.kind {
            value::Kind::Function(f) => (object.site, f.code.function(f.id).name.to_string()),
            value::Kind::Instance { class } => {
                let class = self.interp.object(class.as_object()?);
                let value::Kind::Class(info) = &class.kind else { return None };
                (class.site, info.name.to_string())
            }
            value::Kind::Class(class) => (object.site, class.name.to_string()),
            _ => return None,
        };
        let (_, module) = program.name_of(site.file);
        (!program.is_stub(site.file)).then(|| (format!("{module}.{name}").into(), site))
    }

    /// Whether a look-up finds who the request acts for: before the handler, or in what stands around it, by what only a credential says.
    pub(super) fn identifies(&self, row: &Row, event: &Seen<'_>) -> bool {
        let by_principal = row.filters.iter().any(|(_, source)| source.is_principal());
        if event.what.as_str() == "related" {
            return false;
        }
        if event.index < self.played.before_handler && by_principal {
            return true;
        }
        let is_elsewhere = self.played.handler.is_some_and(|handler| !event.within.contains(&handler));
        self.played.has_hooks && is_elsewhere && !row.many && self.names_principal(row)
    }

    /// Whether one row is picked by what a credential says alone, through a column of its own that tells it from all others.
    fn names_principal(&self, row: &Row) -> bool {
        let Some((column, source)) = &row.key else { return false };
        let model = &self.models.all[row.model];
        let refers = model.foreign_keys.iter().any(|key| key.columns.contains(column));
        let is_unique = |set: &Vec<Arc<str>>| set.len() == 1 && set[0] == *column;
        let picks = model.primary_key.is_empty() || is_unique(&model.primary_key) || model.unique.iter().any(is_unique);
        let by_credential = source.is_principal()
            || matches!(source, Source::Field(Place::Header | Place::Cookie, _)) && row.filters.len() == 1;
        let others = |(_, source): &(Arc<str>, Source)| !source.is_of_request();
        by_credential && picks && !refers && (row.filters.len() == 1 || row.filters.iter().all(others))
    }
}
