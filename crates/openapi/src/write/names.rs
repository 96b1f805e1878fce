//! Names that may stand once.

use std::collections::BTreeSet;

/// The names that were given.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: BTreeSet<String>,
}

impl Names {
    /// A name that nothing has yet: the wished one, or that with what tells it apart, or with a number.
    pub(super) fn unique(&mut self, wished: &str, apart: &[&str]) -> String {
        let told_apart = std::iter::once(wished.to_owned()).chain(apart.iter().map(|word| format!("{wished}_{word}")));
        let numbered = (2_u64..).map(|number| format!("{wished}_{number}"));
        let free = told_apart.chain(numbered).find(|name| !self.given.contains(name)).unwrap_or_default();
        self.given.insert(free.clone());
        free
    }
}

/// A name as a key of `components` may be (OpenAPI 3.1 section 4.8.7): `^[a-zA-Z0-9._-]+$`.
pub(super) fn component(name: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let key: String = name.chars().map(allowed).collect();
    if key.is_empty() { "_".to_owned() } else { key }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_once() {
        let mut names = Names::default();
        let given: Vec<_> = (0..4).map(|_| names.unique("read", &["get"])).collect();
        assert_eq!(given, ["read", "read_get", "read_2", "read_3"]);
    }

    #[test]
    fn keys_of_components_are_plain() {
        assert_eq!(component("Page[Item]"), "Page_Item_");
        assert_eq!(component("app.Ünit-1"), "app._nit-1");
        assert_eq!(component(""), "_");
    }
}
