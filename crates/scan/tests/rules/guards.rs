//! Guards that take whatever they are given, and those that only look so.

use crate::project::scanned_files;

/// What `guard-that-never-rejects` says, with its line.
fn told(text: &str) -> Vec<String> {
    let report = scanned_files([("main.py", text)]);
    let of_rule = report.findings.iter().filter(|finding| &*finding.rule == "guard-that-never-rejects");
    of_rule.map(|finding| format!("{} {:?} {}", finding.location.line, finding.confidence, finding.message)).collect()
}

#[test]
fn classes_of_ninja_that_take_any_token_are_told() {
    let text = "\
from django.urls import path
from ninja import NinjaAPI
from ninja.security import APIKeyHeader, HttpBasicAuth, HttpBearer, django_auth

class Returned(HttpBearer):
    def authenticate(self, request, token):
        return token

class Constant(APIKeyHeader):
    param_name = 'X-Key'

    def authenticate(self, request, key):
        \"\"\"Everybody is the same.\"\"\"
        user: dict = {'name': 'admin', 'key': key}
        return {'name': 'admin'}

class Basic(HttpBasicAuth):
    async def authenticate(self, request, username, password):
        return username

class Compared(HttpBearer):
    def authenticate(self, request, token):
        if token == open('/run/token').read():
            return token

class LookedUp(HttpBearer):
    def authenticate(self, request, token):
        return find(token)

class Nobody(HttpBearer):
    def authenticate(self, request, token):
        return None

class Unused(HttpBearer):
    def authenticate(self, request, token):
        return token

api = NinjaAPI(auth=Returned())

@api.get('/returned')
def returned(request): ...

@api.get('/either', auth=[django_auth, Returned()])
def either(request): ...

@api.get('/constant', auth=Constant())
def constant(request): ...

@api.get('/basic', auth=Basic())
def basic(request): ...

@api.get('/compared', auth=Compared())
def compared(request): ...

@api.get('/found', auth=LookedUp())
def found(request): ...

@api.get('/nobody', auth=Nobody())
def nobody(request): ...

urlpatterns = [path('api/', api.urls)]
";
    assert_eq!(
        told(text),
        [
            "6 Medium `authenticate` takes whatever it is given, and 2 endpoints rely on it",
            "18 Medium `authenticate` takes whatever it is given, and `GET /api/basic` relies on it",
        ],
        "a key that is not there is taken, too: that endpoint is open"
    );
}

#[test]
fn dependencies_behind_a_scheme_that_give_the_same_to_every_token_are_told() {
    let text = "\
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
oauth2 = OAuth2PasswordBearer(tokenUrl='token')

def get_current_user(token: str = Depends(oauth2)):
    return {'name': 'admin'}

def get_current_token(token: str = Depends(oauth2)):
    return token

def require_admin(user: dict = Depends(get_current_user)):
    if user['role'] != 'admin':
        raise HTTPException(403)

def get_checked_user(token: str = Depends(oauth2)):
    if token != open('/run/token').read():
        raise HTTPException(401)
    return {'name': 'admin'}

@app.get('/fake')
def fake(user: dict = Depends(get_current_user)): ...

@app.get('/handed-on')
def handed_on(token: str = Depends(get_current_token)): ...

@app.get('/checked')
def checked(user: dict = Depends(get_checked_user)): ...

@app.get('/both')
def both(user: dict = Depends(get_current_user), really: dict = Depends(get_checked_user)): ...
";
    assert_eq!(told(text), ["7 High `get_current_user` takes whatever it is given, and `GET /fake` relies on it"]);
}
