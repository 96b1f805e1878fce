//! Credentials that are compared with a key of the configuration, and tokens whose keys an issuer publishes.

use model::{KeySource, Known, Place, SecurityScheme, SecuritySchemeKind};

use crate::project::scanned_files;

/// Each scheme with the header field that carries it, and where the key comes from that it is compared with.
fn schemes(text: &str) -> Vec<String> {
    let report = scanned_files([("main.py", text)]);
    let field = |scheme: &SecurityScheme| match &scheme.kind {
        SecuritySchemeKind::ApiKey { parameter } => format!("{:?} {}", parameter.place, parameter.name),
        SecuritySchemeKind::Custom { parameters } => match parameters.as_slice() {
            [one] if one.place == Place::Header => format!("Header {}", one.name),
            _ => "?".to_owned(),
        },
        _ => "another kind".to_owned(),
    };
    let key = |scheme: &SecurityScheme| match scheme.key.as_ref().map(|key| (&key.source, key.evidence.line)) {
        Some((KeySource::Setting { name, has_default, .. }, line)) => {
            format!("setting {name}{} at {line}", if *has_default { " with a default" } else { "" })
        }
        Some((KeySource::Literal { bytes, .. }, line)) => format!("{bytes} bytes in the code at {line}"),
        Some((other, line)) => format!("{other:?} at {line}"),
        None => "none".to_owned(),
    };
    let schemes = report.applications.iter().flat_map(|application| &application.security_schemes);
    schemes.map(|(name, scheme)| format!("{name}: {}, {}", field(scheme), key(scheme))).collect()
}

/// An application of FastAPI with a scheme, a dependency of it and a route.
fn fastapi(dependency: &str, routes: &str) -> Vec<String> {
    schemes(&format!(
        "\
import os
import secrets
from fastapi import Depends, FastAPI, Header, HTTPException, Security
from fastapi.security import APIKeyCookie, APIKeyHeader
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    api_key: str
    old_key: str = 'changeme'

settings = Settings()
KEYS = os.environ.get('KEYS', 'one-key,another').split(',')
header = APIKeyHeader(name='X-API-Key', scheme_name='partner', auto_error=False)
app = FastAPI(openapi_url=None)

{dependency}

@app.get('/a')
def a(_=Depends(guard)): ...

{routes}
"
    ))
}

#[test]
fn a_header_that_is_compared_with_a_setting() {
    let of = |condition: &str| {
        let guard = format!(
            "def guard(key: str = Security(header)):\n    if {condition}:\n        raise HTTPException(401)\n    return key"
        );
        fastapi(&guard, "").remove(0)
    };
    let by_setting = "partner: Header X-API-Key, setting api_key at 17";
    assert_eq!(of("key != settings.api_key"), by_setting);
    assert_eq!(of("not key or not secrets.compare_digest(key, settings.api_key)"), by_setting);
    assert_eq!(of("key not in KEYS"), "partner: Header X-API-Key, setting KEYS with a default at 17");
    let with_default = "partner: Header X-API-Key, setting old_key with a default at 17";
    assert_eq!(of("key not in (settings.api_key, settings.old_key)"), with_default, "the one that is known");
    assert_eq!(of("key != settings.old_key"), with_default);
    assert_eq!(of("key != 's3cret-key'"), "partner: Header X-API-Key, 10 bytes in the code at 17");
    let none = "partner: Header X-API-Key, none";
    for looked_up in ["not key", "find(key) is None", "sessions.get(key) != 'open'", "key == settings.api_key"] {
        assert_eq!(of(looked_up), none, "{looked_up}");
    }
}

#[test]
fn a_key_counts_where_each_route_compares_it() {
    let guard =
        "def guard(key: str = Security(header)):\n    if key != settings.api_key:\n        raise HTTPException(401)\n";
    let none = ["partner: Header X-API-Key, none"];
    let bare =
        "@app.get('/bare')\ndef bare(key=Security(header)):\n    if not key:\n        raise HTTPException(401)\n";
    assert_eq!(fastapi(guard, bare), none, "there any key will do");
    let either = "\
def guard(key: str = Security(header), token: str = Header(None)):
    if token == lookup(token):
        return token
    if key != settings.api_key:
        raise HTTPException(401)
";
    assert_eq!(fastapi(either, "").last().map(String::as_str), Some(none[0]), "another credential will do as well");
}

