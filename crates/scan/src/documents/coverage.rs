//! How much of an application its documents cover: where most endpoints are documented, one that is not stands out; where
//! hardly any is, the document was not meant to list them.

use model::{Endpoint, EndpointId, EndpointKind};
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

/// How much of what lies around an endpoint is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Around {
    /// Half of what begins like it, or nearly all there is.
    Most,
    /// Half of all there is, and nothing that begins like it: it may be a page beside an API.
    HalfOfAll,
    /// Less.
    Little,
}

impl<'a> Coverage<'a> {
    pub(crate) fn of(endpoints: impl Iterator<Item = &'a Endpoint>, documents: &[&Described<'a>]) -> Self {
        let mut coverage = Self { is_described: !documents.is_empty(), ..Self::default() };
        if !coverage.is_described {
            return coverage;
        }
        for endpoint in endpoints {
            let is_documented = documents.iter().any(|document| document.operation(endpoint).is_some());
            if is_documented {
                coverage.documented.insert(endpoint.id());
            }
            if !is_to_be_documented(endpoint) {
                continue;
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

    /// Whether an endpoint hides itself from what the framework writes, and is in no other document either.
    pub(crate) fn is_hidden(&self, endpoint: &Endpoint) -> bool {
        self.is_described
            && !endpoint.in_schema
            && endpoint.kind() == EndpointKind::Http
            && !self.documented.contains(endpoint.id())
    }

    /// How much is documented of what lies around an endpoint: below the longest begin of its path below which anything is.
    pub(crate) fn around(&self, endpoint: &Endpoint) -> Around {
        let mut begins = begins(endpoint.id().template());
        let nearest = begins.find_map(|begin| {
            let (documented, all) = self.below.get(begin).filter(|(documented, _)| *documented > 0)?;
            Some((begin.is_empty(), *documented, *all))
        });
        match nearest {
            Some((true, documented, all)) if documented * 10 >= all * 9 => Around::Most,
            Some((true, documented, all)) if documented * 2 >= all => Around::HalfOfAll,
            Some((false, documented, all)) if documented * 2 >= all => Around::Most,
            _ => Around::Little,
        }
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
