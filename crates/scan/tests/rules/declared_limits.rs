//! The limits that code declares, at the endpoints that have them.

use crate::project::scanned_files;

/// The limits of each endpoint: quota, window in seconds and what is counted, and of which count they are; `?` for what is not known.
fn limits<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let report = scanned_files(files);
    let known = |figure: Option<u64>| figure.map_or_else(|| "?".to_owned(), |figure| figure.to_string());
    let several = |path: &str| report.endpoints.iter().filter(|one| one.path() == path).count() > 1;
    let named = |endpoint: &model::Endpoint| match several(&endpoint.path()) {
        true => endpoint.id().to_string(),
        false => endpoint.path(),
    };
    let of_endpoint = |endpoint: &model::Endpoint| {
        let limits = endpoint.limits.iter().map(|limit| {
            let whom = if limit.anonymous { " if anonymous" } else { "" };
            let shared = limit.shared.as_ref().map(|shared| format!(" of `{shared}`")).unwrap_or_default();
            format!("{}/{} by {}{shared}{whom}", known(limit.quota), known(limit.window_s), limit.by.join("+"))
        });
        format!("{}: {}", named(endpoint), limits.collect::<Vec<_>>().join(", "))
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
            "/e: 5/60 by address of `user`",
            "/f: ?/? by address"
        ]
    );
}

/// An application of FastAPI with a limiter of slowapi, and what stands before and behind its handlers.
fn with_slowapi(options: &str, middleware: &str) -> Vec<String> {
    let main = format!(
        "\
import os

from fastapi import FastAPI, Request
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.middleware import SlowAPIASGIMiddleware, SlowAPIMiddleware
from slowapi.util import get_remote_address

limiter = Limiter(key_func=get_remote_address, {options})
app = FastAPI(openapi_url=None)
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
{middleware}

@app.get('/own')
@limiter.limit('5/minute')
def own(request: Request): ...

@app.get('/more')
@limiter.limit('5/minute', override_defaults=False)
def more(request: Request): ...

@app.get('/none')
@limiter.exempt
def none(): ...

@app.get('/plain')
def plain(): ...

@app.get('/plain/{{id}}')
def one(id: int): ...
"
    );
    limits([("main.py", &*main)])
}

#[test]
fn defaults_of_slowapi_are_those_of_its_middleware() {
    let options = "default_limits=['60/minute'], application_limits=['1000/hour']";
    let all = [
        "/more: 5/60 by address, 60/60 by address",
        "/none: ",
        "/own: 5/60 by address",
        "/plain: 1000/3600 by address of `global`, 60/60 by address",
        "/plain/{id}: 1000/3600 by address of `global`, 60/60 by path+address",
    ];
    assert_eq!(with_slowapi(options, "app.add_middleware(SlowAPIMiddleware)"), all);
    assert_eq!(with_slowapi(options, "app.add_middleware(SlowAPIASGIMiddleware)"), all);
    let without =
        ["/more: 5/60 by address, 60/60 by address", "/none: ", "/own: 5/60 by address", "/plain: ", "/plain/{id}: "];
    assert_eq!(with_slowapi(options, ""), without);
    let by_handler = with_slowapi(&format!("{options}, key_style='endpoint'"), "app.add_middleware(SlowAPIMiddleware)");
    assert_eq!(by_handler[4], "/plain/{id}: 1000/3600 by address of `global`, 60/60 by address");
}

#[test]
fn a_limiter_that_is_switched_off_limits_nothing() {
    let off = ["/more: ", "/none: ", "/own: ", "/plain: ", "/plain/{id}: "];
    let perhaps = [
        "/more: ?/? by address, ?/? by address",
        "/none: ",
        "/own: ?/? by address",
        "/plain: ?/? by address",
        "/plain/{id}: ?/? by path+address",
    ];
    let middleware = "app.add_middleware(SlowAPIMiddleware)";
    assert_eq!(with_slowapi("default_limits=['60/minute'], enabled=False", middleware), off);
    let by_setting =
        |default: &str| format!("default_limits=['60/minute'], enabled=os.environ.get('ON', '{default}') == 'yes'");
    assert_eq!(with_slowapi(&by_setting("no"), middleware), perhaps, "off by default, and perhaps not where it runs");
    assert_eq!(with_slowapi(&by_setting("yes"), middleware)[3], "/plain: 60/60 by address");
    assert_eq!(
        with_slowapi("default_limits=['60/minute'], enabled=asked()", middleware)[3],
        "/plain: 60/60 by address"
    );
}

