//! What the rules about open endpoints weigh: how bad, how sure, for whom.

use std::fmt::Write;

use model::Finding;

use crate::project::scanned_beside_guarded;

/// The findings about an application that goes on with these lines: severity, confidence, persona and endpoint.
fn weighed(lines: &str) -> Vec<String> {
    let findings = scanned_beside_guarded(lines).findings;
    let lower = |word: &dyn std::fmt::Debug| format!("{word:?}").to_lowercase();
    let line = |one: &Finding| {
        let endpoint = one.endpoint.as_ref().map(ToString::to_string);
        format!(
            "{} {} {} {}",
            lower(&one.severity),
            lower(&one.confidence),
            lower(&one.persona),
            endpoint.unwrap_or_default()
        )
    };
    findings.iter().map(line).collect()
}

#[test]
fn a_catalogue_is_read_by_everybody_and_a_lone_object_is_not() {
    let catalogue = "\
@app.get('/products')
def products(): ...

@app.get('/products/{product_id}')
def product(product_id: int): ...

@app.post('/products', dependencies=[Depends(guard)])
def add(): ...
";
    assert_eq!(weighed(catalogue), ["low low pedantic GET /products", "low low pedantic GET /products/{}"]);
    let lone = "@app.get('/files/{file_id}')\ndef file(file_id: int): ...\n";
    assert_eq!(weighed(lone), ["medium medium regular GET /files/{}"]);
    let capability = "@app.get('/files/{token}')\ndef file(token: str): ...\n";
    assert_eq!(weighed(capability), ["low low pedantic GET /files/{}"]);
}

#[test]
fn a_router_of_which_few_endpoints_are_protected_is_open_on_purpose() {
    let mixed = "\
@app.get('/products')
def products(): ...

@app.get('/products/search')
def search(): ...

@app.get('/products/{product_id}/cost', dependencies=[Depends(guard)])
def cost(product_id: int): ...
";
    assert_eq!(weighed(mixed), ["low low pedantic GET /products", "low low pedantic GET /products/search"]);
}

#[test]
fn words_and_settings_raise_and_lower() {
    for (lines, expected) in [
        ("@app.get('/metrics')\ndef metrics(): ...\n", "medium medium regular GET /metrics"),
        ("@app.post('/webhooks/bank')\ndef bank(): ...\n", "high medium regular POST /webhooks/bank"),
        ("@app.post('/items/search')\ndef search(): ...\n", "high medium regular POST /items/search"),
        ("@app.post('/shipping')\ndef ship(): ...\n", "high high regular POST /shipping"),
        (
            "def maybe(x_key: str = Header('')):\n    if os.getenv('ASK', '') == 'yes' and x_key != 'k':\n        \
             raise HTTPException(401)\n\n@app.post('/a', dependencies=[Depends(maybe)])\ndef a(): ...\n",
            "high low regular POST /a",
        ),
    ] {
        assert_eq!(weighed(lines), [expected], "{lines}");
    }
    // What everybody has to be admitted to is no finding at all.
    let meant = "@app.get('/version')\ndef version(): ...\n\n@app.post('/login')\ndef login(): ...\n";
    assert_eq!(weighed(meant), Vec::<String>::new());
}

#[test]
fn an_application_that_asks_hardly_anybody_is_told_so_once() {
    let mut lines = String::new();
    for number in 0..30 {
        let _ = writeln!(lines, "@app.post('/a{number}')\ndef a{number}(): ...\n");
        let _ = writeln!(lines, "@app.get('/a{number}')\ndef r{number}(): ...\n");
    }
    let findings = scanned_beside_guarded(&lines).findings;
    let messages: Vec<_> = findings.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "`main:app` asks who they are at 1 of 61 endpoints only: everybody may call the 30 endpoints that may change \
             something"
        ]
    );
}

#[test]
fn what_is_deprecated_or_hidden_is_told() {
    let lines = "@app.delete('/a/{a_id}', deprecated=True, include_in_schema=False)\ndef a(a_id: int): ...\n";
    let findings = scanned_beside_guarded(lines).findings;
    assert!(findings[0].message.contains("the OpenAPI document leaves it out"), "{}", findings[0].message);
    let fix = findings[0].fix.as_ref().map(|fix| fix.text.as_str());
    assert_eq!(
        fix,
        Some(
            "`GET /guarded` asks for `guard`; so should \
             this one: add the same dependency to the route, its router or the `include_router` that adds it. If everybody \
             is meant to call it, say why in a comment at the handler: `# doorward: ignore[unauthenticated-write] REASON`. It is \
             deprecated: if nobody calls it any more, remove it"
        )
    );
}

#[test]
fn what_one_setting_leaves_open_is_told_once() {
    let switched = "\
import os
from fastapi import Header, HTTPException

LOGIN = os.getenv('LOGIN', 'off')

def maybe(authorization: str = Header(None)):
    if LOGIN == 'on' and authorization is None:
        raise HTTPException(401)

@app.post('/notes', dependencies=[Depends(maybe)])
def add(): ...

@app.delete('/notes/{note_id}', dependencies=[Depends(maybe)])
def drop(note_id: int): ...

@app.get('/notes', dependencies=[Depends(maybe)])
def notes(): ...

@app.get('/notes/{note_id}', dependencies=[Depends(maybe)])
def note(note_id: int): ...

@app.put('/forgotten')
def forgotten(): ...
";
    assert_eq!(weighed(switched), ["high low regular ", "high high regular PUT /forgotten"]);
}
