//! What one play of an endpoint did, without anything of the play's own heap.

use std::ops::Deref;
use std::sync::Arc;

use model::{Effect, Evidence, NobodysWrite, OutsideEffect, Place};
use python::code::CompareOp;
use python::interp::{Event, Interp, Literal, Paths};
use python::term::Term;
use python::value::{self, Site, Value};

use super::repeated::{doubt_alternatives, drop_checked_alone, merge_repeated};
use super::sources::{Source, is_of_principal, parts};
use super::statements::Sql;
use super::stored::PrintedColumn;
use super::{lookups, outside, ownership};
use crate::access::{Throughout, label};
use crate::flows::{self, Beside, Followed};
use crate::frameworks::RawRoute;
use crate::objects::Models;
use crate::sql::Verb;
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
#[expect(clippy::struct_excessive_bools, reason = "answers to questions of their own")]
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) model: usize,
    /// Whether any number of objects is meant.
    pub(crate) many: bool,
    /// The column that picks the object, and where its value comes from.
    pub(crate) key: Option<(Arc<str>, Source)>,
    /// What is compared in the look-up; of a new object, what its columns are given.
    pub(crate) filters: Vec<(Arc<str>, Source)>,
    /// The columns that are written, and to what.
    pub(crate) written: Vec<(Arc<str>, Source)>,
    /// Of the columns that are written, those that may be set to nothing, too.
    pub(crate) may_be_nothing: Vec<Arc<str>>,
    /// Of what is read, the columns that the answer holds; none where it holds all.
    pub(crate) shown: Vec<Arc<str>>,
    /// Whether the answer holds all of it.
    pub(crate) is_whole: bool,
    /// The write whose columns the request names.
    pub(crate) mass: Option<Mass>,
    /// What of it is compared with the principal on every way; nothing of it (an empty path) where the principal itself leads to it.
    pub(crate) compared: Vec<Vec<Arc<str>>>,
    /// Whether something that is not understood may compare more.
    pub(crate) is_doubtful: bool,
    /// Whether every way to it asks what the principal may do.
    pub(crate) by_role: bool,
    /// Whether it is part of the answer.
    pub(crate) is_answered: bool,
    pub(crate) evidence: Vec<Evidence>,
    /// The event of the look-up.
    pub(super) event: Option<u32>,
    /// The calls that lead to it.
    pub(super) callers: Vec<Site>,
    /// The event that uses what was looked up.
    used: Option<u32>,
}

/// A write whose columns the request names.
#[derive(Debug, Clone)]
pub(crate) struct Mass {
    pub(crate) place: Place,
    /// The parameter that names them, where there is one.
    pub(crate) parameter: Option<Arc<str>>,
    pub(crate) evidence: Evidence,
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
    /// What leaves the application, and where its arguments come from.
    pub(crate) outside: Vec<(Effect, Vec<Source>)>,
    /// What a client wrote, where it is used.
    pub(crate) followed: Followed,
    /// Columns that a page prints as they are.
    pub(crate) printed: Vec<PrintedColumn>,
    pub(crate) issues: Vec<Issue>,
    pub(crate) checks: Vec<Check>,
    /// What is written for nobody, where a request without a credential gets there.
    pub(crate) for_nobody: Vec<NobodysWrite>,
    /// Where the answer holds a token that was issued: which of them, and the JSON Pointer.
    pub(crate) answered_tokens: Vec<(usize, Arc<str>)>,
}

/// Reads a play.
pub(crate) fn trace(
    interp: &Interp<'_>,
    models: &mut Models,
    played: &Throughout,
    raw: &RawRoute,
    beside: Beside<'_>,
) -> Trace {
    let mut found = Trace::default();
    let (issues, checks) = tokens::seen(interp, played.before_handler as usize);
    found.answered_tokens = tokens::answered(interp, &issues, &played.returned);
    found.issues = issues.into_iter().map(|(_, issue)| issue).collect();
    found.checks = checks;
    let statements: Vec<Option<Sql>> =
        interp.events().iter().enumerate().map(|(at, event)| Sql::of(interp, at, event)).collect();
    learn(interp, models, &statements);
    let text_of = |event: usize| statements[event].as_ref().map(|sql| sql.text.clone()).filter(|text| !text.is_empty());
    found.followed = flows::of_play(interp, played, raw.pages(interp), beside, &text_of);
    let reader = Reader { interp, models, played, statements };
    for index in 0..interp.events().len() {
        reader.event(&reader.seen(u32::try_from(index).unwrap_or(u32::MAX)), &mut found);
    }
    reader.forget_hooks(&mut found.rows);
    reader.admit_roles(&mut found.rows);
    doubt_alternatives(&mut found.rows);
    merge_repeated(&mut found.rows);
    drop_checked_alone(&mut found.rows, reader.models);
    found.identified = reader.identified(&found.rows);
    found.printed = reader.printed(&found.followed.held);
    found
}

