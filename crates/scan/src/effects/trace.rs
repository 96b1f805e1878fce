//! What one play of an endpoint did, without anything of the play's own heap.

use std::sync::Arc;

use model::{Effect, Evidence, OutsideEffect};
use python::code::CompareOp;
use python::interp::{Event, Interp, Literal, Paths};
use python::term::Term;
use python::value::{self, Obj, Site, Value};

use super::sources::{Source, is_of_principal, parts};
use super::{lookups, outside, ownership};
use crate::access::{Throughout, label};
use crate::objects::Models;
use crate::tokens::{self, Check, Issue};

/// Values inside values that are searched for a row.
const HELD_DEPTH_MAX: usize = 5;
/// Look-ups that lead to look-ups, for what limits one.
const THROUGH_MAX: usize = 3;
/// Items of a value that are searched.
const HELD_MAX: usize = 64;

/// What is done to an object model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Create,
    Update,
    Delete,
    /// Looks up who the request acts for, before the handler begins.
    Identify,
}

/// One thing that is done to a model.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) model: usize,
    /// Whether any number of objects is meant.
    pub(crate) many: bool,
    /// The column that picks the object, and where its value comes from.
    pub(crate) key: Option<(Arc<str>, Source)>,
    /// What is compared in the look-up; of a new object, what its columns are given.
    pub(crate) filters: Vec<(Arc<str>, Source)>,
    /// The columns that are written.
    pub(crate) columns: Vec<Arc<str>>,
    /// What of it is compared with the principal on every way; nothing of it (an empty path) where the principal itself leads to it.
    pub(crate) compared: Vec<Vec<Arc<str>>>,
    /// Whether something that is not understood may compare more.
    pub(crate) is_doubtful: bool,
    /// Whether it is part of the answer.
    pub(crate) is_answered: bool,
    pub(crate) evidence: Vec<Evidence>,
    /// The event of the look-up.
    pub(super) event: Option<u32>,
}

/// Who a request acts for, as one endpoint sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identified {
    /// The dependency that gives it, by qualified name.
    pub(crate) source: Arc<str>,
    /// The model that holds principals.
    pub(crate) model: Option<usize>,
    /// The column by which it is looked up, and the claim whose value it holds.
    pub(crate) by: Option<(Arc<str>, Option<Arc<str>>)>,
    pub(crate) evidence: Evidence,
}

/// What one play did.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) rows: Vec<Row>,
    pub(crate) identified: Vec<Identified>,
    pub(crate) outside: Vec<Effect>,
    pub(crate) issues: Vec<Issue>,
    pub(crate) checks: Vec<Check>,
    /// Where the answer holds a token that was issued: which of them, and the JSON Pointer.
    pub(crate) answered_tokens: Vec<(usize, Arc<str>)>,
}

/// Reads a play.
pub(crate) fn trace(interp: &Interp<'_>, models: &Models, played: &Throughout) -> Trace {
    let mut found = Trace::default();
    let (issues, checks) = tokens::seen(interp, played.before_handler);
    found.answered_tokens = tokens::answered(interp, &issues, &played.returned);
    found.issues = issues.into_iter().map(|(_, issue)| issue).collect();
    found.checks = checks;
    let reader = Reader { interp, models, played };
    for index in 0..reader.interp.events().len() {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        reader.event(index, &mut found);
    }
    reader.admit_roles(&mut found.rows);
    doubt_alternatives(&mut found.rows);
    merge_repeated(&mut found.rows);
    drop_checked_alone(&mut found.rows, models);
    found.identified = reader.identified();
    found
}

/// `if not user.is_admin: query = query.where(Item.owner_id == user.id)`, and then one look-up: what decides whether it is limited is
/// not seen there.
fn doubt_alternatives(rows: &mut [Row]) {
    for index in 0..rows.len() {
        let row = &rows[index];
        let limits = |other: &Row| {
            let same = (other.kind, other.model) == (row.kind, row.model);
            same && other.evidence.first() == row.evidence.first() && !other.compared.is_empty()
        };
        rows[index].is_doubtful |= row.compared.is_empty() && rows.iter().any(limits);
    }
}

