//! Tables that `CREATE TABLE` declares in texts of the code.

use std::sync::Arc;

use sqlparser::ast::{ColumnOption, CreateTable, DataType, ObjectName, Statement, TableConstraint};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::DEPTH_MAX;

/// Bytes of a declaration; a longer one is not read.
const DECLARATION_BYTES_MAX: usize = 20_000;
/// Declarations of one file.
const DECLARATIONS_MAX: usize = 200;

/// A table, and where in the text it is declared.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: Arc<str>,
    pub(crate) at: usize,
    pub(crate) columns: Vec<DeclaredColumn>,
    pub(crate) primary_key: Vec<Arc<str>>,
    pub(crate) unique: Vec<Vec<Arc<str>>>,
    pub(crate) foreign_keys: Vec<Reference>,
}

/// Own column, table, column there.
type Reference = (Arc<str>, Arc<str>, Option<Arc<str>>);

/// A column of a table.
#[derive(Debug, Clone)]
pub(crate) struct DeclaredColumn {
    pub(crate) name: Arc<str>,
    /// The type's name in upper case, without its size.
    pub(crate) data_type: String,
    pub(crate) nullable: bool,
    pub(crate) counts: bool,
}

/// The tables that a file of the program declares.
pub(crate) fn declared(source: &str) -> Vec<Table> {
    let lower = source.to_ascii_lowercase();
    let mut found: Vec<Table> = Vec::new();
    for (at, _) in lower.match_indices("create table").take(DECLARATIONS_MAX) {
        let Some(text) = declaration(&source[at..]) else { continue };
        let parser = Parser::new(&GenericDialect {}).with_recursion_limit(DEPTH_MAX);
        let parsed = parser.try_with_sql(&without_line_ends(text)).and_then(|mut p| p.parse_statements());
        let Some(Statement::CreateTable(table)) = parsed.ok().and_then(|s| s.into_iter().next()) else { continue };
        found.extend(read(&table, at).filter(|new| found.iter().all(|known| known.name != new.name)));
    }
    found
}

/// From `CREATE TABLE` to the bracket that closes it.
fn declaration(text: &str) -> Option<&str> {
    let (mut depth, mut quote) = (0usize, None);
    for (at, c) in text.char_indices().take_while(|(at, _)| *at < DECLARATION_BYTES_MAX) {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(&text[..=at]);
                }
            }
            _ => {}
        }
    }
    None
}

/// Texts that stand in several literals of Python, one a line, without their quotes.
fn without_line_ends(text: &str) -> String {
    let cleaned = |line: &str| line.trim().trim_matches('"').replace("\\n", " ");
    text.lines().map(cleaned).collect::<Vec<_>>().join("\n")
}

fn name_of(name: &ObjectName) -> Option<Arc<str>> {
    Some(name.0.last()?.as_ident()?.value.to_lowercase().into())
}

fn read(table: &CreateTable, at: usize) -> Option<Table> {
    let mut found = Table {
        name: name_of(&table.name)?,
        at,
        columns: Vec::new(),
        primary_key: Vec::new(),
        unique: Vec::new(),
        foreign_keys: Vec::new(),
    };
    for column in &table.columns {
        let name: Arc<str> = column.name.value.to_lowercase().into();
        let (data_type, counts) = type_of(&column.data_type);
        let mut one = DeclaredColumn { name: Arc::clone(&name), data_type, nullable: true, counts };
        for option in &column.options {
            match &option.option {
                ColumnOption::NotNull => one.nullable = false,
                ColumnOption::PrimaryKey(_) => {
                    one.nullable = false;
                    // SQLite counts an integer key; others say so.
                    one.counts |= one.data_type == "INTEGER";
                    found.primary_key.push(Arc::clone(&name));
                }
                ColumnOption::Unique(_) => found.unique.push(vec![Arc::clone(&name)]),
                ColumnOption::ForeignKey(key) => {
                    let to = name_of(&key.foreign_table)?;
                    let column = key.referred_columns.first().map(|c| c.value.to_lowercase().into());
                    found.foreign_keys.push((Arc::clone(&name), to, column));
                }
                ColumnOption::DialectSpecific(tokens) => {
                    one.counts |= tokens.iter().any(|t| t.to_string().to_uppercase().starts_with("AUTO"));
                }
                _ => {}
            }
        }
        found.columns.push(one);
    }
    table.constraints.iter().for_each(|constraint| constrain(constraint, &mut found));
    Some(found)
}

fn constrain(constraint: &TableConstraint, found: &mut Table) {
    let lower = |text: String| -> Arc<str> { text.trim_matches(['"', '`']).to_lowercase().into() };
    match constraint {
        TableConstraint::PrimaryKey(key) => {
            found.primary_key = key.columns.iter().map(|c| lower(c.to_string())).collect();
        }
        TableConstraint::Unique(key) => {
            found.unique.push(key.columns.iter().map(|c| lower(c.to_string())).collect());
        }
        TableConstraint::ForeignKey(key) => {
            if let (Some(own), Some(to)) = (key.columns.first(), name_of(&key.foreign_table)) {
                let column = key.referred_columns.first().map(|c| lower(c.value.clone()));
                found.foreign_keys.push((lower(own.value.clone()), to, column));
            }
        }
        _ => {}
    }
}

/// The name of a type, and whether the database counts its values.
fn type_of(data_type: &DataType) -> (String, bool) {
    let name = data_type.to_string().to_uppercase();
    let short = name.split(['(', ' ']).next().unwrap_or("").to_owned();
    match short.as_str() {
        "SERIAL" | "BIGSERIAL" | "SMALLSERIAL" => ("INTEGER".to_owned(), true),
        "INT" | "TINYINT" | "MEDIUMINT" | "SMALLINT" | "BIGINT" => ("INTEGER".to_owned(), false),
        _ => (short, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_is_found_in_code() {
        let source = r#"
def init(c):
    c.execute("""CREATE TABLE IF NOT EXISTS notes (
        id SERIAL PRIMARY KEY, -- counted
        owner INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
        slug TEXT UNIQUE, price DECIMAL(10, 2) DEFAULT 0)""")
"#;
        let found = declared(source);
        let [table] = found.as_slice() else { panic!("one table") };
        assert_eq!((&*table.name, table.primary_key.as_slice()), ("notes", &["id".into()][..]));
        assert!(table.columns[0].counts && !table.columns[1].nullable && table.columns[2].nullable);
        assert_eq!(table.foreign_keys, [("owner".into(), "users".into(), Some("id".into()))]);
        assert_eq!(table.unique, [[Arc::from("slug")]]);
        assert_eq!(table.columns[3].data_type, "DECIMAL");
    }

    #[test]
    fn declarations_are_bounded() {
        let of = |len: usize| format!("CREATE TABLE t (a TEXT DEFAULT '{}')", "x".repeat(len - 34));
        assert_eq!(declared(&of(DECLARATION_BYTES_MAX)).len(), 1);
        assert_eq!(declared(&of(DECLARATION_BYTES_MAX + 1)).len(), 0);
        let many = |count: usize| (0..count).map(|i| format!("CREATE TABLE t{i} (a INT)\n")).collect::<String>();
        assert_eq!(declared(&many(DECLARATIONS_MAX)).len(), DECLARATIONS_MAX);
        assert_eq!(declared(&many(DECLARATIONS_MAX + 1)).len(), DECLARATIONS_MAX);
    }
}
