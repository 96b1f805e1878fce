//! A policy as its author meets it: what is read, what is refused and how that is told, what is written back.

use doorward_policy::{Admits, Algorithm, Date, Layer, Mode, ModeLayer, Notes, Policy, print};

const SAMPLE: &str = include_str!("policies/sample.toml");

fn mistakes(text: &str) -> String {
    Policy::parse(text).unwrap_err().listed("policy.toml")
}

#[test]
fn the_sample_of_the_documentation_is_read_whole() {
    let policy = Policy::parse(SAMPLE).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(policy.mode, Mode::Enforce);
    let keys: Vec<String> = policy.routes.iter().map(|route| route.key.to_string()).collect();
    let own = [
        "GET /healthz",
        "GET /api/v1/orders/{order_id}",
        "PATCH /api/v1/orders/{order_id}",
        "DELETE /api/v1/cards/{card_id}",
    ];
    assert_eq!(keys, own);
    assert_eq!(policy.routes[0].settings.admits(), Admits::Everybody);
    let Admits::AnyOf(grants) = policy.routes[1].settings.admits() else { panic!("nobody or everybody") };
    assert_eq!(grants.len(), 2);
    let again = print(&policy, &Notes::default());
    assert_eq!(Policy::parse(&again).unwrap_or_else(|mistakes| panic!("{mistakes}\n{again}")), policy);
    insta::assert_snapshot!(again);
}

#[test]
fn every_mistake_is_told_at_once() {
    insta::assert_snapshot!(mistakes(include_str!("policies/mistakes.toml")));
}

#[test]
fn contradictions_are_told_at_once() {
    insta::assert_snapshot!(mistakes(include_str!("policies/contradictions.toml")));
}

