//! The model of the library, as a scan of its code would give it.

use std::sync::Arc;

use model::{
    Access, Application, AuthRequirement, CaseRule, ClaimBinding, Column, Condition, Confidence, CredentialExchange,
    Decided, DoubleSlash, Effect, Endpoint, Evidence, Finding, Fingerprint, FingerprintKey, Handler, KeySource, Known,
    Location, MatchOrder, MethodMismatch, ObjectEffect, ObjectModel, OutsideEffect, OwnerCheck, Parameter,
    ParameterRef, PathPattern, Place, Principal, Project, Report, RequestBody, Response, Route, RouterRules, Schema,
    SchemaRef, Severity, Subject, Test, TokenCarrier, TokenCheck, TokenIssue, TokenKind, TokenRecipe, Tool,
    TrailingSlash, ValueType, Weakness,
};
use serde_json::{Value, json};

use super::KEY;

const APPLICATION: &str = "library:app";
const FILE: &str = "library.py";

fn evidence() -> Evidence {
    Evidence::new(FILE, 1, "here")
}

/// An endpoint, `METHOD /path`, with its effects; those of `open` admit everybody.
fn endpoint(id: &str, line: u32, effects: Vec<Effect>, open: bool) -> Endpoint {
    let (method, path) = id.split_once(' ').expect("a method and a path");
    let route = Route::new(method.parse().expect("a method"), PathPattern::from_starlette(path));
    let access = match open {
        true => Access::public(vec![]),
        false => Access::required(AuthRequirement::of(Test::Scheme("bearer".into())), vec![evidence()]),
    };
    let parameters =
        route.pattern().parameters().map(|one| Parameter::new(one.name.clone(), Place::Path, ValueType::Integer));
    let parameters = parameters.collect();
    let handler = Handler::new(FILE, line, "library.handler");
    Endpoint { effects, parameters, ..Endpoint::new(route, APPLICATION, "fastapi", handler, access) }
}

fn schema(value: Value) -> SchemaRef {
    SchemaRef::Inline(Schema::try_from(value).expect("a schema"))
}

fn text_fields(names: &[&str]) -> SchemaRef {
    let properties: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), json!({"type": "string", "maxLength": 80}))).collect();
    schema(json!({"type": "object", "properties": properties, "required": names}))
}

fn takes(mut endpoint: Endpoint, body: SchemaRef, media_type: &str) -> Endpoint {
    let content_types = vec![media_type.into()];
    endpoint.request_body =
        Some(RequestBody { schema: Some(body), content_types, required: true, ..RequestBody::default() });
    endpoint
}

fn json_body(endpoint: Endpoint, body: SchemaRef) -> Endpoint {
    takes(endpoint, body, "application/json")
}

fn answers(mut endpoint: Endpoint, names: &[&str], many: bool) -> Endpoint {
    endpoint.response = Some(Response { schema: Some(text_fields(names)), many, ..Response::default() });
    endpoint
}

fn by_key(object: &str, key: &str, owner: Option<&str>, owner_check: OwnerCheck) -> ObjectEffect {
    let key = Some(ParameterRef::new(Place::Path, key));
    ObjectEffect { key, owner: owner.map(Arc::from), owner_check, ..ObjectEffect::on(object) }
}

fn own(object: &str) -> ObjectEffect {
    by_key(object, "id", Some("owner_id"), OwnerCheck::Proven)
}

fn of_credential(object: &str) -> ObjectEffect {
    ObjectEffect { key: Some(ParameterRef::new(Place::Claim, "sub")), ..ObjectEffect::on(object) }
}

fn many(object: &str) -> ObjectEffect {
    ObjectEffect { many: true, ..ObjectEffect::on(object) }
}

fn unowned(object: &str) -> ObjectEffect {
    by_key(object, "id", None, OwnerCheck::Unknown)
}

fn endpoints() -> Vec<Endpoint> {
    [accounts(), notes(), open()].concat()
}

fn accounts() -> Vec<Endpoint> {
    let registration = schema(json!({"type": "object", "required": ["email", "password", "name"], "properties": {
        "email": {"type": "string", "format": "email"}, "password": {"type": "string", "minLength": 8, "maxLength": 20},
        "name": {"type": "string", "minLength": 1, "maxLength": 60}, "phone": {"type": "string"}}}));
    let credentials = text_fields(&["username", "password"]);
    let login = endpoint("POST /login", 2, vec![], true);
    let me = endpoint("GET /me", 3, vec![Effect::Read(of_credential("User"))], false);
    vec![
        json_body(endpoint("POST /register", 1, vec![Effect::Create(ObjectEffect::on("User"))], true), registration),
        takes(login, credentials, "application/x-www-form-urlencoded"),
        answers(me, &["id", "email", "name"], false),
        endpoint("DELETE /me", 4, vec![Effect::Delete(of_credential("User"))], false),
    ]
}

