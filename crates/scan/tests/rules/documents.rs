//! OpenAPI documents beside the code: which application one describes, and what is said of both.

use std::fmt::Write;

use model::{Finding, Report};

use crate::project::scanned_files;

/// Orders and books behind a login, with a prefix of its own.
const CODE: &str = "\
from typing import Annotated
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

scheme = OAuth2PasswordBearer(tokenUrl='login')
USERS = {}

def signed_in(token: Annotated[str, Depends(scheme)]):
    if token not in USERS:
        raise HTTPException(401)
    return USERS[token]

router = APIRouter(prefix='/api', dependencies=[Depends(signed_in)])

@router.get('/orders')
def list_orders(): ...

@router.get('/orders/{order_id}')
def read_order(order_id: int): ...

@router.post('/orders')
def add_order(): ...

app = FastAPI()
app.include_router(router)
";

/// The rules about documents, as `rule persona place endpoint`.
fn told(report: &Report) -> Vec<String> {
    let rules = ["undocumented-endpoint", "ghost-endpoint", "access-not-as-documented", "schema-not-as-documented"];
    let line = |one: &Finding| {
        let endpoint = one.endpoint.as_ref().map(ToString::to_string).unwrap_or_default();
        let place = &one.location;
        format!("{} {:?} {}:{} {endpoint}", one.rule, one.persona, place.file, place.line)
    };
    report.findings.iter().filter(|one| rules.contains(&&*one.rule)).map(line).collect()
}

fn described(report: &Report) -> Vec<(String, Option<String>, usize, usize)> {
    let of = |one: &model::ApiDocument| {
        (one.file.to_string(), one.application.as_ref().map(ToString::to_string), one.operations, one.in_code)
    };
    report.documents.iter().map(of).collect()
}

/// Operations of a document, one a line as `GET /path`.
fn document(servers: &str, operations: &[&str]) -> String {
    let mut text = format!("openapi: 3.0.3\ninfo: {{title: Orders, version: '1'}}\n{servers}\npaths:\n");
    let mut paths: Vec<&str> = operations.iter().map(|one| one.split_once(' ').unwrap().1).collect();
    paths.sort_unstable();
    paths.dedup();
    for path in paths {
        let _ = writeln!(text, "  {path}:");
        for operation in operations {
            let (method, own) = operation.split_once(' ').unwrap();
            if own == path {
                let _ = writeln!(text, "    {}: {{responses: {{'200': {{description: a}}}}}}", method.to_lowercase());
            }
        }
    }
    text
}

const ALL: &[&str] = &["GET /orders", "POST /orders", "GET /orders/{id}"];

fn scanned_with(code: &str, name: &str, document: &str) -> Report {
    scanned_files([("main.py", code), (name, document)])
}

#[test]
fn a_prefix_does_not_matter() {
    let below = ALL.iter().map(|one| one.replacen(" /", " /gateway/api/", 1)).collect::<Vec<_>>();
    let below: Vec<&str> = below.iter().map(String::as_str).collect();
    let same = ALL.iter().map(|one| one.replacen(" /", " /api/", 1)).collect::<Vec<_>>();
    let same: Vec<&str> = same.iter().map(String::as_str).collect();
    for (servers, operations) in [
        ("", same.as_slice()),
        ("servers: [{url: 'https://x.example/api/'}]", ALL),
        ("servers: [{url: 'https://x.example/elsewhere'}]", &same),
        ("", ALL),
        ("", &below),
    ] {
        let report = scanned_with(CODE, "openapi.yaml", &document(servers, operations));
        let expected = [("openapi.yaml".to_owned(), Some("main:app".to_owned()), 3, 3)];
        assert_eq!(described(&report), expected, "{servers} {operations:?}");
        assert_eq!(told(&report), [""; 0], "{servers} {operations:?}");
    }
}

#[test]
fn a_document_of_another_service_is_left_alone() {
    let other = document("", &["GET /charges", "POST /charges", "POST /refunds", "GET /orders"]);
    let report = scanned_with(CODE, "clients/payments/openapi.yaml", &other);
    assert_eq!(described(&report), [("clients/payments/openapi.yaml".to_owned(), None, 4, 0)]);
    assert_eq!((told(&report), report.gaps), (vec![], vec![]));
}

#[test]
fn what_differs_is_told_at_the_code_and_what_is_gone_at_the_document() {
    let stale = document("", &["GET /api/orders", "GET /api/orders/{x}/", "HEAD /api/orders", "DELETE /api/orders"]);
    let report = scanned_with(CODE, "docs/api.yml", &stale);
    assert_eq!(
        told(&report),
        [
            "ghost-endpoint Regular docs/api.yml:8 DELETE /api/orders",
            "undocumented-endpoint Regular main.py:22 POST /api/orders",
        ]
    );
    let ghost = &report.findings.iter().find(|one| &*one.rule == "ghost-endpoint").unwrap();
    let places: Vec<_> = ghost.trace.iter().map(|at| (at.file.to_string(), at.line)).collect();
    assert_eq!((ghost.location.column, places), (5, vec![("main.py".to_owned(), 16)]));
    assert_eq!(report.gaps, []);
}

