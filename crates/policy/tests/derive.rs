//! What is derived from a model: the whole text, and that it is a policy.

#![expect(clippy::needless_pass_by_value, reason = "`json!` in place reads best by value")]

use doorward_policy::{DeriveOptions, Derived, Match, Matcher, Policy, RequestPath, derive};
use model::Report;
use serde_json::{Value, json};

fn endpoint(id: &str, access: Value, more: Value) -> Value {
    let (method, path) = id.split_once(' ').unwrap();
    let erased: String = path
        .split('{')
        .enumerate()
        .map(|(at, piece)| match at {
            0 => piece.to_owned(),
            _ => format!("{{{}", piece.split_once('}').map_or("}", |(_, after)| after)).replacen('{', "{}", 1),
        })
        .collect();
    let mut one = json!({
        "id": format!("{method} {erased}"), "method": method, "path": path, "kind": "http", "application": "app:app",
        "framework": "fastapi", "origin": "project", "handler": {"file": "app.py", "line": 9, "name": "app.handler"},
        "access": access,
    });
    one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    one
}

fn asks(alternatives: Value, certainty: &str) -> Value {
    let restricted = alternatives.as_array().unwrap().iter().all(|all| all.as_array().unwrap().len() > 1);
    let verdict = if alternatives == json!([[]]) {
        "public"
    } else if restricted {
        "restricted"
    } else {
        "authenticated"
    };
    let reason = (certainty == "assumed").then_some("default of `AUTH`");
    json!({"verdict": verdict, "certainty": certainty, "requirement": {"any_of": alternatives},
           "evidence": [{"file": "deps.py", "line": 3, "what": "current_user refuses with 401"}], "reason": reason})
}

fn unknown() -> Value {
    json!({"verdict": "unknown", "certainty": "unknown", "requirement": null,
           "gap": {"kind": "unresolved-guard", "file": "app.py", "line": 4, "reason": "`vendor.guard` is not in the project"}})
}

fn finding(rule: &str, weakness: &str, endpoint: Option<&str>, persona: &str, fingerprint: &str) -> Value {
    json!({"rule": rule, "weakness": weakness, "severity": "high", "confidence": "high", "persona": persona,
           "endpoint": endpoint, "location": {"file": "app.py", "line": 5, "column": 1, "end_line": 5}, "message": "m", "trace": [],
           "fingerprint": fingerprint})
}

fn findings(literal: bool) -> Vec<Value> {
    let mut findings = vec![
        finding(
            "unauthenticated-write",
            "missing-authentication",
            Some("POST /open"),
            "regular",
            "00000000000000000000000000000001",
        ),
        finding(
            "unauthenticated-read",
            "missing-authentication",
            Some("GET /"),
            "auditor",
            "00000000000000000000000000000002",
        ),
        finding(
            "object-read",
            "broken-object-level-authorization",
            Some("GET /orders/{}"),
            "regular",
            "00000000000000000000000000000003",
        ),
    ];
    if literal {
        findings.push(finding("literal-key", "weak-token-key", None, "regular", "00000000000000000000000000000004"));
    }
    findings
}