/// What is iterated over may be looked up twice by the play: once counts, the one that reaches the answer.
fn merge_repeated(rows: &mut Vec<Row>) {
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows.drain(..) {
        let same = |other: &&mut Row| {
            other.evidence.first() == row.evidence.first()
                && (other.kind, other.model, other.many) == (row.kind, row.model, row.many)
                && other.filters == row.filters
                && other.compared == row.compared
        };
        match kept.iter_mut().find(same) {
            Some(known) if !known.is_answered && row.is_answered => *known = row,
            Some(_) => {}
            None => kept.push(row),
        }
    }
    *rows = kept;
}

/// A look-up of Django's that is only asked about, beside one by the same key whose row is used, says nothing more.
fn drop_checked_alone(rows: &mut Vec<Row>, models: &Models) {
    let is_same = |one: &Row, other: &Row| {
        one.model == other.model && one.key == other.key && one.filters == other.filters && !other.many
    };
    let is_used = |row: &Row| row.kind != Kind::Read || row.is_answered;
    let says_nothing = |row: &Row| {
        models.is_django(row.model)
            && !row.many
            && row.key.is_some()
            && !is_used(row)
            && rows.iter().any(|other| is_used(other) && is_same(row, other))
    };
    let kept: Vec<bool> = rows.iter().map(|row| !says_nothing(row)).collect();
    let mut kept = kept.into_iter();
    rows.retain(|_| kept.next().unwrap_or(true));
}

pub(super) struct Reader<'r, 'p> {
    pub(super) interp: &'r Interp<'p>,
    pub(super) models: &'r Models,
    pub(super) played: &'r Throughout,
}

impl Reader<'_, '_> {
    fn event(&self, index: u32, found: &mut Trace) {
        let event = &self.interp.events()[index as usize];
        match event.what.as_str() {
            "get" | "read" => self.looked_up(index, event, &mut found.rows),
            "create" => found.rows.extend(self.created(event)),
            "insert" => found.rows.extend(self.inserted(event)),
            "update" | "delete-where" => found.rows.extend(self.changed_in_bulk(event)),
            "principal" => found.rows.extend(self.answered_principal(index, event)),
            "save" | "delete" | "relate" => self.saved(index, event, &mut found.rows),
            "schema-change" => {
                found.outside.push(Effect::SchemaChange(self.outside(event)));
            }
            // What stands around all handlers is nothing that this one does.
            "call" if index as usize >= self.played.before_own => {
                let effect = self.outside(event);
                let call = Arc::clone(&effect.call);
                found.outside.extend(outside::of(&call, effect));
            }
            _ => {}
        }
    }

    /// A look-up, and what is done with what it finds.
    fn looked_up(&self, index: u32, event: &Event, rows: &mut Vec<Row>) {
        let Some(model) = event.arguments.positional.first().and_then(|e| self.model_of(e)) else { return };
        let mut row = Row { event: Some(index), ..self.row(Kind::Read, model, event) };
        let events = self.interp.events();
        let about_this = |e: &&Event, what: &str| {
            e.what.as_str() == what && e.arguments.positional.first().and_then(Value::term) == Some(&Term::Made(index))
        };
        row.many = event.what.as_str() == "read" && !events.iter().any(|e| about_this(&e, "one"));
        let identifies = (index as usize) < self.played.before_handler
            && row.filters.iter().any(|(_, source)| matches!(source, Source::Credential(_)));
        let answers: Vec<_> = self.played.returned.iter().filter(|(value, ..)| self.holds(value, index)).collect();
        let answered: Vec<&Paths> = answers.iter().map(|(_, _, paths)| paths).collect();
        row.is_answered = !answered.is_empty();
        let what = if self.models.is_django(model) { "save" } else { "set" };
        let set: Vec<&Event> = events.iter().filter(|e| about_this(e, what)).collect();
        let deleted: Vec<&Event> = events.iter().filter(|e| about_this(e, "delete")).collect();
        for (kind, uses) in [(Kind::Update, &set), (Kind::Delete, &deleted)] {
            if let Some(first) = uses.first() {
                let mut used = Row { kind, many: false, ..row.clone() };
                let points: Vec<&Paths> = uses.iter().map(|e| &e.paths).collect();
                self.judge(&mut used, index, event, &points);
                used.evidence
                    .push(self.evidence(first.site, if kind == Kind::Update { "changes it" } else { "deletes it" }));
                if kind == Kind::Update {
                    used.columns = self.written_to(model, &Term::Made(index), uses);
                }
                rows.push(used);
            }
        }
        if row.is_answered || (set.is_empty() && deleted.is_empty()) {
            let all: Vec<&Paths> = self.played.returned.iter().map(|(_, _, p)| p).collect();
            self.judge(&mut row, index, event, if answered.is_empty() { &all } else { &answered });
            row.evidence.extend(answers.first().map(|(_, site, _)| self.evidence(*site, "answers with it")));
            row.columns = self.shown(model, index).columns();
            if identifies {
                row.kind = Kind::Identify;
            }
            rows.push(row);
        }
    }