#[test]
fn a_gap_that_may_hide_routes_ends_the_talk_of_ghosts() {
    let stale = document("", &["GET /api/orders", "GET /api/orders/{x}", "POST /api/orders", "DELETE /api/orders"]);
    let doubtful = format!("{CODE}\nfrom vendor import more\napp.include_router(more)\n");
    let report = scanned_with(&doubtful, "openapi.yaml", &stale);
    assert!(!report.gaps.is_empty());
    assert_eq!(told(&report), [""; 0]);
    let unrelated = scanned_files([("main.py", CODE), ("openapi.yaml", &*stale), ("tests/test_x.py", "def f(:\n")]);
    assert_eq!(told(&unrelated), ["ghost-endpoint Regular openapi.yaml:8 DELETE /api/orders"]);
}

#[test]
fn what_no_document_of_the_framework_shows_is_told_once() {
    let code = format!(
        "{CODE}
inner = FastAPI()

@inner.get('/catalogue')
def catalogue(): ...

app.mount('/partner', inner)
app.add_route('/plain', lambda request: None)

@app.get('/debug', include_in_schema=False)
def debug(): ...

@app.websocket('/live')
async def live(socket): ...
"
    );
    let whole = document("", &["GET /api/orders", "POST /api/orders", "GET /api/orders/{x}"]);
    let report = scanned_with(&code, "openapi.yaml", &whole);
    assert_eq!(told(&report), ["undocumented-endpoint Pedantic main.py:24 "]);
    let finding = report.findings.iter().find(|one| &*one.rule == "undocumented-endpoint").unwrap();
    assert_eq!(
        finding.message,
        "`openapi.yaml` has 3 of 3 endpoints of `main:app`; 3 more are in no document that the framework writes"
    );
}

#[test]
fn a_document_that_lists_a_part_of_the_application_is_not_held_to_list_the_rest() {
    let pages: String = (0..8).map(|n| format!("\n@app.get('/pages/{n}')\ndef page_{n}(): ...\n")).collect();
    let part = document("", &["GET /api/orders", "POST /api/orders"]);
    let report = scanned_with(&format!("{CODE}{pages}"), "openapi.yaml", &part);
    assert_eq!(
        told(&report),
        ["undocumented-endpoint Regular main.py:19 GET /api/orders/{}", "undocumented-endpoint Pedantic main.py:24 ",]
    );
}

#[test]
fn several_documents_are_read_together() {
    let first = document("", &["GET /api/orders", "POST /api/orders"]);
    let second = document("", &["GET /api/orders", "GET /api/orders/{id}"]);
    let files = [("main.py", CODE), ("openapi-a.yaml", &*first), ("openapi-b.yaml", &*second)];
    let report = scanned_files(files);
    assert_eq!(told(&report), [""; 0]);
    assert_eq!(described(&report).len(), 2);
}

#[test]
fn access_is_compared() {
    let open = "from fastapi import FastAPI\napp = FastAPI()\n\n@app.get('/a')\ndef a(): ...\n\n@app.post('/login')\ndef login(): ...\n";
    let says = |security: &str| {
        format!(
            "openapi: 3.0.0\n{security}\npaths:\n  /a: {{get: {{responses: {{}}}}}}\n  /login: {{post: {{responses: {{}}}}}}\n"
        )
    };
    let report = scanned_with(open, "openapi.yaml", &says("security: [{key: [], other: [read]}, {basic: []}]"));
    assert_eq!(
        told(&report),
        [
            "access-not-as-documented Regular main.py:5 GET /a",
            "access-not-as-documented Pedantic main.py:8 POST /login",
        ]
    );
    let finding = report.findings.iter().find(|one| &*one.rule == "access-not-as-documented").unwrap();
    assert_eq!(
        finding.message,
        "`openapi.yaml` says that `GET /a` asks for `basic` or `key` with `other` with the scope `read`; the code admits everybody"
    );
    let place = finding.trace.last().map(|at| (&*at.file, at.line));
    assert_eq!(place, Some(("openapi.yaml", 2)));
    assert_eq!(told(&scanned_with(open, "openapi.yaml", &says(""))), [""; 0]);
    assert_eq!(told(&scanned_with(open, "openapi.yaml", &says("security: []"))), [""; 0]);

    let protected = document("security: []", &["GET /api/orders", "POST /api/orders", "GET /api/orders/{x}"]);
    let report = scanned_with(CODE, "openapi.yaml", &protected);
    assert_eq!(told(&report).len(), 3);
    assert!(told(&report).iter().all(|one| one.starts_with("access-not-as-documented Pedantic main.py:")));
    let scoped = document("security: [{login: [write]}]", &["GET /api/orders", "POST /api/orders"]);
    let report = scanned_with(CODE, "openapi.yaml", &scoped);
    let found = report.findings.iter().filter(|one| &*one.rule == "access-not-as-documented");
    let messages: Vec<_> = found.map(|one| one.message.clone()).collect();
    assert_eq!(messages.len(), 2);
    assert!(messages[0].ends_with("asks for `login` with the scope `write`; the code admits whoever is logged in"));
}