fn report(key: Value, literal: bool) -> Report {
    let reads = json!({"response": {"schema": "Order"}, "effects": [{"kind": "read", "object": "Order",
        "key": {"in": "path", "name": "id"}, "owner": "owner_id", "owner_check": "absent"}]});
    let endpoints = vec![
        endpoint("GET /", asks(json!([[]]), "proven"), json!({})),
        endpoint("GET /docs", asks(json!([[]]), "proven"), json!({"origin": "framework"})),
        endpoint("GET /maybe", asks(json!([[]]), "assumed"), json!({})),
        endpoint("GET /vendor", unknown(), json!({})),
        endpoint("GET /me", asks(json!([[{"scheme": "bearer"}]]), "assumed"), json!({})),
        endpoint("GET /admin", asks(json!([[{"scheme": "bearer"}, {"role": "admin or staff"}]]), "proven"), json!({})),
        endpoint("GET /orders/{id}", asks(json!([[{"scheme": "bearer"}]]), "proven"), reads),
        endpoint("POST /open", asks(json!([[]]), "proven"), json!({})),
        endpoint("POST /hook", asks(json!([[{"scheme": "signature"}]]), "proven"), json!({})),
        endpoint("GET /partner", asks(json!([[{"scheme": "partner"}]]), "proven"), json!({})),
        endpoint("GET /files/x", asks(json!([[]]), "proven"), json!({})),
    ];
    let ids: Vec<&Value> = endpoints.iter().map(|one| &one["id"]).collect();
    let findings = findings(literal);
    serde_json::from_value(json!({
        "schema_version": 1, "tool": {"name": "doorward", "version": "0.1.0"},
        "project": {"root": ".", "files": 1, "lines": 1, "frameworks": ["fastapi"], "unreadable": []},
        "applications": [{
            "name": "app:app", "framework": "fastapi", "file": "app.py", "line": 1, "endpoints": ids,
            "router": {"order": "first-match", "method_mismatch": "try-next", "trailing_slash": "redirect", "case": "sensitive",
                       "double_slash": "strict", "redirect_status": 307},
            "mounts": [{"path": "/files", "kind": "files", "evidence": {"file": "app.py", "line": 2, "what": "mounted"}}],
            "security_schemes": {
                "bearer": {"type": "http", "scheme": "bearer", "evidence": {"file": "deps.py", "line": 1, "what": "declares the scheme"}},
                "partner": {"type": "api-key", "parameter": {"in": "header", "name": "X-Partner-Key"}},
                "signature": {"type": "custom", "parameters": []},
            },
            "principals": [{"source": "deps.current_user", "scheme": "bearer", "object": "User", "roles": ["role"],
                "claim": {"certainty": "proven", "value": {"claim": "uid", "column": "id"}}}],
            "tokens": [{"scheme": "bearer", "kind": "jwt",
                "issue": {"algorithm": {"certainty": "proven", "value": "HS256"}, "key": key, "claims": {"uid": "user.id", "role": "user.role"},
                          "evidence": {"file": "tokens.py", "line": 8, "what": "jwt.encode"}},
                "check": {"signature": {"certainty": "proven", "value": true}, "algorithms": ["HS256"], "key": key, "claims": ["exp"],
                          "evidence": {"file": "tokens.py", "line": 12, "what": "jwt.decode"}}}],
        }],
        "endpoints": endpoints, "findings": findings, "gaps": [],
        "schemas": {"Order": {"type": "object", "properties": {"id": {}, "owner_id": {}}}},
        "objects": [{"name": "Order", "class": "models.Order", "evidence": {"file": "models.py", "line": 1, "what": "class"}, "columns": [],
            "owner": {"certainty": "proven", "value": {"column": "owner_id", "references": "id"}}}],
    }))
    .unwrap()
}

fn derived(report: &Report) -> Derived {
    let derived = derive(report, &report.applications[0], DeriveOptions::on("2026-11-22".parse().unwrap()));
    let text = derived.to_toml();
    let read = Policy::parse(&text).unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"));
    assert_eq!(read, derived.policy);
    derived
}

#[test]
fn everything_that_can_be_said_and_nothing_else() {
    let key =
        json!({"from": "literal", "bytes": 7, "evidence": {"file": "config.py", "line": 3, "what": "`KEY = ...`"}});
    let report = report(key, true);
    let derived = derived(&report);
    insta::assert_snapshot!(derived.to_toml());
    assert_eq!(derived.to_toml(), self::derived(&report).to_toml(), "the same model gives the same bytes");
}

#[test]
fn a_key_of_a_setting_is_named() {
    let report = report(json!({"from": "setting", "name": "settings.jwt_secret", "has_default": true}), false);
    let text = derived(&report).to_toml();
    assert!(text.contains("keys = { env = \"JWT_SECRET\" }"), "{text}");
    assert!(text.contains("# a default of `settings.jwt_secret` stands in the code"), "{text}");
    let key = json!({"from": "setting", "name": "jwt_secret", "variable": "SHOP_JWT_SECRET", "has_default": true});
    let text = derived(&self::report(key, false)).to_toml();
    assert!(text.contains("keys = { env = \"SHOP_JWT_SECRET\" }"), "{text}");
}

