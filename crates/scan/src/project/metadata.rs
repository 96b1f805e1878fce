//! What a project's `pyproject.toml` says of itself.

use toml::{Table, Value};

/// The entry points: group, name, value (`PyPA` "Entry points specification", and Poetry's plugins).
pub(super) fn entry_points(table: &Table) -> Vec<[String; 3]> {
    let standard = table.get("project").and_then(|p| p.get("entry-points"));
    let poetry = table.get("tool").and_then(|t| t.get("poetry")).and_then(|p| p.get("plugins"));
    let groups = [standard, poetry].into_iter().flatten().filter_map(Value::as_table).flatten();
    let mut found = Vec::new();
    for (group, entries) in groups {
        let entries = entries.as_table().into_iter().flatten();
        found.extend(
            entries.filter_map(|(name, value)| Some([group.clone(), name.clone(), value.as_str()?.to_owned()])),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn entry_points_of_both_tables() {
        let table = "[project.entry-points.\"app.plugins\"]\na = 'app.a:A'\n[tool.poetry.plugins.x]\nb = 'app.b'\n"
            .parse()
            .unwrap();
        let rows = super::entry_points(&table);
        assert_eq!(rows, [["app.plugins", "a", "app.a:A"], ["x", "b", "app.b"]].map(|r| r.map(String::from)));
    }
}