fn notes() -> Vec<Endpoint> {
    let fields = ["id", "owner_id", "title", "text"];
    let making = endpoint("POST /notes", 5, vec![Effect::Create(ObjectEffect::on("Note"))], false);
    let unchecked = by_key("Note", "id", Some("owner_id"), OwnerCheck::Absent);
    vec![
        answers(json_body(making, text_fields(&["title", "text"])), &fields, false),
        answers(endpoint("GET /notes", 6, vec![Effect::Read(many("Note"))], false), &fields, true),
        answers(endpoint("GET /notes/{id}", 7, vec![Effect::Read(unchecked)], false), &fields, false),
        answers(endpoint("GET /notes/{id}/card", 8, vec![Effect::Read(own("Note"))], false), &["title"], false),
        endpoint("DELETE /notes/{id}", 9, vec![Effect::Delete(own("Note"))], false),
    ]
}

/// Those that admit everybody.
fn open() -> Vec<Endpoint> {
    let title = || text_fields(&["title"]);
    let making = endpoint("POST /banners", 11, vec![Effect::Create(ObjectEffect::on("Banner"))], true);
    let changing = endpoint("PUT /banners/{id}", 12, vec![Effect::Update(unowned("Banner"))], true);
    let contact = endpoint("GET /users/{id}/contact", 14, vec![Effect::Read(unowned("User"))], true);
    let dropped = OutsideEffect { call: "metadata.drop_all".into(), ..OutsideEffect::default() };
    vec![
        answers(endpoint("GET /banners", 10, vec![Effect::Read(many("Banner"))], true), &["id", "title"], true),
        json_body(making, title()),
        json_body(changing, title()),
        endpoint("DELETE /banners/{id}", 13, vec![Effect::Delete(unowned("Banner"))], true),
        answers(contact, &["email", "name"], false),
        endpoint("GET /settings", 15, vec![], true),
        endpoint("POST /reset", 16, vec![Effect::SchemaChange(dropped)], true),
        endpoint("PUT /stock/{id}", 17, vec![Effect::Update(unowned("Product"))], true),
    ]
}

/// Endpoints that write for whoever is signed in, with their holes.
fn written() -> Vec<Endpoint> {
    let optional = |names: &[&str]| {
        let properties: serde_json::Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!({"type": "string", "maxLength": 80}))).collect();
        schema(json!({"type": "object", "properties": properties}))
    };
    let unchecked = by_key("Note", "id", Some("owner_id"), OwnerCheck::Absent);
    let for_admins = |id: &str, line, effects| {
        let all = [Test::Scheme("bearer".into()), Test::Role("admin".into())];
        let all = all.map(|test| Condition::new(test, Decided::Request));
        let access = Access::required(AuthRequirement::all_of(all), vec![evidence()]);
        Endpoint { access, ..endpoint(id, line, effects, false) }
    };
    let making = for_admins("POST /books", 23, vec![Effect::Create(ObjectEffect::on("Book"))]);
    vec![
        json_body(endpoint("PATCH /notes/{id}", 20, vec![Effect::Update(unchecked)], false), optional(&["title"])),
        json_body(
            endpoint("PATCH /me", 21, vec![Effect::Update(of_credential("User"))], false),
            optional(&["name", "role"]),
        ),
        for_admins("GET /admin", 22, vec![]),
        answers(json_body(making, text_fields(&["title"])), &["id", "title"], false),
        answers(endpoint("GET /books/{id}", 24, vec![Effect::Read(unowned("Book"))], false), &["id", "title"], false),
        endpoint("DELETE /books/{id}", 25, vec![Effect::Delete(unowned("Book"))], false),
    ]
}

/// The report with endpoints that write for whoever is signed in.
pub(crate) fn report_with_writes() -> Report {
    let mut report = report();
    let written = written();
    report.applications[0].endpoints.extend(written.iter().map(|one| one.id().clone()));
    report.applications[0].principals[0].roles = vec!["role".into()];
    report.endpoints.extend(written);
    report.objects.push(object("Book", &["id", "title"], false));
    let role = Column { privileged: true, ..Column::new("role", ValueType::String) };
    report.objects[0].columns.push(role);
    report.findings = vec![
        finding(Weakness::BrokenObjectLevelAuthorization, Some("PATCH /notes/{}")),
        finding(Weakness::PrivilegeEscalation, Some("PATCH /me")),
        finding(Weakness::InconsistentAuthorization, Some("DELETE /books/{}")),
    ];
    report
}

