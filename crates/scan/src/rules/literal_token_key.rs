//! `literal-token-key`: tokens that are signed or checked with a key that stands in the code.

use model::{
    Confidence, Evidence, Fix, KeySource, Persona, Severity, Shield, Shielding, TokenCheck, TokenKind, TokenRecipe,
    Weakness,
};

use super::api::Api;
use super::{Check, Draft, Rule, Whole};
use crate::calls::{Call, Given, Watched};
use crate::literals::Literal;

pub(super) const RULE: Rule = Rule {
    name: "literal-token-key",
    weakness: Weakness::WeakTokenKey,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "tokens are signed or checked with a key that stands in the code",
    page: PAGE,
    checks: &[Check::Token(of_token), Check::Call(CALLS, of_call)],
};

const PAGE: &str = r#"## What it does

Finds JSON Web Tokens that an endpoint asks for and that are checked, or made, with a key whose text stands in the code: given
to `jwt.decode` or `jwt.encode` itself, through a constant, or as the default of a setting. Keys that are made anew at each
start, read from the environment without a default or from a file are none. Neither is a public key that tokens are verified with
(`algorithms=["RS256"]`): it is meant to be known. The private key that signs them is one.

A default that the program refuses to run with (`if settings.token_key == "change-me": raise ...`, at the start or in a validator) is
none, either. For any other default of a setting the confidence is medium: what runs may set another one. The finding stands where the key stands,
and names the places that use it. The key itself is never printed.

## Why is this bad?

Whoever can read the code, in a repository, an image or an old backup, can sign a token for any user and any role, and
no check can tell it from a real one. Defaults are rarely replaced, and the same default runs everywhere.

## Example

```python bad
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

TOKEN_KEY = "books-token-key-51c1"  # <- here
app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    try:
        return jwt.decode(token, TOKEN_KEY, algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError:
        raise HTTPException(status_code=401)


@app.get("/orders")
def list_orders(user: Annotated[str, Depends(signed_in)]):
    return []
```

```python bad
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    token_key: str = "books-token-key-51c1"  # <- here


settings = Settings()
app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    try:
        return jwt.decode(token, settings.token_key, algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError:
        raise HTTPException(status_code=401)


@app.get("/orders")
def list_orders(user: Annotated[str, Depends(signed_in)]):
    return []
```

```python bad
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

SIGNING_KEY = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw-books-\n-----END PRIVATE KEY-----"  # <- here
app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    try:
        return jwt.decode(token, SIGNING_KEY, algorithms=["EdDSA"])["sub"]
    except jwt.InvalidTokenError:
        raise HTTPException(status_code=401)


@app.post("/login")
def login(name: str):
    return {"access_token": jwt.encode({"sub": name}, SIGNING_KEY, algorithm="EdDSA")}


@app.get("/orders")
def list_orders(user: Annotated[str, Depends(signed_in)]):
    return []
```

Use instead a setting without a default, so that nothing starts without one:

```python good
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    token_key: str


settings = Settings()
app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    try:
        return jwt.decode(token, settings.token_key, algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError:
        raise HTTPException(status_code=401)


@app.get("/orders")
def list_orders(user: Annotated[str, Depends(signed_in)]):
    return []
```

or one whose default ends the program:

```python good
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic import field_validator
from pydantic_settings import BaseSettings

PLACEHOLDER = "books-token-key-51c1"


class Settings(BaseSettings):
    token_key: str = PLACEHOLDER

    @field_validator("token_key")
    @classmethod
    def is_set(cls, value: str) -> str:
        if value == PLACEHOLDER:
            raise ValueError("set TOKEN_KEY")
        return value


settings = Settings()
app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    try:
        return jwt.decode(token, settings.token_key, algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError:
        raise HTTPException(status_code=401)


@app.get("/orders")
def list_orders(user: Annotated[str, Depends(signed_in)]):
    return []
```

Or sign with a private key elsewhere, and verify with the public one, which may stand in the code:

```python good
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

ISSUER_KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----"""
app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    try:
        return jwt.decode(token, ISSUER_KEY, algorithms=["EdDSA"])["sub"]
    except jwt.InvalidTokenError:
        raise HTTPException(status_code=401)


@app.get("/orders")
def list_orders(user: Annotated[str, Depends(signed_in)]):
    return []
```

## Fix

