//! How much of an application its documents cover: where most endpoints are documented, one that is not stands out; where
//! hardly any is, the document was not meant to list them.

use model::{Endpoint, EndpointId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Described, is_to_be_documented};

/// What of an application is documented.
#[derive(Debug, Default)]
pub(crate) struct Coverage<'a> {
    /// By the begin of their templates: how many endpoints are documented, of how many.
    below: FxHashMap<&'a str, (usize, usize)>,
    documented: FxHashSet<&'a EndpointId>,
    is_described: bool,
}

impl<'a> Coverage<'a> {
    pub(crate) fn of(endpoints: impl Iterator<Item = &'a Endpoint>, documents: &[&Described<'a>]) -> Self {
        let mut coverage = Self { is_described: !documents.is_empty(), ..Self::default() };
        if !coverage.is_described {
            return coverage;
        }
        for endpoint in endpoints.filter(|one| is_to_be_documented(one)) {
            let is_documented = documents.iter().any(|document| document.operation(endpoint).is_some());
            if is_documented {
                coverage.documented.insert(endpoint.id());
            }
            for begin in begins(endpoint.id().template()) {
                let (documented, all) = coverage.below.entry(begin).or_default();
                *documented += usize::from(is_documented);
                *all += 1;
            }
        }
        coverage
    }

    /// Whether a document that describes the application leaves an endpoint out.
    pub(crate) fn is_left_out(&self, endpoint: &Endpoint) -> bool {
        self.is_described && is_to_be_documented(endpoint) && !self.documented.contains(endpoint.id())
    }

    /// Whether at least half of what lies around an endpoint is documented: below the longest begin of its path below
    /// which anything is.
    pub(crate) fn is_covered_around(&self, endpoint: &Endpoint) -> bool {
        let around = begins(endpoint.id().template()).filter_map(|begin| self.below.get(begin));
        let nearest = around.into_iter().find(|(documented, _)| *documented > 0);
        nearest.is_some_and(|(documented, all)| documented * 2 >= *all)
    }

    /// How many endpoints are documented, of how many.
    pub(crate) fn share(&self) -> (usize, usize) {
        self.below.get("").copied().unwrap_or_default()
    }
}

/// The begins of a template at its slashes, the longest first; the last is empty.
fn begins(template: &str) -> impl Iterator<Item = &str> {
    let template = template.trim_end_matches('/');
    let cuts = template.char_indices().rev().filter(|(_, c)| *c == '/').map(|(index, _)| &template[..index]);
    std::iter::once(template).filter(|whole| !whole.is_empty()).chain(cuts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_end_at_slashes() {
        assert_eq!(begins("/a/{}/b/").collect::<Vec<_>>(), ["/a/{}/b", "/a/{}", "/a", ""]);
        assert_eq!(begins("/").collect::<Vec<_>>(), [""; 0]);
    }
}
