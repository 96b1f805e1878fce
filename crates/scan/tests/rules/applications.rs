//! Ways to put an application together, as one finds them: which endpoints there are and who is admitted.

use crate::project::scanned_files;

/// `METHOD path verdict` for each endpoint of the project's own, sorted; then the gaps that name a guard.
fn endpoints(main: &str) -> Vec<String> {
    let report = scanned_files([("main.py", main)]);
    let own =
        report.endpoints.iter().filter(|e| e.handler.file.ends_with("main.py") && e.origin == model::Origin::Project);
    let mut found: Vec<String> = own
        .map(|e| {
            let verdict = format!("{:?}", e.access.verdict()).to_lowercase();
            format!("{} {} {verdict}", e.id().method(), e.path())
        })
        .collect();
    found.sort();
    let guards = report.gaps.iter().filter(|g| g.kind == model::GapKind::UnresolvedGuard);
    found.extend(guards.map(|g| format!("gap: {}", g.reason)));
    found
}

#[test]
fn a_lifespan_and_a_startup_handler_add_routes() {
    let main = "\
from contextlib import asynccontextmanager
from fastapi import APIRouter, FastAPI

early = APIRouter()

@early.get('/early')
def early_one(): ...

@asynccontextmanager
async def lifespan(app):
    app.include_router(early)
    yield

app = FastAPI(lifespan=lifespan)

@app.on_event('startup')
async def start():
    app.add_api_route('/late', late)

def late(): ...
";
    assert_eq!(endpoints(main), ["GET /early public", "GET /late public"]);
}

#[test]
fn a_route_class_guards_its_routes() {
    let main = "\
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.routing import APIRoute

class Guarded(APIRoute):
    def get_route_handler(self):
        original = super().get_route_handler()
        async def handler(request: Request):
            if request.headers.get('x-key') != open('/run/key').read():
                raise HTTPException(401)
            return await original(request)
        return handler

class Timed(APIRoute):
    def get_route_handler(self):
        original = super().get_route_handler()
        async def handler(request: Request):
            response = await original(request)
            response.headers['x-time'] = '1'
            return response
        return handler

app = FastAPI()
closed, timed = APIRouter(route_class=Guarded), APIRouter(route_class=Timed)

@closed.get('/closed')
def one(): ...

@timed.get('/timed')
def two(): ...

app.include_router(closed)
app.include_router(timed)
";
    assert_eq!(endpoints(main), ["GET /closed authenticated", "GET /timed public"]);
}

#[test]
fn one_of_two_wrappers_around_a_handler_guards_it_only_if_both_do() {
    let main = "\
import functools, os
from fastapi import FastAPI, HTTPException, Request

def both(function):
    @functools.wraps(function)
    async def one(request: Request):
        if not request.user.is_authenticated:
            raise HTTPException(401)
        return await function(request)
    @functools.wraps(function)
    def other(request: Request):
        if not request.user.is_authenticated:
            raise HTTPException(401)
        return function(request)
    return one if os.environ['WHICH'] else other

def either(function):
    @functools.wraps(function)
    async def one(request: Request):
        if not request.user.is_authenticated:
            raise HTTPException(401)
        return await function(request)
    return one if os.environ['WHICH'] else function

app = FastAPI()

@app.get('/both')
@both
async def first(request: Request): ...

@app.get('/either')
@either
async def second(request: Request): ...
";
    assert_eq!(endpoints(main), ["GET /both authenticated", "GET /either public"]);
}

#[test]
fn a_refusal_of_two_kinds_is_one() {
    let main = "\
from fastapi import Depends, FastAPI, HTTPException, Request

def allowed(request: Request):
    if 'read' not in request.auth.scopes:
        if not request.user.is_authenticated:
            raise HTTPException(401)
        raise HTTPException(403)

app = FastAPI(dependencies=[Depends(allowed)])

@app.get('/both')
def both(): ...
";
    assert_eq!(endpoints(main), ["GET /both restricted"]);
}

#[test]
fn either_of_two_credentials_is_asked_for() {
    let main = "\\
import store
from fastapi import Depends, FastAPI, HTTPException, Request

def session(key: str = '', request: Request = None):
    known = store.get(key)
    if known:
        return known
    if request.headers.get('authorization') != open('/run/key').read():
        raise HTTPException(401)

def counted(key: str = ''):
    if store.get(key):
        store.count(key)

app = FastAPI()

@app.get('/desk', dependencies=[Depends(session)])
def desk(): ...

@app.get('/welcome', dependencies=[Depends(counted)])
def welcome(): ...
";
    assert_eq!(endpoints(main), ["GET /desk authenticated", "GET /welcome public"]);
}