Make a new key (`doorward secret generate`, or `openssl rand -hex 32`), give it to the application through its environment or a
secret store, take the text out of the code, and let the application end at once where none is set. The old key stays known:
tokens that are signed with it have to be refused from then on.
"#;

fn of_token(token: &TokenRecipe, _: &Api<'_>) -> Option<(Draft, Evidence)> {
    if token.kind != TokenKind::Jwt {
        return None;
    }
    let is_secret = |check: &&TokenCheck| check.signature.value() != Some(&false) && !check.is_by_public_key();
    let check = token.check.as_ref().filter(is_secret);
    let issue = token.issue.as_ref();
    let keys = [check.map(|c| &c.key), issue.map(|i| &i.key)];
    let (place, setting) = keys.into_iter().flatten().find_map(known_place)?;
    let mut uses: Vec<Evidence> = Vec::new();
    uses.extend(issue.map(|i| i.evidence.clone()));
    uses.extend(check.map(|c| c.evidence.clone()));
    let verbs = match (issue.is_some(), check.is_some()) {
        (true, true) => "signs and checks",
        (true, false) => "signs",
        _ => "checks",
    };
    let (what, confidence) = match setting {
        None => ("a key that stands in the code".to_owned(), Confidence::High),
        Some(name) => {
            (format!("the default of the setting `{name}`, unless something sets another one"), Confidence::Medium)
        }
    };
    let draft = Draft {
        severity: RULE.severity,
        confidence,
        persona: RULE.persona,
        message: format!(
            "the application {verbs} the tokens of `{}` with {what}: whoever has read the code can sign one for anybody",
            token.scheme
        ),
        trace: uses,
        fix: Some(Fix::text(FIX)),
        shielding: Shielding::Shielded(Shield {
            layer: "jwt".into(),
            policy: "refuse_keys = [...]  # the digest of the key in the code: with that key the gateway does not start".into(),
        }),
    };
    Some((draft, place))
}

/// Calls that sign and check tokens, wherever they stand: what no scheme of an application is seen to use has a key, too.
const CALLS: &[Watched] = &[
    Watched { name: "jwt.encode", needle: "jwt" },
    Watched { name: "jwt.decode", needle: "jwt" },
    Watched { name: "jose.jwt.encode", needle: "jwt" },
    Watched { name: "jose.jwt.decode", needle: "jwt" },
];
const FIX: &str = "make a new key, give it to the application through its environment, and let it end at once where none is set; \
    tokens signed with the old key must be refused from then on";

fn of_call(call: &Call, whole: &Whole<'_>) -> Option<Draft> {
    let key = call.given(None, "key").and_then(Given::text)?;
    let recipes = || whole.report.applications.iter().flat_map(|application| &application.tokens);
    let places = recipes().flat_map(|token| {
        let used = token.issue.iter().map(|i| &i.evidence).chain(token.check.iter().map(|c| &c.evidence));
        used.collect::<Vec<_>>()
    });
    let is_told = places.into_iter().any(|place| (&place.file, place.line) == (&call.file, call.line));
    if key.is_empty() || key.contains("PUBLIC KEY") || key.contains("CERTIFICATE") || is_told {
        return None;
    }
    let verb = if call.name.ends_with("encode") { "signs" } else { "checks" };
    let message = format!(
        "`{}` {verb} a token with a key that stands in the code: whoever has read it can sign one for anybody",
        call.name
    );
    let mut trace = call.assigned();
    // A constant of another module.
    let is_it = |literal: &&Literal| literal.text() == Some(key) && call.text.contains(&*literal.name);
    let imported = whole.code.literals.iter().filter(|_| trace.is_empty()).find(is_it);
    let place = |one: &Literal| Evidence::new(one.file.clone(), one.line, format!("`{}` is assigned here", one.name));
    trace.extend(imported.map(place));
    let draft = Draft::of(&RULE, Confidence::High, message, FIX, "no scheme of the application is seen to use the token");
    Some(Draft { trace, ..draft })
}

/// Where a key stands whose text is in the code, and the setting whose default it is.
fn known_place(key: &KeySource) -> Option<(Evidence, Option<&str>)> {
    match key {
        KeySource::Literal { evidence, .. } => Some((evidence.clone(), None)),
        KeySource::Setting { name, has_default: true, evidence: Some(evidence), .. } => {
            Some((evidence.clone(), Some(name)))
        }
        _ => None,
    }
}