#[test]
fn a_literal_secret_is_refused_and_not_repeated() {
    for text in [
        "version = 1\n[identity.u]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = \"hunter2\"\n",
        "version = 1\n[identity.u]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = { env = \"hunter 2\" }\n",
        "version = 1\n[identity.u]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = { literal = \"hunter2\" }\n",
        "version = 1\n[listen]\naddress = \"127.0.0.1:1\"\n[listen.tls]\ncertificate = \"a\"\nkey = \"hunter2\"\n",
        "version = 1\n[store]\nkind = \"redis\"\nurl = \"redis://:hunter2@host\"\n",
    ] {
        let told = mistakes(text);
        assert!(!told.contains("hunter"), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn what_is_absent_admits_nobody() {
    let policy = Policy::parse("version = 1\n[routes.\"GET /a\"]\n[routes.\"GET /b\"]\nallow = []\n").unwrap();
    for route in &policy.routes {
        assert_eq!(route.settings.admits(), Admits::Nobody);
    }
    assert_eq!(policy.mode, Mode::Enforce);
    assert!(Policy::parse("").is_err(), "a policy says its version");
}

#[test]
fn broken_toml_is_told_with_its_place() {
    let told = mistakes("version = 1\n[routes.\"GET /a\"\naccess = \"public\"\n");
    assert!(told.starts_with("policy.toml:2:"), "{told}");
    let told = mistakes("version = 1\nversion = 1\n");
    assert!(told.starts_with("policy.toml:2:"), "{told}");
}

#[test]
fn routes_stay_in_the_order_of_the_file() {
    let text = "version = 1\n[routes.\"GET /z\"]\n[routes.\"GET /a\"]\n[routes.\"GET /m\"]\n";
    let policy = Policy::parse(text).unwrap();
    let keys: Vec<String> = policy.routes.iter().map(|route| route.key.to_string()).collect();
    assert_eq!(keys, ["GET /z", "GET /a", "GET /m"]);
}

#[test]
fn keys_that_no_request_can_mean_are_refused() {
    for (key, why) in [
        ("GET", "no method before the path"),
        ("GET orders", "no path that begins with `/`"),
        ("get /orders", "not the method `GET`"),
        ("GETT /orders", "did you mean `GET`?"),
        ("GET /orders/{id", "a brace that is not closed"),
        ("GET /orders/id}", "a brace that is not closed"),
        ("GET /orders/{}", "is no parameter"),
        ("GET /orders/{a b}", "no path"),
        ("GET /{a}/{a}", "stands twice"),
        ("GET /a/../b", "`.` and `..` segments"),
        ("GET /a%2Fb", "an encoded slash"),
        ("GET /a?b=1", "a query or fragment"),
        ("GET /a%00", "control characters"),
    ] {
        let told = mistakes(&format!("version = 1\n[routes.\"{key}\"]\n"));
        assert!(told.starts_with("policy.toml:2:9: ") || key.contains("{a b}"), "{key}: {told}");
        assert!(told.contains(why) || key.contains("{a b}"), "{key}: {told}");
    }
}

#[test]
fn what_a_build_cannot_enforce_is_listed() {
    let policy = Policy::parse(SAMPLE).unwrap();
    let built = [Layer::Jwt, Layer::Roles, Layer::OwnerResponse, Layer::OwnerParameter].into();
    let listed: Vec<String> = policy
        .not_enforced(&built)
        .iter()
        .map(|one| format!("{} {}", if one.restricts { "refuse" } else { "warn  " }, one.setting))
        .collect();
    insta::assert_snapshot!(listed.join("\n"));
    assert!(policy.is_refused_by(&built));
    let report = Policy { mode: Mode::Report, ..policy };
    assert!(!report.is_refused_by(&built));
}

#[test]
fn dates_are_days_of_the_calendar() {
    let day = |text: &str| text.parse::<Date>();
    assert_eq!(day("2028-02-29").unwrap().to_string(), "2028-02-29");
    for text in ["2026-02-29", "2026-13-01", "2026-00-10", "26-01-01", "2026-1-1", "tomorrow", "2026-01-01-"] {
        assert!(day(text).is_err(), "{text}");
    }
    assert_eq!(day("2026-11-22").unwrap().plus_days(90).to_string(), "2027-02-20");
    assert_eq!(day("1970-01-01").unwrap().unix_days(), 0);
    for days in (-700_000..2_900_000).step_by(997) {
        assert_eq!(Date::of_unix_days(days).unix_days(), days);
    }
}

#[test]
fn an_id_that_is_asked_for_must_be_given_somewhere() {
    let policy = |gives: &str, learned: &str| {
        let identity = "[identity.a]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = { env = \"A\" }\n[identity.b]\nkind = \"application\"\n";
        Policy::parse(&format!(
            "version = 1\n{identity}[routes.\"GET /o\"]\n{gives}\n[routes.\"GET /o/{{id}}\"]\nallow = [{{ {learned} }}]\n"
        ))
        .map_err(|mistakes| mistakes.listed("p"))
    };
    let gives = "allow = [{ identity = \"a\" }]\ngives = [{ objects = \"orders\", at = \"/items\", id = \"/id\" }]";
    let asks = |objects: &str| format!("identity = \"a\", learned = {{ parameter = \"id\", objects = \"{objects}\" }}");
    let read = policy(gives, &asks("orders")).unwrap();
    assert_eq!(Policy::parse(&print(&read, &Notes::default())).unwrap(), read);
    let grant = &read.routes[1].settings.allow[0];
    assert_eq!(grant.told(), "`a` with `id` among the `orders` that it was given");
    assert_eq!(read.mode_of(read.mode, ModeLayer::named("learned"), None), Mode::Report, "it reports first");
    for (gives, learned, told) in [
        (gives, asks("order"), "no route gives ids of `order`: nobody is ever admitted by this"),
        (gives, asks("order"), "did you mean `orders`?"),
        ("", asks("orders"), "write `gives = [{ objects = \"orders\", id = \"/id\" }]` at the route"),
        (gives, asks("orders").replace("\"id\"", "\"i\""), "the path has no parameter `i`"),
        (gives, asks("orders").replace("\"a\"", "\"b\""), "does not know the subject of whom the application"),
        (
            "access = \"public\"\ngives = [{ objects = \"orders\" }]",
            asks("orders"),
            "nobody is known to whom ids are given",
        ),
    ] {
        let why = policy(gives, &learned).unwrap_err();
        assert!(why.contains(told), "{told}: {why}");
    }
}

#[test]
fn what_costs_more_than_any_quota_is_told() {
    let policy = |cost: u32, quota: u32, keys: &str| {
        let text = format!(
            "version = 1\n[limits.a]\nquota = {quota}\nwindow_s = 60\nby = [\"address\"]\n[identity.k]\nkind = \"api-key\"\n\
             header = \"X-Key\"\nkeys = {{ file = \"keys\" }}\n{keys}[routes.\"GET /a\"]\nallow = [{{ identity = \"k\" }}]\n\
             limits = [\"a\"]\ncost = {cost}\n"
        );
        let told =
            |policy: Policy| policy.remarks("2026-11-22".parse().unwrap()).iter().map(ToString::to_string).collect();
        Policy::parse(&text).map(told).map_err(|mistakes| mistakes.listed("p"))
    };
    assert_eq!(policy(5, 5, "quota = \"5/day\"\n"), Ok(Vec::new()));
    let why = policy(5, 4, "").unwrap_err();
    assert!(why.contains("a request costs 5, and the limit `a` has 4: none is ever admitted"), "{why}");
    // Keys may have quotas of their own.
    assert_eq!(
        policy(5, 5, "quota = \"4/day\"\n"),
        Ok(vec![
            "`GET /a`: a request costs 5: keys of `k` without a quota of their own have 4, and are never admitted"
                .to_owned()
        ])
    );
}

#[test]
fn the_schema_knows_every_key_of_the_sample() {
    let schema = Policy::json_schema().to_value();
    insta::assert_json_snapshot!(schema["$defs"]["RouteSettings"]["properties"]["allow"]);
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], serde_json::json!(["version"]));
    assert!(schema["$defs"]["Algorithm"]["enum"].as_array().unwrap().iter().all(|word| word != "none"));
    assert_eq!(Algorithm::named("none"), None);
}

#[test]
fn an_address_that_refuses_what_comes_without_tls_needs_tls() {
    let policy = |tls: &str| {
        let listen = "version = 1\n[listen]\naddress = \"0.0.0.0:8443\"\nplain = { address = \"0.0.0.0:8080\" }\n";
        Policy::parse(&format!("{listen}{tls}"))
    };
    let tls = "[listen.tls]\ncertificate = \"api.pem\"\nkey = { file = \"api.key\" }\n";
    assert!(policy(tls).is_ok());
    let mistakes = policy("").unwrap_err();
    let told: Vec<&str> = mistakes.all().iter().map(|one| one.message.as_str()).collect();
    assert_eq!(told, ["an address that refuses what comes without TLS needs TLS beside it"]);
}

#[test]
fn what_is_said_of_servers_must_fit_together() {
    let told = |text: &str| mistakes(&format!("version = 1\n[upstream.a]\n{text}\n"));
    let servers = "servers = [\"http://127.0.0.1:8000\", \"https://b\"]";
    for (text, said) in [
        ("servers = [\"http://a\", \"http://a:80\"]", "a server stands twice"),
        (&*format!("{servers}\nbalance = \"hash\""), "by a hash of what a server is chosen is not said"),
        (&*format!("{servers}\nhash_by = \"address\""), "nothing is chosen by a hash"),
        (&*format!("{servers}\nbalance = \"hash\"\nhash_by = \"header:X_A\""), "`X_A` has a `_`"),
        (&*format!("{servers}\nbalance = \"hash\"\nhash_by = \"cookie\""), "nothing is hashed by `cookie`"),
        (&*format!("{servers}\nprotocol = \"http/3\""), "http/3"),
        (&*format!("{servers}\nretry = {{ budget_percent = 101 }}"), "more than all requests cannot be sent again"),
        (&*format!("{servers}\ntls = {{ certificate = \"a.pem\" }}"), "only one of `certificate` and `key` is there"),
        ("servers = [\"http://a\"]\ntls = { ca = \"a.pem\" }", "no server of this upstream is spoken to over TLS"),
        (
            &*format!("{servers}\ntls = {{ certificate = \"a.pem\", key = \"MII\" }}"),
            "a secret cannot stand in a policy",
        ),
    ] {
        let told = told(text);
        assert!(told.contains(said) && !told.contains("MII"), "{text}: {told}");
    }
}

#[test]
fn what_is_said_of_servers_is_read_and_written_back() {
    let text = "version = 1\nmode = \"enforce\"\n\n[upstream.a]\nservers = [\"http://127.0.0.1:8000\", \"https://b:8443\"]\n\
                balance = \"hash\"\nhash_by = \"header:X-Session\"\nprotocol = \"http/2\"\n\
                tls = { ca = \"ca.pem\", server_name = \"b\", certificate = \"own.pem\", key = { file = \"own.key\" } }\n\
                health = { path = \"/healthz\", interval_s = 5, timeout_ms = 500, down_after = 3, up_after = 2 }\n\
                eject = { failures = 5, time_s = 5 }\nretry = { attempts = 2, budget_percent = 10 }\n\
                capacity = { connections = 100, waiting = 10 }\n\
                timeout = { connect_ms = 500, response_s = 30, idle_s = 60 }\n";
    let policy = Policy::parse(text).unwrap();
    let written = print(&policy, &Notes::default());
    assert_eq!(Policy::parse(&written).unwrap(), policy);
    for line in text.lines().filter(|line| line.contains(" = ") && !line.starts_with("version")) {
        assert!(written.contains(line), "{line}\n{written}");
    }
}
