//! The match against a plain model of Starlette's router: one regular expression a route, tried in order.

use std::fmt::Write;

use doorward_policy::{Match, Matcher, Policy, RequestPath};
use model::Method;
use proptest::prelude::*;
use regex::Regex;

/// `starlette.routing.compile_path`.
fn expression(template: &str) -> Regex {
    let parameter = Regex::new("\\{([a-zA-Z_][a-zA-Z0-9_]*)(?::([a-z]+))?\\}").unwrap();
    let mut expression = String::from("^");
    let mut done = 0;
    for found in parameter.captures_iter(template) {
        let whole = found.get(0).unwrap();
        expression.push_str(&regex::escape(&template[done..whole.start()]));
        let converter = match found.get(2).map_or("str", |name| name.as_str()) {
            "int" => "[0-9]+",
            "float" => "[0-9]+(?:\\.[0-9]+)?",
            "path" => ".*",
            "uuid" => "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}",
            _ => "[^/]+",
        };
        let _ = write!(expression, "(?P<{}>{converter})", &found[1]);
        done = whole.end();
    }
    expression.push_str(&regex::escape(&template[done..]));
    Regex::new(&format!("{expression}$")).unwrap()
}

/// `starlette.routing.Router.app`: the first full match, else whether there is a partial one, else the path with or
/// without the slash.
fn plainly(routes: &[(String, Regex)], redirects: bool, method: &str, path: &str) -> String {
    let of_path = |path: &str| -> Vec<usize> {
        routes.iter().enumerate().filter(|(_, (_, regex))| regex.is_match(path)).map(|(index, _)| index).collect()
    };
    let matched = of_path(path);
    if let Some(index) = matched.iter().find(|index| routes[**index].0 == method) {
        return format!("route {index}");
    }
    if !matched.is_empty() {
        return "405".to_owned();
    }
    if redirects && path != "/" {
        let toggled = if path.ends_with('/') { path.trim_end_matches('/').to_owned() } else { format!("{path}/") };
        if !toggled.starts_with("//") && !of_path(&toggled).is_empty() {
            return format!("to {toggled}");
        }
    }
    "404".to_owned()
}

fn told(found: &Match<'_>) -> String {
    match found {
        Match::Found(found) => format!("route {}", found.route),
        Match::MethodNotAllowed { .. } => "405".to_owned(),
        Match::Redirect { path, status: 307 } => format!("to {path}"),
        Match::NotFound => "404".to_owned(),
        other => format!("{other:?}"),
    }
}

fn segment() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a",
        "b",
        "a",
        "me",
        "",
        "{N}",
        "{N}",
        "{N:int}",
        "{N:float}",
        "{N:path}",
        "{N}.{mN}",
        "v{N:int}",
        "{N:int}x{mN}",
    ])
}

