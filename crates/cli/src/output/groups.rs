//! Endpoints as a reader looks for them: by application, then by router.

use indexmap::IndexMap;
use model::{Application, Endpoint, Origin, Report};

/// An application with its endpoints by router, in order of their paths.
#[derive(Debug)]
pub(crate) struct ApplicationGroup<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// What is known of it, where the report has it.
    pub(crate) application: Option<&'a Application>,
    /// Its routers.
    pub(crate) routers: Vec<RouterGroup<'a>>,
}

/// The endpoints of a router.
#[derive(Debug)]
pub(crate) struct RouterGroup<'a> {
    /// The router, tag or module; for what is not the project's own, who brings it.
    pub(crate) name: String,
    /// The file that holds all handlers, where it is one.
    pub(crate) file: Option<&'a str>,
    /// The endpoints.
    pub(crate) endpoints: Vec<&'a Endpoint>,
}

impl<'a> RouterGroup<'a> {
    /// The same endpoints, those of one file together.
    pub(crate) fn by_file(&self) -> Vec<RouterGroup<'a>> {
        let mut files: IndexMap<&'a str, Vec<&'a Endpoint>> = IndexMap::new();
        for &endpoint in &self.endpoints {
            let in_file = files.entry(&endpoint.handler.file).or_default();
            in_file.push(endpoint);
        }
        let part = |(file, endpoints)| RouterGroup { name: self.name.clone(), file: Some(file), endpoints };
        files.into_iter().map(part).collect()
    }
}

/// All endpoints, by application and router. What frameworks and libraries bring comes last.
pub(crate) fn grouped(report: &Report) -> Vec<ApplicationGroup<'_>> {
    let mut names: Vec<&str> = Vec::new();
    let listed = report.applications.iter().map(|one| &*one.name);
    for name in listed.chain(report.endpoints.iter().map(|one| &*one.application)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let group = |name| ApplicationGroup {
        name,
        application: report.applications.iter().find(|one| &*one.name == name),
        routers: routers(report.endpoints_of(name)),
    };
    names.into_iter().map(group).collect()
}

fn routers<'a>(endpoints: impl Iterator<Item = &'a Endpoint>) -> Vec<RouterGroup<'a>> {
    let mut groups: IndexMap<(Origin, String), Vec<&Endpoint>> = IndexMap::new();
    for endpoint in endpoints {
        let key = (endpoint.origin, router_of(endpoint));
        groups.entry(key).or_default().push(endpoint);
    }
    let mut routers: Vec<_> = groups.into_iter().collect();
    // A stable sort: the project's routers stay in the order of their first paths.
    routers.sort_by_key(|((origin, _), _)| *origin != Origin::Project);
    let group = |((_, name), endpoints): ((Origin, String), Vec<&'a Endpoint>)| RouterGroup {
        name,
        file: one_file(&endpoints),
        endpoints,
    };
    routers.into_iter().map(group).collect()
}

fn router_of(endpoint: &Endpoint) -> String {
    let named = endpoint.router.as_ref().or(endpoint.tags.first());
    match endpoint.origin {
        Origin::Framework => format!("added by {}", endpoint.framework),
        Origin::Library => match named {
            Some(name) => format!("{name} (library)"),
            None => "added by libraries".to_owned(),
        },
        Origin::Project => match named {
            Some(name) => name.to_string(),
            None => module_of(&endpoint.handler.name).to_owned(),
        },
    }
}

/// The module of a handler: all but the last name.
fn module_of(handler: &str) -> &str {
    handler.rsplit_once('.').map_or(handler, |(module, _)| module)
}

fn one_file<'a>(endpoints: &[&'a Endpoint]) -> Option<&'a str> {
    let first = &*endpoints.first()?.handler.file;
    let same = endpoints.iter().all(|one| &*one.handler.file == first);
    same.then_some(first)
}