#[test]
fn published_keys_come_with_who_issues_and_for_whom() {
    let text = |url: Value, more: Value| {
        let key = json!({"from": "jwks", "url": url, "setting": more["setting"]});
        let mut report = report(key, false);
        let check = report.applications[0].tokens[0].check.as_mut().unwrap();
        check.algorithms = vec!["RS256".into()];
        check.audience = serde_json::from_value(more["audience"].clone()).unwrap();
        check.issuer = serde_json::from_value(more["issuer"].clone()).unwrap();
        derived(&report).to_toml()
    };
    let proven = |values: Value| json!({"certainty": "proven", "value": values});
    let all = json!({"audience": proven(json!(["shop", "till"])), "issuer": proven(json!(["https://id.example/"]))});
    let known = text(json!("https://id.example/jwks.json"), all);
    let expected = "kind = \"jwt\"\nissuer = \"https://id.example/\"\naudience = [\"shop\", \"till\"]\nalgorithms = [\"RS256\"]\n\
                    keys = { jwks_url = \"https://id.example/jwks.json\" }\n";
    assert!(known.contains(expected), "{known}");
    let by_setting = json!({"setting": "oidc_url", "audience": {"certainty": "assumed", "value": ["shop"], "reason": "the default of the setting `aud`"}});
    let assumed = text(json!("https://id.example/keys"), by_setting);
    assert!(assumed.contains("keys = { jwks_url = \"https://id.example/keys\" }\n"), "{assumed}");
    assert!(assumed.contains("# the address of the keys is the default of the setting `oidc_url`"), "{assumed}");
    assert!(
        assumed.contains("# `aud` is the default of the setting `aud`: write here what yours is set to"),
        "{assumed}"
    );
    let gap =
        json!({"kind": "unresolved-guard", "file": "deps.py", "line": 4, "reason": "the setting `aud` has no default"});
    let several = proven(json!(["https://a.example", "https://b.example"]));
    let unknown = text(
        Value::Null,
        json!({"setting": "oidc_url", "audience": {"certainty": "unknown", "gap": gap}, "issuer": several}),
    );
    assert!(unknown.contains("keys = { env = \"BEARER_KEY\" }\n") && !unknown.contains("audience ="), "{unknown}");
    assert!(
        unknown.contains("# not understood: the address of the published keys, which the setting `oidc_url` holds"),
        "{unknown}"
    );
    assert!(
        unknown.contains(
            "# not expressed: what the code checks in `aud`: the setting `aud` has no default. Write it here"
        ),
        "{unknown}"
    );
    assert!(
        unknown
            .contains("# not expressed: `iss` may be one of https://a.example, https://b.example; a policy names one"),
        "{unknown}"
    );
    let unchecked = text(json!("https://id.example/jwks.json"), json!({}));
    assert!(unchecked.contains("# not expressed: the code does not look at `aud`; a token that has one is refused unless `audience` names it"), "{unchecked}");
}

#[test]
fn an_owner_that_the_token_does_not_name_is_not_compared() {
    let mut report = report(json!({"from": "generated"}), false);
    report.applications[0].principals[0].claim =
        Some(model::Known::proven(model::ClaimBinding { claim: "sub".into(), column: "name".into() }, vec![]));
    let text = derived(&report).to_toml();
    assert!(!text.contains("owner = "), "{text}");
    assert!(text.contains("`owner_id` holds `id`, and the token names `name`: a look-up would be needed"), "{text}");
}

#[test]
fn a_router_that_cannot_be_followed_is_refused_whole() {
    let mut report = report(json!({"from": "generated"}), false);
    report.applications[0].router.order = model::MatchOrder::MostSpecific;
    let derived = derived(&report);
    assert_eq!(derived.policy.admissions().2, derived.policy.routes.len());
}

#[test]
fn what_is_mounted_answers_before_what_may_match_below_it() {
    let mount =
        json!({"path": "/mounted", "kind": "unknown", "evidence": {"file": "app.py", "line": 2, "what": "mounted"}});
    let mut report = report(json!({"from": "generated"}), false);
    report.applications[0].mounts = vec![serde_json::from_value(mount).unwrap()];
    for router in [report.applications[0].router.clone(), werkzeug("redirect-to-slash")] {
        report.applications[0].router = router;
        let policy = derived(&report).policy;
        let matcher = Matcher::new(&policy.routes, &policy.router);
        for (method, path) in [("GET", "/mounted/x"), ("POST", "/mounted/x/y"), ("DELETE", "/mounted/x")] {
            let request = RequestPath::new(path.as_bytes()).unwrap();
            let Match::Found(found) = matcher.find(&method.parse().unwrap(), None, &request) else { panic!("{path}") };
            assert_eq!(policy.routes[found.route].key.to_string(), "* /mounted/{path:path}", "{method} {path}");
        }
    }
    let policy = derived(&report).policy;
    assert!(policy.routes.iter().any(|route| route.key.to_string() == "* /mounted"));
}