#[test]
fn a_handler_that_reads_the_request_itself_says_nothing_about_it() {
    let code = "\
from fastapi import FastAPI, Request
app = FastAPI()

@app.post('/a')
async def a(request: Request):
    return (await request.json())['x']
";
    let says = "\
openapi: 3.0.0
paths:
  /a:
    post:
      parameters: [{in: query, name: q, required: true, schema: {type: integer}}]
      requestBody: {content: {application/json: {schema: {type: object, properties: {x: {type: string}}}}}}
      responses: {'201': {description: made}}
";
    assert_eq!(told(&scanned_with(code, "openapi.yaml", says)), [""; 0]);
}

#[test]
fn differences_are_told_with_both_places() {
    let code = "\
from fastapi import FastAPI, Query
from pydantic import BaseModel
app = FastAPI()

class Item(BaseModel):
    name: str
    count: int
    role: str = 'user'

@app.post('/items', status_code=202)
def add(item: Item, dry: bool, n: int = Query(5, le=50)): ...
";
    let says = "\
swagger: '2.0'
paths:
  /items:
    post:
      parameters:
        - {in: query, name: n, type: string}
        - in: body
          name: body
          schema: {$ref: '#/definitions/Item'}
      responses: {'200': {description: made}}
definitions:
  Item: {type: object, required: [name], properties: {name: {type: string}, count: {type: string}, size: {type: integer}}}
";
    let report = scanned_with(code, "swagger.yaml", says);
    assert_eq!(told(&report), ["schema-not-as-documented Regular main.py:11 POST /items"]);
    let finding = report.findings.iter().find(|one| &*one.rule == "schema-not-as-documented").unwrap();
    let mut places: Vec<String> =
        finding.trace.iter().map(|at| format!("{}:{} {}", at.file, at.line, at.what)).collect();
    places.sort();
    assert_eq!(
        places,
        [
            "swagger.yaml:4 it lacks the query parameter `dry`, which the code requires",
            "swagger.yaml:6 the query parameter `n` is a text by it, and an integer in the code",
            "swagger.yaml:7 its body has the field `size`, which the code does not take",
            "swagger.yaml:7 its body lacks the field `role`, which the code takes",
            "swagger.yaml:7 the field `count` is a text by it, and an integer in the code",
            "swagger.yaml:7 the field `count` may be left out by it, and the code requires it",
        ]
    );
    assert!(finding.message.ends_with("; 1 more"), "{}", finding.message);
}

#[test]
fn a_project_without_an_application_reads_no_document() {
    let report = scanned_files([("main.py", "x = 1\n"), ("openapi.yaml", "openapi: [\n")]);
    assert_eq!((described(&report), report.gaps), (vec![], vec![]));
}

#[test]
fn a_name_within_a_segment_means_all_that_the_code_has_there() {
    let code = "\
from fastapi import FastAPI
app = FastAPI()

@app.get('/v1/orders')
def first(): ...

@app.get('/v2/orders')
def second(): ...

@app.get('/orders')
def third(): ...
";
    let report = scanned_with(code, "openapi.yaml", &document("", &["GET /v{version}/orders", "GET /orders"]));
    assert_eq!(described(&report), [("openapi.yaml".to_owned(), Some("main:app".to_owned()), 2, 2)]);
    assert_eq!(told(&report), [""; 0]);
}

#[test]
fn what_is_mounted_in_an_application_without_a_document_has_its_own() {
    let code = "\
from fastapi import FastAPI
api = FastAPI()

@api.get('/orders')
def orders(): ...

@api.get('/books')
def books(): ...

@api.get('/pages')
def pages(): ...

app = FastAPI(openapi_url=None)
app.mount('/api', api)
";
    let report = scanned_with(code, "openapi.yaml", &document("", &["GET /orders", "GET /books"]));
    assert_eq!(told(&report), ["undocumented-endpoint Regular main.py:11 GET /api/pages"]);
}

#[test]
fn pages_beside_an_api_are_no_surprise() {
    let code = "\
from fastapi import FastAPI
app = FastAPI()

@app.get('/orders')
def orders(): ...

@app.get('/books')
def books(): ...

@app.get('/terms')
def terms(): ...

@app.get('/debug/users')
def users(): ...
";
    let report = scanned_with(code, "openapi.yaml", &document("", &["GET /orders", "GET /books"]));
    assert_eq!(
        told(&report),
        ["undocumented-endpoint Pedantic main.py:2 ", "undocumented-endpoint Regular main.py:14 GET /debug/users",]
    );
}
