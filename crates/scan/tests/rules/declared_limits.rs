//! The limits that code declares, at the endpoints that have them.

use crate::project::scanned_files;

/// The limits of each endpoint: quota, window in seconds and what is counted; `?` for what is not known.
fn limits<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let report = scanned_files(files);
    let known = |figure: Option<u64>| figure.map_or_else(|| "?".to_owned(), |figure| figure.to_string());
    let of_endpoint = |endpoint: &model::Endpoint| {
        let limits = endpoint
            .limits
            .iter()
            .map(|limit| format!("{}/{} by {}", known(limit.quota), known(limit.window_s), limit.by.join("+")));
        format!("{}: {}", endpoint.path(), limits.collect::<Vec<_>>().join(", "))
    };
    report.endpoints.iter().filter(|one| !one.path().starts_with("/static")).map(of_endpoint).collect()
}

#[test]
fn slowapi() {
    let limiter = "from slowapi import Limiter\nfrom slowapi.util import get_remote_address\n\nlimiter = Limiter(key_func=get_remote_address)\n";
    let main = "\
from fastapi import FastAPI, Request

from limits import limiter

app = FastAPI(openapi_url=None)
OFTEN = '100/minute'


def tenant(request: Request) -> str:
    return request.headers['x-tenant']


@app.get('/a')
@limiter.limit('5/minute;20 per hour')
def a(request: Request): ...


@app.get('/b')
@limiter.limit(OFTEN, key_func=tenant)
def b(request: Request): ...


@app.get('/c')
@limiter.limit(lambda: setting('rate'))
def c(request: Request): ...


@app.get('/d')
def d(): ...


@app.get('/e')
@limiter.shared_limit('5/minute', 'user')
def e(request: Request): ...


@app.get('/f')
@limiter.limit('5/minute', exempt_when=lambda: True)
def f(request: Request): ...
";
    let found = limits([("limits.py", limiter), ("main.py", main)]);
    assert_eq!(
        found,
        [
            "/a: 5/60 by address, 20/3600 by address",
            "/b: 100/60 by tenant",
            "/c: ?/? by address",
            "/d: ",
            "/e: ?/? by ",
            "/f: ?/? by address"
        ]
    );
}

#[test]
fn flask_limiter() {
    let main = "\
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

app = Flask(__name__)
limiter = Limiter(get_remote_address, app=app)


@app.post('/login')
@limiter.limit('3 per minute')
def login(): ...
";
    assert_eq!(limits([("main.py", main)]), ["/login: 3/60 by address"]);
}

#[test]
fn fastapi_limiter() {
    let main = "\
from fastapi import Depends, FastAPI
from fastapi_limiter.depends import RateLimiter

app = FastAPI(openapi_url=None)


@app.get('/a', dependencies=[Depends(RateLimiter(times=2, seconds=5))])
def a(): ...


@app.get('/b')
def b(_: None = Depends(RateLimiter(times=10, minutes=1))): ...


@app.get('/c', dependencies=[Depends(RateLimiter(times=2, seconds=WINDOW, minutes=1))])
def c(): ...


@app.get('/d', dependencies=[Depends(RateLimiter(times=2, seconds=1, milliseconds=500))])
def d(): ...
";
    assert_eq!(
        limits([("main.py", main)]),
        ["/a: 2/5 by address", "/b: 10/60 by address", "/c: 2/? by address", "/d: 2/? by address"]
    );
}

#[test]
fn django_ratelimit() {
    let views = "\
from django.http import HttpResponse
from django_ratelimit.decorators import ratelimit
from ratelimit.decorators import ratelimit as old
import home


@ratelimit(key='ip', rate='5/m')
def a(request):
    return HttpResponse('a')


@ratelimit(key='user', rate='10/30s')
def b(request):
    return HttpResponse('b')


@ratelimit(key='ip', rate='5/m', block=False)
def c(request):
    return HttpResponse('c')


@ratelimit(key='ip', rate='5/m', method='POST')
def d(request):
    return HttpResponse('d')


@old(key='ip', rate='5/m')
def e(request):
    return HttpResponse('e')


@old(key='ip', rate='5/m', block=True)
def f(request):
    return HttpResponse('f')


@home.ratelimit(2, 'ip')
def g(request):
    return HttpResponse('g')
";
    let urls = "from django.urls import path\nimport views\nurlpatterns = [path('a', views.a), path('b', views.b), path('c', views.c), path('d', views.d), path('e', views.e), path('f', views.f), path('g', views.g)]\n";
    let manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n";
    let found = limits([
        ("manage.py", manage),
        ("settings.py", "ROOT_URLCONF = 'urls'\n"),
        ("urls.py", urls),
        ("views.py", views),
    ]);
    assert_eq!(
        found,
        [
            "/a: 5/60 by address",
            "/b: 10/30 by principal",
            "/c: ",
            "/d: ?/? by address",
            "/e: ",
            "/f: 5/60 by address",
            "/g: "
        ]
    );
}

#[test]
fn a_method_that_is_called_alike_is_none() {
    let main = "\
from fastapi import FastAPI

app = FastAPI(openapi_url=None)


@app.get('/a')
@pages.limit('5/minute')
def a(): ...
";
    assert_eq!(limits([("main.py", main)]), ["/a: "]);
}