#[test]
fn figures_of_settings_are_their_defaults() {
    let config = "import os\nOFTEN = os.environ.get('LOGIN_RATE', '50/hour')\n";
    let main = "\
from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.util import get_remote_address

import config

app = FastAPI(openapi_url=None)
limiter = Limiter(key_func=get_remote_address)


@app.post('/login')
@limiter.limit(config.OFTEN)
def login(request: Request): ...
";
    let files = [("config.py", config), ("main.py", main)];
    assert_eq!(limits(files), ["/login: 50/3600 by address"]);
    let told = &scanned_files(files).endpoints[0].limits[0].evidence;
    assert_eq!((&*told.file, told.line), ("main.py", 12));
    assert_eq!(told.what, "`limiter.limit(config.OFTEN)`: `50/hour`, the default of the setting `LOGIN_RATE`");
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
fn defaults_of_flask_limiter_are_those_that_nothing_overrides() {
    let main = "\
from flask import Blueprint, Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

app = Flask(__name__)
app.config['RATELIMIT_APPLICATION'] = '1000/day'
limiter = Limiter(get_remote_address, app=app, default_limits=['200/day', '50/hour'])
books = Blueprint('books', __name__, url_prefix='/books')
help = Blueprint('help', __name__, url_prefix='/help')
limiter.limit('7/minute')(books)
limiter.exempt(help)


@app.get('/own')
@limiter.limit('5/minute')
def own(): ...


@app.get('/more')
@limiter.limit('5/minute', override_defaults=False)
def more(): ...


@app.get('/none')
@limiter.exempt
def none(): ...


@app.route('/both', methods=['GET', 'POST'])
@limiter.limit('5/minute', methods=['POST'])
def both(): ...


@app.get('/shared')
@limiter.shared_limit('9/minute', scope='mail')
def shared(): ...


@books.get('/')
def all_books(): ...


@books.get('/own')
@limiter.limit('5/minute')
def own_book(): ...


@help.get('/')
def all_help(): ...


app.register_blueprint(books)
app.register_blueprint(help)
";
    let global = "1000/86400 by address of `global`";
    let defaults = "200/86400 by address, 50/3600 by address";
    assert_eq!(
        limits([("main.py", main)]),
        [
            format!("/books/: 7/60 by address, {global}"),
            format!("/books/own: 5/60 by address, {global}"),
            format!("GET /both: {global}, {defaults}"),
            format!("POST /both: 5/60 by address, {global}"),
            "/help/: ".to_owned(),
            format!("/more: 5/60 by address, {global}, {defaults}"),
            "/none: ".to_owned(),
            format!("/own: 5/60 by address, {global}"),
            format!("/shared: 9/60 by address of `mail`, {global}"),
        ]
    );
}

#[test]
fn what_flask_limiter_does_not_count_each_time_has_no_figures() {
    let of = |options: &str, more: &str| {
        let main = format!(
            "\
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

app = Flask(__name__)
limiter = Limiter(get_remote_address, {options})
limiter.init_app(app)
{more}

@app.get('/a')
@limiter.limit('5/minute')
def a(): ...

@app.get('/b')
def b(): ...
"
        );
        limits([("main.py", &*main)])
    };
    let every = ["/a: 5/60 by address", "/b: 9/3600 by address"];
    assert_eq!(of("default_limits=['9/hour']", ""), every);
    let never = ["/a: ?/? by address", "/b: ?/? by address"];
    assert_eq!(of("default_limits=['9/hour'], auto_check=False", ""), never);
    let filter = "@limiter.request_filter\ndef ours(): return request.remote_addr == '10.0.0.1'\n";
    assert_eq!(of("default_limits=['9/hour']", filter), never);
    let clear =
        "def clear():\n    [limiter.limiter.clear(one.limit, *one.request_args) for one in limiter.current_limits]\n";
    assert_eq!(of("default_limits=['9/hour']", clear), never);
    let some = of("default_limits=['9/hour'], default_limits_exempt_when=lambda: ask()", "");
    assert_eq!(some, ["/a: 5/60 by address", "/b: ?/? by address"]);
    assert_eq!(of("default_limits=['9/hour'], enabled=False", ""), ["/a: ", "/b: "]);
    let config = "app.config['RATELIMIT_DEFAULT'] = '9/hour'";
    assert_eq!(of("app=app", config), ["/a: 5/60 by address", "/b: "], "it is looked at when the application is given");
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
fn fastapi_limiter_of_routers_includes_and_the_application() {
    let main = "\
from fastapi import APIRouter, Depends, FastAPI
from fastapi_limiter.depends import RateLimiter

app = FastAPI(openapi_url=None, dependencies=[Depends(RateLimiter(times=100, minutes=1))])
router = APIRouter(dependencies=[Depends(RateLimiter(times=10, seconds=5))])


def tenant(request): ...


@router.get('/a')
def a(): ...


@router.get('/b', dependencies=[Depends(RateLimiter(times=2, hours=1, identifier=tenant))])
def b(): ...


@app.get('/c')
def c(): ...


app.include_router(router, dependencies=[Depends(RateLimiter(times=20, hours=1))])
";
    let files = [("main.py", main)];
    let mut found = limits(files);
    found.iter_mut().for_each(|one| {
        let (path, of) = one.split_once(": ").unwrap();
        let mut sorted: Vec<&str> = of.split(", ").collect();
        sorted.sort_unstable();
        *one = format!("{path}: {}", sorted.join(", "));
    });
    assert_eq!(
        found,
        [
            "/a: 10/5 by address, 100/60 by address, 20/3600 by address",
            "/b: 10/5 by address, 100/60 by address, 2/3600 by tenant, 20/3600 by address",
            "/c: 100/60 by address",
        ]
    );
    let report = scanned_files(files);
    assert!(
        report.endpoints.iter().all(|one| one.access.verdict() == model::AccessVerdict::Public),
        "it refuses nobody for want of a credential"
    );
}

#[test]
fn what_the_code_counts_otherwise_has_no_figures_that_are_told() {
    let of_library = "\
from fastapi import Depends, FastAPI
from fastapi_limiter.depends import RateLimiter


class Mine(RateLimiter):
    async def __call__(self, request, response): ...


app = FastAPI(openapi_url=None)


@app.get('/items/{item}', dependencies=[Depends(RateLimiter(times=2, seconds=5))])
def item(item: int): ...


@app.get('/mine', dependencies=[Depends(Mine(times=2, seconds=5))])
def mine(): ...


@app.get('/placed', dependencies=[Depends(RateLimiter(2, 0, 5, minutes=1))])
def placed(): ...
";
    let expected = ["/items/{item}: 2/5 by path+address", "/mine: ?/? by address", "/placed: ?/? by address"];
    assert_eq!(limits([("main.py", of_library)]), expected);
    let of_slowapi = "\
from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.util import get_remote_address

limiter = Limiter(key_func=get_remote_address, storage_uri='redis://:planted@redis/0')
app = FastAPI(openapi_url=None)


def address(request): return request.headers['X-Tenant']


@app.get('/items/{item}')
@limiter.limit('5/minute')
def item(request: Request, item: int): ...


@app.get('/own')
@limiter.limit('5/minute', key_func=address)
def own(request: Request): ...
";
    let expected = ["/items/{item}: 5/60 by path+address", "/own: 5/60 by address()"];
    assert_eq!(limits([("main.py", of_slowapi)]), expected);
}

#[test]
fn what_a_limiter_is_told_besides_is_not_repeated() {
    let main = "\
from fastapi import FastAPI
from slowapi import Limiter
from slowapi.middleware import SlowAPIMiddleware
from slowapi.util import get_remote_address

limiter = Limiter(key_func=get_remote_address, default_limits=['9/minute'], storage_uri='redis://:planted@redis/0')
app = FastAPI(openapi_url=None)
app.state.limiter = limiter
app.add_middleware(SlowAPIMiddleware)


@app.get('/a')
def a(): ...
";
    let report = scanned_files([("main.py", main)]);
    let told = &report.endpoints[0].limits[0].evidence.what;
    assert_eq!(told, "`Limiter(...)`, by default `9/minute`");
}

const REST_URLS: &str = "\
from django.urls import include, path
from rest_framework.routers import DefaultRouter
import views

router = DefaultRouter()
router.register('books', views.Books, basename='books')
urlpatterns = [
    path('a', views.A.as_view()), path('b', views.B.as_view()), path('c', views.C.as_view()), path('d', views.d),
    path('e', views.E.as_view()), path('f', views.F.as_view()), path('g', views.G.as_view()), path('h', views.H.as_view()),
    path('', include(router.urls)),
]
";

const REST_VIEWS: &str = "\
from rest_framework.decorators import action, api_view, throttle_classes
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle, BaseThrottle, ScopedRateThrottle, SimpleRateThrottle, UserRateThrottle
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet


class Burst(UserRateThrottle):
    scope = 'burst'


class Often(UserRateThrottle):
    rate = '10/sec'


class ByTenant(SimpleRateThrottle):
    scope = 'burst'

    def get_cache_key(self, request, view):
        return request.headers['X-Tenant']


class Random(BaseThrottle):
    def allow_request(self, request, view):
        return ask()


class Writing(ScopedRateThrottle):
    def allow_request(self, request, view):
        return request.method != 'POST' or super().allow_request(request, view)


class View(APIView):
    def get(self, request):
        return Response({})


class A(View): pass


class B(View):
    throttle_classes = [Burst, Often]


class C(View):
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = 'uploads'


@api_view(['GET'])
@throttle_classes([AnonRateThrottle])
def d(request):
    return Response({})


class E(View):
    authentication_classes = ()
    throttle_classes = [AnonRateThrottle, UserRateThrottle]


class F(View):
    throttle_classes = []


class G(View):
    throttle_classes = [ByTenant, Random, ScopedRateThrottle]


class H(View):
    throttle_classes = [Writing]
    throttle_scope = 'uploads'


class Books(ViewSet):
    throttle_classes = [Burst]

    def get_throttles(self):
        if self.action == 'retrieve':
            return [Often()]
        return super().get_throttles()

    def list(self, request):
        return Response({})

    def retrieve(self, request, pk):
        return Response({})

    @action(detail=False, throttle_classes=[UserRateThrottle])
    def top(self, request):
        return Response({})
";

#[test]
fn throttles_of_django_rest_framework() {
    let settings = "\
import os

ROOT_URLCONF = 'urls'
REST_FRAMEWORK = {
    'DEFAULT_THROTTLE_CLASSES': [
        'rest_framework.throttling.AnonRateThrottle',
        'rest_framework.throttling.UserRateThrottle',
    ],
    'DEFAULT_THROTTLE_RATES': {
        'anon': '100/day', 'user': '1000/day', 'burst': os.environ.get('BURST', '60/min'), 'uploads': '20/hour',
    },
}
";
    let manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n";
    let files = [("manage.py", manage), ("settings.py", settings), ("urls.py", REST_URLS), ("views.py", REST_VIEWS)];
    let mut found = limits(files);
    found.retain(|one| !one.contains("{format}") && !one.starts_with("/:"));
    assert_eq!(
        found,
        [
            "/a: 100/86400 by address of `anon` if anonymous, 1000/86400 by principal of `user`",
            "/b: 60/60 by principal of `burst`, 10/1 by principal of `user`",
            "/books/: 60/60 by principal of `burst`",
            "/books/top/: 1000/86400 by principal of `user`",
            "/books/{pk}/: 10/1 by principal of `user`",
            "/c: 20/3600 by principal of `uploads`",
            "/d: 100/86400 by address of `anon` if anonymous",
            // Nobody is identified there.
            "/e: 100/86400 by address of `anon`, 1000/86400 by address of `user`",
            "/f: ",
            "/g: 60/60 by ByTenant of `burst`, ?/? by Random of `Random`",
            "/h: ?/? by principal of `uploads`",
        ]
    );
    let report = scanned_files(files);
    let told = |path: &str| {
        let endpoint = report.endpoints.iter().find(|one| one.path() == path).unwrap();
        let at = &endpoint.limits[0].evidence;
        format!("{}:{}: {}", at.file, at.line, at.what)
    };
    assert_eq!(told("/a"), "settings.py:5: `DEFAULT_THROTTLE_CLASSES` names `AnonRateThrottle`: `100/day`");
    assert_eq!(
        told("/b"),
        "views.py:42: `throttle_classes` names `Burst`: `60/min`, the default of the setting `BURST`"
    );
    assert_eq!(told("/c"), "views.py:46: `throttle_classes` names `ScopedRateThrottle`: `20/hour`");
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
