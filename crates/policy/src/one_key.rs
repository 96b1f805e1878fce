//! Reading tables with exactly one key, and words.

use crate::mistake::{Mistake, listed};
use crate::nearest::did_you_mean;
use crate::reading::{Found, keys_of, unexpected, unknown_key};

/// The one key of a table, and what stands behind it.
pub(crate) fn one_key<'t, 'i>(
    found: Found<'t, 'i>,
    keys: &[&'static str],
    example: &str,
    mistakes: &mut Vec<Mistake>,
) -> Option<(&'static str, Found<'t, 'i>)> {
    let Some(table) = found.get_ref().as_table() else {
        mistakes.push(unexpected(found, &format!("a table with one key, such as `{example}`")));
        return None;
    };
    let before = mistakes.len();
    let mut known = Vec::new();
    for key in keys_of(table) {
        match keys.iter().find(|known| **known == &**key.get_ref()) {
            Some(name) => known.push(*name),
            None => mistakes.push(unknown_key(key, keys.iter().copied())),
        }
    }
    if mistakes.len() == before && known.len() != 1 {
        let hint = format!("write one of {}: `{example}`", listed(keys.iter().copied()));
        mistakes.push(Mistake::new(found.span(), format!("exactly one key is needed, not {}", known.len()), hint));
    }
    if mistakes.len() > before {
        return None;
    }
    let key = known.pop()?;
    table.get(key).map(|value| (key, value))
}

/// One of several words.
pub(crate) fn word<'t>(found: Found<'t, '_>, words: &[&str], mistakes: &mut Vec<Mistake>) -> Option<&'t str> {
    let Some(text) = found.get_ref().as_str() else {
        mistakes.push(unexpected(found, &format!("one of {}", listed(words.iter().copied()))));
        return None;
    };
    if words.contains(&text) {
        return Some(text);
    }
    let hint = did_you_mean(text, words.iter().copied())
        .unwrap_or_else(|| format!("expected one of {}", listed(words.iter().copied())));
    mistakes.push(Mistake::new(found.span(), format!("`{}` is no such value", text.escape_debug()), hint));
    None
}
