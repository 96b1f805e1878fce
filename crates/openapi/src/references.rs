//! References inside the document (RFC 6901). What is elsewhere is never fetched.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::tree::{Kind, Node};

/// The most references that lead one to the next.
pub const CHAIN_MAX: usize = 32;

/// Why a reference leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// It is in another document.
    Elsewhere,
    /// There is nothing.
    Nothing,
    /// It leads to itself, or through more than [`CHAIN_MAX`] others.
    Chain,
}

impl Unresolved {
    /// What is said of it.
    pub(crate) fn reason(self, reference: &str) -> String {
        match self {
            Self::Elsewhere => format!("`$ref: {reference}` is in another document, which is not read"),
            Self::Nothing => format!("`$ref: {reference}` leads to nothing in the document"),
            Self::Chain => format!("`$ref: {reference}` leads to itself, or through more than {CHAIN_MAX} references"),
        }
    }
}

/// What a node is, through its references.
pub(crate) fn resolved<'n>(root: &'n Node, node: &'n Node) -> Result<&'n Node, (Unresolved, &'n str)> {
    let mut current = node;
    for _ in 0..=CHAIN_MAX {
        let Some(reference) = current.text_of("$ref") else { return Ok(current) };
        current = target(root, reference).map_err(|error| (error, reference))?;
    }
    Err((Unresolved::Chain, node.text_of("$ref").unwrap_or_default()))
}

/// What a reference names.
pub(crate) fn target<'n>(root: &'n Node, reference: &str) -> Result<&'n Node, Unresolved> {
    let pointer = reference.strip_prefix('#').ok_or(Unresolved::Elsewhere)?;
    let mut current = root;
    for step in steps(pointer).ok_or(Unresolved::Nothing)? {
        let next = match &current.kind {
            Kind::Map(map) => map.get(&*step),
            Kind::List(items) => step.parse().ok().and_then(|index: usize| items.get(index)),
            _ => None,
        };
        current = next.ok_or(Unresolved::Nothing)?;
    }
    Ok(current)
}

/// The steps of a JSON Pointer in a fragment: percent-decoded, `~1` and `~0` undone.
pub(crate) fn steps(pointer: &str) -> Option<impl Iterator<Item = Cow<'_, str>>> {
    let steps = if pointer.is_empty() { Some("") } else { pointer.strip_prefix('/') };
    let steps = steps?.split('/').skip(usize::from(pointer.is_empty()));
    Some(steps.map(|step| {
        let step = percent_decode_str(step).decode_utf8_lossy();
        if step.contains('~') { Cow::Owned(step.replace("~1", "/").replace("~0", "~")) } else { step }
    }))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn chain(length: usize) -> String {
        let mut text = String::from("{");
        for index in 0..length {
            let _ = write!(text, "\"{index}\": {{\"$ref\": \"#/{}\"}}, ", index + 1);
        }
        text + &format!("\"{length}\": {{\"type\": \"string\"}}}}")
    }

    #[test]
    fn pointers_are_decoded() {
        let root = Node::read(r##"{"a/b": [{"c~d e": 1}], "x": {"$ref": "#/a~1b/0/c~0d%20e"}}"##).unwrap();
        assert_eq!(resolved(&root, root.get("x").unwrap()).unwrap().kind, Kind::Number(1.into()));
        assert_eq!(target(&root, "#").unwrap(), &root);
    }

    #[test]
    fn what_is_elsewhere_or_nowhere_is_said() {
        let root = Node::read("{}").unwrap();
        for elsewhere in ["other.yaml#/a", "https://example.com/a.json", "../a"] {
            assert_eq!(target(&root, elsewhere), Err(Unresolved::Elsewhere), "{elsewhere}");
        }
        for nothing in ["#/a", "#a", "#/0"] {
            assert_eq!(target(&root, nothing), Err(Unresolved::Nothing), "{nothing}");
        }
    }

    #[test]
    fn chains_have_a_bound() {
        let first = |text: &str| {
            let root = Node::read(text).unwrap();
            resolved(&root, root.get("0").unwrap())
                .map(|node| node.text_of("type").map(str::to_owned))
                .map_err(|(e, _)| e)
        };
        assert_eq!(first(&chain(CHAIN_MAX)), Ok(Some("string".to_owned())));
        assert_eq!(first(&chain(CHAIN_MAX + 1)), Err(Unresolved::Chain));
        assert_eq!(first(r##"{"0": {"$ref": "#/0"}}"##), Err(Unresolved::Chain));
    }
}