fn template() -> impl Strategy<Value = String> {
    prop::collection::vec(segment(), 1..5).prop_map(|segments| {
        segments.iter().enumerate().map(|(at, one)| format!("/{}", one.replace('N', &format!("p{at}")))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn it_picks_what_starlette_picks(
        routes in prop::collection::vec((prop::sample::select(vec!["GET", "POST", "PUT"]), template()), 1..10),
        requests in prop::collection::vec("(/(a|b|me|7|1\\.5|a\\.b|v7|7x1|)){1,5}/?", 1..20),
        redirects in any::<bool>(),
    ) {
        let mut text = format!("version = 1\nrouter = {{ trailing_slash = \"{}\" }}\n", if redirects { "redirect" } else { "strict" });
        let mut plain = Vec::new();
        for (method, template) in &routes {
            // Templates that converters tell apart have a variant; the same one twice is refused and never reached.
            let sections = ["", " variant=2", " variant=3"]
                .map(|variant| format!("{text}[routes.\"{method} {template}{variant}\"]\n"));
            if let Some(section) = sections.into_iter().find(|section| Policy::parse(section).is_ok()) {
                text = section;
                plain.push(((*method).to_owned(), expression(template)));
            }
        }
        let policy = Policy::parse(&text).unwrap();
        let matcher = Matcher::new(&policy.routes, &policy.router);
        for path in &requests {
            for method in ["GET", "POST", "DELETE"] {
                let request = RequestPath::new(path.as_bytes()).unwrap();
                let found = matcher.find(&method.parse().unwrap(), None, &request);
                prop_assert_eq!(told(&found), plainly(&plain, redirects, method, path), "{} {} in {}", method, path, text);
                if let Match::Found(found) = found {
                    let groups = plain[found.route].1.captures(path).unwrap();
                    for parameter in policy.routes[found.route].key.pattern().parameters() {
                        let expected = groups.name(&parameter.name).map(|group| group.as_str());
                        prop_assert_eq!(found.parameter(&parameter.name), expected);
                    }
                }
            }
        }
    }

    #[test]
    fn no_path_makes_it_fail(path in prop::collection::vec(any::<u8>(), 0..40)) {
        let policy = Policy::parse("version = 1\n[routes.\"GET /{a}.{b:float}/{c:path}/{d}\"]\n[routes.\"GET /{a:uuid}\"]\n").unwrap();
        let matcher = Matcher::new(&policy.routes, &policy.router);
        let mut path = path;
        path.insert(0, b'/');
        if let Ok(path) = RequestPath::new(&path) {
            let _ = matcher.find(&Method::Get, None, &path);
        }
    }
}

fn find(text: &str, method: &str, host: Option<&str>, path: &str) -> String {
    let policy = Policy::parse(text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let matcher = Matcher::new(&policy.routes, &policy.router);
    let path = RequestPath::new(path.as_bytes()).unwrap();
    told(&matcher.find(&method.parse().unwrap(), host, &path))
}

#[test]
fn a_route_that_may_match_anything_is_never_passed_over() {
    let text = "version = 1\n[routes.\"GET /a/{x}\"]\n[routes.\"GET /b/{x:slug}\"]\n[routes.\"GET /b/{x} variant=2\"]\n\
                [routes.\"POST /b/{x}\"]\n";
    assert_eq!(find(text, "GET", None, "/a/1"), "route 0");
    assert_eq!(find(text, "GET", None, "/b/1"), "Unclear { route: 1 }");
    assert_eq!(find(text, "POST", None, "/b/1"), "route 3");
    let admits = "version = 1\n[routes.\"GET /b/{x:slug}\"]\naccess = \"public\"\n";
    let told = Policy::parse(admits).unwrap_err().listed("policy.toml");
    assert!(told.contains("the converter `slug` is not known"), "{told}");
}

#[test]
fn hosts_select_where_routes_name_them() {
    let text = "version = 1\n[routes.\"GET api.example.com/x\"]\n[routes.\"GET {tenant}.example.com/x\"]\n[routes.\"GET /x\"]\n";
    for (host, route) in [
        (Some("api.example.com"), "route 0"),
        (Some("API.Example.com:8443"), "route 0"),
        (Some("a.example.com"), "route 1"),
        (Some("example.com"), "route 2"),
        (Some("[::1]:80"), "route 2"),
        (None, "route 2"),
    ] {
        assert_eq!(find(text, "GET", host, "/x"), route, "{host:?}");
    }
}

#[test]
fn a_redirect_never_leads_to_another_host() {
    let text = "version = 1\nrouter = { trailing_slash = \"redirect\" }\n[routes.\"GET /{a:path}/\"]\n";
    assert_eq!(find(text, "GET", None, "/x"), "to /x/");
    assert_eq!(find(text, "GET", None, "//evil.example"), "404");
}

#[test]
fn head_and_any_and_websockets() {
    let text =
        "version = 1\nrouter = { implicit_head = true }\n[routes.\"GET /x\"]\n[routes.\"* /y\"]\n[routes.\"WS /x\"]\n";
    for (method, path, expected) in [
        ("HEAD", "/x", "route 0"),
        ("POST", "/x", "405"),
        ("PROPFIND", "/y", "route 1"),
        ("WS", "/x", "route 2"),
        ("WS", "/y", "404"),
    ] {
        assert_eq!(find(text, method, None, path), expected, "{method} {path}");
    }
}

/// Whether what is found is answered by the framework is told as well.
fn find_all(text: &str, rows: &[(&str, &str, &str)]) {
    let policy = Policy::parse(text).unwrap_or_else(|mistakes| panic!("{}", mistakes.listed("policy.toml")));
    let matcher = Matcher::new(&policy.routes, &policy.router);
    for (method, path, expected) in rows {
        let request = RequestPath::new(path.as_bytes()).unwrap();
        let found = match matcher.find(&method.parse().unwrap(), Some("api.example.com"), &request) {
            Match::Found(found) if found.by_framework => format!("framework {}", found.route),
            Match::Redirect { path, status } => format!("{status} {path}"),
            Match::Unclear { route } => format!("unclear {route}"),
            other => told(&other),
        };
        assert_eq!(found, *expected, "{method} {path}");
    }
}

const WERKZEUG: &str = r#"
version = 1
[router]
kind = "werkzeug"
trailing_slash = "redirect-to-slash"
double_slash = "redirect"
redirect_status = 308
implicit_head = true
implicit_options = true
[router.converters]
pair = { regex = "[^/]{2}" }
[routes."GET /{name}"]
[routes."GET /{id:int} variant=2"]
[routes."GET /me"]
[routes."POST /me"]
[routes."GET /{lang:pair}/about"]
[routes."GET /files/{rest:path}"]
[routes."GET /list/"]
[routes."GET /{thing:custom}/x"]
[routes."OPTIONS /hook"]
[routes."POST /hook"]
"#;

#[test]
fn werkzeug_takes_the_most_specific() {
    find_all(
        WERKZEUG,
        &[
            ("GET", "/me", "route 2"),
            ("GET", "/7", "route 1"),
            ("GET", "/seven", "route 0"),
            // Digits of other scripts: Python's `\\d` knows them, which ones depends on its version.
            ("GET", "/%D9%A3", "unclear 1"),
            ("GET", "/%C3%A9", "route 0"),
            ("HEAD", "/me", "route 2"),
            ("DELETE", "/me", "405"),
            ("OPTIONS", "/me", "framework 2"),
            ("OPTIONS", "/hook", "route 8"),
            ("GET", "/files/a/b", "route 5"),
            ("GET", "/files/a//b", "route 5"),
            ("GET", "/list/", "route 6"),
            ("GET", "/list", "308 /list/"),
            ("GET", "/me/", "404"),
            ("GET", "/list//", "308 /list/"),
            ("GET", "//me", "route 2"),
            ("GET", "//evil.example/me/", "404"),
            // A converter that nobody knows may win over the pair.
            ("GET", "/en/about", "route 4"),
            ("GET", "/en/x", "unclear 7"),
            ("GET", "/a/b/x", "unclear 7"),
        ],
    );
}

#[test]
fn werkzeug_without_strict_slashes_takes_either() {
    let text = "version = 1\n[router]\nkind = \"werkzeug\"\ntrailing_slash = \"ignored\"\n\
                [routes.\"GET /{a}/\"]\n[routes.\"GET /x/{b}\"]\n";
    find_all(
        text,
        &[("GET", "/7", "route 0"), ("GET", "/7/", "route 0"), ("GET", "/x/7", "route 1"), ("GET", "/x/7/", "route 1")],
    );
    let policy = Policy::parse(text).unwrap();
    let matcher = Matcher::new(&policy.routes, &policy.router);
    for (path, name) in [("/7", "a"), ("/7/", "a"), ("/x/7", "b"), ("/x/7/", "b")] {
        let request = RequestPath::new(path.as_bytes()).unwrap();
        let Match::Found(found) = matcher.find(&Method::Get, None, &request) else { panic!("{path}") };
        assert_eq!(found.parameter(name), Some("7"), "{path}");
    }
}

#[test]
fn django_takes_the_first_path() {
    let text = r#"
version = 1
[router]
kind = "django"
trailing_slash = "redirect-to-slash"
implicit_options = true
converters = { year = { regex = "[0-9]{4}" }, name = { regex = '\w+' } }
[routes."GET /a/{id:int}/"]
[routes."POST /a/{id}/"]
[routes."GET /a/{id}/ variant=2"]
[routes."GET /{y:year}/{slug:slug}/"]
[routes."GET /n/{n:name}"]
"#;
    find_all(
        text,
        &[
            ("GET", "/a/7/", "route 0"),
            // The first path decides: its view has no POST.
            ("POST", "/a/7/", "405"),
            ("POST", "/a/x/", "route 1"),
            ("GET", "/a/x/", "route 2"),
            ("OPTIONS", "/a/x/", "framework 1"),
            ("GET", "/a/7", "301 /a/7/"),
            ("POST", "/a/7", "301 /a/7/"),
            ("GET", "/2024/first-post/", "route 3"),
            ("GET", "/24/first-post/", "404"),
            ("GET", "/n/joe", "route 4"),
            ("GET", "/n/%C3%A9", "unclear 4"),
        ],
    );
}

#[test]
fn hosts_are_followed_for_starlette_alone() {
    for kind in ["werkzeug", "django"] {
        let head = format!("version = 1\nrouter = {{ kind = \"{kind}\" }}\n");
        let text = format!("{head}[routes.\"GET /y\"]\n[routes.\"GET /x\"]\n[routes.\"GET other.example.com/x\"]\n");
        let of_host = if kind == "django" { "route 1" } else { "unclear 2" };
        find_all(&text, &[("GET", "/y", "route 0"), ("GET", "/x", of_host)]);
        let admits = format!("{head}[routes.\"GET api.example.com/x\"]\naccess = \"public\"\n");
        let told = Policy::parse(&admits).unwrap_err().listed("policy.toml");
        assert!(told.contains(&format!("how the router `{kind}` compares hosts is not known")), "{told}");
    }
}

#[test]
fn an_expression_that_readers_disagree_about_is_refused() {
    let parse = |regex: &str| {
        let text =
            format!("version = 1\n[router]\nkind = \"django\"\n[router.converters]\na = {{ regex = '{regex}' }}\n");
        Policy::parse(&text).map_err(|mistakes| mistakes.listed("policy.toml"))
    };
    for regex in
        ["[a-z]+", "[^/.]+", "a|b", "(?:x|y){2,3}?", "(?P<inner>x)", "(?i)abc", "[-a-zA-Z0-9_]+", "\\.json", "\\x41"]
    {
        assert!(parse(regex).is_ok(), "{regex} {:?}", parse(regex));
    }
    for regex in [
        "[a&&b]",
        "[[:alpha:]]",
        "\\p{L}",
        "a++",
        "(?s).",
        "\\<a",
        "a\\z",
        "(?=a)",
        "(a)\\1",
        "[",
        "\\x{41}",
        "(?#x)",
        "[[a]b]",
    ] {
        assert!(parse(regex).is_err(), "{regex}");
    }
    // At the bound, and one past it.
    assert!(parse(&"a".repeat(1_000)).is_ok());
    assert!(parse(&"a".repeat(1_001)).unwrap_err().contains("more than 1000 bytes"));
}

#[test]
fn rules_that_a_router_does_not_have_are_mistakes() {
    for (rules, told) in [
        ("kind = \"starlette\", trailing_slash = \"ignored\"", "does nothing that is called `ignored`"),
        ("kind = \"django\", trailing_slash = \"redirect\"", "does nothing that is called `redirect`"),
        ("kind = \"django\", double_slash = \"redirect\"", "takes two slashes as they stand"),
        ("implicit_options = true", "answers no OPTIONS by itself"),
        ("redirect_status = 200", "no status of a redirect"),
        ("kind = \"werkzeug\", converters = { \"a-b\" = { regex = \"a\" } }", "is no name of a converter"),
    ] {
        let mistakes = Policy::parse(&format!("version = 1\nrouter = {{ {rules} }}\n")).unwrap_err();
        assert!(mistakes.listed("policy.toml").contains(told), "{rules}: {}", mistakes.listed("policy.toml"));
    }
}
