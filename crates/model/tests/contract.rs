//! The report against the contract: the example of `scan --format json` goes through the types unchanged, and the JSON
//! Schema that is printed demands its keys.

use doorward_model::{
    Access, AuthRequirement, Bounds, Certainty, Effect, Endpoint, EndpointKind, Evidence, Finding, Handler, Method,
    ObjectEffect, OwnerCheck, Parameter, ParameterRef, PathPattern, Place, Project, Report, Response, Route, Test,
    Tool, ValueType, Weakness,
};
use serde_json::{Value, json};

fn example_endpoint() -> Value {
    json!({
        "id": "GET /api/v1/items/{}", "application": "app.main:app", "method": "GET",
        "path": "/api/v1/items/{id}", "kind": "http", "framework": "fastapi", "origin": "project",
        "host": null,
        "handler": {"file": "backend/app/api/routes/items.py", "line": 49,
                    "name": "app.api.routes.items.read_item"},
        "parameters": [{"name": "id", "in": "path", "type": "uuid", "required": true, "bounds": {}}],
        "request_body": null, "response": {"schema": "ItemPublic"},
        "access": {"verdict": "authenticated", "certainty": "proven",
                   "requirement": {"any_of": [[{"scheme": "OAuth2PasswordBearer"}]]},
                   "evidence": [{"file": "backend/app/api/deps.py", "line": 30,
                                 "what": "get_current_user raises 403"}]},
        "effects": [{"kind": "read", "object": "Item", "key": {"in": "path", "name": "id"},
                     "owner": "owner_id", "owner_check": "proven"}],
        "limits": [], "version": "v1", "deprecated": false
    })
}

fn example_finding() -> Value {
    json!({
        "rule": "object-read-without-owner-check", "weakness": "broken-object-level-authorization",
        "severity": "high", "confidence": "high", "persona": "regular", "cwe": [639],
        "owasp_api": ["API1:2023"], "asvs": ["8.2.2"],
        "endpoint": "GET /orders/{}",
        "location": {"file": "app/orders.py", "line": 31, "end_line": 34, "column": 5},
        "message": "...",
        "trace": [{"file": "app/orders.py", "line": 29, "what": "`order_id` from the path"}],
        "fix": {"safety": "unsafe",
                "edits": [{"file": "...", "start": 0, "end": 0, "text": "..."}], "text": "..."},
        "shield": {"layer": "ownership", "policy": "..."},
        "fingerprint": "0123456789abcdef0123456789abcdef"
    })
}

fn example_report() -> Value {
    json!({
        "schema_version": 1, "tool": {"name": "doorward", "version": "0.1.0"},
        "project": {"root": ".", "files": 47, "lines": 3012, "frameworks": ["fastapi"], "unreadable": []},
        "endpoints": [example_endpoint()],
        "schemas": {"ItemPublic": {"type": "object", "properties": {}}}, "objects": [], "applications": [],
        "findings": [example_finding()],
        "gaps": [{"kind": "unresolved-route", "file": "...", "line": 3,
                  "reason": "prefix comes from environment variable `API_ROOT`"}]
    })
}

fn built_endpoint() -> Endpoint {
    let key = ParameterRef::new(Place::Path, "id");
    let evidence = Evidence::new("backend/app/api/deps.py", 30, "get_current_user raises 403");
    Endpoint {
        parameters: vec![Parameter { bounds: Bounds::default(), ..Parameter::new("id", Place::Path, ValueType::Uuid) }],
        response: Some(Response { schema: Some("ItemPublic".into()), ..Response::default() }),
        effects: vec![Effect::Read(ObjectEffect {
            key: Some(key),
            owner: Some("owner_id".into()),
            owner_check: OwnerCheck::Proven,
            ..ObjectEffect::on("Item")
        })],
        version: Some("v1".into()),
        ..Endpoint::new(
            Route::new(Method::Get, PathPattern::from_starlette("/api/v1/items/{id}")),
            "app.main:app",
            "fastapi",
            Handler::new("backend/app/api/routes/items.py", 49, "app.api.routes.items.read_item"),
            Access::required(AuthRequirement::of(Test::Scheme("OAuth2PasswordBearer".into())), vec![evidence]),
        )
    }
}

#[test]
fn the_example_goes_through_the_types_unchanged() {
    let report: Report = serde_json::from_value(example_report()).unwrap();
    assert_eq!(serde_json::to_value(&report).unwrap(), example_report());
    assert_eq!(report.endpoints[0], built_endpoint());
    assert_eq!(report.endpoints[0].kind(), EndpointKind::Http);
    assert_eq!(report.endpoints[0].access.certainty(), Certainty::Proven);
    assert_eq!(report.findings[0].weakness, Weakness::BrokenObjectLevelAuthorization);
}

#[test]
fn an_endpoint_built_in_code_writes_the_example() {
    assert_eq!(serde_json::to_value(built_endpoint()).unwrap(), example_endpoint());
}