#[test]
fn who_nobody_passes_without_a_credential_is_turned_away_for_want_of_one() {
    let main = "\
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import HTTPBearer

bearer = HTTPBearer(auto_error=False)

def found(tenant: str, token = Depends(bearer)):
    user = lookup(tenant)
    if tenant == 'closed':
        raise HTTPException(403)
    if token is None:
        raise HTTPException(403 if tenant else 401)

app = FastAPI(dependencies=[Depends(found)])

@app.get('/{tenant}/items')
def items(): ...
";
    assert_eq!(endpoints(main), ["GET /{tenant}/items authenticated"]);
}

#[test]
fn middleware_that_is_not_seen_leaves_a_gap() {
    let main = "\
from fastapi import FastAPI
from company_gateway import TokenMiddleware
from sentry_asgi import SentryMiddleware

app = FastAPI()
app.add_middleware(SentryMiddleware)
app.add_middleware(TokenMiddleware)

@app.get('/items')
def items(): ...
";
    let gap = "what the middleware `company_gateway.TokenMiddleware` does is not seen: it may refuse";
    assert_eq!(endpoints(main), ["GET /items unknown".to_owned(), format!("gap: {gap}")]);
}

#[test]
fn middleware_of_a_mount_and_an_application_inside_a_wrapper_count() {
    let main = "\
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

class Guard:
    def __init__(self, app):
        self.app = app
    async def __call__(self, scope, receive, send):
        if not dict(scope['headers']).get(b'authorization'):
            return await JSONResponse({}, 401)(scope, receive, send)
        await self.app(scope, receive, send)

async def one(request): ...
async def two(request): ...
async def three(request): ...

inner = Starlette(routes=[Route('/two', two)])
app = Starlette(routes=[
    Mount('/a', routes=[Route('/one', one)], middleware=[Middleware(Guard)]),
    Mount('/b', app=Guard(inner)),
    Route('/three', three),
])
";
    assert_eq!(endpoints(main), ["GET /a/one authenticated", "GET /b/two authenticated", "GET /three public"]);
}

#[test]
fn a_redirect_before_the_handler_keeps_the_caller_out() {
    let main = "\
from fastapi import Depends, FastAPI, HTTPException, Request

def session(request: Request):
    if not request.cookies.get('session'):
        raise HTTPException(303, headers={'Location': '/welcome'})

app = FastAPI()

@app.get('/desk', dependencies=[Depends(session)])
def desk(): ...

@app.get('/welcome')
def welcome(): ...
";
    assert_eq!(endpoints(main), ["GET /desk authenticated", "GET /welcome public"]);
}

#[test]
fn a_view_of_a_class_asks_for_what_the_class_asks_for() {
    let main = "\\
import inspect
from typing import get_type_hints
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request

def caller(request: Request):
    if not request.headers.get('x-key'):
        raise HTTPException(401)

def view(router):
    def decorator(cls):
        asked = list(inspect.signature(cls.__init__).parameters.values())[1:]
        asked = [p for p in asked if p.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)]
        for name, hint in get_type_hints(cls).items():
            asked.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint, default=getattr(cls, name)))
        cls.__signature__ = inspect.Signature(asked)
        cls.is_view = True
        by_function = {route.endpoint: route for route in router.routes}
        for _, function in inspect.getmembers(cls, inspect.isfunction):
            route = by_function.get(function)
            if route is None:
                continue
            first, *rest = inspect.signature(route.endpoint).parameters.values()
            first = first.replace(default=Depends(cls))
            route.endpoint.__signature__ = inspect.Signature([first, *rest])
            route.path = route.path[len(router.prefix):]
        return cls
    return decorator

router = APIRouter(prefix='/x')

class Base:
    user: str = Depends(caller)

@view(router)
class Items(Base):
    @router.get('/items')
    def items(self, size: int): ...

    @router.post('/items')
    def add(self): ...

app = FastAPI()
app.include_router(router)
";
    assert_eq!(endpoints(main), ["GET /items authenticated", "POST /items authenticated"]);
}

#[test]
fn documentation_behind_middleware_that_refuses_is_not_public() {
    let main = "\
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

app = FastAPI()

@app.middleware('http')
async def guard(request: Request, call_next):
    if not request.headers.get('authorization'):
        return JSONResponse({}, 401)
    return await call_next(request)
";
    let report = scanned_files([("main.py", main)]);
    let docs = report.endpoints.iter().find(|e| e.path() == "/docs").unwrap();
    assert_eq!(format!("{:?}", docs.access.verdict()), "Authenticated");
}