/// Makes models of the tables that are used and not declared.
fn learn(interp: &Interp<'_>, models: &mut Models, statements: &[Option<Sql>]) {
    for (event, sql) in interp.events().iter().zip(statements) {
        let Some(sql) = sql else { continue };
        let Some(table) = sql.statement.table.as_deref().filter(|_| sql.statement.verb != Verb::Schema) else {
            continue;
        };
        let Some(model) = models.used(table, || evidence_at(interp, event.site, format!("`{table}` is a table")))
        else {
            continue;
        };
        let own = sql.statement.equalities.iter().filter(|(column, _)| column.table.is_none()).map(|(c, _)| &c.name);
        let written = sql.statement.written.iter().map(|(name, _)| name);
        let columns = sql.statement.selected.iter().flatten().chain(own).chain(written).chain(&sql.columns);
        columns.for_each(|name| models.used_column(model, name));
    }
}

fn evidence_at(interp: &Interp<'_>, site: Site, what: impl Into<String>) -> Evidence {
    let file = interp.program().file(site.file);
    Evidence::new(Arc::clone(&file.path), file.line(site.span.start), what)
}

/// An event with its number, and the statement that it is.
#[derive(Clone, Copy)]
pub(super) struct Seen<'e> {
    pub(super) index: u32,
    pub(super) event: &'e Event,
    pub(super) sql: Option<&'e Sql>,
}

impl Deref for Seen<'_> {
    type Target = Event;

    fn deref(&self) -> &Event {
        self.event
    }
}

pub(super) struct Reader<'r, 'p> {
    pub(super) interp: &'r Interp<'p>,
    pub(super) models: &'r Models,
    pub(super) played: &'r Throughout,
    /// For each event, the statement that it is.
    statements: Vec<Option<Sql>>,
}