    /// `if user.is_admin: select(Item) else: select(Item).where(Item.owner_id == user.id)`: who sees all has a role.
    fn admit_roles(&self, rows: &mut [Row]) {
        let events = self.interp.events();
        let of_role = |row: &Row| -> Vec<Literal> {
            let ways = row.event.map(|index| events[index as usize].paths.alternatives()).unwrap_or_default();
            let about = |l: &&Literal| ownership::is_about_principal(self.interp, **l);
            let common = |l: &&Literal| ways.iter().all(|way| way.contains(l));
            ways.first().map(|way| way.iter().filter(about).filter(common).copied().collect()).unwrap_or_default()
        };
        let roles: Vec<Vec<Literal>> = rows.iter().map(of_role).collect();
        for index in 0..rows.len() {
            if !rows[index].compared.is_empty() || roles[index].is_empty() {
                continue;
            }
            let (model, kind) = (rows[index].model, rows[index].kind);
            let is_other_side = |at: &usize| {
                let other = |l: &Literal| roles[*at].contains(&Literal { holds: !l.holds, ..*l });
                rows[*at].model == model && rows[*at].kind == kind && roles[index].iter().any(other)
            };
            let mut others = (0..rows.len()).filter(is_other_side).map(|at| rows[at].compared.clone());
            if let Some(compared) = others.find(|compared| !compared.is_empty()) {
                rows[index].compared = compared;
            }
        }
    }

    /// A row with its key and filters.
    pub(super) fn row(&self, kind: Kind, model: usize, event: &Event) -> Row {
        let mut row = Row {
            kind,
            model,
            many: false,
            key: None,
            filters: Vec::new(),
            columns: Vec::new(),
            compared: Vec::new(),
            is_doubtful: !self.played.is_whole,
            is_answered: false,
            evidence: vec![self.evidence(event.site, self.says(kind, model))],
            event: None,
        };
        let primary = self.models.all[model].primary_key.first().cloned();
        if event.what.as_str() == "get" {
            if let (Some(column), Some(key)) = (primary, event.arguments.positional.get(1)) {
                let source = Source::of(self.interp, key);
                row.filters.push((Arc::clone(&column), source.clone()));
                row.key = Some((column, source));
            }
            return row;
        }
        for (_, path, value, holds_for_model) in self.equalities(model, event) {
            if let ([column], true) = (self.models.normal(model, &path).as_slice(), holds_for_model) {
                row.filters.push((Arc::clone(column), Source::of(self.interp, &value)));
            }
        }
        let is_key = |(column, source): &&(Arc<str>, Source)| {
            let unique = self.models.all[model].unique.iter().any(|set| set.len() == 1 && set[0] == *column);
            (Some(column) == primary.as_ref() || unique) && !matches!(source, Source::Constant)
        };
        let by_request = |(_, source): &&(Arc<str>, Source)| matches!(source, Source::Parameter { .. });
        row.key = row.filters.iter().find(is_key).or_else(|| row.filters.iter().find(by_request)).cloned();
        row
    }

    /// The equalities that limit a look-up: clause, path from the model, other side, whether it is a column of the model itself.
    fn equalities(&self, model: usize, event: &Event) -> Vec<(usize, Vec<Arc<str>>, Value, bool)> {
        let mut found = Vec::new();
        for (index, clause) in self.clauses(event).iter().enumerate() {
            let Some(term) = clause.term() else { continue };
            let apart = ownership::apart(term, true).unwrap_or_default();
            let [only] = apart.as_slice() else { continue };
            for (term, holds) in only {
                let Term::Compared(sides) = term else { continue };
                let (left, op, right) = &**sides;
                if !matches!((op, holds), (CompareOp::Eq, true) | (CompareOp::NotEq, false)) {
                    continue;
                }
                for (own, other) in [(left, right), (right, left)] {
                    if let Some((path, is_own)) = self.column_path(model, own) {
                        found.push((index, path, other.clone(), is_own));
                        break;
                    }
                }
            }
        }
        found
    }

