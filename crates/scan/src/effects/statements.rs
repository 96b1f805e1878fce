//! Statements of SQL among the events of a play, with the values that fill their holes and bound parameters.

use std::sync::Arc;

use python::interp::{Event, Interp};
use python::term::Term;
use python::value::Value;

use super::ownership;
use super::sources::Source;
use crate::sql::{self, ColumnOf, Operand, Piece, Statement, Text, Verb};

/// What the key is called under which something is kept.
pub(crate) const KEY: &str = "key";
/// Conditions of a filter that are read.
const CONDITIONS_MAX: usize = 64;
/// Texts that one statement may have; of more the first are read.
const TEXTS_MAX: usize = 8;

/// A statement that runs.
#[derive(Debug, Clone)]
pub(crate) struct Sql {
    pub(crate) statement: Statement,
    /// The text, with `{}` for what is not known.
    pub(crate) text: String,
    /// What fills those.
    pub(crate) holes: Vec<Value>,
    /// The bound parameters.
    parameters: Option<Value>,
    /// Columns that are known otherwise.
    pub(crate) columns: Vec<Arc<str>>,
    /// Whether the text may be another one.
    pub(crate) is_one_of_several: bool,
}

impl Sql {
    /// The statement of an event, if it is one.
    pub(crate) fn of(interp: &Interp<'_>, index: usize, event: &Event) -> Option<Self> {
        let given = match event.what.as_str() {
            "store" => return Self::of_store(interp, event),
            "kept" | "memory" => return Self::of_kept(interp, index, event),
            "sql" => &event.arguments.positional[..],
            "executed" => event.arguments.positional.get(1..)?,
            _ => return None,
        };
        let texts = given.first()?.alternatives();
        let mut read = texts.iter().take(TEXTS_MAX).filter_map(|text| {
            let (text, holes) = text_of(text)?;
            Some((sql::statement(&text).filter(|_| text.is_statement())?, text, holes))
        });
        // The one with the fewest conditions says what holds for all.
        let first = read.next()?;
        let rest: Vec<_> = read.collect();
        let is_one_of_several = !rest.is_empty();
        let (statement, text, holes) =
            rest.into_iter().chain([first]).min_by_key(|(statement, ..)| statement.equalities.len())?;
        let parameters = given.get(1).filter(|p| !p.is_none()).cloned();
        let mut made =
            Self { statement, text: text.shown(), holes, parameters, columns: Vec::new(), is_one_of_several };
        made.limit_by_alternatives(interp);
        Some(made)
    }

    /// `sender = 'a' OR receiver = 'a'`, where the client names `a`: one of its columns is as good as an equality.
    fn limit_by_alternatives(&mut self, interp: &Interp<'_>) {
        for [first, second] in std::mem::take(&mut self.statement.alternatives) {
            let value = self.value(interp, &first.1);
            let is_same = value == self.value(interp, &second.1);
            if is_same && Source::of(interp, &value).is_of_request() {
                self.statement.equalities.push(first);
            }
        }
    }

    /// A collection of documents: word, name, filter, what is written.
    fn of_store(interp: &Interp<'_>, event: &Event) -> Option<Self> {
        let given = &event.arguments.positional;
        let mut made = Self::about(verb(given.first()?)?, given.get(1)?.as_str()?);
        let mut conditions: Vec<(Value, Value)> =
            given.get(2).map(|filter| interp.partly_known_entries(filter)).unwrap_or_default();
        let mut at = 0;
        while let Some((name, value)) = conditions.get(at).cloned() {
            at += 1;
            match name.as_str() {
                Some("$and") if conditions.len() < CONDITIONS_MAX => {
                    let all = interp.partly_known_items(&value);
                    conditions.extend(all.iter().flat_map(|one| interp.partly_known_entries(one)));
                }
                Some(name) if !name.starts_with('$') && value.as_object().is_none() => made.limit(name, value),
                _ => made.loosen(value),
            }
        }
        if let Some(values) = given.get(3) {
            for (name, value) in interp.partly_known_entries(values) {
                if let Some(name) = name.as_str() {
                    made.holes.push(value);
                    made.statement.written.push((name.into(), Operand::Hole(made.holes.len() - 1)));
                }
            }
            if let Some(rest) = interp.rest_of(values) {
                made.statement.writes_any = true;
                made.holes.push(rest);
            }
        }
        Some(made)
    }

    /// Something that is kept under a key: word, key (or what keeps it, and the key), value.
    fn of_kept(interp: &Interp<'_>, index: usize, event: &Event) -> Option<Self> {
        let given = &event.arguments.positional;
        let word = verb(given.first()?)?;
        let (name, key, value) = match event.what.as_str() {
            "memory" => (given.get(1)?.as_str()?.to_owned(), given.get(2), given.get(3)),
            _ => (prefix_of(given.get(1)?)?, given.get(1), given.get(2)),
        };
        let mut made = Self::about(word, &name);
        let columns = given.get(4).map(|columns| interp.partly_known_items(columns)).unwrap_or_default();
        made.columns = columns.iter().filter_map(|name| name.as_str().map(Arc::from)).collect();
        match (word, key) {
            (Verb::Insert, Some(key)) => {
                made.holes.push(key.clone());
                made.statement.written.push((KEY.into(), Operand::Hole(0)));
            }
            (_, Some(key)) if !key.is_none() => {
                made.limit(KEY, key.clone());
                made.statement.is_one = true;
            }
            _ => made.limit_by_filters(interp, index),
        }
        for (name, value) in value.map(|value| interp.partly_known_entries(value)).unwrap_or_default() {
            if let Some(name) = name.as_str() {
                made.holes.push(value);
                made.statement.written.push((name.into(), Operand::Hole(made.holes.len() - 1)));
            }
        }
        Some(made)
    }