impl Reader<'_, '_> {
    pub(super) fn seen(&self, index: u32) -> Seen<'_> {
        let event = &self.interp.events()[index as usize];
        Seen { index, event, sql: self.statements.get(index as usize).and_then(Option::as_ref) }
    }

    fn event(&self, event: &Seen<'_>, found: &mut Trace) {
        match event.what.as_str() {
            "get" | "read" | "related" | "picked" => self.looked_up(event, &mut found.rows),
            "create" => found.rows.extend(self.created(event)),
            "insert" => found.rows.extend(self.inserted(event)),
            "update" | "delete-where" => found.rows.extend(self.changed_in_bulk(event)),
            "sql" | "executed" | "store" | "kept" | "memory" => self.stated(event, found),
            "principal" => found.rows.extend(self.answered_principal(event)),
            "save" | "delete" | "relate" => self.saved(event, &mut found.rows),
            "schema-change" => {
                let call = event.arguments.positional.first().and_then(Value::as_str).unwrap_or("");
                found.outside.push((Effect::SchemaChange(self.outside(event, call)), Vec::new()));
            }
            // What stands around all handlers is nothing that this one does.
            "call" if event.index >= self.played.before_own => {
                let call = event.arguments.positional.first().and_then(Value::as_str).unwrap_or("");
                let given = event.arguments.positional.iter().skip(1);
                let given = given.chain(event.arguments.keywords.iter().map(|(_, value)| value));
                let sources =
                    given.flat_map(|value| self.sources_within(value)).filter(Source::is_of_request).collect();
                found.outside.extend(outside::of(call, self.outside(event, call)).map(|effect| (effect, sources)));
            }
            _ => {}
        }
    }

    /// A statement of SQL.
    fn stated(&self, event: &Seen<'_>, found: &mut Trace) {
        let Some(sql) = event.sql else { return };
        match sql.statement.verb {
            Verb::Select => self.looked_up(event, &mut found.rows),
            Verb::Insert => found.rows.extend(self.inserted(event)),
            Verb::Update | Verb::Delete => found.rows.extend(self.changed_in_bulk(event)),
            Verb::Schema => {
                let words: Vec<&str> = sql.text.split_whitespace().take(2).collect();
                found.outside.push((Effect::SchemaChange(self.outside(event, &words.join(" "))), Vec::new()));
            }
        }
    }

    /// Where a value and what it holds come from.
    fn sources_within(&self, value: &Value) -> Vec<Source> {
        let held: Vec<Value> = match (value.plain(), value.term()) {
            (_, Some(Term::Text(parts))) => parts.to_vec(),
            (Value::Union(items) | Value::Tuple(items), _) => items.to_vec(),
            (Value::Object(_), _) => match self.interp.partly_known_entries(value) {
                entries if entries.is_empty() => self.interp.partly_known_items(value),
                entries => entries.into_iter().map(|(_, value)| value).collect(),
            },
            _ => return vec![Source::of(self.interp, value)],
        };
        held.iter().take(HELD_MAX).map(|value| Source::of(self.interp, value)).collect()
    }

    /// A look-up, and what is done with what it finds.
    fn looked_up(&self, event: &Seen<'_>, rows: &mut Vec<Row>) {
        let Some(model) = self.model_of_event(event) else { return };
        let index = event.index;
        let mut row = self.row(Kind::Read, model, event);
        let events = self.interp.events();
        let about_this = |e: &&Event, what: &str| {
            e.what.as_str() == what && e.arguments.positional.first().and_then(Value::term) == Some(&Term::Made(index))
        };
        let is_one = event.what.as_str() == "get" || event.sql.is_some_and(|sql| sql.statement.is_one);
        row.many = !is_one && !self.is_by_key(&row) && !events.iter().any(|e| about_this(&e, "one"));
        let answers: Vec<_> = self.played.returned.iter().filter(|(value, ..)| self.holds(value, index)).collect();
        let answered: Vec<&Paths> = answers.iter().map(|(_, _, paths)| paths).collect();
        row.is_answered = !answered.is_empty();
        let used = |what: &str| events.iter().rposition(|e| about_this(&e, what)).and_then(|at| u32::try_from(at).ok());
        let changes = if self.models.is_django(model) { "save" } else { "set" };
        let set: Vec<&Event> = events.iter().filter(|e| about_this(e, changes)).collect();
        let deleted: Vec<&Event> = events.iter().filter(|e| about_this(e, "delete")).collect();
        let uses = || set.iter().chain(&deleted).map(|e| &e.paths).collect::<Vec<_>>();
        match event.what.as_str() {
            "memory" => self.limit_by_ways(&mut row, index, &answered),
            "related" => self.limit_by_choice(&mut row, event, &answered, &uses()),
            _ => {}
        }
        row.is_doubtful |= self.is_filtered_by_principal(event) || event.what.as_str() == "related";
        for (kind, uses) in [(Kind::Update, &set), (Kind::Delete, &deleted)] {
            if let Some(first) = uses.first() {
                let by = used(if kind == Kind::Update { "set" } else { "delete" });
                let mut used = Row { kind, many: false, used: by, ..row.clone() };
                let points: Vec<&Paths> = uses.iter().map(|e| &e.paths).collect();
                self.judge(&mut used, event, &points);
                used.evidence
                    .push(self.evidence(first.site, if kind == Kind::Update { "changes it" } else { "deletes it" }));
                if kind == Kind::Update {
                    used.written = self.written_to(model, &Term::Made(index), uses);
                    used.mass = uses.iter().find_map(|set| self.mass_set(set));
                }
                rows.push(used);
            }
        }
        let identifies = self.identifies(&row, event);
        let says_nothing = !row.is_answered && self.is_beside_the_point(event);
        if row.is_answered || identifies || (set.is_empty() && deleted.is_empty() && !says_nothing) {
            let all: Vec<&Paths> = self.played.returned.iter().map(|(_, _, p)| p).collect();
            self.judge(&mut row, event, if answered.is_empty() { &all } else { &answered });
            row.evidence.extend(answers.first().map(|(_, site, _)| self.evidence(*site, "answers with it")));
            let shown = self.shown(model, event);
            row.is_whole = shown.is_whole;
            row.shown = shown.columns();
            if identifies {
                row.kind = Kind::Identify;
            }
            rows.push(row);
        }
    }

    /// `for o in orders: if o["id"] == id: return o`
    fn limit_by_ways(&self, row: &mut Row, index: u32, points: &[&Paths]) {
        for (column, value) in ownership::always_equal(self.interp, &Term::Made(index), points) {
            row.filters.push((column, Source::of(self.interp, &value)));
        }
        if row.key.is_none() {
            row.key = row.filters.iter().find(|(_, source)| source.is_of_request()).cloned();
            row.many &= row.key.is_none();
        }
    }

    /// Whether a look-up is limited to one value of a column that tells each row from all others.
    fn is_by_key(&self, row: &Row) -> bool {
        let model = &self.models.all[row.model];
        let is_key = |column: &Arc<str>| {
            let only = |set: &Vec<Arc<str>>| set.len() == 1 && set[0] == *column;
            only(&model.primary_key) || model.unique.iter().any(only)
        };
        row.filters.iter().any(|(column, _)| is_key(column))
    }

    /// Hooks and decorators do what they do for many endpoints: it is none of what one does, unless the handler goes on with it.
    fn forget_hooks(&self, rows: &mut Vec<Row>) {
        let Some(handler) = self.played.handler.filter(|_| self.played.has_hooks) else { return };
        let is_around = |index: u32| {
            let within = &self.interp.events()[index as usize].within;
            index < self.played.before_handler || !within.contains(&handler)
        };
        let is_used = |row: &Row| row.is_answered || row.kind == Kind::Identify;
        rows.retain(|row| is_used(row) || !row.used.or(row.event).is_some_and(is_around));
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
    pub(super) fn row(&self, kind: Kind, model: usize, event: &Seen<'_>) -> Row {
        let mut row = Row {
            kind,
            model,
            many: false,
            key: None,
            filters: Vec::new(),
            written: Vec::new(),
            may_be_nothing: Vec::new(),
            shown: Vec::new(),
            is_whole: false,
            mass: None,
            compared: Vec::new(),
            is_doubtful: !self.played.is_whole || event.sql.is_some_and(|sql| sql.is_one_of_several),
            by_role: false,
            is_answered: false,
            evidence: self.evidence_of(event, self.says(kind, model)),
            event: Some(event.index),
            callers: event.callers.clone(),
            used: None,
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
            (Some(column) == primary.as_ref() || unique)
                && !matches!(source, Source::Text | Source::Constant | Source::Nothing)
        };
        let by_request = |(_, source): &&(Arc<str>, Source)| source.is_of_request();
        let by_principal = |(_, source): &&(Arc<str>, Source)| source.is_principal();
        let found = row.filters.iter().find(is_key).or_else(|| row.filters.iter().find(by_request));
        row.key = found.or_else(|| row.filters.iter().find(by_principal)).cloned();
        row
    }

    /// The equalities that limit a look-up: clause, path from the model, other side, whether it is a column of the model itself.
    fn equalities(&self, model: usize, event: &Seen<'_>) -> Vec<(usize, Vec<Arc<str>>, Value, bool)> {
        let mut found = Vec::new();
        if let Some(sql) = event.sql {
            for (index, (column, operand)) in sql.statement.equalities.iter().enumerate() {
                let value = sql.value(self.interp, operand);
                let own = vec![Arc::clone(&column.name)];
                match &column.table {
                    None => found.push((index, own, value, true)),
                    Some(table) => {
                        let way = self.models.of_table(table).and_then(|to| self.models.way_to(model, to));
                        found.extend(way.map(|way| (index, [vec![way], own].concat(), value, false)));
                    }
                }
            }
            return found;
        }
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

    fn clauses(&self, event: &Seen<'_>) -> Vec<Value> {
        let listed = event
            .arguments
            .positional
            .get(1)
            .filter(|_| matches!(event.what.as_str(), "read" | "related" | "picked" | "update" | "delete-where"));
        let listed = listed.map(|list| self.interp.partly_known_items(list)).unwrap_or_default();
        let model = event.arguments.positional.first().and_then(|entity| self.model_of(entity));
        if let Some(model) = model.filter(|model| self.models.is_django(*model)) {
            return listed.iter().map(|one| lookups::clause(self.interp, self.models, model, one)).collect();
        }
        let listed = listed.into_iter().map(|one| self.as_condition(one));
        listed.chain(self.conditions_of_picked(event)).collect()
    }

    /// Fills in what is compared with the principal at some points: by the look-up itself, or on the ways there.
    fn judge(&self, row: &mut Row, event: &Seen<'_>, points: &[&Paths]) {
        for index in self.twins(event) {
            let of = Term::Made(index);
            let by_condition = ownership::compared(self.interp, &of, points);
            row.is_doubtful |= by_condition.is_doubtful || ownership::is_handed_over(self.interp, &of);
            row.by_role |= by_condition.by_role;
            let paths = by_condition.paths.into_iter().map(|path| self.by_names(path, row.model, event));
            row.compared.extend(paths);
        }
        self.judge_clauses(row, event, points);
        self.judge_by_others(row, event, points);
    }

    /// `row[2]` is the column that the statement selects third.
    pub(super) fn by_names(&self, path: Vec<Arc<str>>, model: usize, event: &Seen<'_>) -> Vec<Arc<str>> {
        let columns = &self.models.all[model].columns;
        let named = |part: Arc<str>| match part.strip_prefix('#') {
            Some(index) => event.sql.and_then(|sql| sql.column_at(index.parse().ok()?, columns)),
            None => Some(part),
        };
        path.into_iter().filter_map(named).collect()
    }

    /// The look-ups that find the same as one by its key: a view of Django may look up twice, and compare what it found first.
    fn twins(&self, event: &Seen<'_>) -> Vec<u32> {
        let mut found = vec![event.index];
        let Some(model) = self.model_of_event(event).filter(|model| self.models.is_django(*model)) else {
            return found;
        };
        let row = self.row(Kind::Read, model, event);
        if !row.key.as_ref().is_some_and(|(_, source)| source.is_of_request()) {
            return found;
        }
        for other in 0..u32::try_from(self.interp.events().len()).unwrap_or(u32::MAX) {
            let twin = self.seen(other);
            if other != event.index && twin.what == event.what && self.model_of_event(&twin) == Some(model) {
                let twin = self.row(Kind::Read, model, &twin);
                found.extend((twin.key == row.key && twin.filters == row.filters).then_some(other));
            }
        }
        found
    }

    pub(super) fn judge_clauses(&self, row: &mut Row, event: &Seen<'_>, points: &[&Paths]) {
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
        for clause in clauses.iter().enumerate().filter(|(at, c)| c.labels().has(label::CREDENTIAL) && !understood(*at))
        {
            match self.of_principal_in_each(row.model, clause.1) {
                Some(paths) => row.compared.extend(paths),
                None => row.is_doubtful = true,
            }
        }
        if let Some(sql) = event.sql {
            let mut loose = sql.statement.loose.iter().map(|operand| sql.value(self.interp, operand));
            row.is_doubtful |= loose.any(|value| value.labels().has(label::CREDENTIAL));
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
                let event = &self.seen(*index);
                let Some(model) = self.model_of_event(event) else { return Vec::new() };
                let equalities = self.equalities(model, event).into_iter().filter(|_| depth < THROUGH_MAX);
                let by_clause = equalities.flat_map(|(_, p, v, _)| self.bound_through(&p, &v, points, depth + 1));
                let paths = compared().into_iter().chain(by_clause);
                paths.map(|rest| path.iter().cloned().chain(rest).collect()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// `session.add(Order(user_id=user.id, ...))`
    pub(super) fn created(&self, event: &Seen<'_>) -> Option<Row> {
        let made = event.arguments.positional.first()?;
        let Some(obj) = made.plain().alternatives().iter().find_map(Value::as_object) else {
            return self.created_of_request(event, made);
        };
        let value::Kind::Instance { class } = &self.interp.object(obj).kind else { return None };
        let model = self.models.of_class(self.interp, class)?;
        let mut row = self.row(Kind::Create, model, event);
        for (name, value) in self.interp.object(obj).attributes.iter() {
            let by_relation =
                || self.models.related(model, name.as_str()).and_then(|to| self.models.referring(model, to));
            let own = self.column(model, name.as_str()).filter(|name| self.models.all[model].column(name).is_some());
            if let Some(name) = own {
                row.may_be_nothing.extend(may_be_nothing(value).then(|| Arc::clone(&name)));
                row.written.push((name, Source::of(self.interp, value)));
            } else if let Some(key) = by_relation()
                && let source = Source::of(self.interp, value)
                && (source.is_principal() || matches!(source, Source::Row(..)))
            {
                // `Order(user=user)` sets the column that refers to it.
                row.written.push((Arc::clone(&key.columns[0]), source));
            }
        }
        row.filters.clone_from(&row.written);
        row.mass = self.interp.rest_of(&Value::Object(obj)).and_then(|rest| self.mass(&rest, &rest, event.site));
        Some(row)
    }

    /// `insert(Order).values(...)`, `INSERT INTO orders ...`
    fn inserted(&self, event: &Seen<'_>) -> Option<Row> {
        let model = self.model_of_event(event)?;
        let mut row = Row { filters: Vec::new(), key: None, ..self.row(Kind::Create, model, event) };
        self.write(&mut row, event, event.arguments.positional.get(1));
        row.filters.clone_from(&row.written);
        Some(row)
    }

    /// `update(Order).where(...)`, `delete(Order).where(...)`, and the same as a text.
    fn changed_in_bulk(&self, event: &Seen<'_>) -> Option<Row> {
        let model = self.model_of_event(event)?;
        let is_update = event.what.as_str() == "update" || event.sql.is_some_and(|s| s.statement.verb == Verb::Update);
        let mut row = self.row(if is_update { Kind::Update } else { Kind::Delete }, model, event);
        row.many = !self.is_by_key(&row);
        self.write(&mut row, event, event.arguments.positional.get(2));
        row.is_doubtful |= ownership::leaves_out_a_check(self.interp, &Term::Made(event.index), &event.paths);
        row.by_role = ownership::compared(self.interp, &Term::Made(event.index), &[&event.paths]).by_role;
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

    /// The model that an event is about.
    pub(super) fn model_of_event(&self, event: &Seen<'_>) -> Option<usize> {
        match event.sql {
            Some(sql) => self.models.of_table(sql.statement.table.as_deref()?),
            None => event.arguments.positional.first().and_then(|entity| self.model_of(entity)),
        }
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
        let is_it = |root: &Term| *root == Term::Made(row) || self.is_reached_from(root, row);
        self.each_held(value, 0, &mut |one| found |= one.term().is_some_and(|t| is_it(t.root())));
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
        if let Some(Term::Text(parts)) = value.term() {
            more(&mut parts.iter());
            return;
        }
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

    fn says(&self, kind: Kind, model: usize) -> String {
        let name = &self.models.all[model].name;
        match kind {
            Kind::Read | Kind::Identify => format!("looks up `{name}`"),
            Kind::Create => format!("makes a `{name}`"),
            Kind::Update => format!("changes `{name}`"),
            Kind::Delete => format!("deletes `{name}`"),
        }
    }

    fn outside(&self, event: &Event, call: &str) -> OutsideEffect {
        OutsideEffect {
            call: call.into(),
            parameters: Vec::new(),
            evidence: vec![self.evidence(event.site, "calls it")],
        }
    }

    /// Where something happens, and the calls that lead there from the handler.
    fn evidence_of(&self, event: &Event, what: String) -> Vec<Evidence> {
        let mut all = vec![self.evidence(event.site, what)];
        for caller in &event.callers {
            let place = self.evidence(*caller, "on the way there");
            if all.iter().all(|one| (&one.file, one.line) != (&place.file, place.line)) {
                all.push(place);
            }
        }
        all
    }

    pub(super) fn evidence(&self, site: Site, what: impl Into<String>) -> Evidence {
        // What a class of a library does by itself is told at the handler.
        let by_library = site == self.played.called || self.interp.program().is_stub(site.file);
        evidence_at(self.interp, if by_library { self.played.handler_at } else { site }, what)
    }
}

/// Whether a value is nothing on some way, and something on another.
pub(super) fn may_be_nothing(value: &Value) -> bool {
    value.plain().alternatives().iter().any(|one| matches!(one.plain(), Value::None))
}

/// Whether nothing is known of a value: it may be the principal as well as anything else.
fn is_opaque(value: &Value) -> bool {
    let is_made = value.as_object().is_some() || value.is_unknown();
    is_made && value.term().is_none() && !value.labels().has(label::CREDENTIAL | label::INPUT | label::BODY)
}
