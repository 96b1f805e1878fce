//! Snippets that tutorials teach, and what must be said of each.

use crate::project::scanned_files;

/// The rules that speak of a line, for whichever persona.
fn told(text: &str, line: u32) -> Vec<String> {
    let report = scanned_files([("main.py", text)]);
    assert!(!report.endpoints.is_empty(), "no endpoint was found");
    let there = report.findings.iter().filter(|finding| finding.location.line == line);
    let mut rules: Vec<String> = there.map(|finding| finding.rule.to_string()).collect();
    rules.sort();
    rules.dedup();
    rules
}

/// An application with an endpoint that stands below some lines, which begin with the third.
fn application(lines: &str) -> String {
    format!("from fastapi import *\napp = FastAPI()\n{lines}\n@app.get('/')\ndef index(): return {{}}\n")
}

#[test]
fn a_key_that_is_made_and_printed_where_none_is_set() {
    let text = application(
        "import os, secrets\n\
         SECRET_KEY = os.getenv('SECRET_KEY')\n\
         if not SECRET_KEY:\n    SECRET_KEY = secrets.token_hex(32)\n    print(f'using {SECRET_KEY}')",
    );
    assert_eq!(told(&text, 6), ["key-made-at-start"]);
    assert_eq!(told(&text, 7), ["password-in-log"]);
}

#[test]
fn a_user_who_is_a_constant() {
    let text = "from fastapi import *\napp = FastAPI()\n\
         def get_current_user():\n    return {'id': 1, 'name': 'admin'}\n\
         @app.delete('/orders/{id}')\ndef delete(id: int, user=Depends(get_current_user)): return {}\n\
         @app.get('/orders')\ndef read(user=Depends(get_current_user)): return {}\n";
    assert_eq!(told(text, 3), ["guard-that-never-rejects"]);
    assert_eq!(told(text, 6), ["unauthenticated-write"]);
}

#[test]
fn every_mistake_around_an_unpinned_decode_is_a_401() {
    let text = |library: &str| {
        format!(
            "from fastapi import *\nfrom fastapi.security import OAuth2PasswordBearer\n{library}\napp = FastAPI()\n\
             def user(token: str = Depends(OAuth2PasswordBearer(tokenUrl='t'))):\n    try:\n        return jwt.decode(token, open('/run/key').read())\n    \
             except:\n        raise HTTPException(401)\n\
             @app.get('/')\ndef index(user=Depends(user)): return user\n"
        )
    };
    assert_eq!(told(&text("from jose import jwt"), 7), ["algorithm-from-token"]);
    assert_eq!(told(&text("import jwt"), 7), ["algorithm-from-token"]);
}

#[test]
fn a_limit_by_an_address_that_a_proxy_hides() {
    let text = application(
        "from slowapi import Limiter\nfrom slowapi.util import get_remote_address\nlimiter = Limiter(key_func=get_remote_address)",
    );
    assert_eq!(told(&text, 5), ["limit-by-proxy-address"]);
}

#[test]
fn a_filter_that_browsers_no_longer_have() {
    let text = application(
        "@app.middleware('http')\nasync def harden(request: Request, call_next):\n    response = await call_next(request)\n    \
         response.headers['X-XSS-Protection'] = '1; mode=block'\n    return response",
    );
    assert_eq!(told(&text, 6), ["weak-security-header"]);
}

#[test]
fn passlib_with_bcrypt() {
    let text = application(
        "from passlib.context import CryptContext\npwd_context = CryptContext(schemes=['bcrypt'], deprecated='auto')",
    );
    assert_eq!(told(&text, 4), ["passlib-with-bcrypt"]);
}

#[test]
fn the_life_of_a_token_in_a_time_without_a_zone() {
    let text = application(
        "import os\nfrom datetime import datetime, timedelta\nimport jwt\n\
         def issue(name):\n    end = datetime.utcnow() + timedelta(minutes=15)\n    \
         return jwt.encode({'sub': name, 'exp': end}, os.environ['KEY'], algorithm='HS256')",
    );
    assert_eq!(told(&text, 7), ["naive-token-time"]);
}

#[test]
fn cors_that_is_called_protection_against_forged_requests() {
    let text = application(
        "from fastapi.middleware.cors import CORSMiddleware\n# CSRF protection\n\
         app.add_middleware(CORSMiddleware, allow_origins=['https://shop.example'], allow_credentials=True)",
    );
    assert_eq!(told(&text, 5), ["cors-as-csrf-protection"]);
}

#[test]
fn a_validator_that_bans_quotes() {
    let text = application(
        "from pydantic import BaseModel, field_validator\n\
         class Search(BaseModel):\n    text: str\n    @field_validator('text')\n    def clean(cls, value):\n        \
         if any(sign in value for sign in (\"'\", ';', '--')):\n            raise ValueError('no')\n        return value",
    );
    assert_eq!(told(&text, 8), ["denylist-validator"]);
}
