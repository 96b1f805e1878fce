//! OpenAPI documents joined with the code: which application a document describes, and which of its operations are which
//! endpoints. A document of another service is recognised by how little of it is found in the code.

mod alignment;
mod coverage;
mod differences;

use std::sync::Arc;

use model::{ApiDocument, Endpoint, EndpointId, EndpointKind, GapKind, Method, Origin, Report};
use openapi::{Document, Operation};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::project::{Documents, Role, Written, role_of};
use alignment::Alignment;

pub(crate) use coverage::{Around, Coverage};
pub(crate) use differences::{Difference, differences};

/// A document that describes an application.
pub(crate) struct Described<'d> {
    pub(crate) document: &'d Document,
    /// The application, by its name.
    pub(crate) application: Arc<str>,
    /// The operations of each endpoint that the document has.
    operations: FxHashMap<EndpointId, Vec<&'d Operation>>,
    /// Where their handlers stand.
    places: FxHashMap<EndpointId, Place>,
    /// Operations that are no endpoint of any application, where the code is known well enough to say so.
    pub(crate) ghosts: Vec<&'d Operation>,
}

impl<'d> Described<'d> {
    /// What the document says of an endpoint.
    pub(crate) fn operation(&self, endpoint: &Endpoint) -> Option<&'d Operation> {
        let all = self.operations.get(endpoint.id())?;
        let exact = all.iter().find(|one| one.route.id().method() == endpoint.method());
        exact.or(all.first()).copied()
    }
}

impl Described<'_> {
    /// The place of the handler whose path begins most like that of an operation.
    pub(crate) fn nearest(&self, operation: &Operation) -> Option<&Place> {
        let own = operation.route.id().template();
        let common = |id: &EndpointId| {
            let its = self.operations.get(id).and_then(|all| all.first()).map_or("", |one| one.route.id().template());
            own.split('/').zip(its.split('/')).take_while(|(a, b)| a == b).count()
        };
        let nearest = self.operations.keys().max_by(|a, b| common(a).cmp(&common(b)).then_with(|| b.cmp(a)))?;
        // The empty segment before the first slash is common to all.
        if common(nearest) > 1 { self.places.get(nearest) } else { None }
    }
}

/// Where a handler stands.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) file: Arc<str>,
    pub(crate) line: u32,
}

/// Joins the documents with the applications of a report, and notes in it which documents there are.
pub(crate) fn join<'d>(report: &mut Report, documents: &'d Documents) -> Vec<Described<'d>> {
    let (mut found, mut gaps) = (Vec::new(), documents.gaps.clone());
    for Written { document, .. } in &documents.read {
        let described = described(report, document);
        report.documents.push(ApiDocument {
            file: Arc::clone(&document.file),
            title: document.title.clone(),
            application: described.as_ref().map(|one| Arc::clone(&one.application)),
            operations: document.operations.len(),
            in_code: described.as_ref().map_or(0, |one| in_code(&one.operations)),
        });
        if let Some(described) = described {
            gaps.extend(document.gaps.iter().cloned());
            found.push(described);
        }
    }
    // Their gaps say nothing about the code.
    report.gaps.extend(gaps);
    found
}

/// The application that a document describes: half of its operations at least are endpoints of it.
fn described<'d>(report: &Report, document: &'d Document) -> Option<Described<'d>> {
    let all = document.operations.len();
    let best = report
        .applications
        .iter()
        .map(|application| {
            let endpoints: Vec<&Endpoint> = http_endpoints(report, &application.name).collect();
            let alignment = Alignment::best(document, &endpoints);
            (Arc::clone(&application.name), matched(document, &alignment, &endpoints), alignment)
        })
        // Of several with as many the first.
        .rev()
        .max_by_key(|(_, operations, _)| in_code(operations))?;
    let (application, operations, alignment) = best;
    let in_code = in_code(&operations);
    if in_code == 0 || in_code * 2 < all || (in_code < 2 && all > 1) {
        return None;
    }
    let ghosts = ghosts(report, document, &alignment, &operations, &application);
    let own = http_endpoints(report, &application).filter(|one| operations.contains_key(one.id()));
    let place = |one: &Endpoint| Place { file: Arc::clone(&one.handler.file), line: one.handler.line };
    let places = own.map(|one| (one.id().clone(), place(one))).collect();
    Some(Described { document, application, operations, places, ghosts })
}

fn http_endpoints<'r>(report: &'r Report, application: &'r str) -> impl Iterator<Item = &'r Endpoint> {
    report.endpoints_of(application).filter(|one| one.kind() == EndpointKind::Http)
}

