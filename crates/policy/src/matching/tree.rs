//! The routes of a policy as a tree of segments, for routers that take the first that matches.

use std::collections::BTreeMap;

use model::Segment;

use super::class::{Class, Fit};
use super::converters::Converters;
use super::router::{Candidate, Hits};
use crate::route::RoutePolicy;

/// The tree. Its first node is the root.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// The next segment as text.
    literals: BTreeMap<Box<str>, usize>,
    /// The next segment as one parameter.
    classes: Vec<(Class, usize)>,
    /// Routes whose template ends here.
    ends: Vec<usize>,
    /// Routes whose next segment is neither: their whole template is compared.
    others: Vec<usize>,
}

impl Tree {
    pub(super) fn new(routes: &[RoutePolicy], converters: &Converters<'_>) -> Self {
        let mut tree = Self { nodes: vec![Node::default()] };
        for (index, route) in routes.iter().enumerate() {
            tree.insert(index, &route.key.pattern().segments(), converters);
        }
        tree
    }

    fn insert(&mut self, index: usize, segments: &[Segment<'_>], converters: &Converters<'_>) {
        let mut at = 0;
        for segment in segments {
            let fresh = self.nodes.len();
            let node = &mut self.nodes[at];
            let class = match segment {
                Segment::Parameter(parameter) if parameter.regex.is_none() => {
                    Some(converters.class(&parameter.converter)).filter(|class| !class.takes_slashes())
                }
                _ => None,
            };
            at = match (segment, class) {
                (Segment::Literal(text), _) => *node.literals.entry((*text).into()).or_insert(fresh),
                (_, Some(class)) => {
                    let known = node.classes.iter().find(|(known, _)| *known == class).map(|(_, next)| *next);
                    known.unwrap_or_else(|| {
                        node.classes.push((class, fresh));
                        fresh
                    })
                }
                _ => {
                    node.others.push(index);
                    return;
                }
            };
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        self.nodes[at].ends.push(index);
    }

    /// Adds all routes whose template matches a path.
    pub(super) fn visit(&self, routes: &[Candidate], path: &str, hits: &mut Hits) {
        if let Some(rest) = path.strip_prefix('/') {
            self.below(0, Some(rest), Fit::Yes, &Whole { routes, path }, hits);
        }
    }

    /// Looks below a node; `rest` is what follows the slash behind it, nothing at the end of the path; `so_far` is how surely
    /// the segments before it match.
    fn below(&self, node: usize, rest: Option<&str>, so_far: Fit, whole: &Whole<'_>, hits: &mut Hits) {
        let node = &self.nodes[node];
        for index in &node.others {
            match whole.routes[*index].template.fits(whole.path) {
                Fit::No => {}
                fit => hits.push((*index, fit)),
            }
        }
        let Some(rest) = rest else {
            hits.extend(node.ends.iter().map(|index| (*index, so_far)));
            return;
        };
        let (segment, after) = match rest.split_once('/') {
            Some((segment, after)) => (segment, Some(after)),
            None => (rest, None),
        };
        if let Some(next) = node.literals.get(segment) {
            self.below(*next, after, so_far, whole, hits);
        }
        for (class, next) in &node.classes {
            match class.fits(segment) {
                Fit::No => {}
                fit => self.below(*next, after, so_far.min(fit), whole, hits),
            }
        }
    }
}

struct Whole<'r> {
    routes: &'r [Candidate],
    path: &'r str,
}
