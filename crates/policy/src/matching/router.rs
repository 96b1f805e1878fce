//! Which of a policy's routes a request means: one question, and the routers' ways to answer it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::Method;

use super::class::Fit;
use super::converters::Converters;
use super::request_path::RequestPath;
use super::specific::{Outcome, Specific};
use super::template::{Template, Token};
use super::tree::Tree;
use crate::policy::{DoubleSlash, RouterKind, RouterSettings, TrailingSlash};
use crate::route::RoutePolicy;

/// The routes of a policy, compiled for matching. Routes are named by their index in the policy.
#[derive(Debug, Clone)]
pub struct Matcher {
    routes: Vec<Candidate>,
    has_hosts: bool,
    router: RouterSettings,
    way: Way,
}

/// How the routes that match a path are found.
#[derive(Debug, Clone)]
enum Way {
    /// In the order of the policy.
    Ordered(Tree),
    /// By Werkzeug's weights.
    Specific(Specific),
}

/// What a request means to the application's router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match<'m> {
    /// This route answers.
    Found(Found<'m>),
    /// The path is known with other methods alone: 405, with `Allow`.
    MethodNotAllowed {
        /// The methods that the path is known with.
        allow: Vec<Method>,
    },
    /// The client is sent to the path with or without a slash.
    Redirect {
        /// The path as it would be forwarded; the query stays as it is.
        path: String,
        /// The status.
        status: u32,
    },
    /// The application may pick this route, and nobody here can tell: refused.
    Unclear {
        /// The index of the route.
        route: usize,
    },
    /// The path is unknown: 404.
    NotFound,
}

/// The route that answers, with what its path parameters hold.
#[derive(Debug, Clone)]
pub struct Found<'m> {
    /// The index of the route in the policy.
    pub route: usize,
    /// Whether the framework answers by itself, and no handler runs: `OPTIONS` where no route takes it.
    pub by_framework: bool,
    template: &'m Template,
    path: &'m str,
}

impl PartialEq for Found<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.route, self.by_framework, self.path) == (other.route, other.by_framework, other.path)
    }
}

impl Eq for Found<'_> {}

impl<'m> Found<'m> {
    /// What a path parameter holds, decoded.
    pub fn parameter(&self, name: &str) -> Option<&'m str> {
        self.template.parameter(self.path, name)
    }
}

/// A route as the match sees it.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) method: Method,
    pub(super) template: Template,
    /// The template without the slash at its end, if it has one.
    pub(super) bare: Option<Template>,
    pub(super) host: Option<Template>,
    /// Whether it may or may not be what the application picks, whatever its template says.
    pub(super) is_opaque: bool,
    /// What tells its path apart: routes with the same one are told apart by their methods alone.
    pub(super) shape: usize,
}

/// What a request asks for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'r> {
    pub(super) method: &'r Method,
    pub(super) host: Option<&'r str>,
}

/// How a route takes a method.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Its handler runs.
    Declared,
    /// The framework answers.
    ByFramework,
    /// Not at all.
    Not,
}

/// What matches a path, with how surely.
pub(super) type Hits = Vec<(usize, Fit)>;

impl Matcher {
    /// Compiles routes in the order in which the application's router tries them.
    pub fn new(routes: &[RoutePolicy], router: &RouterSettings) -> Self {
        let converters = Converters::of(router);
        let mut shapes: BTreeMap<Vec<Token>, usize> = BTreeMap::new();
        let merges = router.kind == RouterKind::Werkzeug && router.double_slash == DoubleSlash::Redirect;
        let mut candidates = Vec::new();
        for route in routes {
            let key = &route.key;
            let template = Template::new(key.pattern(), &converters);
            let template = if merges { template.merged(&converters) } else { template };
            let host = key.host().map(|host| Template::new(host, &converters).lowered());
            let shape = template.tokens().iter().map(Token::nameless).collect();
            let fresh = shapes.len();
            let shape = *shapes.entry(shape).or_insert(fresh);
            // How Werkzeug and Django compare hosts depends on settings that a policy does not hold.
            let is_opaque = key.id().version().is_some() || (host.is_some() && router.kind != RouterKind::Starlette);
            let bare = template.without_slash(&converters);
            candidates.push(Candidate { method: key.method().clone(), template, bare, host, is_opaque, shape });
        }
        let way = match router.kind {
            RouterKind::Starlette | RouterKind::Django => Way::Ordered(Tree::new(routes, &converters)),
            RouterKind::Werkzeug => Way::Specific(Specific::new(&candidates, &converters, router)),
        };
        let has_hosts = candidates.iter().any(|one| one.host.is_some());
        Self { routes: candidates, has_hosts, router: router.clone(), way }
    }