    /// The way from a model to a column that a clause names.
    fn column_path(&self, model: usize, value: &Value) -> Option<(Vec<Arc<str>>, bool)> {
        let Some(Term::Of(class)) = value.term().map(Term::root) else { return None };
        let of = self.models.of_class(self.interp, &Value::Object(*class))?;
        let own = parts(value.term());
        if of == model {
            return Some((own, true));
        }
        let way = self.models.way_to(model, of)?;
        Some((std::iter::once(way).chain(own).collect(), false))
    }

    fn clauses(&self, event: &Event) -> Vec<Value> {
        let listed = event
            .arguments
            .positional
            .get(1)
            .filter(|_| matches!(event.what.as_str(), "read" | "update" | "delete-where"));
        let listed = listed.map(|list| self.interp.partly_known_items(list)).unwrap_or_default();
        let model = event.arguments.positional.first().and_then(|entity| self.model_of(entity));
        match model.filter(|model| self.models.is_django(*model)) {
            Some(model) => listed.iter().map(|one| lookups::clause(self.interp, self.models, model, one)).collect(),
            None => listed,
        }
    }

    /// Fills in what is compared with the principal at some points: by the look-up itself, or on the ways there.
    fn judge(&self, row: &mut Row, index: u32, event: &Event, points: &[&Paths]) {
        for index in self.twins(index, event) {
            let of = Term::Made(index);
            let by_condition = ownership::compared(self.interp, &of, points);
            row.is_doubtful |= by_condition.is_doubtful || ownership::is_handed_over(self.interp, &of);
            row.compared.extend(by_condition.paths);
        }
        self.judge_clauses(row, event, points);
    }

    /// The look-ups that find the same as one by its key: a view of Django may look up twice, and compare what it found first.
    fn twins(&self, index: u32, event: &Event) -> Vec<u32> {
        let mut found = vec![index];
        let Some(model) = event.arguments.positional.first().and_then(|entity| self.model_of(entity)) else {
            return found;
        };
        let row = self.row(Kind::Read, model, event);
        if !self.models.is_django(model) || !matches!(row.key, Some((_, Source::Parameter { .. }))) {
            return found;
        }
        for (other, twin) in (0..).zip(self.interp.events()) {
            let entity = twin.arguments.positional.first().filter(|_| other != index && twin.what == event.what);
            if entity.and_then(|entity| self.model_of(entity)) == Some(model) {
                let twin = self.row(Kind::Read, model, twin);
                found.extend((twin.key == row.key && twin.filters == row.filters).then_some(other));
            }
        }
        found
    }

    fn judge_clauses(&self, row: &mut Row, event: &Event, points: &[&Paths]) {
        let equalities = self.equalities(row.model, event);
        for (_, path, value, _) in &equalities {
            row.compared.extend(self.bound(path, value, points));
            row.is_doubtful |= self.models.is_django(row.model) && is_opaque(value);
        }
        if let ("get", Some((column, _)), Some(key)) =
            (event.what.as_str(), &row.key, event.arguments.positional.get(1))
        {
            row.compared.extend(self.bound(&[Arc::clone(column)], key, points));
        }
        let understood = |clause: usize| equalities.iter().any(|(at, ..)| *at == clause);
        let clauses = self.clauses(event);
        for (at, clause) in
            clauses.iter().enumerate().filter(|(at, c)| c.labels().has(label::CREDENTIAL) && !understood(*at))
        {
            match self.of_principal_in_each(row.model, clause) {
                Some(paths) => row.compared.extend(paths),
                None => row.is_doubtful |= clauses.get(at).is_some(),
            }
        }
    }

    /// `Q(owner=user) | Q(members=user)`: columns of which one equals something of the principal, whichever it is.
    fn of_principal_in_each(&self, model: usize, clause: &Value) -> Option<Vec<Vec<Arc<str>>>> {
        let alternatives = ownership::apart(clause.term()?, true).filter(|all| all.len() > 1)?;
        let of_principal = |conjunction: &Vec<(&Term, bool)>| {
            conjunction.iter().find_map(|(term, holds)| match term {
                Term::Compared(sides) if *holds && sides.1 == CompareOp::Eq && is_of_principal(&sides.2) => {
                    self.column_path(model, &sides.0).map(|(path, _)| path)
                }
                _ => None,
            })
        };
        alternatives.iter().map(of_principal).collect()
    }

