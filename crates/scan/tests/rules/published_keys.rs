//! Tokens whose keys an issuer publishes, and what their checks ask of issuer and audience.

use model::Known;

use crate::project::scanned_files;

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
    let switched_off = "audience='shop', issuer=ISSUER, options={'verify_aud': False, 'verify_iss': False}";
    assert_eq!(of_client("published", switched_off), ["jwks https://id.example/keys -, aud anything, iss anything"]);
    let unverified = "audience='shop', options={'verify_signature': False}";
    assert_eq!(of_client("published", unverified), ["jwks https://id.example/keys -, aud anything, iss anything"]);
}

#[test]
fn which_of_its_requests_gave_a_program_its_keys_is_not_guessed() {
    let check = "\
        keys = requests.get('https://id.example/jwks.json', timeout=5).json()
        requests.post('https://audit.example/log')
        return jose.decode(token, keys, algorithms=['RS256'])";
    assert_eq!(tokens(check), Vec::<String>::new());
}
