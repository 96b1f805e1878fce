//! Statements of SQL that stand in the code as text, as far as they say which table is meant, by what, and what is written. Holes in a
//! text are numbered, and so are its bound parameters: who fills them is known elsewhere.

mod tables;
mod text;

use std::sync::Arc;

use sqlparser::ast::{
    AssignmentTarget, BinaryOperator, Expr, FromTable, InTarget, JoinConstraint, JoinOperator, ObjectName, Query,
    Select, SelectItem, SetExpr, Statement as Parsed, TableFactor, TableObject, TableWithJoins, Value,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

pub(crate) use tables::{Table, declared};
pub(crate) use text::{Piece, Text};

/// Bytes of a statement; a longer one is not read.
const STATEMENT_BYTES_MAX: usize = 20_000;
/// Expressions inside expressions of a statement.
const DEPTH_MAX: usize = 40;
/// Conditions that are joined by `AND`; more are not read.
const CONDITIONS_MAX: usize = 64;
/// Texts that are tried instead of one that cannot be read as it stands.
const READINGS_MAX: usize = 6;

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Select,
    Insert,
    Update,
    Delete,
    /// Makes, changes or drops tables.
    Schema,
}

/// A side of a comparison, or a value that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand {
    /// A hole of the text.
    Hole(usize),
    /// A bound parameter, by its place.
    Position(usize),
    /// A bound parameter, by its name.
    Name(Arc<str>),
    /// What stands in the statement.
    Constant,
    /// An expression.
    Other,
}

/// A column, of the statement's own table or of one that it joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnOf {
    /// The joined table; none for the statement's own.
    pub(crate) table: Option<Arc<str>>,
    pub(crate) name: Arc<str>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) verb: Verb,
    /// The table that it is about; none where a hole names it.
    pub(crate) table: Option<Arc<str>>,
    /// What limits the rows: equalities that all hold.
    pub(crate) equalities: Vec<(ColumnOf, Operand)>,
    /// What is written, and to what.
    pub(crate) written: Vec<(Arc<str>, Operand)>,
    /// Whether holes name columns that are written.
    pub(crate) writes_any: bool,
    /// The columns of a row, in their order; empty for all of the table's.
    pub(crate) selected: Vec<Option<Arc<str>>>,
    /// Pairs of equalities one of which holds.
    pub(crate) alternatives: Vec<[(ColumnOf, Operand); 2]>,
    /// Operands that stand in conditions which are more than an equality.
    pub(crate) loose: Vec<Operand>,
    /// Whether at most one row is meant: an aggregate, or `LIMIT 1`.
    pub(crate) is_one: bool,
}

impl Statement {
    pub(crate) fn of(verb: Verb, table: Option<Arc<str>>) -> Self {
        Self {
            verb,
            table,
            equalities: Vec::new(),
            written: Vec::new(),
            writes_any: false,
            selected: Vec::new(),
            alternatives: Vec::new(),
            loose: Vec::new(),
            is_one: false,
        }
    }
}

/// Reads the first statement of a text that is about a table.
pub(crate) fn statement(text: &Text) -> Option<Statement> {
    if text.len() > STATEMENT_BYTES_MAX {
        return None;
    }
    let mut readings = text.readings().take(READINGS_MAX);
    readings.find_map(|sql| {
        let parser = Parser::new(&GenericDialect {}).with_recursion_limit(DEPTH_MAX);
        let parsed = parser.try_with_sql(&sql).ok()?.parse_statements().ok()?;
        parsed.iter().find_map(|one| Reader::default().statement(one))
    })
}

/// The tables of a statement, by the names under which it speaks of them.
#[derive(Default)]
struct Reader {
    own: Option<Arc<str>>,
    aliases: Vec<(Arc<str>, Arc<str>)>,
    /// Bound parameters without a name so far.
    positions: usize,
}

impl Reader {
    fn statement(&mut self, parsed: &Parsed) -> Option<Statement> {
        match parsed {
            Parsed::Query(query) => self.query(query),
            Parsed::Insert(insert) => Some(self.insert(insert)),
            Parsed::Update(update) => {
                self.tables(std::slice::from_ref(&update.table));
                let mut found = Statement::of(Verb::Update, self.own.clone());
                for assignment in &update.assignments {
                    let AssignmentTarget::ColumnName(name) = &assignment.target else { continue };
                    let operand = self.operand(&assignment.value);
                    self.write(&mut found, name, operand);
                }
                update.selection.iter().for_each(|condition| self.condition(condition, &mut found));
                Some(found)
            }
            Parsed::Delete(delete) => {
                let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
                self.tables(from);
                let mut found = Statement::of(Verb::Delete, self.own.clone());
                delete.selection.iter().for_each(|condition| self.condition(condition, &mut found));
                Some(found)
            }
            Parsed::CreateTable(table) => Some(Statement::of(Verb::Schema, last(&table.name))),
            Parsed::Drop { names, .. } => Some(Statement::of(Verb::Schema, names.first().and_then(last))),
            Parsed::AlterTable(table) => Some(Statement::of(Verb::Schema, last(&table.name))),
            Parsed::Truncate(_) => Some(Statement::of(Verb::Schema, None)),
            _ => None,
        }
    }

