//! An application as an OpenAPI 3.1 document, from what a scan knows of it: for any framework, also where it writes none
//! itself. What OpenAPI cannot say stands in `x-doorward-...` extensions; who is admitted is never said to be everybody unless
//! that is known.

mod names;
mod operation;
mod schemas;
mod security;

use std::collections::BTreeMap;

use model::{Application, Endpoint, EndpointKind, Method, Origin, Report};
use serde_json::{Map, Value, json};

use names::Names;
use operation::Template;
use schemas::Components;
use security::Schemes;

/// The version of the specification that is written.
const VERSION: &str = "3.1.0";

/// The methods of a path item, as it names them.
const METHODS: &[(Method, &str)] = &[
    (Method::Get, "get"),
    (Method::Put, "put"),
    (Method::Post, "post"),
    (Method::Delete, "delete"),
    (Method::Options, "options"),
    (Method::Head, "head"),
    (Method::Patch, "patch"),
    (Method::Trace, "trace"),
];

/// Methods that frameworks answer by themselves, or nobody means: an endpoint that takes any is not written once more for each.
const OF_FRAMEWORKS: &[Method] = &[Method::Head, Method::Options, Method::Trace];

/// Writes the document of an application of a report. The framework's own pages are left out, its sockets are
/// listed in `x-doorward-websockets`, and what no path item can hold in `x-doorward-left-out`.
pub fn write(report: &Report, application: &Application) -> Value {
    let mut writer = Writer {
        components: Components::new(&report.schemas),
        schemes: Schemes::new(application),
        operation_ids: Names::default(),
        paths: BTreeMap::new(),
        left_out: Vec::new(),
    };
    let mut sockets = Vec::new();
    for endpoint in in_order(report, application) {
        match (endpoint.origin, endpoint.kind()) {
            (Origin::Framework, _) => {}
            (_, EndpointKind::Websocket) => sockets.push(writer.socket(endpoint)),
            (_, EndpointKind::Http) => writer.add(endpoint),
        }
    }
    let gaps = report.gaps.len();
    let mut document = json!({
        "openapi": VERSION,
        "info": {
            "title": &*application.name,
            "version": "unknown",
            "x-doorward-generator": {"name": &*report.tool.name, "version": &*report.tool.version},
        },
        "servers": [{"url": "/"}],
        "paths": writer.paths.into_values().filter(|item| !item.operations.is_empty()).map(Item::into_entry).collect::<Map<_, _>>(),
        "components": {
            "schemas": writer.components.into_used(),
            "securitySchemes": writer.schemes.into_declared(),
        },
    });
    let extensions =
        [("x-doorward-websockets", Value::from(sockets)), ("x-doorward-left-out", Value::from(writer.left_out))];
    for (name, value) in extensions.into_iter().filter(|(_, value)| *value != json!([])) {
        document[name] = value;
    }
    if gaps > 0 {
        document["x-doorward-gaps"] = json!(gaps);
    }
    document
}

/// The endpoints of an application in registration order, so that of two at the same place the one comes first that answers.
fn in_order<'r>(report: &'r Report, application: &'r Application) -> impl Iterator<Item = &'r Endpoint> {
    let by_id: BTreeMap<_, _> = report.endpoints_of(&application.name).map(|one| (one.id(), one)).collect();
    application.endpoints.iter().filter_map(move |id| by_id.get(id).copied())
}

struct Writer<'r> {
    components: Components<'r>,
    schemes: Schemes<'r>,
    operation_ids: Names,
    /// By template with parameters' names erased: two that differ in names alone are one path item.
    paths: BTreeMap<String, Item>,
    left_out: Vec<Value>,
}

/// A path item.
struct Item {
    template: Template,
    operations: Map<String, Value>,
}

impl Item {
    /// The path with its operations in the order of their methods.
    fn into_entry(self) -> (String, Value) {
        let Self { template, mut operations } = self;
        let in_order = METHODS.iter().filter_map(|(_, key)| operations.remove_entry(*key)).collect();
        (template.path, Value::Object(in_order))
    }
}

impl Writer<'_> {
    fn add(&mut self, endpoint: &Endpoint) {
        let key = endpoint.id().template().to_owned();
        let item = self
            .paths
            .entry(key.clone())
            .or_insert_with(|| Item { template: Template::of(endpoint.route.pattern()), operations: Map::new() });
        let template = item.template.clone();
        let named = METHODS.iter().filter(|(method, _)| method == endpoint.method());
        let any =
            METHODS.iter().filter(|(method, _)| *endpoint.method() == Method::Any && !OF_FRAMEWORKS.contains(method));
        let methods: Vec<&str> = named.chain(any).map(|(_, key)| *key).collect();
        let mut is_written = false;
        for method in methods {
            if self.paths.get(&key).is_some_and(|item| item.operations.contains_key(method)) {
                continue;
            }
            let operation = self.operation(endpoint, method, &template);
            if let Some(item) = self.paths.get_mut(&key) {
                item.operations.insert(method.to_owned(), operation);
                is_written = true;
            }
        }
        if !is_written {
            self.left_out.push(json!({
                "endpoint": endpoint.id(),
                "reason": "a path item holds one operation for a method, and only the methods of HTTP itself",
            }));
        }
    }

    fn operation(&mut self, endpoint: &Endpoint, method: &str, template: &Template) -> Value {
        let mut operation = Map::new();
        if !endpoint.tags.is_empty() {
            operation.insert("tags".to_owned(), json!(endpoint.tags));
        }
        let id = self.operation_ids.unique(&operation::id(endpoint), &[method]);
        operation.insert("operationId".to_owned(), json!(id));
        let parameters = operation::parameters(endpoint, template, &mut self.components);
        if !parameters.is_empty() {
            operation.insert("parameters".to_owned(), Value::Array(parameters));
        }
        if let Some(body) = operation::body(endpoint, &mut self.components) {
            operation.insert("requestBody".to_owned(), body);
        }
        operation.insert("responses".to_owned(), operation::responses(endpoint, &mut self.components));
        if endpoint.deprecated {
            operation.insert("deprecated".to_owned(), json!(true));
        }
        self.schemes.admit(&endpoint.access, &mut operation);
        if let Some(host) = endpoint.route.host() {
            operation.insert("servers".to_owned(), operation::servers(host));
        }
        if !endpoint.in_schema {
            operation.insert("x-doorward-hidden".to_owned(), json!(true));
        }
        Value::Object(operation)
    }

    /// A socket, which OpenAPI has no word for.
    fn socket(&mut self, endpoint: &Endpoint) -> Value {
        let mut socket = Map::from_iter([("path".to_owned(), json!(endpoint.path()))]);
        self.schemes.admit(&endpoint.access, &mut socket);
        Value::Object(socket)
    }
}

#[cfg(test)]
mod tests;
