//! What no single operation shows: path items that are shared, names that are unique, access that is never said to be open.

use std::collections::BTreeSet;

use model::{
    Access, AuthRequirement, CaseRule, Condition, DoubleSlash, Gap, GapKind, Handler, MatchOrder, MethodMismatch,
    Parameter, ParameterRef, PathPattern, Place, Project, RegexPart, RequestBody, Response, Route, RouterRules, Schema,
    SchemaRef, SecuritySchemeKind, Test, Tool, TrailingSlash, ValueType,
};
use proptest::prelude::*;

use model::Part;

use super::*;
use crate::Document;

const APPLICATION: &str = "app:app";

fn endpoint(method: &str, path: &str, handler: &str, access: Access) -> Endpoint {
    at(method, PathPattern::from_starlette(path), handler, access)
}

fn at(method: &str, pattern: PathPattern, handler: &str, access: Access) -> Endpoint {
    let route = Route::new(method.parse().unwrap(), pattern);
    Endpoint::new(route, APPLICATION, "fastapi", Handler::new("app.py", 1, format!("app.{handler}")), access)
}

fn application(endpoints: &[Endpoint]) -> Application {
    let router = RouterRules {
        order: MatchOrder::FirstMatch,
        method_mismatch: MethodMismatch::TryNext,
        trailing_slash: TrailingSlash::Strict,
        case: CaseRule::Sensitive,
        double_slash: DoubleSlash::Strict,
        redirect_status: None,
        converters: BTreeMap::new(),
    };
    Application {
        name: APPLICATION.into(),
        framework: "fastapi".into(),
        file: "app.py".into(),
        line: 1,
        endpoints: endpoints.iter().map(|one| one.id().clone()).collect(),
        router,
        implicit_methods: Vec::new(),
        middleware: Vec::new(),
        mounts: Vec::new(),
        security_schemes: indexmap::IndexMap::new(),
        principals: Vec::new(),
        objects: Vec::new(),
        tokens: Vec::new(),
    }
}

fn report(endpoints: Vec<Endpoint>) -> Report {
    let tool = Tool { name: "doorward".into(), version: "1".into() };
    Report { endpoints, ..Report::new(tool, Project::default()) }
}

fn written(endpoints: Vec<Endpoint>) -> Value {
    let application = application(&endpoints);
    write(&report(endpoints), &application)
}

fn open() -> Access {
    Access::public(Vec::new())
}

fn asks(tests: impl IntoIterator<Item = Test>) -> Access {
    Access::required(AuthRequirement::all_of(tests.into_iter().map(Condition::from)), Vec::new())
}

fn gap() -> Gap {
    Gap {
        kind: GapKind::UnresolvedGuard,
        file: "app.py".into(),
        line: None,
        reason: "`vendor.guard` is not seen".into(),
    }
}

#[test]
fn templates_that_differ_in_names_alone_are_one_path_item() {
    let mut read = endpoint("GET", "/items/{id}", "read", open());
    read.parameters = vec![Parameter::new("id", Place::Path, ValueType::Integer)];
    let mut remove = endpoint("DELETE", "/items/{item_id}", "remove", open());
    remove.parameters = vec![Parameter::new("item_id", Place::Path, ValueType::Uuid)];
    let document = written(vec![read, remove, endpoint("GET", "/items/{id}/", "slash", open())]);
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/items/{id}", "/items/{id}/"]);
    let parameters = |method: &str| document["paths"]["/items/{id}"][method]["parameters"].clone();
    assert_eq!(
        parameters("get"),
        json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}])
    );
    let uuid = json!({"type": "string", "format": "uuid"});
    assert_eq!(parameters("delete"), json!([{"name": "id", "in": "path", "required": true, "schema": uuid}]));
}