    fn insert(&mut self, insert: &sqlparser::ast::Insert) -> Statement {
        let table = match &insert.table {
            TableObject::TableName(name) => last(name),
            _ => None,
        };
        let mut found = Statement::of(Verb::Insert, table.clone());
        self.own = table;
        let rows = insert.source.as_deref().map(|source| &*source.body);
        if let Some(SetExpr::Values(values)) = rows
            && let Some(row) = values.rows.first()
        {
            for (index, value) in row.content.iter().enumerate() {
                let operand = self.operand(value);
                match insert.columns.get(index) {
                    // A hole that stands for all the values.
                    Some(name) if row.content.len() < insert.columns.len() => {
                        self.write(&mut found, name, Operand::Other);
                    }
                    Some(name) => self.write(&mut found, name, operand),
                    None => found.written.push((format!("#{index}").into(), operand)),
                }
            }
            for name in insert.columns.iter().skip(row.content.len()) {
                self.write(&mut found, name, Operand::Other);
            }
        } else {
            for name in &insert.columns {
                self.write(&mut found, name, Operand::Other);
            }
        }
        for assignment in &insert.assignments {
            let AssignmentTarget::ColumnName(name) = &assignment.target else { continue };
            let operand = self.operand(&assignment.value);
            self.write(&mut found, name, operand);
        }
        found
    }

    fn write(&self, found: &mut Statement, name: &ObjectName, operand: Operand) {
        match last(name) {
            Some(name) => found.written.push((name, operand)),
            None => found.writes_any = true,
        }
    }

    fn query(&mut self, query: &Query) -> Option<Statement> {
        let mut body = &*query.body;
        let select = loop {
            match body {
                SetExpr::Select(select) => break select,
                SetExpr::Query(inner) => body = &inner.body,
                SetExpr::SetOperation { left, .. } => body = left,
                _ => return None,
            }
        };
        let mut found = self.select(select)?;
        let limit = query.limit_clause.as_ref().map(ToString::to_string).unwrap_or_default();
        found.is_one |= limit.trim().eq_ignore_ascii_case("limit 1");
        Some(found)
    }