#[test]
fn what_the_path_does_not_say_is_kept_beside_it() {
    let pattern = PathPattern::from_starlette("/t/{id:int}/{rest:path}");
    let endpoint = Endpoint {
        route: Route::new(Method::WebSocket, pattern)
            .with_host(PathPattern::from_starlette("{tenant}.example.com"))
            .with_selected_version("2 beta")
            .with_variant(2),
        in_schema: false,
        ..built_endpoint()
    };
    let json = serde_json::to_value(&endpoint).unwrap();
    assert_eq!(json["id"], "WS {}.example.com/t/{}/{} version=2%20beta variant=2");
    assert_eq!(json["path"], "/t/{id}/{rest}");
    assert_eq!(json["kind"], "websocket");
    assert_eq!(json["host"], "{tenant}.example.com");
    assert_eq!(json["in_schema"], false);
    assert_eq!(serde_json::from_value::<Endpoint>(json).unwrap(), endpoint);
}

#[test]
fn contradictions_are_refused() {
    for (key, value) in [
        ("method", json!("POST")),
        ("path", json!("/api/v1/things/{id}")),
        ("kind", json!("websocket")),
        ("host", json!("example.com")),
    ] {
        let mut endpoint = example_endpoint();
        endpoint[key] = value;
        assert!(serde_json::from_value::<Endpoint>(endpoint).is_err(), "{key}");
    }
    let mut report = example_report();
    report["schema_version"] = json!(2);
    assert!(serde_json::from_value::<Report>(report).is_err());
}

#[test]
fn ids_that_follow_from_the_weakness_are_not_read() {
    let mut json = example_finding();
    json["cwe"] = json!([1]);
    let finding: Finding = serde_json::from_value(json).unwrap();
    assert_eq!(serde_json::to_value(finding).unwrap(), example_finding());
}

#[test]
fn the_same_content_in_any_order_is_the_same_bytes() {
    let mut first: Report = serde_json::from_value(example_report()).unwrap();
    let mut other = built_endpoint();
    other.route = Route::new(Method::Delete, PathPattern::from_starlette("/api/v1/items/{id}"));
    first.endpoints.push(other);
    first.gaps.push(first.gaps[0].clone());
    first.project.frameworks = vec!["flask".into(), "fastapi".into()];
    let mut second = first.clone();
    second.endpoints.reverse();
    second.project.frameworks.reverse();
    second.gaps.pop();
    first.sort();
    second.sort();
    assert_eq!(serde_json::to_string(&first).unwrap(), serde_json::to_string(&second).unwrap());
    let empty = Report::new(first.tool.clone(), Project::default());
    assert_eq!(empty.tool, Tool { ..first.tool });
}

/// Follows `$ref` into the document's `$defs`.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(pointer) => root.pointer(pointer.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

fn required(schema: &Value) -> Vec<&str> {
    let keys = schema["required"].as_array().unwrap();
    keys.iter().filter_map(Value::as_str).collect()
}

#[test]
fn the_json_schema_demands_every_key_of_the_example() {
    let root = serde_json::to_value(Report::json_schema()).unwrap();
    let items = |name: &str| resolved(&root, &root["properties"][name]["items"]).clone();
    let (endpoint, finding) = (items("endpoints"), items("findings"));
    for (schema, example) in [
        (&root, example_report()),
        (&endpoint, example_endpoint()),
        (&finding, example_finding()),
        (&resolved(&root, &endpoint["properties"]["access"]).clone(), example_endpoint()["access"].clone()),
        (&resolved(&root, &endpoint["properties"]["handler"]).clone(), example_endpoint()["handler"].clone()),
        (&items("gaps"), example_report()["gaps"][0].clone()),
    ] {
        let keys = required(schema);
        for key in example.as_object().unwrap().keys() {
            // A gap about a whole file has no line.
            assert!(keys.contains(&key.as_str()) || key == "line", "{key} of {keys:?}");
        }
    }
    assert_eq!(root["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(root["properties"]["schema_version"], json!({"const": 1, "description": "The version of this format."}));
}

#[test]
fn the_json_schema_names_every_value_of_an_enumeration() {
    let root = serde_json::to_value(Report::json_schema()).unwrap();
    let names = root["$defs"]["Weakness"]["enum"].as_array().unwrap();
    assert_eq!(names.len(), Weakness::ALL.len());
    let text = root["$defs"].to_string();
    for name in ["restricted", "assumed", "critical", "first-match", "owner_check"] {
        assert!(text.contains(&format!("\"{name}\"")), "{name}");
    }
}

#[test]
fn no_description_speaks_of_rust() {
    let schema = serde_json::to_string(&Report::json_schema()).unwrap();
    for rust in ["crate::", "](", "[`", "Self::"] {
        assert!(!schema.contains(rust), "{rust}");
    }
}