    /// What follows for the principal from a column that equals a value: the column is the principal's, or leads to what is.
    fn bound(&self, path: &[Arc<str>], value: &Value, points: &[&Paths]) -> Vec<Vec<Arc<str>>> {
        self.bound_through(path, value, points, 0)
    }

    fn bound_through(&self, path: &[Arc<str>], value: &Value, points: &[&Paths], depth: usize) -> Vec<Vec<Arc<str>>> {
        if is_of_principal(value) {
            return vec![path.to_vec()];
        }
        if let Value::Union(values) = value.plain() {
            // Whichever it is, it is limited.
            let of_each: Vec<_> = values.iter().map(|v| self.bound_through(path, v, points, depth)).collect();
            let all = of_each.iter().all(|paths| !paths.is_empty());
            return if all { of_each.concat() } else { Vec::new() };
        }
        let Some(root) = value.term().map(Term::root) else { return Vec::new() };
        let compared = || ownership::compared(self.interp, root, points).paths;
        match root {
            // `if user_id != user.id: raise`, and then a look-up by `user_id`.
            Term::Given(_) => {
                let own = parts(value.term());
                compared().into_iter().filter(|p| *p == own).map(|_| path.to_vec()).collect()
            }
            Term::Made(index) => {
                let event = &self.interp.events()[*index as usize];
                let Some(model) = event.arguments.positional.first().and_then(|e| self.model_of(e)) else {
                    return Vec::new();
                };
                let equalities = self.equalities(model, event).into_iter().filter(|_| depth < THROUGH_MAX);
                let by_clause = equalities.flat_map(|(_, p, v, _)| self.bound_through(&p, &v, points, depth + 1));
                let paths = compared().into_iter().chain(by_clause);
                paths.map(|rest| path.iter().cloned().chain(rest).collect()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// `session.add(Order(user_id=user.id, ...))`
    pub(super) fn created(&self, event: &Event) -> Option<Row> {
        let made = event.arguments.positional.first()?;
        let obj = made.plain().alternatives().iter().find_map(Value::as_object)?;
        let value::Kind::Instance { class } = &self.interp.object(obj).kind else { return None };
        let model = self.models.of_class(self.interp, class)?;
        let mut row = self.row(Kind::Create, model, event);
        for (name, value) in self.interp.object(obj).attributes.iter() {
            if let Some(name) =
                self.column(model, name.as_str()).filter(|name| self.models.all[model].column(name).is_some())
            {
                row.filters.push((Arc::clone(&name), Source::of(self.interp, value)));
                row.columns.push(name);
            }
        }
        Some(row)
    }

    fn inserted(&self, event: &Event) -> Option<Row> {
        let model = self.model_of(event.arguments.positional.first()?)?;
        let mut row = self.row(Kind::Create, model, event);
        let values = event.arguments.positional.get(1).map(|v| self.interp.partly_known_entries(v)).unwrap_or_default();
        for (name, value) in values {
            let Some(name) = name.as_str().and_then(|name| self.column(model, name)) else { continue };
            row.filters.push((Arc::clone(&name), Source::of(self.interp, &value)));
            row.columns.push(name);
        }
        Some(row)
    }

    /// `update(Order).where(...)`, `delete(Order).where(...)`
    fn changed_in_bulk(&self, event: &Event) -> Option<Row> {
        let model = self.model_of(event.arguments.positional.first()?)?;
        let kind = if event.what.as_str() == "update" { Kind::Update } else { Kind::Delete };
        let mut row = self.row(kind, model, event);
        row.many = row.key.as_ref().is_none_or(|(column, _)| !self.models.all[model].primary_key.contains(column));
        let values = event.arguments.positional.get(2).map(|v| self.interp.partly_known_items(v)).unwrap_or_default();
        row.columns = values.iter().filter_map(|k| self.column(model, k.as_str()?)).collect();
        row.is_doubtful |= event.paths.is_merged();
        self.judge_clauses(&mut row, event, &[&event.paths]);
        Some(row)
    }

    /// The column that a name of the program means.
    pub(super) fn column(&self, model: usize, name: &str) -> Option<Arc<str>> {
        match self.models.is_django(model) {
            true => self.models.step(model, name).map(|(name, _)| name),
            false => Some(name.into()),
        }
    }

    /// The columns that assignments name; all that a body may name where one goes through them.
    pub(super) fn written(&self, set: &[&Event]) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> =
            set.iter().filter_map(|e| e.arguments.positional.get(1)?.as_str().map(Arc::from)).collect();
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn model_of(&self, entity: &Value) -> Option<usize> {
        match entity.term().map(Term::root) {
            Some(Term::Of(class)) => self.models.of_class(self.interp, &Value::Object(*class)),
            _ => self.models.of_class(self.interp, entity),
        }
    }

    /// Whether an answer holds a row or a part of one.
    pub(super) fn holds(&self, value: &Value, row: u32) -> bool {
        let mut found = false;
        self.each_held(value, 0, &mut |one| found |= one.term().is_some_and(|t| *t.root() == Term::Made(row)));
        found
    }

    /// A value and what it holds, a few levels deep.
    pub(super) fn each_held(&self, value: &Value, depth: usize, see: &mut dyn FnMut(&Value)) {
        see(value);
        if depth > HELD_DEPTH_MAX {
            return;
        }
        let mut more = |held: &mut dyn Iterator<Item = &Value>| {
            held.take(HELD_MAX).for_each(|one| self.each_held(one, depth + 1, see));
        };
        match value.plain() {
            Value::Union(items) | Value::Tuple(items) => more(&mut items.iter()),
            Value::Object(obj) => {
                let object = self.interp.object(*obj);
                match &object.kind {
                    value::Kind::List { items, .. } => more(&mut items.iter()),
                    value::Kind::Dict { entries, .. } => more(&mut entries.iter().map(|(_, v)| v)),
                    value::Kind::Instance { .. } => more(&mut object.attributes.iter().map(|(_, v)| v)),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The rows that a credential leads to before the handler begins, with the dependency that gives each.
    fn identified(&self) -> Vec<Identified> {
        let mut found = self.principals();
        for (callable, value) in &self.played.solved {
            let inner = self.interp.unwrapped(callable);
            let Some((source, site)) = self.named(&inner) else { continue };
            let row = value.alternatives().iter().find_map(|v| match v.term() {
                Some(Term::Made(index)) if (*index as usize) < self.played.before_handler => Some(*index),
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
        found
    }

    /// The model of which a value is an instance, where it was looked up for another endpoint.
    fn model_of_unknown(&self, value: &Value) -> Option<usize> {
        match value.plain() {
            Value::Unknown(unknown) => self.models.of_class(self.interp, unknown.class.as_ref()?),
            _ => None,
        }
    }

    fn identified_by(&self, index: u32, source: &Arc<str>, site: Site) -> Option<Identified> {
        let event = &self.interp.events()[index as usize];
        let model = event.arguments.positional.first().and_then(|e| self.model_of(e))?;
        let row = self.row(Kind::Read, model, event);
        let (column, credential) = row.filters.into_iter().find(|(_, s)| matches!(s, Source::Credential(_)))?;
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

    fn says(&self, kind: Kind, model: usize) -> String {
        let name = &self.models.all[model].name;
        match kind {
            Kind::Read | Kind::Identify => format!("looks up `{name}`"),
            Kind::Create => format!("makes a `{name}`"),
            Kind::Update => format!("changes `{name}`"),
            Kind::Delete => format!("deletes `{name}`"),
        }
    }

    fn outside(&self, event: &Event) -> OutsideEffect {
        let call = event.arguments.positional.first().and_then(Value::as_str).unwrap_or("").into();
        OutsideEffect { call, parameters: Vec::new(), evidence: vec![self.evidence(event.site, "calls it")] }
    }

    pub(super) fn evidence(&self, site: Site, what: impl Into<String>) -> Evidence {
        // What a class of a library does by itself is told at the handler.
        let by_library = site == self.played.called || self.interp.program().is_stub(site.file);
        let site = if by_library { self.played.handler } else { site };
        let file = self.interp.program().file(site.file);
        Evidence::new(Arc::clone(&file.path), file.line(site.span.start), what)
    }
}

/// Whether nothing is known of a value: it may be the principal as well as anything else.
fn is_opaque(value: &Value) -> bool {
    let is_made = value.as_object().is_some() || value.is_unknown();
    is_made && value.term().is_none() && !value.labels().has(label::CREDENTIAL | label::INPUT | label::BODY)
}