    fn select(&mut self, select: &Select) -> Option<Statement> {
        if select.from.is_empty() {
            return None;
        }
        self.tables(&select.from);
        let mut found = Statement::of(Verb::Select, self.own.clone());
        let mut is_all = false;
        for item in &select.projection {
            let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
                is_all = true;
                continue;
            };
            found.is_one |= matches!(expr, Expr::Function(_)) && select.projection.len() == 1;
            let column = self.column(expr).filter(|column| column.table.is_none());
            found.selected.push(column.map(|column| column.name));
        }
        if is_all {
            found.selected.clear();
        }
        for join in select.from.iter().flat_map(|from| &from.joins) {
            let (JoinOperator::Join(on) | JoinOperator::Inner(on)) = &join.join_operator else { continue };
            if let JoinConstraint::On(condition) = on {
                self.condition(condition, &mut found);
            }
        }
        select.selection.iter().for_each(|condition| self.condition(condition, &mut found));
        Some(found)
    }

    fn tables(&mut self, from: &[TableWithJoins]) {
        let factors = from.iter().flat_map(|f| std::iter::once(&f.relation).chain(f.joins.iter().map(|j| &j.relation)));
        for (index, factor) in factors.enumerate() {
            let TableFactor::Table { name, alias, .. } = factor else { continue };
            let Some(table) = last(name) else { continue };
            if index == 0 {
                self.own = Some(Arc::clone(&table));
            }
            let called = alias.as_ref().map_or_else(|| Arc::clone(&table), |a| a.name.value.to_lowercase().into());
            self.aliases.push((called, table));
        }
    }

    /// Takes a condition apart at its `AND`s.
    fn condition(&mut self, condition: &Expr, found: &mut Statement) {
        let mut left: Vec<&Expr> = vec![condition];
        while let Some(one) = left.pop() {
            if found.equalities.len() + found.loose.len() >= CONDITIONS_MAX {
                return;
            }
            match one {
                Expr::Nested(inner) => left.push(inner),
                Expr::BinaryOp { left: a, op: BinaryOperator::And, right: b } => left.extend([&**b, &**a]),
                Expr::BinaryOp { left: a, op: BinaryOperator::Eq, right: b } => {
                    match (self.column(a), self.column(b)) {
                        (Some(column), None) => {
                            let operand = self.operand(b);
                            found.equalities.push((column, operand));
                        }
                        (None, Some(column)) => {
                            let operand = self.operand(a);
                            found.equalities.push((column, operand));
                        }
                        _ => {}
                    }
                }
                other => {
                    // Read twice: what counts the bound parameters is put back.
                    let positions = self.positions;
                    found.alternatives.extend(self.either(other));
                    self.positions = positions;
                    self.loosen(other, found, 0);
                }
            }
        }
    }

    /// `sender = ? OR receiver = ?`: two columns of the statement's own table, one of which equals something.
    fn either(&mut self, condition: &Expr) -> Option<[(ColumnOf, Operand); 2]> {
        let Expr::BinaryOp { left, op: BinaryOperator::Or, right } = condition else { return None };
        let mut side = |expr: &Expr| match expr {
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                let column = self.column(left).filter(|column| column.table.is_none())?;
                self.column(right).is_none().then(|| (column, self.operand(right)))
            }
            _ => None,
        };
        Some([side(left)?, side(right)?])
    }

    /// The operands of a condition that is not read.
    fn loosen(&mut self, condition: &Expr, found: &mut Statement, depth: usize) {
        if depth > DEPTH_MAX || found.loose.len() >= CONDITIONS_MAX {
            return;
        }
        let mut all = |this: &mut Self, parts: &[&Expr]| parts.iter().for_each(|p| this.loosen(p, found, depth + 1));
        match condition {
            Expr::BinaryOp { left, right, .. } => all(self, &[left, right]),
            Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => all(self, &[inner]),
            Expr::Like { expr, pattern, .. } | Expr::ILike { expr, pattern, .. } => all(self, &[expr, pattern]),
            Expr::Between { expr, low, high, .. } => all(self, &[expr, low, high]),
            Expr::In { expr, target, .. } => {
                all(self, &[expr]);
                if let InTarget::List(list) = target {
                    all(self, &list.iter().collect::<Vec<_>>());
                }
            }
            other => {
                let operand = self.operand(other);
                found.loose.push(operand);
            }
        }
    }

    fn column(&self, expr: &Expr) -> Option<ColumnOf> {
        let (of, name) = match expr {
            Expr::Identifier(name) => (None, &name.value),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., of, name] => (Some(of.value.to_lowercase()), &name.value),
                _ => return None,
            },
            Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => return self.column(inner),
            // `LOWER(email) = ...`
            Expr::Function(function) if function.to_string().to_lowercase().starts_with("lower(") => {
                let text = function.to_string();
                let inner = text[6..text.len().saturating_sub(1)].to_lowercase();
                let is_name = inner.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                return is_name.then(|| ColumnOf { table: None, name: inner.into() });
            }
            _ => return None,
        };
        if text::hole_in(name).is_some() {
            return None;
        }
        let table = of.and_then(|of| self.aliases.iter().find(|(alias, _)| **alias == *of)).map(|(_, t)| Arc::clone(t));
        Some(ColumnOf { table: table.filter(|t| Some(t) != self.own.as_ref()), name: name.to_lowercase().into() })
    }

    fn operand(&mut self, expr: &Expr) -> Operand {
        match expr {
            Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => self.operand(inner),
            Expr::Identifier(name) => text::hole_in(&name.value).map_or(Operand::Other, Operand::Hole),
            Expr::Value(value) => match &value.value {
                Value::Placeholder(name) => self.placeholder(name),
                Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => {
                    text::hole_in(text).map_or(Operand::Constant, Operand::Hole)
                }
                _ => Operand::Constant,
            },
            Expr::Function(function) => {
                // `crypt('...', gen_salt('bf'))`, `LOWER(?)`: what is handed to it counts.
                let inside = text::hole_in(&function.to_string());
                self.positions += function.to_string().matches('?').count();
                inside.map_or(Operand::Other, Operand::Hole)
            }
            Expr::BinaryOp { left, right, .. } => {
                let (left, right) = (self.operand(left), self.operand(right));
                if matches!(left, Operand::Other | Operand::Constant) { right } else { left }
            }
            _ => Operand::Other,
        }
    }

    fn placeholder(&mut self, name: &str) -> Operand {
        if let Some(number) = name.strip_prefix('$').and_then(|n| n.parse::<usize>().ok()) {
            return Operand::Position(number.saturating_sub(1));
        }
        let named = name.trim_start_matches([':', '@', '$']);
        if name == "?" || named.is_empty() {
            self.positions += 1;
            return Operand::Position(self.positions - 1);
        }
        match named.parse::<usize>() {
            Ok(number) => Operand::Position(number.saturating_sub(1)),
            Err(_) => Operand::Name(named.into()),
        }
    }
}