#[test]
fn every_parameter_of_a_template_is_declared_and_named_once() {
    let regex = Part::Regex(RegexPart { regex: "(?P<y>[0-9]{4})".into(), parameters: vec!["y".into()] });
    let parameter = |name: &str| Part::Parameter(model::PathParameter::new(name, model::Converter::Integer));
    let literal = |text: &str| Part::Literal(text.into());
    let pattern = [literal("/a{b}/"), parameter("y"), literal("-"), regex, literal("/"), parameter("y")];
    let document = written(vec![at("GET", pattern.into_iter().collect(), "odd", open())]);
    let path = "/a%7Bb%7D/{y}-{y_2}/{y_3}";
    let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap().clone();
    let names: Vec<_> = parameters.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["y", "y_2", "y_3"]);
    assert_eq!(parameters[1]["schema"], json!({"type": "string", "x-doorward-pattern": "(?P<y>[0-9]{4})"}));
    assert_eq!(parameters[1]["x-doorward-rest"], json!(true));
}

#[test]
fn what_is_no_operation_is_listed() {
    let mut framework = endpoint("GET", "/docs", "docs", open());
    framework.origin = Origin::Framework;
    let mut hidden = endpoint("POST", "/debug", "debug", open());
    hidden.in_schema = false;
    let mut other = endpoint("GET", "/items/{id}", "other", open());
    other.route = other.route.with_variant(2);
    let document = written(vec![
        framework,
        endpoint("WS", "/live", "live", asks([Test::Scheme("key".into())])),
        endpoint("GET", "/items/{id:int}", "first", open()),
        other,
        endpoint("PROPFIND", "/dav", "dav", open()),
        endpoint("POST", "/any", "post", open()),
        endpoint("*", "/any", "any", open()),
        hidden,
    ]);
    assert_eq!(document["x-doorward-websockets"], json!([{"path": "/live", "security": [{"key": []}]}]));
    let left_out: Vec<_> =
        document["x-doorward-left-out"].as_array().unwrap().iter().map(|one| &one["endpoint"]).collect();
    assert_eq!(left_out, ["GET /items/{} variant=2", "PROPFIND /dav"]);
    assert_eq!(document["paths"].get("/docs"), None);
    assert_eq!(document["paths"]["/debug"]["post"]["x-doorward-hidden"], json!(true));
    let any = document["paths"]["/any"].as_object().unwrap();
    let ids: Vec<_> = any.iter().map(|(method, one)| (method.as_str(), one["operationId"].as_str().unwrap())).collect();
    assert_eq!((ids.len(), ids[0], ids[2]), (5, ("get", "any"), ("post", "post")));
    assert_eq!(ids.iter().map(|(_, id)| id).collect::<BTreeSet<_>>().len(), 5);
}

#[test]
fn a_path_without_operations_is_no_path() {
    let document = written(vec![endpoint("PROPFIND", "/dav", "dav", open())]);
    assert_eq!(document["paths"], json!({}));
}

#[test]
fn only_what_is_known_to_admit_everybody_is_said_to() {
    let scheme = || Test::Scheme("login".into());
    let role = Test::Role("admin".into());
    let nobody = Access::required(AuthRequirement::nobody(), Vec::new());
    let optional = AuthRequirement::of(scheme()).or(&AuthRequirement::everybody());
    let not_named = json!([{"doorward-not-understood": []}]);
    let table = [
        (open(), json!([]), Value::Null),
        (Access::required(optional, Vec::new()), json!([]), Value::Null),
        (asks([scheme()]), json!([{"login": []}]), Value::Null),
        (asks([scheme(), Test::Scope("write".into())]), json!([{"login": ["write"]}]), Value::Null),
        (
            asks([scheme(), role.clone()]),
            json!([{"login": []}]),
            json!({"verdict": "restricted", "certainty": "proven",
                   "requirement": {"any_of": [[{"scheme": "login"}, {"role": "admin"}]]}}),
        ),
        (
            asks([role]),
            not_named.clone(),
            json!({"verdict": "restricted", "certainty": "proven", "requirement": {"any_of": [[{"role": "admin"}]]}}),
        ),
        (
            nobody,
            not_named.clone(),
            json!({"verdict": "restricted", "certainty": "proven", "requirement": {"any_of": []}}),
        ),
        (
            Access::unknown(gap()),
            not_named,
            json!({"verdict": "unknown", "certainty": "unknown", "reason": "`vendor.guard` is not seen"}),
        ),
        (
            Access::assumed(AuthRequirement::everybody(), "a default", Vec::new()).configurable_by("LOGIN"),
            json!([]),
            json!({"verdict": "public", "certainty": "assumed", "reason": "a default", "configurable-by": "LOGIN"}),
        ),
    ];
    for (access, security, extension) in table {
        let endpoints = vec![endpoint("GET", "/a", "a", access.clone())];
        let mut application = application(&endpoints);
        let oauth2 = SecuritySchemeKind::Oauth2 { flow: None, token_url: None, scopes: indexmap::IndexMap::new() };
        application.security_schemes.insert("login".into(), oauth2.into());
        let document = write(&report(endpoints), &application);
        let operation = &document["paths"]["/a"]["get"];
        assert_eq!(operation["security"], security, "{access:?}");
        assert_eq!(operation.get("x-doorward-access").unwrap_or(&Value::Null), &extension, "{access:?}");
        let open_for_readers = Document::read("a", &document.to_string()).unwrap().operations[0].security.clone();
        let is_open = access.requirement().is_some_and(AuthRequirement::admits_everybody);
        assert_eq!(open_for_readers.requirement.admits_everybody(), is_open, "{access:?}");
    }
}

