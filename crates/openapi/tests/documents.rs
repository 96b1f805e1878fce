//! Documents of all versions, read: the same API in each of them is the same.

use std::fmt::Write;

use doorward_openapi::{Body, Content, Document, Operation, ReadError, Version};
use model::{AuthRequirement, Parameter, SchemaRef, SecuritySchemeKind};
use proptest::prelude::*;
use serde_json::json;

const SWAGGER: &str = "\
swagger: '2.0'
info: {title: Orders, version: 1.0}
host: api.example.com
basePath: /v1
consumes: [application/json]
produces: [application/json]
security: [{key: []}]
securityDefinitions:
  key: {type: apiKey, in: header, name: X-Key}
  login: {type: oauth2, flow: accessCode, tokenUrl: /token, authorizationUrl: /a, scopes: {write: all, x-a: b}}
parameters:
  limit: {in: query, name: limit, type: integer, maximum: 100, exclusiveMaximum: true}
paths:
  /orders/{id}:
    parameters:
      - {in: path, name: id, type: string, format: uuid, required: true}
      - {$ref: '#/parameters/limit'}
    get:
      operationId: read
      security: []
      responses:
        200: {description: ok, schema: {$ref: '#/definitions/Order'}}
        default: {$ref: '#/responses/Error'}
    post:
      tags: [a, b]
      deprecated: true
      security: [{login: [write]}, {key: []}]
      parameters:
        - {in: query, name: limit, type: integer}
        - {in: body, name: body, required: true, schema: {$ref: '#/definitions/Order'}}
      responses:
        201: {description: made}
responses:
  Error: {description: bad, schema: {type: string}}
definitions:
  Order: {type: object, properties: {note: {type: string, x-nullable: true}}}
";

const V3_0: &str = "\
openapi: 3.0.3
info: {title: Orders, version: '1.0'}
servers: [{url: 'https://api.example.com/v1/'}]
security: [{key: []}]
paths:
  /orders/{id}:
    parameters:
      - {in: path, name: id, required: true, schema: {type: string, format: uuid}}
      - {$ref: '#/components/parameters/limit'}
    get:
      operationId: read
      security: []
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        default: {$ref: '#/components/responses/Error'}
    post:
      tags: [a, b]
      deprecated: true
      security: [{login: [write]}, {key: []}]
      parameters:
        - {in: query, name: limit, schema: {type: integer}}
      requestBody: {$ref: '#/components/requestBodies/Order'}
      responses:
        '201': {description: made}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    login:
      type: oauth2
      flows: {authorizationCode: {tokenUrl: /token, authorizationUrl: /a, scopes: {write: all}}}
  parameters:
    limit: {in: query, name: limit, schema: {type: integer, maximum: 100, exclusiveMaximum: true}}
  requestBodies:
    Order: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
  responses:
    Error: {description: bad, content: {application/json: {schema: {type: string}}}}
  schemas:
    Order: {type: object, properties: {note: {type: string, nullable: true}}}
";

fn v3_1() -> String {
    V3_0.replace("3.0.3", "3.1.0")
        .replace("maximum: 100, exclusiveMaximum: true", "exclusiveMaximum: 100")
        .replace("type: string, nullable: true", "type: [string, 'null']")
}

fn read(text: &str) -> Document {
    Document::read("openapi.yaml", text).unwrap()
}

fn contents(content: &[Content]) -> String {
    let schema = |one: &Content| match &one.schema {
        Some(SchemaRef::Named(name)) => name.to_string(),
        Some(SchemaRef::Inline(schema)) => schema.as_value().to_string(),
        None => "-".to_owned(),
    };
    content.iter().map(|one| format!(" {}={}", one.media_type, schema(one))).collect()
}

fn parameter(one: &Parameter) -> String {
    format!("{:?} {} {:?} {} {}", one.place, one.name, one.value_type, one.required, json!(one.bounds))
}

fn told(document: &Document, operation: &Operation) -> String {
    let mut out = format!("{} {:?}\n", operation.route.id(), operation.operation_id);
    let served: Vec<String> = document.served_ids(operation).iter().map(ToString::to_string).collect();
    let _ = writeln!(out, "  served {}, {:?} {}", served.join(", "), operation.tags, operation.deprecated);
    let _ = writeln!(out, "  admits {}", json!(operation.security.requirement));
    for one in &operation.parameters {
        let _ = writeln!(out, "  takes {}", parameter(&one.value));
    }
    if let Some(Body { required, content, .. }) = operation.body.as_ref().map(|body| &body.value) {
        let _ = writeln!(out, "  body {required}{}", contents(content));
    }
    for one in &operation.answers {
        let _ = writeln!(out, "  answers {:?}{}", one.value.status, contents(&one.value.content));
    }
    out
}

