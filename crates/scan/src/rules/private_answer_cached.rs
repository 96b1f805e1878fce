//! `private-answer-cached`: what one principal is answered is kept, and answered to the next one.

use model::{Confidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::Body;

pub(super) const RULE: Rule = Rule {
    name: "private-answer-cached",
    weakness: Weakness::PrivateDataInSharedCache,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "what one principal is answered is kept, and answered to the next one",
    page: PAGE,
    checks: &[Check::Body(&["cache_page", ".cached", ".memoize", "cache("], of_body)],
};

const PAGE: &str = r#"## What it does

Finds functions whose answers are kept by their path or arguments alone (`@cache.cached` and `@cache.memoize` of Flask-Caching, `@cache_page` of Django, `@cache` of fastapi-cache) and that look at who asks:
`current_user`, `request.user`, the session, the claims of a token. It also finds those whose guard stands below the cache: once somebody was answered, nobody is asked any more.

Silent are a key that the program makes itself (`make_cache_key`, a function as `key_prefix`, `key_builder`), `vary_on_cookie` and `vary_on_headers` of Django, and answers that are marked `private`.

## Why is this bad?

For as long as the entry lives, everybody who asks for the same path reads what the first one was answered: their orders, their address, their token against forged requests.

## Example

```python bad
from flask import Flask
from flask_caching import Cache
from flask_login import LoginManager, current_user, login_required

app = Flask(__name__)
cache = Cache(app)
LoginManager(app)


@app.get("/orders")
@login_required
@cache.cached(timeout=60)
def orders():  # <- here
    return {"orders": [order.name for order in current_user.orders]}
```

```python bad
from fastapi import FastAPI, Request
from fastapi_cache.decorator import cache
from starlette.middleware.sessions import SessionMiddleware

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=open("key").read())


@app.get("/orders")
@cache(expire=60)
async def orders(request: Request):  # <- here
    return {"orders": names_of(request.session["user"])}


def names_of(user):
    return []
```

```python bad
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

# file: shop/settings.py
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.sessions"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware"]

# file: shop/urls.py
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.cache import cache_page


@cache_page(60)
@login_required
def orders(request):  # <- here
    return JsonResponse({"orders": []})


urlpatterns = [path("orders", orders)]
```

Use instead:

```python good
from flask import Flask
from flask_caching import Cache
from flask_login import LoginManager, current_user, login_required

app = Flask(__name__)
cache = Cache(app)
LoginManager(app)


def key():
    return f"orders/{current_user.id}"


@app.get("/orders")
@login_required
@cache.cached(timeout=60, make_cache_key=key)
def orders():
    return {"orders": [order.name for order in current_user.orders]}


@app.get("/items")
@cache.cached(timeout=60)
def items():
    return {"items": []}
```

```python good
from fastapi import FastAPI
from fastapi_cache.decorator import cache

app = FastAPI()


@app.get("/items")
@cache(expire=60)
async def items():
    return {"items": []}
```

```python good
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

# file: shop/settings.py
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.sessions"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware"]

# file: shop/urls.py
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.cache import cache_page
from django.views.decorators.vary import vary_on_cookie


@login_required
@cache_page(60)
@vary_on_cookie
def orders(request):
    return JsonResponse({"name": request.user.username})


urlpatterns = [path("orders", orders)]
```

## Fix

Put who asks into the key (`make_cache_key`, `key_builder`, `vary_on_cookie`), below the guard; or cache what is the same for all, and not the answer.
"#;

/// How functions look at who asks.
const WHO: &[&str] = &[
    "current_user",
    "request.user",
    "request.auth",
    "request.session",
    "request.state.user",
    "request.cookies",
    "g.user",
    "get_jwt_identity(",
    "get_jwt(",
    "get_current_user(",
    "session[",
    "session.get(",
];
/// Parts of the names of decorators that refuse who may not ask.
const GUARDS: &[&str] = &[
    "login_required",
    "jwt_required",
    "permission_required",
    "token_required",
    "auth_required",
    "roles_required",
    "user_passes_test",
    "admin_required",
];
/// What makes the key, or keeps the answer out of a cache that is shared.
const KEYS: &[&str] = &["make_cache_key", "make_name", "key_builder", "vary_on", "private", "never_cache", "unless"];
const FIX: &str = "put who asks into the key (`make_cache_key`, `key_builder`, `vary_on_cookie`), below the guard";
const NO_SHIELD: &str = "what an application keeps is answered before anything else of it runs";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let Some(at) = body.decorators.iter().position(|decorator| keeps(decorator, body)) else { return Vec::new() };
    if body.decorators.iter().any(|decorator| KEYS.iter().any(|key| decorator.contains(key))) {
        return Vec::new();
    }
    let below = &body.decorators[at + 1..];
    let is_guard = |decorator: &&str| GUARDS.iter().any(|guard| decorator.contains(guard));
    let text = body.text(body.span);
    let message = if let Some(guard) = below.iter().find(|decorator| is_guard(decorator)) {
        let guard = guard.split('(').next().unwrap_or(guard);
        format!("`{}` is answered from a cache before `{guard}` asks who it is", body.name)
    } else if WHO.iter().any(|who| stands_in(who, text)) {
        format!("`{}` answers by who asks, and its answer is kept for whoever asks next", body.name)
    } else {
        return Vec::new();
    };
    vec![(Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), body.line(body.span))]
}

/// Whether something stands in a text, and is not the end of a longer name: `tracking.user_id` is not `g.user`.
fn stands_in(what: &str, text: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(what).any(|(at, _)| !text[..at].ends_with(is_name))
}

/// Whether a decorator keeps what a function gives by its path or arguments alone.
fn keeps(decorator: &str, body: &Body<'_>) -> bool {
    let name = decorator.split('(').next().unwrap_or(decorator).trim();
    let is_called = |word: &str| name == word || name.strip_suffix(word).is_some_and(|before| before.ends_with('.'));
    let is_of_flask = is_called("cached") || is_called("memoize");
    // A name of one's own for the key is a text; a function may put in who asks.
    let makes_key = decorator.split_once("key_prefix=").is_some_and(|(_, key)| !key.trim_start().starts_with(['"', '\'']));
    is_of_flask && decorator.contains('.') && !makes_key
        || decorator.contains("cache_page(")
        || name == "cache" && decorator.contains('(') && body.source.text.contains("fastapi_cache")
}

#[cfg(test)]
mod tests {
    use super::stands_in;

    #[test]
    fn names_are_looked_for_from_their_beginning() {
        assert!(stands_in("g.user", "return g.user.orders"));
        assert!(!stands_in("g.user", "return tracking.user_id"));
        assert!(stands_in("session[", "flask.session[\"id\"]"));
    }
}