#[test]
fn schemes_are_declared_as_far_as_they_are_known() {
    let mut application = application(&[]);
    let key = ParameterRef::new(Place::Query, "key");
    let schemes = [
        ("bearer", SecuritySchemeKind::Http { scheme: "bearer".into() }),
        ("a b", SecuritySchemeKind::ApiKey { parameter: key.clone() }),
        ("a/b", SecuritySchemeKind::Session { cookie: None }),
        (
            "oauth",
            SecuritySchemeKind::Oauth2 {
                flow: Some("password".into()),
                token_url: Some("/token".into()),
                scopes: [("write".into(), "All".to_owned())].into(),
            },
        ),
        (
            "code",
            SecuritySchemeKind::Oauth2 {
                flow: Some("authorizationCode".into()),
                token_url: Some("/token".into()),
                scopes: indexmap::IndexMap::new(),
            },
        ),
        ("tls", SecuritySchemeKind::MutualTls),
        ("own", SecuritySchemeKind::Custom { parameters: vec![key] }),
    ];
    application.security_schemes = schemes.into_iter().map(|(name, kind)| (name.into(), kind.into())).collect();
    let document = write(&report(Vec::new()), &application);
    assert_eq!(
        document["components"]["securitySchemes"],
        json!({
            "bearer": {"type": "http", "scheme": "bearer"},
            "a_b": {"type": "apiKey", "in": "query", "name": "key"},
            "a_b_2": {"type": "apiKey", "in": "cookie", "name": "session"},
            "oauth": {"type": "oauth2", "flows": {"password": {"tokenUrl": "/token", "scopes": {"write": "All"}}}},
            "code": {"type": "oauth2", "flows": {}},
            "tls": {"type": "mutualTLS"},
            "own": {"type": "apiKey", "in": "query", "name": "key"},
        })
    );
}