#[test]
fn expressions_of_parameters_and_what_a_text_matches_are_those_of_aiohttp() {
    let mut report = report(json!({"from": "generated"}), false);
    report.applications[0].router =
        rules("first-match", "try-next", "strict", "strict", json!({"str": rule("[^{}/]+")}));
    let part = model::PathParameter {
        regex: Some(r"[0-9]{3}".into()),
        ..model::PathParameter::new("id", model::Converter::Text)
    };
    let pattern = [model::Part::Literal("/orders/".into()), model::Part::Parameter(part)].into_iter().collect();
    let order = report.endpoints.iter_mut().find(|one| one.id().to_string() == "GET /orders/{}").unwrap();
    order.route = model::Route::new("GET".parse().unwrap(), pattern);
    let policy = derived(&report).policy;
    let matcher = Matcher::new(&policy.routes, &policy.router);
    let key =
        |path: &str| match matcher.find(&"GET".parse().unwrap(), None, &RequestPath::new(path.as_bytes()).unwrap()) {
            Match::Found(found) => policy.routes[found.route].key.to_string(),
            other => format!("{other:?}").split(['(', ' ']).next().unwrap_or_default().to_owned(),
        };
    assert_eq!(policy.router.converters.all()[0].0, "str");
    assert_eq!(key("/orders/123"), "GET /orders/{id:re2}");
    assert_ne!(key("/orders/12"), "GET /orders/{id:re2}");
    assert_ne!(key("/orders/%7B12"), "GET /orders/{id:re2}");
}

/// The rules that the scan states for a router.
fn rules(order: &str, mismatch: &str, slash: &str, doubled: &str, converters: Value) -> model::RouterRules {
    serde_json::from_value(json!({
        "order": order, "method_mismatch": mismatch, "trailing_slash": slash, "case": "sensitive", "double_slash": doubled,
        "redirect_status": 308, "converters": converters,
    }))
    .unwrap()
}

fn rule(regex: &str) -> Value {
    json!({ "regex": regex, "rest": false, "type": "string" })
}

fn werkzeug(slash: &str) -> model::RouterRules {
    let uuid = "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}";
    let converters = json!({
        "str": rule("[^/]+"), "int": rule(r"\d+"), "float": rule(r"\d+\.\d+"), "uuid": rule(uuid), "path": rule("[^/].*?"),
    });
    rules("most-specific", "try-next", slash, "redirect", converters)
}

#[test]
fn routes_of_werkzeugs_router_get_their_grants() {
    let mut report = report(json!({"from": "generated"}), false);
    report.applications[0].mounts.clear();
    let plain = derived(&report).policy;
    report.applications[0].router = werkzeug("redirect-to-slash");
    report.applications[0].implicit_methods = vec![model::Method::Head, model::Method::Options];
    let derived = derived(&report);
    assert_eq!(derived.policy.admissions(), plain.admissions());
    let text = derived.to_toml();
    let expected = "[router]\nkind = \"werkzeug\"\ntrailing_slash = \"redirect-to-slash\"\ndouble_slash = \"redirect\"\n\
                    redirect_status = 308\nimplicit_head = true\nimplicit_options = true\n";
    assert!(text.contains(expected), "{text}");
    assert_eq!(Policy::parse(&text).as_ref(), Ok(&derived.policy));
}

#[test]
fn a_slash_that_each_route_reads_in_its_way_is_refused_whole() {
    let mut report = report(json!({"from": "generated"}), false);
    for slash in ["by-route", "redirect"] {
        report.applications[0].router = werkzeug(slash);
        let derived = derived(&report);
        assert_eq!(derived.policy.admissions().2, derived.policy.routes.len(), "{slash}");
    }
    let mut replaced = werkzeug("redirect-to-slash");
    replaced.converters.get_mut("int").unwrap().regex = None;
    report.applications[0].router = replaced;
    let derived = derived(&report);
    assert_eq!(
        derived.policy.admissions().2,
        derived.policy.routes.len(),
        "a converter of the project stands for `int`"
    );
}