/// The last part of a name, in lower case; none where it is a hole.
fn last(name: &ObjectName) -> Option<Arc<str>> {
    let ident = name.0.last()?.as_ident()?;
    text::hole_in(&ident.value).is_none().then(|| ident.value.to_lowercase().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Statement {
        statement(&Text::with_holes(text)).unwrap_or_else(|| panic!("a statement: {text}"))
    }

    fn own(name: &str) -> ColumnOf {
        ColumnOf { table: None, name: name.into() }
    }

    #[test]
    fn equalities_name_columns_and_what_fills_them() {
        let found = read("SELECT id, balance FROM users WHERE username='{}' AND account = %s AND active = true");
        assert_eq!(found.table.as_deref(), Some("users"));
        let expected = [
            (own("username"), Operand::Hole(0)),
            (own("account"), Operand::Position(0)),
            (own("active"), Operand::Constant),
        ];
        assert_eq!(found.equalities, expected);
        assert_eq!(found.selected, [Some("id".into()), Some("balance".into())]);
    }

    #[test]
    fn an_alternative_is_no_equality() {
        let found = read("SELECT * FROM notes WHERE id = ? OR owner = ?");
        assert_eq!(found.equalities, []);
        assert_eq!(found.loose.iter().filter(|o| matches!(o, Operand::Position(_))).count(), 2);
    }

    #[test]
    fn what_is_written_keeps_its_place() {
        let found = read("UPDATE users SET bio = %s, role = 'user' WHERE id = %(id)s");
        assert_eq!(found.written, [("bio".into(), Operand::Position(0)), ("role".into(), Operand::Constant)]);
        assert_eq!(found.equalities, [(own("id"), Operand::Name("id".into()))]);
        let found = read("INSERT INTO loans (user_id, amount) VALUES ($2, $1)");
        assert_eq!(found.written, [("user_id".into(), Operand::Position(1)), ("amount".into(), Operand::Position(0))]);
    }

    #[test]
    fn holes_may_name_what_is_written() {
        assert!(read("INSERT INTO users ({}) VALUES ({})").writes_any);
        let found = read("UPDATE users SET {} WHERE id = ?");
        assert!(found.writes_any);
        assert_eq!(found.equalities.len(), 1);
        assert!(read("UPDATE users SET {} = ?, {} WHERE id = ?").writes_any);
        assert_eq!(read("SELECT * FROM {} WHERE id = 1").table, None);
        assert_eq!(read("SELECT * FROM users WHERE id = 1 {}").table.as_deref(), Some("users"));
    }

    #[test]
    fn a_joined_table_is_told_from_the_own() {
        let found = read("SELECT o.* FROM orders o JOIN users u ON u.id = o.user_id WHERE u.id = :me AND o.id = :id");
        let joined = ColumnOf { table: Some("users".into()), name: "id".into() };
        assert_eq!(found.equalities[0], (joined, Operand::Name("me".into())));
        assert_eq!(found.equalities[1], (own("id"), Operand::Name("id".into())));
    }

    #[test]
    fn a_long_text_is_no_statement() {
        let of = |len: usize| format!("SELECT * FROM t WHERE a = '{}'", "x".repeat(len - 28));
        assert!(statement(&Text::with_holes(&of(STATEMENT_BYTES_MAX))).is_some());
        assert!(statement(&Text::with_holes(&of(STATEMENT_BYTES_MAX + 1))).is_none());
    }

    #[test]
    fn conditions_are_bounded() {
        let of = |count: usize| format!("SELECT * FROM t WHERE {}", vec!["a = 1"; count].join(" AND "));
        assert_eq!(read(&of(30)).equalities.len(), 30);
        assert!(statement(&Text::with_holes(&of(2_000))).is_none_or(|s| s.equalities.len() <= CONDITIONS_MAX));
    }
}
