//! Tests of path templates: examples from the routers' documentation, then laws.

use proptest::prelude::*;

use super::*;

fn starlette(template: &str) -> PathPattern {
    PathPattern::from_starlette(template)
}

#[test]
fn starlette_templates_become_parts() {
    assert_eq!(
        starlette("/a/{id:int}/{rest:path}").parts(),
        [
            Part::Literal("/a/".into()),
            Part::Parameter(PathParameter::new("id", Converter::Integer)),
            Part::Literal("/".into()),
            Part::Parameter(PathParameter { rest: true, ..PathParameter::new("rest", Converter::Path) }),
        ]
    );
}

#[test]
fn werkzeug_rules_become_parts() {
    let parameter = |name: &str, converter: Converter, regex: Option<&str>| {
        Part::Parameter(PathParameter { regex: regex.map(Into::into), ..PathParameter::new(name, converter) })
    };
    let text = |text: &str| Part::Literal(text.into());
    assert_eq!(
        PathPattern::from_werkzeug(
            "/a/<int:id>/<string(length=2):lang>-<any(json, 'x.y'):kind>/<uuid_str:u>/<path:rest>"
        )
        .parts(),
        [
            text("/a/"),
            parameter("id", Converter::Integer, None),
            text("/"),
            parameter("lang", Converter::Text, Some("[^/]{2}")),
            text("-"),
            parameter("kind", Converter::Other("any".into()), Some(r"(?:json|x\.y)")),
            text("/"),
            parameter("u", Converter::Other("uuid_str".into()), None),
            text("/"),
            parameter("rest", Converter::Path, None),
        ]
    );
    assert_eq!(
        PathPattern::from_werkzeug("/<regex(\"[a-z]{2}\"):c>").parameters().next().and_then(|p| p.regex.as_deref()),
        Some("[a-z]{2}")
    );
    for template in ["/<", "/<>", "/<a", "/<int:>", "/<int:a b>", "/<a(b>", "/a>", "/< a>"] {
        assert_eq!(PathPattern::from_werkzeug(template).parts(), [text(template)], "{template}");
    }
}

#[test]
fn the_client_sees_names_and_the_id_does_not() {
    let pattern = starlette("/api/{item_id:uuid}/files/{name}.{ext}");
    assert_eq!(pattern.to_string(), "/api/{item_id}/files/{name}.{ext}");
    assert_eq!(pattern.erased(), "/api/{}/files/{}.{}");
    assert!(!pattern.is_plain());
}

#[test]
fn braces_that_open_no_parameter_are_literal() {
    for template in ["/{}", "/{1a}", "/{a b}", "/{a:}", "/{a:b:c}", "/{é}", "/{", "/}", "/{a"] {
        let pattern = starlette(template);
        assert_eq!(pattern.parts(), [Part::Literal(template.into())], "{template}");
        assert!(!pattern.erased().contains(['{', '}']), "{template}");
    }
    assert_eq!(starlette("/{{a}}").erased(), "/%7B{}%7D");
}

#[test]
fn deceiving_characters_are_encoded() {
    let pattern = PathPattern::from_literal("/a b\n\u{202e}?#%41/é");
    assert_eq!(pattern.to_string(), "/a%20b%0A%E2%80%AE%3F%23%2541/é");
}

#[test]
fn segments_are_cut_at_slashes() {
    let pattern = starlette("/files/{name}.{ext}/{rest:path}/");
    let segments = pattern.segments();
    let names: Vec<_> = pattern.parameters().collect();
    assert_eq!(
        segments,
        [
            Segment::Literal("files"),
            Segment::Mixed(vec![Piece::Parameter(names[0]), Piece::Literal("."), Piece::Parameter(names[1]),]),
            Segment::Rest(names[2]),
            Segment::Literal(""),
        ]
    );
    assert_eq!(starlette("/").segments(), [Segment::Literal("")]);
    assert_eq!(starlette("").segments(), []);
    assert_eq!(starlette("//a").segments(), [Segment::Literal(""), Segment::Literal("a")]);
}