#[test]
fn expressions_of_templates_become_converters() {
    let mut report = report(json!({"from": "generated"}), false);
    report.applications[0].router = werkzeug("redirect-to-slash");
    let open = asks(json!([[]]), "proven");
    let route = |regex: &str, converter: model::Converter| {
        let mut parameter = model::PathParameter::new("lang", converter);
        parameter.regex = Some(regex.into());
        let parts = vec![model::Part::Literal("/lang/".into()), model::Part::Parameter(parameter)];
        model::Route::new(model::Method::Get, model::PathPattern::from(parts))
    };
    for (regex, converter, admitted, key) in [
        ("[^/]{2}", model::Converter::Text, true, "GET /lang/{lang:re1}"),
        ("[^/]{1,}", model::Converter::Text, true, "GET /lang/{lang}"),
        ("(?:de|en)", model::Converter::from_name("any"), true, "GET /lang/{lang:re1}"),
        // Of a converter of the project the expression is a guess.
        ("[a-z]{2}", model::Converter::from_name("regex"), false, "GET /lang/{lang:regex}"),
        ("(?=a)", model::Converter::Text, false, "GET /lang/{lang:regex}"),
    ] {
        let at = report.endpoints.iter().position(|one| report.applications[0].endpoints.contains(one.id())).unwrap();
        let old = report.endpoints[at].id().clone();
        report.endpoints[at].route = route(regex, converter);
        report.endpoints[at].access = serde_json::from_value(open.clone()).unwrap();
        let new = report.endpoints[at].id().clone();
        for id in report.applications[0].endpoints.iter_mut().filter(|id| **id == old) {
            *id = new.clone();
        }
        let derived = derived(&report);
        let found = derived.policy.routes.iter().find(|route| *route.key.id() == new).unwrap();
        assert_eq!(found.key.to_string(), key, "{regex}");
        assert_eq!(found.settings.access.is_some(), admitted, "{regex}");
        assert_eq!(Policy::parse(&derived.to_toml()).as_ref(), Ok(&derived.policy));
    }
}

#[test]
fn a_key_in_the_code_is_refused_by_its_digest() {
    let key =
        json!({"from": "literal", "bytes": 7, "evidence": {"file": "config.py", "line": 3, "what": "`KEY = ...`"}});
    let mut report = report(key, true);
    let unshielded = derived(&report).counts.unshielded;
    let place = model::Evidence::new("config.py", 3, "`KEY = ...`");
    for one in &mut report.applications[0].tokens {
        one.check.as_mut().unwrap().key = model::KeySource::literal("hunter2", place.clone());
    }
    let derived = derived(&report);
    let text = derived.to_toml();
    // `printf hunter2 | sha256sum`
    let digest = "f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7";
    assert!(text.contains(&format!("refuse_keys = [\"sha256:{digest}\"]")), "{text}");
    assert!(!text.contains("hunter2"));
    assert_eq!(derived.counts.unshielded, unshielded - 1);
    assert_eq!(derived.counts.re_keyed, 1, "no word for it is `shielded`: `prove` says UNSHIELDED");
    assert!(text.contains("re-keyed: by `refuse_keys` the gateway does not start with this key"), "{text}");
    assert!(text.contains("   1 findings are about a known key, which no entry can shield"), "{text}");
}

#[test]
fn what_is_only_assumed_to_be_checked_is_not_delegated() {
    let mut report = report(json!({"from": "generated"}), false);
    let hook = |derived: &Derived| {
        let route = derived.policy.routes.iter().find(|route| route.key.to_string() == "POST /hook");
        route.unwrap().settings.allow.len()
    };
    assert_eq!(hook(&derived(&report)), 1);
    for one in report.endpoints.iter_mut().filter(|one| one.id().to_string() == "POST /hook") {
        let assumed = asks(json!([[{"scheme": "signature"}]]), "assumed");
        one.access = serde_json::from_value(assumed).unwrap();
    }
    let derived = derived(&report);
    assert_eq!(hook(&derived), 0);
    assert!(derived.to_toml().contains("only the application can check it, and that it does is not proven"));
}

/// What the route of the finding asks for, where its sibling's handler stands on a line and its own file holds nothing else; with the
/// counts.
fn shield_beside(line: u32, requirement: Value) -> (String, doorward_policy::Counts) {
    shield_in("open.py", line, requirement)
}

fn shield_in(file: &str, line: u32, requirement: Value) -> (String, doorward_policy::Counts) {
    let mut report = report(json!({"from": "generated"}), false);
    let admin = report.endpoints.iter().position(|one| one.path() == "/admin").unwrap();
    let mut sibling = endpoint("GET /admin", asks(requirement, "proven"), json!({}));
    sibling["handler"]["line"] = json!(90);
    report.endpoints[admin] = serde_json::from_value(sibling).unwrap();
    report.findings[0].location.file = file.into();
    report.findings[0].trace = vec![model::Evidence::new("app.py", line, "`GET /admin` asks for more")];
    let derived = derived(&report);
    let route = derived.policy.routes.iter().find(|route| route.key.to_string() == "POST /open").unwrap();
    assert_eq!(route.settings.shields.len(), 1);
    let text = derived.to_toml();
    let (_, after) = text.split_once("[routes.\"POST /open\"]\n").unwrap();
    (after.split("[[").next().unwrap().to_owned(), derived.counts)
}

