//! Routes of a router that takes the first match, of which an earlier one takes all requests of a later one.

use model::{
    Application, Endpoint, EndpointId, MatchOrder, Method, MethodMismatch, PathParameter, PathPattern, Segment,
};
use rustc_hash::FxHashMap;

/// Sets of places at which routes of one length have parameters, that are looked at.
const SHAPES_MAX: usize = 64;

/// A path as an earlier route may spell it.
type Spelling = (Method, String, Vec<String>);

/// Which endpoint takes the requests of which.
#[derive(Default)]
pub(super) struct Precedence<'a> {
    first: FxHashMap<Spelling, usize>,
    /// Where routes with so many segments have parameters.
    shapes: FxHashMap<usize, Vec<Vec<usize>>>,
    places: FxHashMap<&'a EndpointId, usize>,
    by_path_alone: bool,
}

impl<'a> Precedence<'a> {
    /// What the routes of an application, in order, take first.
    pub(super) fn of(application: &Application, endpoints: impl Iterator<Item = &'a Endpoint>) -> Self {
        let by_path_alone = application.router.method_mismatch == MethodMismatch::Refuse;
        let mut precedence = Self { by_path_alone, ..Self::default() };
        if application.router.order != MatchOrder::FirstMatch {
            return precedence;
        }
        for (at, endpoint) in endpoints.enumerate() {
            precedence.places.entry(endpoint.id()).or_insert(at);
            let spelling = spelled(endpoint);
            let shape: Vec<usize> = (0..spelling.len()).filter(|i| spelling[*i] == ANY).collect();
            let shapes = precedence.shapes.entry(spelling.len()).or_default();
            if !shape.is_empty() && shapes.len() < SHAPES_MAX && !shapes.contains(&shape) {
                shapes.push(shape);
            }
            let key = (precedence.method(endpoint), host(endpoint), spelling);
            precedence.first.entry(key).or_insert(at);
        }
        precedence
    }

    /// The place of the first endpoint whose template has a parameter wherever this one has something else, and which comes before it.
    pub(super) fn before(&self, endpoint: &Endpoint) -> Option<usize> {
        let at = *self.places.get(endpoint.id())?;
        let own = spelled(endpoint);
        let shapes = self.shapes.get(&own.len())?.iter();
        let fitting = shapes.filter(|shape| shape.iter().all(|i| own[*i] == ANY || is_within(&own[*i])));
        let wider = fitting.map(|shape| {
            let mut spelling = own.clone();
            for place in shape {
                ANY.clone_into(&mut spelling[*place]);
            }
            spelling
        });
        let methods = [self.method(endpoint), Method::Any];
        let earlier = wider.filter(|spelling| *spelling != own).flat_map(|spelling| {
            let key = |method: &Method| (method.clone(), host(endpoint), spelling.clone());
            methods.iter().filter_map(|method| self.first.get(&key(method)).copied()).collect::<Vec<_>>()
        });
        earlier.filter(|earlier| *earlier < at).min()
    }

    fn method(&self, endpoint: &Endpoint) -> Method {
        if self.by_path_alone { Method::Any } else { endpoint.method().clone() }
    }
}

/// A parameter that takes whatever stands in one segment.
const ANY: &str = "{}";

fn host(endpoint: &Endpoint) -> String {
    endpoint.route.host().map(PathPattern::erased).unwrap_or_default()
}

/// The segments of a template; what takes the same is spelled in the same way.
fn spelled(endpoint: &Endpoint) -> Vec<String> {
    let of = |parameter: &PathParameter| {
        let is_plain = parameter.converter.is_text() && parameter.regex.is_none() && !parameter.rest;
        if is_plain { ANY.to_owned() } else { format!("{{:{}}}", parameter.converter.name()) }
    };
    let spelling = |segment: Segment<'_>| match segment {
        Segment::Literal(text) => format!("={text}"),
        Segment::Parameter(parameter) => of(parameter),
        other => format!("?{other:?}"),
    };
    endpoint.route.pattern().segments().into_iter().map(spelling).collect()
}

