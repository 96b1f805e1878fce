//! What is enforced and what is only reported, layer by layer and route by route; what the log and the counters say of it.

use policy::Mode;

use crate::application::{Application, response};
use crate::client::{Client, get};
use crate::running::{Log, Setup, token};

const USERS: &str =
    "[identity.users]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = { env = \"KEY\" }\nroles = \"/roles\"\n";
const ROUTES: &str = "[routes.\"GET /a\"]\nallow = [{ identity = \"users\", role = \"admin\" }]\n\
    [routes.\"GET /new\"]\nmode = \"report\"\nallow = [{ identity = \"users\", role = \"admin\" }]\n\
    [routes.\"GET /strict\"]\nmode = \"enforce\"\nallow = [{ identity = \"users\", role = \"admin\" }]\n";

/// The statuses of these paths, asked without a credential and as somebody without a role; and what was counted.
fn statuses(mode: Mode, sections: &str, paths: &[&str]) -> (Vec<[u16; 2]>, doorward_guard::Counters, Log) {
    let application = Application::plain();
    let setup = Setup { mode, ..Setup::enforcing(&format!("version = 1\n{sections}{USERS}{ROUTES}")) };
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let bearer = format!("Authorization: Bearer {}\r\n", token(serde_json::json!({ "sub": "7" })));
    let asked = |path: &&str| ["", &bearer].map(|fields| get(gateway.address(), path, fields).status);
    let statuses = paths.iter().map(asked).collect();
    (statuses, gateway.stop(), log)
}

#[test]
fn a_route_reports_or_enforces_whatever_the_policy_does() {
    let paths = ["/a", "/new", "/strict", "/none"];
    let (enforced, _, _) = statuses(Mode::Enforce, "", &paths);
    assert_eq!(enforced, [[401, 403], [200, 200], [401, 403], [404, 404]]);
    let (reported, counters, _) = statuses(Mode::Report, "", &paths);
    assert_eq!(reported, [[200, 200], [200, 200], [401, 403], [200, 200]]);
    let count = |of: &[(doorward_guard::pipeline::LayerName, u64)], name: &str| {
        of.iter().find(|(layer, _)| layer.as_str() == name).map_or(0, |(_, count)| *count)
    };
    assert_eq!((count(&counters.refused, "jwt"), count(&counters.refused, "roles")), (1, 1));
    assert_eq!((count(&counters.would_refuse, "jwt"), count(&counters.would_refuse, "roles")), (2, 2));
}

#[test]
fn a_layer_reports_or_enforces_whatever_the_policy_does() {
    let roles = "[layers.roles]\nmode = \"report\"\n";
    assert_eq!(statuses(Mode::Enforce, roles, &["/a", "/strict", "/none"]).0, [[401, 200], [401, 200], [404, 404]]);
    let endpoint = "[layers.endpoint]\nmode = \"enforce\"\n";
    assert_eq!(statuses(Mode::Report, endpoint, &["/a", "/none"]).0, [[200, 200], [404, 404]]);
    let (_, _, log) = statuses(Mode::Enforce, roles, &["/a"]);
    let outcomes: Vec<String> =
        log.records().iter().filter_map(|one| Some(one["outcome"].as_str()?.to_owned())).collect();
    assert_eq!(outcomes, ["refused", "would-refuse"]);
}

#[test]
fn what_cannot_be_read_in_one_way_is_refused_in_every_mode() {
    let gateway =
        Setup::reporting(&format!("version = 1\n{USERS}{ROUTES}")).start(Application::plain().address).unwrap();
    let answer = get(gateway.address(), "/new", "Host: b\r\n");
    assert_eq!((answer.status, answer.reason().as_deref()), (400, Some("two-hosts")));
}

#[test]
fn what_the_policy_does_not_know_and_the_application_answers_is_counted() {
    let application = Application::answering(|asked| match asked.path() {
        "/gone" => response("404 Not Found", "text/plain", b"no"),
        "/post" => response("405 Method Not Allowed", "text/plain", b"no"),
        "/broken" => response("500 Internal Server Error", "text/plain", b"no"),
        _ => response("200 OK", "text/plain", b"hello"),
    });
    let policy = "version = 1\n[routes.\"GET /known\"]\naccess = \"public\"\n";
    for (mode, expected) in [(Mode::Report, 3), (Mode::Enforce, 0)] {
        let gateway = Setup { mode, ..Setup::enforcing(policy) }.start(application.address).unwrap();
        for path in ["/known", "/gone", "/post", "/broken", "/shadow", "/shadow"] {
            get(gateway.address(), path, "");
        }
        assert_eq!(gateway.stop().shadow, expected, "{mode:?}");
    }
}

#[test]
fn of_what_went_well_a_sample_is_written_and_everything_else_whole() {
    let application = Application::answering(|asked| match asked.path() {
        "/broken" => response("500 Internal Server Error", "text/plain", b"no"),
        _ => response("200 OK", "text/plain", b"hello"),
    });
    let routes = "[routes.\"GET /a\"]\naccess = \"public\"\n[routes.\"GET /broken\"]\naccess = \"public\"\n";
    let setup = Setup::enforcing(&format!("version = 1\n[log]\naccess_one_in = 3\n{routes}"));
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    for path in ["/a", "/a", "/none", "/a", "/a", "/broken", "/a", "/a", "/none", "/a"] {
        client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
        client.answer(false).unwrap();
    }
    let counters = gateway.stop();
    let of_kind = |kind: &str| {
        let records = log.records().into_iter().filter(|one| one["record"] == kind);
        records.map(|one| one["status"].as_u64().unwrap_or(0)).collect::<Vec<_>>()
    };
    assert_eq!(of_kind("access"), [200, 404, 200, 500, 404, 200]);
    assert_eq!((of_kind("audit").len(), counters.sampled_away, counters.seen), (10, 4, 10));
}

/// A disk without room.
struct Full;

impl std::io::Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn traffic_goes_on_where_the_disk_of_the_log_is_full() {
    let application = Application::plain();
    let gateway = Setup::without_policy().writing(Box::new(Full)).start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    for _ in 0..20 {
        client.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.answer(false).unwrap().status, 200);
    }
    let counters = gateway.stop();
    assert_eq!((counters.seen, counters.lost), (20, 40));
    assert!(counters.log_failure.unwrap().contains("no storage space"));
}

#[test]
fn a_key_that_is_in_use_for_long_is_told() {
    // The clock of the tests says 2026-01-01.
    for (since, days, is_told) in [("2025-01-01", 365, false), ("2024-12-31", 366, true)] {
        let users = USERS.replacen("roles", &format!("keys_since = {since}\nroles"), 1);
        let setup = Setup::enforcing(&format!("version = 1\n{users}{ROUTES}"));
        let gateway = setup.start(Application::plain().address).unwrap();
        let told: Vec<String> = gateway.tolerated().iter().map(ToString::to_string).collect();
        let expected = format!("`identity.users.keys`: the key is {days} days old");
        assert_eq!(told.iter().any(|line| line.starts_with(&expected)), is_told, "{told:?}");
        let age = std::time::Duration::from_secs(days * 86_400);
        assert_eq!(gateway.key_ages(), [("identity.users.keys".to_owned(), age)]);
    }
    let gateway =
        Setup::enforcing(&format!("version = 1\n{USERS}{ROUTES}")).start(Application::plain().address).unwrap();
    assert_eq!(gateway.key_ages(), [], "of a variable nobody knows the age");
}