#[test]
fn prefixes_join_as_the_routers_join_them() {
    let table = [
        ("/api", "/items", "/api/items", "/api/items"),
        ("/api/", "/items", "/api//items", "/api/items"),
        ("/api", "", "/api", "/api"),
        ("", "/items", "/items", "/items"),
        ("/{tenant}", "items/", "/{tenant}items/", "/{tenant}/items/"),
    ];
    for (prefix, path, concatenated, joined) in table {
        let (prefix, path) = (starlette(prefix), starlette(path));
        assert_eq!(prefix.concat(&path), starlette(concatenated));
        assert_eq!(prefix.join(&path), starlette(joined));
    }
    assert_eq!(starlette("").rooted(), starlette("/"));
    assert_eq!(starlette("{a}").rooted(), starlette("/{a}"));
}

#[test]
fn json_keeps_what_display_loses() {
    let pattern: PathPattern = vec![
        Part::Literal("/x/".into()),
        Part::Parameter(PathParameter {
            regex: Some("[^/].*".into()),
            rest: true,
            ..PathParameter::new("text", Converter::Other("regex".into()))
        }),
        Part::Regex(RegexPart { regex: r"(?P<y>\d+)".into(), parameters: vec!["y".into()] }),
    ]
    .into();
    let json = serde_json::to_value(&pattern).unwrap();
    assert_eq!(
        json,
        serde_json::json!(["/x/",
            {"name": "text", "converter": "regex", "regex": "[^/].*", "rest": true},
            {"regex": "(?P<y>\\d+)", "parameters": ["y"]}])
    );
    assert_eq!(serde_json::from_value::<PathPattern>(json).unwrap(), pattern);
}

fn well_formed() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            "/[a-zé .%-]{0,6}",
            "/\\{[a-z_][a-z0-9_]{0,4}\\}",
            "/\\{[a-z]{1,3}:(int|path|uuid|str|slug)\\}",
            "\\.\\{[a-z]{1,3}\\}",
        ],
        0..6,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn hostile_text_never_panics_and_loses_nothing(text in "\\PC*|[{}:/a%\u{0}-\u{ff}]*") {
        let pattern = starlette(&text);
        let shown = pattern.to_string();
        prop_assert_eq!(PathPattern::from_display(&shown).to_string(), shown);
        prop_assert_eq!(PathPattern::from_display(&pattern.erased()).erased(), pattern.erased());
        let _ = pattern.segments();
    }

    #[test]
    fn any_display_text_is_stable_after_one_reading(text in any::<String>()) {
        let once = PathPattern::from_display(&text).to_string();
        prop_assert_eq!(PathPattern::from_display(&once).to_string(), once);
    }

    #[test]
    fn reading_pieces_is_reading_the_whole(a in well_formed(), b in well_formed()) {
        prop_assert_eq!(starlette(&a).concat(&starlette(&b)), starlette(&format!("{a}{b}")));
    }

    #[test]
    fn concatenation_is_associative_and_has_a_unit(a in well_formed(), b in well_formed(), c in well_formed()) {
        let (a, b, c) = (starlette(&a), starlette(&b), starlette(&c));
        prop_assert_eq!(a.concat(&b).concat(&c), a.concat(&b.concat(&c)));
        prop_assert_eq!(a.concat(&PathPattern::default()), a);
    }

    #[test]
    fn plain_templates_survive_display(text in well_formed()) {
        let pattern = starlette(&text);
        let reread = PathPattern::from_display(&pattern.to_string());
        prop_assert_eq!(reread == pattern, pattern.is_plain());
        prop_assert_eq!(reread.erased(), pattern.erased());
    }

    #[test]
    fn json_round_trips(text in well_formed()) {
        let pattern = starlette(&text);
        let json = serde_json::to_string(&pattern).unwrap();
        prop_assert_eq!(serde_json::from_str::<PathPattern>(&json).unwrap(), pattern);
    }

    #[test]
    fn a_segment_per_slash(text in well_formed()) {
        let pattern = starlette(&text).rooted();
        prop_assert_eq!(pattern.segments().len(), pattern.to_string().matches('/').count());
    }
}