/// Whether whatever a spelled segment takes is one segment that is not empty.
fn is_within(spelling: &str) -> bool {
    let is_word = spelling.strip_prefix('=').is_some_and(|word| !word.is_empty());
    is_word || matches!(spelling, "{:int}" | "{:float}" | "{:uuid}")
}

#[cfg(test)]
mod tests {
    use model::CaseRule;

    use super::*;
    use crate::rules::api::tests::endpoint;

    fn application(order: MatchOrder, method_mismatch: MethodMismatch) -> Application {
        let router = model::RouterRules {
            order,
            method_mismatch,
            trailing_slash: model::TrailingSlash::Strict,
            case: CaseRule::Sensitive,
            double_slash: model::DoubleSlash::Strict,
            redirect_status: None,
            converters: std::collections::BTreeMap::default(),
        };
        Application {
            name: "app:app".into(),
            framework: "fastapi".into(),
            file: "app.py".into(),
            line: 1,
            endpoints: Vec::new(),
            router,
            implicit_methods: Vec::new(),
            middleware: Vec::new(),
            mounts: Vec::new(),
            security_schemes: indexmap::IndexMap::default(),
            principals: Vec::new(),
            objects: Vec::new(),
            tokens: Vec::new(),
        }
    }

    /// Which of the routes takes the requests of the last one.
    fn taken_by(order: MatchOrder, mismatch: MethodMismatch, routes: &[(&str, &str)]) -> Option<usize> {
        let endpoints: Vec<Endpoint> = routes.iter().map(|(method, path)| endpoint(method, path)).collect();
        let precedence = Precedence::of(&application(order, mismatch), endpoints.iter());
        precedence.before(&endpoints[endpoints.len() - 1])
    }

    #[test]
    fn a_parameter_takes_words_numbers_and_nothing_that_has_a_slash() {
        let first = |routes: &[(&str, &str)]| taken_by(MatchOrder::FirstMatch, MethodMismatch::TryNext, routes);
        assert_eq!(first(&[("GET", "/users/{id}"), ("GET", "/users/me")]), Some(0));
        assert_eq!(first(&[("GET", "/{a}/{b}"), ("GET", "/x/{b}/"), ("GET", "/users/{n:int}")]), Some(0));
        assert_eq!(first(&[("GET", "/users/me"), ("GET", "/users/{id}")]), None);
        assert_eq!(first(&[("GET", "/users/{n:int}"), ("GET", "/users/me")]), None);
        assert_eq!(first(&[("GET", "/users/{id}"), ("GET", "/users/")]), None);
        assert_eq!(first(&[("GET", "/users/{id}"), ("GET", "/users/{rest:path}")]), None);
        assert_eq!(first(&[("POST", "/users/{id}"), ("GET", "/users/me")]), None);
    }

    #[test]
    fn the_router_decides_whether_the_order_and_the_method_count() {
        let routes = [("POST", "/users/{id}"), ("GET", "/users/me")];
        assert_eq!(taken_by(MatchOrder::FirstMatch, MethodMismatch::Refuse, &routes), Some(0));
        assert_eq!(taken_by(MatchOrder::MostSpecific, MethodMismatch::Refuse, &routes), None);
    }

    #[test]
    fn as_many_shapes_as_the_bound_are_looked_at_and_no_more() {
        // Routes of twelve segments with a parameter in two of them: 66 shapes.
        let pairs = (0..12).flat_map(|a| (a + 1..12).map(move |b| (a, b)));
        let shaped = |(a, b)| (0..12).map(|i| if i == a || i == b { "/{x}" } else { "/a" }).collect::<String>();
        let shapes: Vec<String> = pairs.map(shaped).collect();
        let taken = |shape: usize| {
            let word = shapes[shape].replace("{x}", "b");
            let routes: Vec<(&str, &str)> = shapes.iter().chain([&word]).map(|path| ("GET", path.as_str())).collect();
            taken_by(MatchOrder::FirstMatch, MethodMismatch::TryNext, &routes)
        };
        assert_eq!(taken(SHAPES_MAX - 1), Some(SHAPES_MAX - 1));
        assert_eq!(taken(SHAPES_MAX), None);
    }
}
