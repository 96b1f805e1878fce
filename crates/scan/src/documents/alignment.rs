//! How the paths of a document become those of an application: as they are, below a server's path, or below one that a proxy
//! adds or takes away.

use model::{Endpoint, EndpointId};
use openapi::{Document, Operation};
use rustc_hash::{FxHashMap, FxHashSet};

/// The most comparisons of a path of the document with one of the code, to learn a prefix that neither names.
const COMPARISONS_MAX: usize = 4_000_000;

/// How paths of a document become paths of the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Alignment {
    /// They are the same.
    Same,
    /// Below the paths of its servers.
    Served(Vec<String>),
    /// The code has this before them.
    Below(String),
    /// The code has them without this.
    Without(String),
}

impl Alignment {
    /// The alignment by which most operations are endpoints; the simplest of several.
    pub(super) fn best(document: &Document, endpoints: &[&Endpoint]) -> Self {
        let known: FxHashSet<(&str, &str)> =
            endpoints.iter().map(|one| (one.method().as_str(), plain(one.id().template()))).collect();
        let any: FxHashSet<&str> = endpoints
            .iter()
            .filter(|one| *one.method() == model::Method::Any)
            .map(|one| plain(one.id().template()))
            .collect();
        let score = |alignment: &Self| {
            let is_known = |operation: &&Operation| {
                let method = operation.route.id().method().as_str();
                alignment.templates(operation).iter().any(|template| {
                    let template = plain(template);
                    known.contains(&(method, template)) || any.contains(template)
                })
            };
            document.operations.iter().filter(is_known).count()
        };
        let mut candidates = vec![Self::Same];
        let prefixes = served(document);
        if !prefixes.is_empty() {
            candidates.push(Self::Served(prefixes));
        }
        let all = document.operations.len();
        let scored: Vec<usize> = candidates.iter().map(score).collect();
        if scored.iter().all(|found| found * 2 < all) && may_compare(all, endpoints.len()) {
            candidates.extend(learned(document, endpoints));
        }
        let best = candidates.into_iter().rev().max_by_key(score);
        best.unwrap_or(Self::Same)
    }

    /// The templates that an operation may have in the code.
    pub(super) fn templates(&self, operation: &Operation) -> Vec<String> {
        let own = operation.route.id().template();
        match self {
            Self::Same => vec![own.to_owned()],
            Self::Served(prefixes) => prefixes.iter().map(|prefix| format!("{prefix}{own}")).collect(),
            Self::Below(prefix) => vec![format!("{prefix}{own}")],
            Self::Without(prefix) => own.strip_prefix(&**prefix).into_iter().map(str::to_owned).collect(),
        }
    }
}

/// Whether every path of a document may be compared with every one of the code.
pub(super) fn may_compare(operations: usize, endpoints: usize) -> bool {
    operations.saturating_mul(endpoints) <= COMPARISONS_MAX
}

/// A template without the slash at its end, which routers redirect from or to.
pub(super) fn plain(template: &str) -> &str {
    match template.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed,
    }
}

/// Whether a template has a segment with text beside a name: `/v{}/orders`.
pub(super) fn is_mixed(template: &str) -> bool {
    template.split('/').any(|segment| segment.len() > 2 && segment.contains("{}"))
}

/// Whether a template of a document means one of the code that has a text where it has text with a name: `/v{}/orders` means
/// `/v1/orders`.
pub(super) fn fits(document: &str, code: &str) -> bool {
    let fits = |(says, is): (&str, &str)| {
        says == is
            || says.split_once("{}").is_some_and(|(before, after)| {
                let is_mixed = says.len() > 2 && !after.contains('{');
                let rest = is.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                is_mixed && !is.contains('{') && rest.is_some_and(|rest| !rest.is_empty())
            })
    };
    let (document, code) = (plain(document), plain(code));
    document.split('/').count() == code.split('/').count() && document.split('/').zip(code.split('/')).all(fits)
}

/// The paths of a document's servers that are more than `/`, parameters' names erased.
fn served(document: &Document) -> Vec<String> {
    let own = document.operations.iter().flat_map(|operation| &operation.servers);
    let mut prefixes: Vec<String> = Vec::new();
    for server in document.servers.iter().chain(own).filter(|server| !server.prefix.is_empty()) {
        let prefix = EndpointId::new(model::Method::Get, &server.prefix).template().to_owned();
        if !prefixes.contains(&prefix) {
            prefixes.push(prefix);
        }
    }
    prefixes
}

/// The prefix that most paths of the code have before one of the document, and the other way round.
fn learned(document: &Document, endpoints: &[&Endpoint]) -> impl Iterator<Item = Alignment> {
    let (mut below, mut without): (FxHashMap<&str, usize>, FxHashMap<&str, usize>) = Default::default();
    for operation in &document.operations {
        let own = plain(operation.route.id().template());
        for endpoint in endpoints.iter().filter(|one| super::answers(one, operation)) {
            let its = plain(endpoint.id().template());
            match (its.strip_suffix(own), own.strip_suffix(its)) {
                (Some(prefix), _) if !prefix.is_empty() && says_something(own) => {
                    *below.entry(prefix).or_default() += 1;
                }
                (_, Some(prefix)) if !prefix.is_empty() && says_something(its) => {
                    *without.entry(prefix).or_default() += 1;
                }
                _ => {}
            }
        }
    }
    let most = |votes: FxHashMap<&str, usize>| {
        let most = votes.into_iter().max_by(|(a, n), (b, m)| (n, b).cmp(&(m, a)));
        most.map(|(prefix, _)| prefix.to_owned())
    };
    let (below, without) = (most(below), most(without));
    below.map(Alignment::Below).into_iter().chain(without.map(Alignment::Without))
}

/// Whether a template has a segment that is no parameter: `/{}` ends everything.
fn says_something(template: &str) -> bool {
    template.split('/').any(|segment| !segment.is_empty() && !segment.contains('{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_have_a_bound() {
        assert!(may_compare(COMPARISONS_MAX / 1_000, 1_000));
        assert!(!may_compare(COMPARISONS_MAX / 1_000 + 1, 1_000));
        assert!(!may_compare(usize::MAX, 2));
    }

    #[test]
    fn a_name_within_a_segment_means_texts() {
        for (document, code, expected) in [
            ("/api/v{}/a", "/api/v1/a/", true),
            ("/api/v{}/{}", "/api/v1/{}", true),
            ("/{}.{}", "/a.b", false),
            ("/api/v{}/a", "/api/v/a", false),
            ("/api/v{}/a", "/api/v{}{}/a", false),
            ("/api/v{}/a", "/api/v1", false),
            ("/users/{}", "/users/me", false),
        ] {
            assert_eq!(is_mixed(document) && fits(document, code), expected, "{document} {code}");
        }
    }

    #[test]
    fn a_slash_at_the_end_does_not_matter() {
        assert_eq!(["/a/", "/a", "/", ""].map(plain), ["/a", "/a", "/", "/"]);
    }

    #[test]
    fn a_prefix_is_learned_from_paths_that_say_something() {
        assert!(says_something("/orders/{}") && !says_something("/{}/{}.{}") && !says_something("/"));
    }
}