/// What an expression is read as, the parameters that are more than text with their expressions.
fn read(expression: &str) -> Vec<String> {
    let shown = |part: &Part| match part {
        Part::Parameter(p) => match (&p.regex, p.rest) {
            (Some(regex), rest) => format!("{{{}={regex}{}}}", p.name, if rest { ":rest" } else { "" }),
            (None, _) => format!("{{{}:{}}}", p.name, String::from(p.converter.clone())),
        },
        Part::Regex(regex) => format!("<{}>", regex.regex),
        Part::Literal(text) => text.to_string(),
    };
    PathPattern::from_regex(expression).iter().map(|p| p.parts().iter().map(shown).collect()).collect()
}

#[test]
fn expressions_are_text_and_named_groups() {
    assert_eq!(read(r"^robots\.txt$"), ["robots.txt"]);
    assert_eq!(read(r"samples/data.json"), ["samples/data.json"]);
    assert_eq!(read(r"^$"), [""]);
    assert_eq!(read(r"^a/(?P<pk>\d+)/b-(?P<slug>[-\w]+)/$"), [r"a/{pk:int}/b-{slug=[-\w]+}/"]);
    assert_eq!(read(r"^f/(?P<path>.*)$"), ["f/{path=.*:rest}"]);
    assert_eq!(read(r"^f/(?P<x>[^.]+)\.(?P<format>[a-z0-9]+)/?$"), ["f/{x=[^.]+:rest}.{format=[a-z0-9]+}/"]);
    assert_eq!(read(r"^x/(?P<pk>[^/.]+)/$"), ["x/{pk=[^/.]+}/"]);
    assert_eq!(read(r"^y/(?P<year>(19|20)\d{2})/\Z"), [r"y/{year=(19|20)\d{2}}/"]);
}

#[test]
fn what_may_be_missing_and_alternatives_are_templates_of_their_own() {
    assert_eq!(read(r"^a(?:/(?P<id>\d+))?/$"), ["a/{id:int}/", "a/"]);
    assert_eq!(read(r"^(?:en|de)/x$"), ["en/x", "de/x"]);
    assert_eq!(read(r"^one$|^two$"), ["one", "two"]);
    assert_eq!(read(r"^colou?r$"), ["colo<u?>r"]);
    assert_eq!(read(r"^a/(\d+)/[abc]+$"), [r"a/<(\d+)>/<[abc]+>"]);
    assert_eq!(read(r"^(?i)a/(?!b)c$"), ["a/c"]);
}

#[test]
fn hostile_expressions_stay_expressions() {
    for broken in ["(", "a)", "[a", "*a", r"a\", "(?P<a", "a|(", "((((", "(?:"] {
        assert_eq!(read(broken), [format!("<{broken}>")], "{broken}");
    }
    let many = r"(?:a|b)".repeat(20);
    assert_eq!(PathPattern::from_regex(&many).len(), 8);
    let nested = format!("{}a{}", "(?:".repeat(100), ")?".repeat(100));
    assert!(PathPattern::from_regex(&nested).len() <= 8);
    let longest = "a".repeat(4_096);
    assert_eq!(read(&longest), std::slice::from_ref(&longest));
    assert_eq!(read(&format!("{longest}a")), [format!("<{longest}a>")]);
}

#[test]
fn arguments_of_werkzeugs_converters_become_expressions() {
    for (rule, regex) in [
        ("/<string(length=2):a>", Some("[^/]{2}")),
        ("/<string(minlength=2, maxlength=5):a>", Some("[^/]{2,5}")),
        ("/<string(2, 5):a>", Some("[^/]{2,5}")),
        ("/<string(3):a>", Some("[^/]{3,}")),
        ("/<any(a, \"b,c\", 'd.e'):a>", Some("(?:a|b\\,c|d\\.e)")),
        ("/<int(signed=True):a>", Some("-?\\d+")),
        ("/<float(signed=True):a>", Some("-?\\d+\\.\\d+")),
        ("/<int(min=1, max=9):a>", None),
        ("/<int(4):a>", None),
    ] {
        let pattern = PathPattern::from_werkzeug(rule);
        assert_eq!(pattern.parameters().next().and_then(|one| one.regex.as_deref()), regex, "{rule}");
    }
}