#[test]
fn a_shield_asks_for_what_the_protected_sibling_asks_for() {
    let (allow, counts) = shield_beside(90, json!([[{"scheme": "bearer"}, {"role": "admin"}]]));
    assert_eq!(allow, "allow = [{ identity = \"bearer\", role = \"admin\" }]\n");
    assert_eq!((counts.shielded, counts.partly_shielded), (2, 0));
    let (allow, counts) = shield_beside(90, json!([[{"scheme": "bearer"}]]));
    assert_eq!(allow, "allow = [{ identity = \"bearer\" }]\n");
    assert_eq!(counts.partly_shielded, 0, "the sibling asks for no more");
}

#[test]
fn a_file_that_serves_whoever_is_identified_does_not_ask_for_a_role() {
    // Beside it in `app.py` are endpoints for everybody who is logged in: one's own card may be one's business.
    let (allow, counts) = shield_in("app.py", 90, json!([[{"scheme": "bearer"}, {"role": "admin"}]]));
    assert_eq!(allow, "allow = [{ identity = \"bearer\" }]\n");
    assert_eq!(counts.partly_shielded, 1);
}

#[test]
fn a_shield_that_only_identifies_says_so() {
    let role = json!([[{"scheme": "bearer"}, {"role": "admin"}]]);
    for (line, requirement) in [
        (91, role),
        // A scope that no claim holds; what the application verifies, which it does not do at an open endpoint.
        (90, json!([[{"scheme": "bearer"}, {"scope": "write"}]])),
        (90, json!([[{"scheme": "partner"}]])),
    ] {
        let (allow, counts) = shield_beside(line, requirement.clone());
        assert_eq!(allow, "allow = [{ identity = \"bearer\" }]\n", "{line} {requirement}");
        assert_eq!((counts.shielded, counts.partly_shielded), (2, 1), "{line} {requirement}");
    }
}

/// The report with more endpoints, and one finding at the first of them.
fn found_at(endpoints: Vec<Value>, weakness: &str, shield: Value) -> Report {
    let mut report = report(json!({"from": "generated"}), false);
    let mut one =
        finding("a-rule", weakness, endpoints[0]["id"].as_str(), "regular", "0000000000000000000000000000000a");
    one["shield"] = shield;
    report.findings = vec![serde_json::from_value(one).unwrap()];
    for endpoint in endpoints {
        report.applications[0].endpoints.push(serde_json::from_value(endpoint["id"].clone()).unwrap());
        report.endpoints.push(serde_json::from_value(endpoint).unwrap());
    }
    report.objects.push(
        serde_json::from_value(json!({"name": "Note", "class": "models.Note", "columns": [], "primary_key": ["id"],
            "evidence": {"file": "models.py", "line": 9, "what": "class"},
            "owner": {"certainty": "proven", "value": {"column": "by_id", "references": "id"}}}))
        .unwrap(),
    );
    let note = json!({"type": "object", "properties": {"id": {}, "by_id": {}}});
    report.schemas.insert("Note".into(), serde_json::from_value(note).unwrap());
    report.objects[0].primary_key = vec!["id".into()];
    report
}

fn user() -> Value {
    asks(json!([[{"scheme": "bearer"}]]), "proven")
}

fn role(name: &str) -> Value {
    asks(json!([[{"scheme": "bearer"}, {"role": name}]]), "proven")
}

/// An effect on the object that the parameter `id` names.
fn effect(kind: &str, object: &str, owner: &str) -> Value {
    json!({"kind": kind, "object": object, "key": {"in": "path", "name": "id"}, "owner": owner, "owner_check": "absent", "answered": true})
}

/// What the first endpoint asks for, and why it is not shielded, if it is not.
fn shielded(report: &Report, key: &str) -> (String, Option<String>) {
    let derived = derived(report);
    let text = derived.to_toml();
    let (before, after) = text.split_once(&format!("[routes.\"{key}\"]\n")).unwrap_or_else(|| panic!("{text}"));
    let notes = before.rsplit("\n\n").next().unwrap_or_default();
    let why =
        notes.lines().find_map(|line| line.strip_prefix("# not shielded: `a-rule` 0000000000000000000000000000000a: "));
    assert_eq!(derived.counts.shielded, usize::from(why.is_none()));
    let allow = after.split("\n\n").next().unwrap().split("\n[[").next().unwrap();
    (allow.trim_end().to_owned(), why.map(str::to_owned))
}