#[test]
fn an_api_is_the_same_in_every_version() {
    let expected = "\
GET /orders/{} Some(\"read\")
  served GET /v1/orders/{}, [] false
  admits {\"any_of\":[[]]}
  takes Path id Uuid true {}
  takes Query limit Integer false {\"exclusiveMaximum\":100}
  answers Code(200) application/json=Order
  answers Default application/json={\"type\":\"string\"}
POST /orders/{} None
  served POST /v1/orders/{}, [\"a\", \"b\"] true
  admits {\"any_of\":[[{\"scheme\":\"key\"}],[{\"scheme\":\"login\"},{\"scope\":\"write\"}]]}
  takes Path id Uuid true {}
  takes Query limit Integer false {}
  body true application/json=Order
  answers Code(201)
";
    let v3_1 = v3_1();
    let versions = [(SWAGGER, Version::Swagger2), (V3_0, Version::V3_0), (&*v3_1, Version::V3_1)];
    for (text, version) in versions {
        let document = read(text);
        assert_eq!(document.version, version);
        assert_eq!(document.gaps, []);
        assert_eq!((document.title.as_deref(), document.api_version.is_some()), (Some("Orders"), true));
        let operations: String = document.operations.iter().map(|one| told(&document, one)).collect();
        assert_eq!(operations, expected, "{version:?}");
        let order = json!({"type": "object", "properties": {"note": {"type": ["string", "null"]}}});
        assert_eq!(json!(document.schemas), json!({ "Order": order }), "{version:?}");
        let login = &document.security_schemes["login"].kind;
        let expected = SecuritySchemeKind::Oauth2 {
            flow: Some("authorizationCode".into()),
            token_url: Some("/token".into()),
            scopes: [("write".into(), "all".to_owned())].into(),
        };
        assert_eq!(*login, expected, "{version:?}");
    }
}

#[test]
fn everything_knows_its_line() {
    let document = read(SWAGGER);
    let [read, made] = document.operations.as_slice() else { panic!("two operations") };
    assert_eq!((read.line, made.line), (18, 24));
    assert_eq!((read.security.line, made.security.line), (Some(20), Some(27)));
    assert_eq!(read.parameters.iter().map(|one| one.line).collect::<Vec<_>>(), [16, 12]);
    assert_eq!(made.parameters.iter().map(|one| one.line).collect::<Vec<_>>(), [16, 29]);
    assert_eq!(made.body.as_ref().map(|body| body.line), Some(30));
    assert_eq!(read.answers.iter().map(|one| one.line).collect::<Vec<_>>(), [22, 23]);
    assert_eq!(document.servers[0].line, 4);
}

#[test]
fn no_security_and_an_empty_list_admit_everybody_and_nonsense_nobody() {
    let admitted = |document: &str, operation: &str| {
        let text = format!("openapi: 3.0.0\n{document}\npaths: {{/a: {{get: {{{operation}}}}}}}\n");
        let document = read(&text);
        let security = document.operations[0].security.clone();
        (security.requirement, security.line, document.gaps.len())
    };
    let (everybody, key) = (AuthRequirement::everybody(), AuthRequirement::of(model::Test::Scheme("key".into())));
    assert_eq!(admitted("", ""), (everybody.clone(), None, 0));
    assert_eq!(admitted("security: []", ""), (everybody.clone(), Some(2), 0));
    assert_eq!(admitted("security: [key: []]", ""), (key.clone(), Some(2), 0));
    assert_eq!(admitted("security: [key: []]", "security: []"), (everybody.clone(), Some(3), 0));
    assert_eq!(admitted("", "security: [{}, key: []]"), (everybody, Some(3), 0));
    assert_eq!(admitted("security: [key: []]", "security: null"), (key.clone(), Some(2), 0));
    assert_eq!(admitted("", "security: [key]"), (key, Some(3), 0));
    assert_eq!(admitted("", "security: [null, 1]"), (AuthRequirement::nobody(), Some(3), 1));
}

#[test]
fn forms_of_swagger_are_one_body() {
    let text = "\
swagger: '2.0'
consumes: [application/json]
paths:
  /files:
    post:
      parameters:
        - {in: formData, name: file, type: file, required: true}
        - {in: formData, name: note, type: string}
      responses: {}
";
    let document = read(text);
    let body = document.operations[0].body.as_ref().unwrap();
    let file = json!({"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"});
    let expected =
        json!({"type": "object", "properties": {"file": file, "note": {"type": "string"}}, "required": ["file"]});
    assert_eq!(contents(&body.value.content), format!(" multipart/form-data={expected}"));
    assert!(body.value.required && document.operations[0].parameters.is_empty());
}

#[test]
fn path_items_may_stand_elsewhere_in_the_document() {
    let text = "\
openapi: 3.1.0
paths:
  x-note: {get: {}}
  /a:
    $ref: '#/components/pathItems/A'
    x-router: own
    post: {operationId: own}
  /b: {$ref: 'other.yaml#/b'}
components:
  pathItems:
    A:
      x-router: shared
      servers: [{url: /shared}]
      get: {operationId: get, x-openapi-router-controller: app.a, x-router: operation}
      post: {operationId: shadowed}
";
    let document = read(text);
    let found = document.operations.iter().map(|one| {
        let controller = one.extension("x-openapi-router-controller").and_then(serde_json::Value::as_str);
        (one.operation_id.as_deref(), one.line, one.extension("x-router").cloned(), controller, one.servers.len())
    });
    let found: Vec<_> = found.collect();
    assert_eq!(
        found,
        [(Some("own"), 7, Some(json!("own")), None, 0), (Some("get"), 14, Some(json!("operation")), Some("app.a"), 1),]
    );
    let gaps: Vec<_> = document.gaps.iter().map(|gap| (gap.kind, gap.line)).collect();
    assert_eq!(gaps, [(model::GapKind::UnresolvedRoute, Some(8))]);
}

#[test]
fn what_names_code_is_kept() {
    let text = "\
openapi: 3.0.0
x-root: 1
paths:
  /a:
    x-openapi-router-controller: app.a
    post:
      operationId: make
      requestBody: {x-body-name: order, content: {}}
components:
  securitySchemes:
    jwt: {type: http, scheme: bearer, x-bearerInfoFunc: app.check}
    key: {type: apiKey, in: header, name: X-Key}
";
    let document = read(text);
    let operation = &document.operations[0];
    assert_eq!(operation.extension("x-openapi-router-controller"), Some(&json!("app.a")));
    assert_eq!(operation.body.as_ref().and_then(|body| body.value.name.as_deref()), Some("order"));
    assert_eq!(json!(document.scheme_extensions), json!({"jwt": {"x-bearerInfoFunc": "app.check"}}));
    assert_eq!(json!(document.extensions), json!({"x-root": 1}));
    let swagger = "swagger: '2.0'\npaths: {/a: {put: {parameters: [{in: body, name: order, schema: {}}]}}}\n";
    let body = read(swagger).operations[0].body.clone().unwrap();
    assert_eq!((body.value.name.as_deref(), body.value.required), (Some("order"), false));
}

proptest! {
    /// Whatever a text holds, it is read or refused.
    #[test]
    fn any_text_is_read_or_refused(text in "(openapi: 3\\.0\\.0|swagger: 2\\.0)\\n(paths:\\n( {1,6}[-/{}a$&*!|>\\[\\]\"':.#x0]{0,12}:?( [&*!a{}\\[\\],]{0,6})?\\n){0,12}|\\PC{0,60})") {
        if let Ok(document) = Document::read("openapi.yaml", &text) {
            for operation in &document.operations {
                prop_assert!(!document.served_ids(operation).is_empty());
            }
        }
    }
}

#[test]
fn what_is_no_document_is_told() {
    for text in ["", "[]", "a", "openapi: 2.0", "swagger: '1.2'", "{\"openapi\": null}", "info: {}"] {
        assert_eq!(Document::read("a", text), Err(ReadError::NoDocument), "{text}");
    }
    for text in ["openapi: 3.0.1", "openapi: 3.2.0", "swagger: 2.0", "{\"swagger\": \"2.0\", \"paths\": [1]}"] {
        assert!(read(text).operations.is_empty(), "{text}");
    }
}

#[test]
fn what_recurs_ends() {
    let text = "\
openapi: 3.0.0
paths:
  /a: {$ref: '#/paths/~1a'}
  /b:
    get:
      parameters: [{$ref: '#/components/parameters/P'}]
      requestBody: {$ref: '#/components/requestBodies/B'}
      responses: {200: {$ref: '#/components/responses/R'}}
components:
  parameters: {P: {$ref: '#/components/parameters/P'}}
  requestBodies: {B: {$ref: '#/components/requestBodies/B'}}
  responses: {R: {$ref: '#/components/responses/R'}}
  schemas:
    A: {$ref: '#/components/schemas/B'}
    B: {allOf: [{$ref: '#/components/schemas/A'}], properties: {all: {$ref: '#/components/schemas'}}}
";
    let document = read(text);
    assert_eq!(document.operations.len(), 1);
    assert_eq!(document.gaps.len(), 4);
    assert_eq!(document.schemas["A"].reference_name().as_deref(), Some("B"));
}
