//! Shields of fields that a request may not set: the rule that found it names them, as a policy writes them.

use model::{Endpoint, Finding, Shielding};
use toml::de::DeTable;

use super::Blocked;
use crate::reading::read_table;
use crate::route::Patch;
use crate::value::Pointer;

/// The layer that refuses fields, as rules name it.
const LAYER: &str = "virtual_patch";

/// Refuses the fields that the finding names.
pub(super) fn refused(endpoint: &Endpoint, finding: &Finding) -> Result<Blocked, String> {
    if endpoint.method().is_safe() {
        return Err(format!("`{}` has no body", endpoint.method()));
    }
    let Shielding::Shielded(shield) = &finding.shielding else {
        return Err("which field is refused is not known".to_owned());
    };
    let patch = (&*shield.layer == LAYER).then(|| patch(&shield.policy)).flatten();
    let patch = patch.ok_or("no layer of this build blocks it")?;
    let named: Vec<&str> = patch.refuse_fields.iter().map(Pointer::as_str).collect();
    let reason = format!("a request with `{}` is refused, which the code takes", named.join("`, `"));
    Ok(Blocked { patch: Some(patch), ..Blocked::whole(reason) })
}

/// A patch as a rule writes it: `refuse_fields = ["/role"]`.
fn patch(text: &str) -> Option<Patch> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut mistakes = Vec::new();
    let patch: Patch = read_table(document.get_ref(), document.span(), &[], &mut mistakes)?;
    (errors.is_empty() && mistakes.is_empty() && !patch.refuse_fields.is_empty()).then_some(patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rules_write_is_read_as_a_policy_is() {
        let read = |text: &str| {
            patch(text).map(|patch| patch.refuse_fields.iter().map(|one| one.as_str().to_owned()).collect())
        };
        assert_eq!(
            read("refuse_fields = [\"/role\", \"/a~1b\"]  # why"),
            Some(vec!["/role".to_owned(), "/a~1b".to_owned()])
        );
        for text in
            ["refuse_fields = []", "refuse_fields = [\"role\"]", "refuse = [\"/role\"]", "refuse_fields = [", ""]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