const OBJECT: &str = "broken-object-level-authorization";

#[test]
fn an_owner_is_looked_up_where_the_object_shows_it() {
    let write = |path: &str, method: &str| {
        endpoint(&format!("{method} {path}"), user(), json!({"effects": [effect("update", "Order", "owner_id")]}))
    };
    for path in ["/orders/{id}", "/orders/{id}/note"] {
        let report = found_at(vec![write(path, "PATCH")], OBJECT, json!(null));
        let (allow, why) = shielded(&report, &format!("PATCH {path}"));
        assert_eq!(
            (why, allow.as_str()),
            (
                None,
                "allow = [{ identity = \"bearer\", owner = { lookup = { endpoint = \"GET /orders/{id}\", field = \"/owner_id\" } } }]"
            )
        );
    }
    // Where the path has the parameter under another name, or the token names somebody else, nothing is compared.
    let renamed =
        endpoint("PATCH /orders/{order}", user(), json!({"effects": [effect("update", "Order", "owner_id")]}));
    let (allow, why) = shielded(&found_at(vec![renamed], OBJECT, json!(null)), "PATCH /orders/{order}");
    assert_eq!(allow, "allow = [{ identity = \"bearer\" }]");
    assert_eq!(why.as_deref(), Some("no endpoint is known that shows whose the `Order` is before `PATCH`"));
    let mut report = found_at(vec![write("/orders/{id}", "DELETE")], OBJECT, json!(null));
    report.applications[0].principals[0].claim =
        Some(model::Known::proven(model::ClaimBinding { claim: "sub".into(), column: "name".into() }, vec![]));
    let (_, why) = shielded(&report, "DELETE /orders/{id}");
    assert!(why.is_some_and(|why| why.contains("holds `id`, and the token names `name`")));
}