#[test]
fn bodies_and_answers_bring_their_schemas() {
    let mut make = endpoint("POST", "/orders", "make", open());
    make.request_body =
        Some(RequestBody { schema: Some("Order[In]".into()), required: true, ..RequestBody::default() });
    make.response =
        Some(Response { schema: Some("Line".into()), status: Some(201), many: true, ..Response::default() });
    let mut gone = endpoint("DELETE", "/orders", "gone", open());
    gone.response = Some(Response { status: Some(204), schema: Some("Line".into()), ..Response::default() });
    let mut form = endpoint("PUT", "/orders", "form", open());
    form.parameters = vec![
        Parameter::new("file", Place::Form, ValueType::File),
        Parameter::new("X-Key", Place::Header, ValueType::String),
        Parameter::new("x-key", Place::Header, ValueType::String),
        Parameter::new("Authorization", Place::Header, ValueType::String),
        Parameter::new("sub", Place::Claim, ValueType::String),
    ];
    let endpoints = vec![make, gone, form];
    let application = application(&endpoints);
    let mut report = report(endpoints);
    let schema = |value: Value| Schema::try_from(value).unwrap();
    report.schemas = [
        ("Order[In]".into(), schema(json!({"properties": {"lines": {"items": {"$ref": "#/schemas/Line"}}, "x": {"$ref": "#/schemas/Gone"}}}))),
        ("Line".into(), schema(json!({"properties": {"of": {"$ref": "#/schemas/Order[In]"}}}))),
        ("Unused".into(), schema(json!(true))),
    ]
    .into();
    let document = write(&report, &application);
    let path = &document["paths"]["/orders"];
    let body = json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order_In_"}}}, "required": true});
    assert_eq!(path["post"]["requestBody"], body);
    let lines = json!({"type": "array", "items": {"$ref": "#/components/schemas/Line"}});
    let answer = json!({"201": {"description": "Created", "content": {"application/json": {"schema": lines}}}});
    assert_eq!(path["post"]["responses"], answer);
    assert_eq!(path["delete"]["responses"], json!({"204": {"description": "No Content"}}));
    assert_eq!(path["put"]["responses"], json!({"default": {"description": "What is answered was not worked out."}}));
    let fields =
        json!({"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]});
    assert_eq!(path["put"]["requestBody"]["content"], json!({"multipart/form-data": {"schema": fields}}));
    let header = json!([{"name": "X-Key", "in": "header", "schema": {"type": "string"}, "required": true}]);
    assert_eq!(path["put"]["parameters"], header);
    assert_eq!(
        document["components"]["schemas"],
        json!({
            "Gone": {},
            "Line": {"properties": {"of": {"$ref": "#/components/schemas/Order_In_"}}},
            "Order_In_": {"properties": {"lines": {"items": {"$ref": "#/components/schemas/Line"}},
                                         "x": {"$ref": "#/components/schemas/Gone"}}},
        })
    );
    assert_eq!(SchemaRef::from("Line"), SchemaRef::Named("Line".into()));
}

#[test]
fn a_host_is_a_server_of_the_operation() {
    let mut one = endpoint("GET", "/a", "a", open());
    one.route = one.route.with_host(PathPattern::from_starlette("{tenant}.example.com"));
    let document = written(vec![one]);
    let server = json!([{"url": "//{tenant}.example.com/", "variables": {"tenant": {"default": "tenant"}}}]);
    assert_eq!(document["paths"]["/a"]["get"]["servers"], server);
}

proptest! {
    /// Whatever the templates: the document is read back with the same endpoints, each parameter of a path is declared once,
    /// and names that must be unique are.
    #[test]
    fn what_is_written_is_read_back(paths in prop::collection::vec("(/([a-z.%]{0,3}|\\{[ab]\\}|\\{[ab]:path\\}|\\{[ab]\\}\\.\\{[ab]\\})){1,4}", 1..8)) {
        let mut seen = BTreeSet::new();
        let endpoints: Vec<_> = paths.iter().enumerate()
            .map(|(index, path)| endpoint(["GET", "POST"][index % 2], path, "handler", open()))
            .filter(|one| seen.insert(one.id().clone()))
            .collect();
        let ids: BTreeSet<_> = endpoints.iter().map(|one| one.id().clone()).collect();
        let text = written(endpoints).to_string();
        let document = Document::read("openapi.json", &text).unwrap();
        let read: BTreeSet<_> = document.operations.iter().map(|one| one.route.id().clone()).collect();
        prop_assert_eq!(read, ids);
        let names: BTreeSet<_> = document.operations.iter().map(|one| one.operation_id.clone()).collect();
        prop_assert_eq!(names.len(), document.operations.len());
        for one in &document.operations {
            let mut declared: Vec<_> = one.parameters.iter().map(|one| one.value.name.clone()).collect();
            let mut named: Vec<_> = one.route.pattern().parameters().map(|one| one.name.clone()).collect();
            declared.sort();
            named.sort();
            prop_assert_eq!(&declared, &named);
            declared.dedup();
            prop_assert_eq!(declared, named);
        }
    }
}