/// The operations that are endpoints.
fn matched<'d>(
    document: &'d Document,
    alignment: &Alignment,
    endpoints: &[&Endpoint],
) -> FxHashMap<EndpointId, Vec<&'d Operation>> {
    let mut by_template: FxHashMap<&str, Vec<&Endpoint>> = FxHashMap::default();
    for endpoint in endpoints {
        by_template.entry(alignment::plain(endpoint.id().template())).or_default().push(endpoint);
    }
    let may_compare = alignment::may_compare(document.operations.len(), endpoints.len());
    let mut found: FxHashMap<EndpointId, Vec<&Operation>> = FxHashMap::default();
    for operation in &document.operations {
        let templates = alignment.templates(operation);
        let exact = templates.iter().find_map(|template| {
            let there = by_template.get(alignment::plain(template)).into_iter().flatten();
            there.filter(|one| answers(one, operation)).min_by_key(|one| one.id())
        });
        let is_open = exact.is_none() && may_compare;
        let fitting = templates.iter().filter(|template| is_open && alignment::is_mixed(template));
        let fitting = fitting.flat_map(|template| {
            let all = endpoints.iter().filter(|one| answers(one, operation));
            all.filter(move |one| alignment::fits(template, one.id().template()))
        });
        for endpoint in exact.into_iter().chain(fitting) {
            found.entry(endpoint.id().clone()).or_default().push(operation);
        }
    }
    found
}

/// How many operations are endpoints; one with a name in a segment (`/v{version}/orders`) may be several.
fn in_code(operations: &FxHashMap<EndpointId, Vec<&Operation>>) -> usize {
    let all: FxHashSet<*const Operation> = operations.values().flatten().map(|one| std::ptr::from_ref(*one)).collect();
    all.len()
}

/// Whether an endpoint answers the method of an operation.
fn answers(endpoint: &Endpoint, operation: &Operation) -> bool {
    *endpoint.method() == Method::Any || endpoint.method() == operation.route.id().method()
}

/// Operations that nothing in the code answers. None where the code may hold more than was seen.
fn ghosts<'d>(
    report: &Report,
    document: &'d Document,
    alignment: &Alignment,
    operations: &FxHashMap<EndpointId, Vec<&'d Operation>>,
    application: &str,
) -> Vec<&'d Operation> {
    if report.gaps.iter().any(|gap| may_hide_routes(gap.kind) && role_of(&gap.file) == Role::Source) {
        return Vec::new();
    }
    let answered: FxHashSet<&str> = operations.values().flatten().map(|one| one.route.id().template()).collect();
    let found: FxHashSet<*const Operation> =
        operations.values().flatten().map(|one| std::ptr::from_ref(*one)).collect();
    let elsewhere: FxHashSet<&str> = report
        .endpoints
        .iter()
        .filter(|one| *one.application != *application || one.kind() == EndpointKind::Websocket)
        .map(|one| alignment::plain(one.id().template()))
        .collect();
    let mounts = report.applications.iter().flat_map(|one| &one.mounts);
    let mounts: Vec<&str> = mounts.map(|mount| alignment::plain(&mount.path)).collect();
    let is_ghost = |operation: &&Operation| {
        let method = operation.route.id().method();
        // Frameworks answer these by themselves.
        let is_implicit =
            matches!(method, Method::Head | Method::Options) && answered.contains(operation.route.id().template());
        let templates = alignment.templates(operation);
        let is_elsewhere = || {
            templates.iter().any(|template| {
                let below = |mount: &&str| template.strip_prefix(*mount).is_some_and(|rest| rest.starts_with('/'));
                elsewhere.contains(alignment::plain(template)) || mounts.iter().any(below)
            })
        };
        !found.contains(&std::ptr::from_ref(*operation)) && !is_implicit && !is_elsewhere()
    };
    document.operations.iter().filter(is_ghost).collect()
}

/// Whether a gap may be one in the list of endpoints.
fn may_hide_routes(kind: GapKind) -> bool {
    match kind {
        GapKind::UnresolvedRoute | GapKind::UnresolvedRouter | GapKind::EvaluationLimit | GapKind::Internal => true,
        GapKind::UnresolvedGuard | GapKind::UnresolvedSchema | GapKind::Notebook | GapKind::Encoding => false,
        other => other.is_unreadable(),
    }
}

/// The endpoints that a document would have to list: the project's own that the framework's document would show.
pub(crate) fn is_to_be_documented(endpoint: &Endpoint) -> bool {
    endpoint.origin == Origin::Project && endpoint.kind() == EndpointKind::Http && endpoint.in_schema
}
