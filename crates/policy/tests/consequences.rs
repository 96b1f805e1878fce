//! Who gains and who loses what, and what is worth a look.

use doorward_policy::{Date, Mode, ModeLayer, Policy, diff};

const IDENTITY: &str = "version = 1\n[identity.users]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = { env = \"KEY\" }\nroles = \"/role\"\n";

fn policy(routes: &str) -> Policy {
    Policy::parse(&format!("{IDENTITY}{routes}")).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn changes(old: &str, new: &str) -> String {
    let told = diff(&policy(old), &policy(new));
    let line = |one: &doorward_policy::Consequence| {
        format!("{} {}: {}", if one.opens { "opens" } else { "     " }, one.what, one.change)
    };
    told.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_change_is_told_as_who_gains_and_who_loses() {
    let old = "[routes.\"GET /a\"]\nallow = [{ identity = \"users\", role = \"admin\" }]\n\
               [routes.\"GET /b\"]\naccess = \"public\"\n\
               [routes.\"GET /c\"]\nallow = [{ identity = \"users\" }]\n\
               [routes.\"GET /d\"]\nallow = [{ identity = \"users\" }]\n\
               [routes.\"GET /same\"]\nallow = [{ identity = \"users\" }]\n";
    let new = "[routes.\"GET /a\"]\nallow = [{ identity = \"users\" }]\n\
               [routes.\"GET /b\"]\nallow = []\n\
               [routes.\"GET /c\"]\naccess = \"public\"\n\
               [routes.\"GET /e\"]\nallow = [{ identity = \"users\", role = [\"admin\", \"ops\"] }]\n\
               [routes.\"GET /same\"]\nallow = [{ identity = \"users\" }, { identity = \"users\", role = \"admin\" }]\n";
    insta::assert_snapshot!(changes(old, new));
    assert_eq!(changes(old, old), "");
}

#[test]
fn a_route_that_goes_leaves_its_requests_to_another_one() {
    let wide = "[routes.\"GET /u/{id}\"]\naccess = \"public\"\n";
    let narrow = format!("[routes.\"GET /u/me\"]\nallow = [{{ identity = \"users\" }}]\n{wide}");
    assert_eq!(changes(&narrow, wide), "opens GET /u/me: everybody is admitted, before any `users`");
    let behind = format!("{wide}[routes.\"GET /u/me\"]\nallow = [{{ identity = \"users\" }}]\n");
    assert_eq!(changes(&narrow, &behind), "opens GET /u/me: everybody is admitted, before any `users`");
    let today: Date = "2026-11-22".parse().unwrap();
    let remarks: Vec<String> = policy(&behind).remarks(today).iter().map(ToString::to_string).collect();
    assert_eq!(remarks, ["`GET /u/me`: requests that mean it may go to `GET /u/{id}`, which stands before it"]);
}

#[test]
fn a_quota_that_ever_admits_more_opens() {
    let limit =
        |quota: u32, window_s: u32| format!("[limits.a]\nquota = {quota}\nwindow_s = {window_s}\nby = [\"address\"]\n");
    let keys = |quota: &str| {
        format!("[identity.k]\nkind = \"api-key\"\nheader = \"X-Key\"\nkeys = {{ file = \"keys\" }}\n{quota}")
    };
    let opens = |old: &str, new: &str| changes(old, new).starts_with("opens");
    // More as time goes on, more at once, less of both; a quota of its own that goes.
    for (old, new, is_more) in [
        ((60, 60), (60, 30), true),
        ((60, 60), (600, 3600), true),
        ((60, 60), (50, 55), true),
        ((60, 60), (59, 60), false),
        ((60, 60), (60, 120), false),
        ((60, 60), (30, 30), false),
    ] {
        assert_eq!(opens(&limit(old.0, old.1), &limit(new.0, new.1)), is_more, "{old:?} {new:?}");
    }
    for (old, new, is_more) in [
        ("quota = \"60/minute\"\n", "quota = \"600/hour\"\n", true),
        ("quota = \"60/minute\"\n", "quota = \"60/hour\"\n", false),
        ("quota = \"60/minute\"\n", "", true),
    ] {
        assert_eq!(opens(&keys(old), &keys(new)), is_more, "{old} {new}");
    }
}

#[test]
fn what_is_only_reported_opens() {
    let route = |mode: &str| format!("[routes.\"GET /a\"]\naccess = \"public\"\n{mode}");
    let told = changes(
        &route("[layers.jwt]\nmode = \"enforce\"\n"),
        &route("mode = \"report\"\n[layers.jwt]\nmode = \"report\"\n"),
    );
    let expected = "opens layers.jwt: what it refused is only reported\n\
                    opens GET /a: what is not admitted here is only reported";
    assert_eq!(told, expected);
    // What is said and changes nothing is no consequence.
    assert_eq!(changes(&route("[layers.jwt]\nmode = \"enforce\"\n"), &route("")), "");
    let listen =
        |more: &str| format!("[listen]\naddress = \"127.0.0.1:80\"\ntrusted_proxies = [\"10.0.0.0/8\"]\n{more}");
    let told = changes(&listen(""), &listen("proxy_protocol = true\n"));
    assert_eq!(told, "opens listen.trusted_proxies: they say whose connection it is, and nobody else is served");
}

#[test]
fn the_mode_of_a_decision_is_the_nearest_and_of_two_the_one_that_reports() {
    let text = "mode = \"enforce\"\n[layers.roles]\nmode = \"report\"\n[layers.jwt]\nmode = \"enforce\"\n\
                [routes.\"GET /r\"]\nmode = \"report\"\n[routes.\"GET /e\"]\nmode = \"enforce\"\n[routes.\"GET /n\"]\n";
    let policy = Policy::parse(&format!("version = 1\n{text}")).unwrap();
    let mode = |whole, layer, route: usize| policy.mode_of(whole, Some(layer), Some(&policy.routes[route].settings));
    let (report, enforce) = (Mode::Report, Mode::Enforce);
    for (layer, route, of_enforcing, of_reporting) in [
        (ModeLayer::Scopes, 0, report, report),
        (ModeLayer::Scopes, 1, enforce, enforce),
        (ModeLayer::Scopes, 2, enforce, report),
        (ModeLayer::Roles, 1, report, report),
        (ModeLayer::Jwt, 0, report, report),
        (ModeLayer::Jwt, 2, enforce, enforce),
    ] {
        let modes = (mode(enforce, layer, route), mode(report, layer, route));
        assert_eq!(modes, (of_enforcing, of_reporting), "{layer:?} on route {route}");
    }
    assert!(policy.enforces_anything(report) && !policy.clone().all_in(report).enforces_anything(report));
}

#[test]
fn fields_that_answers_no_longer_get_open() {
    let old = "[headers]\noff = [\"X-Frame-Options\"]\n";
    let new = "[headers]\noff = [\"Referrer-Policy\"]\ncache_control = \"private\"\n";
    let expected = "opens headers: `Referrer-Policy` is as the application has it\n\
                    opens headers: other values are set on answers\n      headers: `X-Frame-Options` is set on answers";
    assert_eq!(changes(old, new), expected);
    assert_eq!(changes("", "[headers]\n"), "");
}

#[test]
fn what_answers_tell_again_opens() {
    let old = "[redact]\nremove_headers = [\"X-Build\"]\n";
    let new = "[redact]\nreplace_error_bodies = false\nkeep_headers = [\"Server\"]\n";
    let expected = "opens redact: what the application says of its errors is told to clients\n\
                    opens redact: `X-Build` of the application is told to clients\n\
                    opens redact: `Server` of the application is told to clients";
    assert_eq!(changes(old, new), expected);
    assert!(!changes(new, old).contains("opens"));
}

#[test]
fn origins_that_may_read_answers_open() {
    let old = "[cors]\norigins = [\"https://a\"]\n";
    let new = "[cors]\norigins = [\"https://b\"]\ncredentials = true\n";
    let expected = "opens cors: pages of `https://b` may read answers\nopens cors: requests may carry cookies\n      \
                    cors: pages of `https://a` may no longer read answers";
    assert_eq!(changes(old, new), expected);
    assert_eq!(changes(old, ""), "opens cors: the application alone says which other origins may read answers");
}

#[test]
fn proxies_that_are_believed_open() {
    let listen = |more: &str| format!("[listen]\naddress = \"127.0.0.1:1\"\n{more}");
    let old = listen("trusted_proxies = [\"10.0.0.0/8\"]\n");
    let new = listen("trusted_proxies = [\"192.0.2.0/24\"]\nforwarded_by = \"Forwarded\"\n");
    let expected = "opens listen.trusted_proxies: proxies of 192.0.2.0/24 are believed who the client is\n\
                    opens listen.trusted_proxies: another field says who the client is\n      \
                    listen.trusted_proxies: proxies of 10.0.0.0/8 are no longer believed";
    assert_eq!(changes(&old, &new), expected);
    assert_eq!(changes("", &listen("")), "");
}

#[test]
fn another_way_to_be_identified_opens() {
    let old = Policy::parse(IDENTITY).unwrap();
    for (from, to) in [
        ("HS256", "HS512"),
        ("\"KEY\"", "\"OTHER\""),
        ("/role", "/roles"),
        ("version = 1\n", "version = 1\nmode = \"report\"\n"),
        ("version = 1\n", "version = 1\ncross_site = \"allow\"\n"),
    ] {
        let new = Policy::parse(&IDENTITY.replace(from, to)).unwrap();
        assert!(diff(&old, &new).iter().any(|one| one.opens), "{from} -> {to}");
    }
}

const DELEGATED: &str = "[identity.hook]\nkind = \"application\"\nheader = \"X-Signature\"\n";

#[test]
fn what_the_application_verifies_is_told_as_delegated() {
    let shut = "[routes.\"POST /hook\"]\nallow = []\n";
    let open = "[routes.\"POST /hook\"]\nallow = [{ identity = \"hook\" }]\n";
    let told = changes(&format!("{DELEGATED}{shut}"), &format!("{DELEGATED}{open}"));
    let expected = "opens POST /hook: any `hook` is admitted (delegated: the application verifies the credential)";
    assert_eq!(told, expected);
}

#[test]
fn a_known_key_that_is_refused_no_longer_opens() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let with = Policy::parse(&IDENTITY.replace("roles", &format!("refuse_keys = [\"{digest}\"]\nroles"))).unwrap();
    let without = Policy::parse(IDENTITY).unwrap();
    assert!(diff(&with, &without)[0].opens && !diff(&without, &with)[0].opens);
    for wrong in ["ab", "sha256:ab", &format!("sha256:{}", "AB".repeat(32)), &format!("sha256:{}", "zz".repeat(32))] {
        let text = IDENTITY.replace("roles", &format!("refuse_keys = [\"{wrong}\"]\nroles"));
        let told = Policy::parse(&text).unwrap_err().to_string();
        assert!(told.contains("this is no digest of a key") && !told.contains(wrong), "{told}");
    }
}

#[test]
fn what_the_gateway_does_not_know_of_a_credential_cannot_be_asked_for() {
    let route = "[routes.\"POST /hook\"]\nallow = [{ identity = \"hook\", role = \"admin\" }]\n";
    let told = Policy::parse(&format!("{IDENTITY}{DELEGATED}{route}")).unwrap_err().to_string();
    assert!(told.contains("the gateway does not know the role of whom the application identifies as `hook`"), "{told}");
}