    /// Whether any route is for one host.
    pub fn looks_at_hosts(&self) -> bool {
        self.has_hosts
    }

    /// The route that the application's router would pick. `host` is the value of the field `Host`; it is asked for only
    /// where a route names one.
    pub fn find<'m>(&'m self, method: &Method, host: Option<&str>, path: &'m RequestPath<'_>) -> Match<'m> {
        let host = host.filter(|_| self.has_hosts).map(host_name);
        let asked = Asked { method, host: host.as_deref() };
        match (&self.way, self.router.kind) {
            (Way::Specific(specific), _) => self.most_specific(specific, asked, path),
            (Way::Ordered(tree), RouterKind::Django) => self.first_path(tree, asked, path),
            (Way::Ordered(tree), _) => self.first_of_all(tree, asked, path),
        }
    }

    /// Starlette: the first route that takes path and method.
    fn first_of_all<'m>(&'m self, tree: &Tree, asked: Asked<'_>, path: &'m RequestPath<'_>) -> Match<'m> {
        let hits = self.hits(tree, asked, path.decoded());
        let full = |wanted| {
            let taken =
                |(index, fit): &&(usize, Fit)| *fit == wanted && self.takes(*index, asked.method) == Takes::Declared;
            hits.iter().filter(taken).map(|(index, _)| *index).min()
        };
        match (full(Fit::Yes), full(Fit::Maybe)) {
            (full, Some(doubtful)) if full.is_none_or(|full| doubtful < full) => Match::Unclear { route: doubtful },
            (Some(route), _) => self.found(route, false, path.decoded()),
            (None, _) if hits.is_empty() => self.redirect(tree, asked, path),
            (None, _) => self.method_not_allowed(hits.iter().map(|(index, _)| *index)),
        }
    }

    /// Django: the first path that matches, and there the route that takes the method.
    fn first_path<'m>(&'m self, tree: &Tree, asked: Asked<'_>, path: &'m RequestPath<'_>) -> Match<'m> {
        let hits = self.hits(tree, asked, path.decoded());
        let first = |wanted| hits.iter().filter(|(_, fit)| *fit == wanted).map(|(index, _)| *index).min();
        let sure = match (first(Fit::Yes), first(Fit::Maybe)) {
            (sure, Some(doubtful)) if sure.is_none_or(|sure| doubtful < sure) => {
                return Match::Unclear { route: doubtful };
            }
            (Some(sure), _) => sure,
            (None, _) => return self.redirect(tree, asked, path),
        };
        let shape = self.routes[sure].shape;
        let alike = || hits.iter().map(|(index, _)| *index).filter(|index| self.routes[*index].shape == shape);
        // A view's own `head` comes before its `get`.
        let is_implied = |index: usize| *asked.method == Method::Head && self.routes[index].method == Method::Get;
        let taken = |how| {
            let taking = alike().filter(|index| self.takes(*index, asked.method) == how);
            taking.min_by_key(|index| (is_implied(*index), *index))
        };
        match (taken(Takes::Declared), taken(Takes::ByFramework)) {
            (Some(route), _) => self.found(route, false, path.decoded()),
            (None, Some(route)) => self.found(route, true, path.decoded()),
            (None, None) => self.method_not_allowed(alike()),
        }
    }

    /// Werkzeug: the most specific route that takes path and method.
    fn most_specific<'m>(&'m self, specific: &Specific, asked: Asked<'_>, path: &'m RequestPath<'_>) -> Match<'m> {
        let decoded = one_slash_at_the_start(path.decoded());
        let mut raw = Cow::Borrowed(one_slash_at_the_start(path.raw()));
        let mut others = Vec::new();
        let takes = |index: usize| self.takes(index, asked.method);
        let mut outcome = specific.find(&self.routes, &takes, asked, decoded, &mut others);
        if outcome.is_none() && self.router.double_slash == DoubleSlash::Redirect && decoded.contains("//") {
            let merged = merge_slashes(decoded);
            raw = Cow::Owned(merge_slashes(&raw));
            outcome = match specific.find(&self.routes, &takes, asked, &merged, &mut others) {
                Some(Outcome::Found { .. }) => {
                    return Match::Redirect { path: raw.into_owned(), status: self.router.status() };
                }
                other => other,
            };
        }
        match outcome {
            Some(Outcome::Found { route, by_framework }) => self.found(route, by_framework, decoded),
            Some(Outcome::Unclear(route)) => Match::Unclear { route },
            Some(Outcome::SlashIsMissing) if self.router.trailing_slash == TrailingSlash::RedirectToSlash => {
                Match::Redirect { path: format!("{raw}/"), status: self.router.status() }
            }
            Some(Outcome::SlashIsMissing) => Match::NotFound,
            None if others.is_empty() => Match::NotFound,
            None => self.method_not_allowed(others.into_iter()),
        }
    }

    fn found<'m>(&'m self, route: usize, by_framework: bool, path: &'m str) -> Match<'m> {
        let candidate = &self.routes[route];
        let is_whole = self.router.trailing_slash != TrailingSlash::Ignored || candidate.template.fits(path) != Fit::No;
        // Where a slash at the end means nothing, path and template may differ by one.
        let (template, path) = match (path.strip_suffix('/'), &candidate.bare) {
            (Some(shorter), _) if !is_whole => (&candidate.template, shorter),
            (None, Some(bare)) if !is_whole => (bare, path),
            _ => (&candidate.template, path),
        };
        Match::Found(Found { route, by_framework, template, path })
    }

    fn method_not_allowed(&self, routes: impl Iterator<Item = usize>) -> Match<'static> {
        let mut allow: Vec<Method> = routes.map(|index| self.routes[index].method.clone()).collect();
        if self.router.implicit_head && allow.contains(&Method::Get) {
            allow.push(Method::Head);
        }
        if self.router.implicit_options {
            allow.push(Method::Options);
        }
        allow.sort();
        allow.dedup();
        Match::MethodNotAllowed { allow }
    }

    /// The routes that match a path, of HTTP or WebSocket as it is asked, on this host.
    fn hits(&self, tree: &Tree, asked: Asked<'_>, path: &str) -> Hits {
        let mut hits = Hits::new();
        tree.visit(&self.routes, path, &mut hits);
        hits.retain_mut(|(index, fit)| {
            let route = &self.routes[*index];
            if (route.method == Method::WebSocket) != (*asked.method == Method::WebSocket) {
                return false;
            }
            let on_host = match (&route.host, asked.host) {
                (None, _) => Fit::Yes,
                (Some(_), _) if route.is_opaque => Fit::Maybe,
                (Some(host), Some(asked)) => host.fits(asked),
                (Some(_), None) => Fit::No,
            };
            *fit = (*fit).min(on_host);
            if route.is_opaque {
                *fit = fit.doubted();
            }
            *fit != Fit::No
        });
        hits
    }

    fn takes(&self, index: usize, asked: &Method) -> Takes {
        let declared = &self.routes[index].method;
        let is_head = || self.router.implicit_head && *asked == Method::Head && *declared == Method::Get;
        if declared == asked || (*declared == Method::Any && *asked != Method::WebSocket) || is_head() {
            Takes::Declared
        } else if self.router.implicit_options && *asked == Method::Options && *declared != Method::WebSocket {
            Takes::ByFramework
        } else {
            Takes::Not
        }
    }

    /// The path with or without the slash at the end, where that is known with any method.
    fn redirect(&self, tree: &Tree, asked: Asked<'_>, path: &RequestPath<'_>) -> Match<'static> {
        let is_asked = match self.router.trailing_slash {
            TrailingSlash::Redirect => path.decoded() != "/",
            TrailingSlash::RedirectToSlash => !path.decoded().ends_with('/'),
            TrailingSlash::Strict | TrailingSlash::Ignored => false,
        };
        if !is_asked || *asked.method == Method::WebSocket {
            return Match::NotFound;
        }
        let toggled = |path: &str| match path.strip_suffix('/') {
            Some(_) => path.trim_end_matches('/').to_owned(),
            None => format!("{path}/"),
        };
        let hits = self.hits(tree, asked, &toggled(path.decoded()));
        let target = toggled(path.raw());
        // `//host/` as the target of a redirect would be another host.
        if target.starts_with("//") {
            return Match::NotFound;
        }
        match hits.iter().max_by_key(|(_, fit)| *fit) {
            Some((_, Fit::Yes)) => Match::Redirect { path: target, status: self.router.status() },
            Some((route, _)) => Match::Unclear { route: *route },
            None => Match::NotFound,
        }
    }
}

/// Werkzeug's `bind`: a path has one slash at its start.
fn one_slash_at_the_start(path: &str) -> &str {
    let surplus = path.bytes().take_while(|byte| *byte == b'/').count().saturating_sub(1);
    &path[surplus..]
}

/// Werkzeug's `merge_slashes`.
pub(super) fn merge_slashes(path: &str) -> String {
    let mut merged = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !merged.ends_with('/') {
            merged.push(c);
        }
    }
    merged
}

/// A host without its port, in lower case (RFC 9110 section 4.2.3).
fn host_name(host: &str) -> Cow<'_, str> {
    let name = match (host.strip_prefix('['), host.rsplit_once(':')) {
        (Some(_), _) => host.split_inclusive(']').next().unwrap_or(host),
        (None, Some((name, _))) => name,
        (None, None) => host,
    };
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}