fn object(name: &str, columns: &[&str], owner: bool) -> ObjectModel {
    let owner = owner.then(|| {
        let path = model::OwnerPath { column: "owner_id".into(), references: Some("id".into()), through: vec![] };
        Known::proven(path, vec![])
    });
    ObjectModel {
        name: name.into(),
        class: format!("library.{name}").into(),
        table: None,
        evidence: evidence(),
        columns: columns.iter().map(|&name| Column::new(name, ValueType::String)).collect(),
        primary_key: vec!["id".into()],
        unique: vec![],
        foreign_keys: vec![],
        owner,
        tenant: None,
    }
}

fn recipe() -> TokenRecipe {
    let exchange = |endpoint: &str, place, name: &str, token: Option<&str>| CredentialExchange {
        endpoint: endpoint.parse().expect("an endpoint id"),
        name: ParameterRef::new(place, name),
        password: Some(ParameterRef::new(place, "password")),
        token: token.map(Arc::from),
    };
    TokenRecipe {
        scheme: "bearer".into(),
        kind: TokenKind::Jwt,
        carried: Some(TokenCarrier {
            parameter: ParameterRef::new(Place::Header, "Authorization"),
            prefix: "Bearer ".into(),
        }),
        issue: Some(TokenIssue {
            algorithm: Known::proven("HS256".into(), vec![]),
            key: KeySource::literal(KEY, evidence()),
            claims: indexmap::IndexMap::new(),
            lifetime_s: Some(3_600),
            evidence: evidence(),
        }),
        check: Some(TokenCheck {
            signature: Known::proven(true, vec![]),
            algorithms: vec!["HS256".into()],
            key: KeySource::literal(KEY, evidence()),
            claims: vec![],
            audience: None,
            issuer: None,
            evidence: evidence(),
        }),
        register: Some(exchange("POST /register", Place::Body, "email", None)),
        login: Some(exchange("POST /login", Place::Form, "username", Some("/access_token"))),
    }
}

fn finding(weakness: Weakness, endpoint: Option<&str>) -> Finding {
    let location = Location { file: FILE.into(), line: 1, end_line: 1, column: 1 };
    let key = FingerprintKey::new(weakness.name(), Subject::File(FILE.into()), endpoint.unwrap_or_default(), "");
    let fingerprint = Fingerprint::of(&key, 0);
    let found = Finding::new("rule", weakness, Severity::High, Confidence::High, location, "found", fingerprint);
    Finding {
        application: Some(APPLICATION.into()),
        endpoint: endpoint.map(|id| id.parse().expect("an endpoint id")),
        ..found
    }
}

fn router() -> RouterRules {
    RouterRules {
        order: MatchOrder::FirstMatch,
        method_mismatch: MethodMismatch::TryNext,
        trailing_slash: TrailingSlash::Redirect,
        case: CaseRule::Sensitive,
        double_slash: DoubleSlash::Strict,
        redirect_status: None,
        converters: std::collections::BTreeMap::new(),
    }
}

/// The whole report.
pub(crate) fn report() -> Report {
    let endpoints = endpoints();
    let binding = ClaimBinding { claim: "sub".into(), column: "id".into() };
    let principal = Principal {
        source: "library.current_user".into(),
        scheme: Some("bearer".into()),
        object: Some("User".into()),
        identity: Some("id".into()),
        roles: vec![],
        tenant: None,
        claim: Some(Known::proven(binding, vec![])),
        evidence: vec![],
    };
    let application = Application {
        name: APPLICATION.into(),
        framework: "fastapi".into(),
        file: FILE.into(),
        line: 1,
        endpoints: endpoints.iter().map(|one| one.id().clone()).collect(),
        router: router(),
        implicit_methods: vec![],
        middleware: vec![],
        mounts: vec![],
        security_schemes: indexmap::IndexMap::new(),
        principals: vec![principal],
        objects: vec![],
        tokens: vec![recipe()],
    };
    let missing = [
        "POST /banners",
        "PUT /banners/{}",
        "DELETE /banners/{}",
        "GET /users/{}/contact",
        "GET /settings",
        "POST /reset",
        "PUT /stock/{}",
    ];
    let mut findings: Vec<Finding> =
        missing.iter().map(|id| finding(Weakness::MissingAuthentication, Some(id))).collect();
    findings.push(finding(Weakness::BrokenObjectLevelAuthorization, Some("GET /notes/{}")));
    findings.push(finding(Weakness::WeakTokenKey, None));
    Report {
        endpoints,
        objects: vec![
            object("User", &["id", "email", "name"], false),
            object("Note", &["id", "owner_id", "title", "text"], true),
            object("Banner", &["id", "title"], false),
            object("Product", &["id", "stock"], false),
        ],
        applications: vec![application],
        findings,
        ..Report::new(Tool { name: "doorward".into(), version: "0".into() }, Project::default())
    }
}