#[test]
fn an_owner_is_looked_up_in_the_list_of_the_collection() {
    let change = || {
        let more = json!({"effects": [effect("read", "Note", "by_id"), effect("update", "Note", "by_id")], "response": {"schema": "Note"}});
        endpoint("PATCH /me/notes/{id}", user(), more)
    };
    let list = |path: &str, more: Value| {
        let mut one = endpoint(&format!("GET {path}"), user(), json!({"response": {"schema": "Note", "many": true}}));
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let report = found_at(vec![change(), list("/me/notes", json!({}))], OBJECT, json!(null));
    let (allow, why) = shielded(&report, "PATCH /me/notes/{id}");
    assert_eq!(why, None);
    assert_eq!(
        allow,
        "allow = [\n  { identity = \"bearer\", owner = { lookup = { endpoint = \"GET /me/notes\", field = \"/by_id\", key = \"/id\", parameter = \"id\" } } },\n]"
    );
    let page =
        json!({"parameters": [{"name": "page", "in": "query", "type": "integer", "required": false, "bounds": {}}]});
    for other in [
        list("/me/notes", page),                                                   // a part of them
        list("/notes", json!({})),                                                 // of another path
        list("/me/notes", json!({"response": {"schema": "Order", "many": true}})), // of another kind
        list("/me/notes", json!({"response": {"schema": "Note"}})),                // one object
        list("/me/notes", json!({"access": role("admin")})),                       // for others
    ] {
        let report = found_at(vec![change(), other], OBJECT, json!(null));
        let (allow, why) = shielded(&report, "PATCH /me/notes/{id}");
        assert!(allow == "allow = [{ identity = \"bearer\" }]" && why.is_some(), "{allow} {why:?}");
    }
}

#[test]
fn the_role_of_the_siblings_is_asked_for_where_they_agree() {
    let write = |id: &str, access: Value| endpoint(id, access, json!({"effects": [effect("update", "Note", "by_id")]}));
    let asked = |others: Vec<Value>| {
        let mut all = vec![write("DELETE /notes/{id}", user())];
        all.extend(others);
        shielded(&found_at(all, "inconsistent-authorization", json!(null)), "DELETE /notes/{id}")
    };
    let same_path = write("PUT /notes/{id}", role("admin"));
    let (allow, why) = asked(vec![same_path.clone(), write("POST /notes/{id}/image", role("staff"))]);
    assert_eq!((allow.as_str(), why), ("allow = [{ identity = \"bearer\", role = \"admin\" }]", None));
    let open = "allow = [{ identity = \"bearer\" }]";
    let (allow, why) = asked(vec![same_path.clone(), write("POST /notes/{id}/vote", user())]);
    assert_eq!(
        (allow.as_str(), why.as_deref()),
        (open, Some("`POST /notes/{}/vote` changes the same, for whoever is identified: which is meant is not known"))
    );
    let (allow, why) = asked(vec![same_path, write("PATCH /notes/{id}", role("staff"))]);
    assert!(allow == open && why.is_some_and(|why| why.ends_with("ask for different things")));
    let (allow, why) = asked(vec![write("PUT /orders/{id}", role("admin"))]);
    assert_eq!((allow.as_str(), why.as_deref()), (open, Some("no sibling says which role to ask for")));
}

#[test]
fn fields_are_refused_that_the_finding_names() {
    let change = || vec![endpoint("PATCH /me", user(), json!({"effects": [effect("update", "Note", "by_id")]}))];
    let shield = json!({"layer": "virtual_patch", "policy": "refuse_fields = [\"/role\"]"});
    for weakness in ["privilege-escalation", "mass-assignment"] {
        let derived = derived(&found_at(change(), weakness, shield.clone()));
        let route = derived.policy.routes.iter().find(|route| route.key.to_string() == "PATCH /me").unwrap();
        let patch = route.settings.shields[0].patch.as_ref().unwrap();
        assert_eq!(patch.refuse_fields.iter().map(doorward_policy::Pointer::as_str).collect::<Vec<_>>(), ["/role"]);
        assert!(derived.to_toml().contains("patch = { refuse_fields = [\"/role\"] }"));
    }
    let schema = json!({"layer": "schema", "policy": "unknown_fields = \"refuse\""});
    let (_, why) = shielded(&found_at(change(), "mass-assignment", schema), "PATCH /me");
    assert_eq!(why.as_deref(), Some("no layer of this build blocks it"));
}

#[test]
fn writes_of_other_sites_are_refused_where_the_cookie_is_known() {
    let write = |id: &str, scheme: &str| {
        let access = asks(json!([[{"scheme": scheme}]]), "proven");
        let mut report = found_at(vec![endpoint(id, access, json!({}))], "cross-site-request-forgery", json!(null));
        let session = json!({"type": "session", "cookie": "sid"});
        report.applications[0].security_schemes.insert("session".into(), serde_json::from_value(session).unwrap());
        shielded(&report, id).1
    };
    assert_eq!(write("POST /notes", "session"), None);
    assert!(write("POST /notes", "bearer").is_some_and(|why| why.ends_with("here it knows none")));
    assert!(write("GET /notes", "session").is_some_and(|why| why.ends_with("`GET` is none")));
}

/// What limits a login that takes such bodies.
fn login_limits(content_types: Value, properties: Value) -> (Vec<String>, Option<String>, Vec<(String, u32)>) {
    let body = json!({
        "schema": {"type": "object", "properties": properties},
        "content_types": content_types,
        "required": true,
    });
    let login = endpoint("POST /login", asks(json!([[]]), "proven"), json!({"request_body": body}));
    let shield = json!({"layer": "limits", "policy": "limits = [\"login\"]"});
    let policy = derived(&found_at(vec![login], "unlimited-login-attempts", shield)).policy;
    let route = policy.routes.iter().find(|route| route.key.to_string() == "POST /login").unwrap();
    let limits = policy.limits.iter().map(|(name, limit)| (name.clone(), limit.quota.get())).collect();
    let account = route.settings.login.as_ref().map(|login| login.account.as_str().to_owned());
    (route.settings.limits.clone(), account, limits)
}

#[test]
fn a_login_is_limited_by_address_and_by_an_account_that_every_body_shows() {
    let (username, json_body) = (json!({"password": {}, "username": {}}), json!(["application/json"]));
    let (named, account, limits) = login_limits(json_body.clone(), username.clone());
    assert_eq!((named, account.as_deref()), (vec!["login".to_owned()], Some("/username")));
    assert_eq!(limits, [("login".to_owned(), 20)]);
    for (content_types, properties) in [
        (json!(["application/x-www-form-urlencoded", "multipart/form-data"]), username.clone()),
        (json!([]), username),
        (json_body, json!({"code": {}})),
    ] {
        let (named, account, _) = login_limits(content_types, properties);
        assert_eq!((named, account), (vec!["login".to_owned()], None));
    }
}
