//! The routes of a policy as a tree of segments, with the candidates of a path in registration order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::{Method, Segment};

use super::request_path::RequestPath;
use super::template::{Class, Template};
use crate::policy::{RouterSettings, TrailingSlash};
use crate::route::RoutePolicy;

/// The status of Starlette's redirects.
const REDIRECT_STATUS: u32 = 307;

/// The routes of a policy, compiled for matching. Routes are named by their index in the policy.
#[derive(Debug, Clone)]
pub struct Matcher {
    nodes: Vec<Node>,
    routes: Vec<Candidate>,
    has_hosts: bool,
    router: RouterSettings,
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
    /// The client is sent to the path with or without the slash at the end.
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
    template: &'m Template,
    path: &'m str,
}

impl PartialEq for Found<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.route, self.path) == (other.route, other.path)
    }
}

impl Eq for Found<'_> {}

impl<'m> Found<'m> {
    /// What a path parameter holds, decoded.
    pub fn parameter(&self, name: &str) -> Option<&'m str> {
        self.template.parameter(self.path, name)
    }
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

#[derive(Debug, Clone)]
struct Candidate {
    method: Method,
    template: Template,
    host: Option<Template>,
    /// Whether it may or may not be what the application picks.
    is_opaque: bool,
}

/// What a request asks for.
#[derive(Clone, Copy)]
struct Asked<'r> {
    method: &'r Method,
    host: Option<&'r str>,
}

/// The best candidates of a path so far.
#[derive(Default)]
struct Best {
    /// The first that matches path and method.
    full: Option<usize>,
    /// The first that matches both and is opaque.
    opaque: Option<usize>,
    /// All that match the path.
    partial: Vec<usize>,
}

impl Matcher {
    /// Compiles routes in the order in which the application's router tries them.
    pub fn new(routes: &[RoutePolicy], router: &RouterSettings) -> Self {
        let mut matcher =
            Self { nodes: vec![Node::default()], routes: Vec::new(), has_hosts: false, router: router.clone() };
        for (index, route) in routes.iter().enumerate() {
            let key = &route.key;
            let template = Template::new(key.pattern());
            let host = key.host().map(|host| Template::new(host).lowered());
            matcher.has_hosts |= host.is_some();
            let is_opaque =
                template.is_opaque() || host.as_ref().is_some_and(Template::is_opaque) || key.id().version().is_some();
            matcher.routes.push(Candidate { method: key.method().clone(), template, host, is_opaque });
            matcher.insert(index, &key.pattern().segments());
        }
        matcher
    }

    fn insert(&mut self, index: usize, segments: &[Segment<'_>]) {
        let mut at = 0;
        for segment in segments {
            let fresh = self.nodes.len();
            let node = &mut self.nodes[at];
            at = match segment {
                Segment::Literal(text) => *node.literals.entry((*text).into()).or_insert(fresh),
                Segment::Parameter(parameter)
                    if parameter.regex.is_none() && Class::of(&parameter.converter) != Class::Anything =>
                {
                    let class = Class::of(&parameter.converter);
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

    /// The route that the application's router would pick. `host` is the value of the field `Host`; it is asked for only
    /// where a route names one.
    pub fn find<'m>(&'m self, method: &Method, host: Option<&str>, path: &'m RequestPath<'_>) -> Match<'m> {
        let host = host.filter(|_| self.has_hosts).map(host_name);
        let asked = Asked { method, host: host.as_deref() };
        let best = self.candidates(asked, path.decoded());
        match (best.full, best.opaque) {
            (full, Some(opaque)) if full.is_none_or(|full| opaque < full) => Match::Unclear { route: opaque },
            (Some(route), _) => {
                Match::Found(Found { route, template: &self.routes[route].template, path: path.decoded() })
            }
            (None, _) if best.partial.is_empty() => self.redirect(asked, path),
            (None, _) => Match::MethodNotAllowed { allow: self.methods(&best.partial) },
        }
    }

    fn candidates(&self, asked: Asked<'_>, path: &str) -> Best {
        let mut best = Best::default();
        match path.strip_prefix('/') {
            Some(rest) => self.visit(0, Some(rest), path, asked, &mut best),
            None => return best,
        }
        best
    }

    /// Looks below a node; `rest` is what follows the slash behind it, nothing at the end of the path.
    fn visit(&self, node: usize, rest: Option<&str>, path: &str, asked: Asked<'_>, best: &mut Best) {
        let node = &self.nodes[node];
        for index in &node.others {
            if self.routes[*index].template.matches(path) {
                self.consider(*index, asked, best);
            }
        }
        let Some(rest) = rest else {
            node.ends.iter().for_each(|index| self.consider(*index, asked, best));
            return;
        };
        let (segment, after) = match rest.split_once('/') {
            Some((segment, after)) => (segment, Some(after)),
            None => (rest, None),
        };
        if let Some(next) = node.literals.get(segment) {
            self.visit(*next, after, path, asked, best);
        }
        for (class, next) in &node.classes {
            if class.matches(segment) {
                self.visit(*next, after, path, asked, best);
            }
        }
    }

    fn consider(&self, index: usize, asked: Asked<'_>, best: &mut Best) {
        let route = &self.routes[index];
        if (route.method == Method::WebSocket) != (*asked.method == Method::WebSocket) {
            return;
        }
        if let Some(host) = &route.host
            && !asked.host.is_some_and(|asked| host.matches(asked))
        {
            return;
        }
        if !self.takes(&route.method, asked.method) {
            best.partial.push(index);
            return;
        }
        let first = if route.is_opaque { &mut best.opaque } else { &mut best.full };
        *first = Some(first.map_or(index, |known| known.min(index)));
    }

    fn takes(&self, route: &Method, asked: &Method) -> bool {
        route == asked
            || *route == Method::Any
            || (self.router.implicit_head && *asked == Method::Head && *route == Method::Get)
    }

    fn methods(&self, routes: &[usize]) -> Vec<Method> {
        let mut methods: Vec<Method> = routes.iter().map(|index| self.routes[*index].method.clone()).collect();
        if self.router.implicit_head && methods.contains(&Method::Get) {
            methods.push(Method::Head);
        }
        methods.sort();
        methods.dedup();
        methods
    }

    /// The path with or without the slash at the end, where that is known with any method.
    fn redirect(&self, asked: Asked<'_>, path: &RequestPath<'_>) -> Match<'static> {
        let is_asked = self.router.trailing_slash == TrailingSlash::Redirect && *asked.method != Method::WebSocket;
        if !is_asked || path.decoded() == "/" {
            return Match::NotFound;
        }
        let toggled = |path: &str| match path.strip_suffix('/') {
            Some(_) => path.trim_end_matches('/').to_owned(),
            None => format!("{path}/"),
        };
        let best = self.candidates(asked, &toggled(path.decoded()));
        let target = toggled(path.raw());
        // `//host/` as the target of a redirect would be another host.
        if target.starts_with("//") {
            return Match::NotFound;
        }
        let is_known = best.full.is_some() || !best.partial.is_empty();
        match best.opaque {
            Some(route) if !is_known => Match::Unclear { route },
            _ if is_known => {
                Match::Redirect { path: target, status: self.router.redirect_status.unwrap_or(REDIRECT_STATUS) }
            }
            _ => Match::NotFound,
        }
    }
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