#[test]
fn a_header_of_the_programs_own() {
    let own = "def guard(x_token: str = Header()):\n    if x_token != os.environ['TOKEN']:\n        raise HTTPException(403)\n";
    assert_eq!(fastapi(own, ""), ["guard: Header x-token, setting TOKEN at 17"]);
    let of_flask = |check: &str| {
        schemes(&format!(
            "\
import os
from functools import wraps
from flask import Flask, abort, current_app, request
app = Flask(__name__, static_folder=None)
app.config['API_KEY'] = os.environ['API_KEY']

def guarded(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
{check}
        return f(*args, **kwargs)
    return wrapper

@app.get('/a')
@guarded
def a(): return 'a'
"
        ))
    };
    let by_header = ["guarded: Header X-API-Key, setting API_KEY at 10"];
    let compared = "if request.headers.get('X-API-Key') != current_app.config['API_KEY']:";
    assert_eq!(of_flask(&format!("        {compared}\n            abort(401)")), by_header);
    assert_eq!(of_flask(&format!("        {compared}\n            return 'no', 401")), by_header);
    let by_session = "        if session.get('key') != current_app.config['API_KEY']:\n            abort(401)";
    assert_eq!(of_flask(&by_session.replace("session.get", "request.cookies.get")), ["guarded: ?, none"]);
    let with_word = "        if request.headers.get('Authorization') != 'Bearer ' + current_app.config['API_KEY']:\n            abort(401)";
    assert_eq!(of_flask(with_word), ["guarded: ?, none"], "a word stands before the key");
}

/// Where the keys of each token come from, and what its audience and issuer must be.
fn tokens(check: &str) -> Vec<String> {
    let main = format!(
        "\
import os
import jwt
import requests
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPBearer
from jose import jwt as jose
from jwt import PyJWKClient
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    jwks_url: str = 'https://id.example/jwks.json'
    audience: str

settings = Settings()
ISSUER = 'https://sso.example/realms/a'
published = PyJWKClient('https://id.example/keys')
by_setting = jwt.PyJWKClient(settings.jwks_url)
elsewhere = PyJWKClient(os.environ['JWKS'])
app = FastAPI(openapi_url=None)

async def user(token=Depends(HTTPBearer())):
    token = token.credentials
    try:
{check}
    except jwt.PyJWTError:
        raise HTTPException(401)

@app.get('/a')
def a(me=Depends(user)): return me['sub']
"
    );
    let expected = |known: &Option<Known<Vec<std::sync::Arc<str>>>>| match known {
        None => "anything".to_owned(),
        Some(known) => known.value().map_or_else(|| "?".to_owned(), |all| all.join(" or ")),
    };
    let report = scanned_files([("main.py", &*main)]);
    let checks = report.applications[0].tokens.iter().filter_map(|token| token.check.as_ref());
    let shown = checks.map(|check| {
        let key = serde_json::to_value(&check.key).unwrap();
        let text = |name: &str| key[name].as_str().unwrap_or("-").to_owned();
        let (audience, issuer) = (expected(&check.audience), expected(&check.issuer));
        format!("{} {} {}, aud {audience}, iss {issuer}", text("from"), text("url"), text("setting"))
    });
    shown.collect()
}

#[test]
fn keys_that_an_issuer_publishes() {
    let decode =
        |key: &str, more: &str| format!("        return jwt.decode(token, {key}, algorithms=['RS256'], {more})");
    let of_client = |client: &str, more: &str| {
        let key = format!("        key = {client}.get_signing_key_from_jwt(token)\n");
        tokens(&format!("{key}{}", decode("key.key", more)))
    };
    assert_eq!(
        of_client("published", "audience=['shop', 'till'], issuer=ISSUER"),
        ["jwks https://id.example/keys -, aud shop or till, iss https://sso.example/realms/a"]
    );
    assert_eq!(
        of_client("by_setting", "audience=settings.audience"),
        ["jwks https://id.example/jwks.json jwks_url, aud ?, iss anything"]
    );
    assert_eq!(of_client("elsewhere", ""), ["jwks - JWKS, aud anything, iss anything"]);
    let fetched = |fetch: &str| {
        let decode = "        return jose.decode(token, keys, algorithms=['RS256'], audience='shop')";
        tokens(&format!("{fetch}\n{decode}"))
    };
    let at = |url: &str| [format!("jwks {url} -, aud shop, iss anything")];
    assert_eq!(
        fetched("        keys = requests.get('https://id.example/jwks.json', timeout=5).json()"),
        at("https://id.example/jwks.json")
    );
    let discovered = [
        "        found = requests.get(f'{ISSUER}/.well-known/openid-configuration', timeout=5).json()",
        "        keys = requests.get(found['jwks_uri'], timeout=5).json()",
    ];
    assert_eq!(fetched(&discovered.join("\n")), at("https://sso.example/realms/a/.well-known/openid-configuration"));
}