    /// `[o for o in orders if o["id"] == id]`
    fn limit_by_filters(&mut self, interp: &Interp<'_>, index: usize) {
        let of = u32::try_from(index).map(Term::Made).ok();
        for filter in interp.events().iter().filter(|event| event.what.as_str() == "filter") {
            let [element, condition] = filter.arguments.positional.as_slice() else { continue };
            if element.term() != of.as_ref() {
                continue;
            }
            let found = condition.term().zip(of.as_ref()).map(|(term, of)| ownership::equal_parts(term, true, of));
            match found.filter(|found| !found.is_empty()) {
                Some(found) => found.into_iter().for_each(|(column, value)| self.limit(&column, value)),
                None => self.loosen(condition.clone()),
            }
        }
    }

    fn about(verb: Verb, table: &str) -> Self {
        let statement = Statement::of(verb, Some(table.into()));
        let (holes, columns) = (Vec::new(), Vec::new());
        Self { statement, text: String::new(), holes, parameters: None, columns, is_one_of_several: false }
    }

    fn limit(&mut self, column: &str, value: Value) {
        self.holes.push(value);
        let column = ColumnOf { table: None, name: column.into() };
        self.statement.equalities.push((column, Operand::Hole(self.holes.len() - 1)));
    }

    fn loosen(&mut self, value: Value) {
        self.holes.push(value);
        self.statement.loose.push(Operand::Hole(self.holes.len() - 1));
    }

    /// What an operand is.
    pub(crate) fn value(&self, interp: &Interp<'_>, operand: &Operand) -> Value {
        let bound = |position: usize| {
            let given = self.parameters.as_ref()?;
            let items = match given.plain() {
                Value::Tuple(items) => items.to_vec(),
                _ => interp.partly_known_items(given),
            };
            // One that is not in a tuple is bound all the same by some drivers.
            items.get(position).cloned().or_else(|| given.is_unknown().then(|| given.clone()))
        };
        let named = |name: &str| {
            let entries = interp.partly_known_entries(self.parameters.as_ref()?);
            let found = entries.into_iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value);
            found.or_else(|| self.parameters.as_ref().and_then(|p| interp.rest_of(p)))
        };
        let found = match operand {
            Operand::Hole(index) => self.holes.get(*index).cloned(),
            Operand::Position(position) => bound(*position),
            Operand::Name(name) => named(name),
            Operand::Constant => return Value::None,
            Operand::Other => None,
        };
        found.unwrap_or_else(|| Value::unknown("what fills a place of a statement"))
    }

    /// What may name columns that are written: the holes that nothing else is known of.
    pub(crate) fn naming(&self) -> impl Iterator<Item = &Value> {
        let statement = &self.statement;
        let is_used = |index: usize| {
            let is = |operand: &Operand| *operand == Operand::Hole(index);
            statement.equalities.iter().any(|(_, o)| is(o)) || statement.written.iter().any(|(_, o)| is(o))
        };
        let names = statement.writes_any;
        self.holes.iter().enumerate().filter(move |(index, _)| names && !is_used(*index)).map(|(_, hole)| hole)
    }

    /// The column that an item of a row is, where it is asked for by its index.
    pub(crate) fn column_at(&self, index: usize, columns: &[model::Column]) -> Option<Arc<str>> {
        match self.statement.selected.is_empty() {
            true => columns.get(index).map(|column| Arc::clone(&column.name)),
            false => self.statement.selected.get(index).cloned().flatten(),
        }
    }
}

fn verb(word: &Value) -> Option<Verb> {
    Some(match word.as_str()? {
        "select" => Verb::Select,
        "insert" => Verb::Insert,
        "update" => Verb::Update,
        "delete" => Verb::Delete,
        _ => return None,
    })
}

/// What the keys of a kind begin with: `user` of `user:42`.
fn prefix_of(key: &Value) -> Option<String> {
    let (text, _) = key.alternatives().iter().find_map(text_of)?;
    let shown = text.shown();
    let begin = shown.split("{}").next().unwrap_or("").trim_end_matches([':', '_', '-', '/', '.']);
    let begin = if text.is_known() { begin.split(':').next().unwrap_or("") } else { begin };
    (!begin.is_empty()).then(|| begin.to_owned())
}

/// A text that is known in part, and what fills its holes.
fn text_of(value: &Value) -> Option<(Text, Vec<Value>)> {
    if let Some(text) = value.as_str() {
        return Some((Text::new(vec![Piece::Known(text.to_owned())]), Vec::new()));
    }
    let Some(Term::Text(parts)) = value.term() else { return None };
    let (mut pieces, mut holes) = (Vec::new(), Vec::new());
    for part in parts.iter() {
        match (part.as_str(), part.as_int()) {
            (Some(known), _) => pieces.push(Piece::Known(known.to_owned())),
            (None, Some(number)) => pieces.push(Piece::Known(number.to_string())),
            (None, None) => match part.alternatives().iter().find_map(text_of) {
                // `query + " LIMIT 10"`: one of several texts, the first of which stands for all.
                Some((inner, more)) if part.term().is_none() => {
                    pieces.extend(inner.into_pieces());
                    holes.extend(more);
                }
                _ => {
                    pieces.push(Piece::Hole);
                    holes.push(part.clone());
                }
            },
        }
    }
    Some((Text::new(pieces), holes))
}
