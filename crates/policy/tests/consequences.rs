//! Who gains and who loses what, why a request is admitted, and what is worth a look.

use doorward_policy::{Caller, Date, Decision, Policy, diff, explain};

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
fn another_way_to_be_identified_opens() {
    let old = Policy::parse(IDENTITY).unwrap();
    for (from, to) in [
        ("HS256", "HS512"),
        ("\"KEY\"", "\"OTHER\""),
        ("/role", "/roles"),
        ("version = 1\n", "version = 1\nmode = \"report\"\n"),
    ] {
        let new = Policy::parse(&IDENTITY.replace(from, to)).unwrap();
        assert!(diff(&old, &new).iter().any(|one| one.opens), "{from} -> {to}");
    }
}

#[test]
fn each_step_of_a_decision_is_told() {
    let policy = policy(
        "[routes.\"GET /o/{id}\"]\nallow = [\n  { identity = \"users\", owner = { response = \"/owner\" } },\n  { identity = \"users\", role = \"admin\" },\n]\n\
         [routes.\"GET /u/{user}\"]\nallow = [{ identity = \"users\", owner = { parameter = \"user\" } }]\n\
         [routes.\"GET /open\"]\naccess = \"public\"\n[routes.\"GET /shut\"]\n",
    );
    let nobody = Caller::default();
    let seven =
        Caller { identity: Some("users".into()), claims: vec![("sub".into(), "7".into())], ..Caller::default() };
    let admin = Caller { identity: Some("users".into()), roles: vec!["admin".into()], ..Caller::default() };
    let mut told = Vec::new();
    for (caller, path) in [
        (&nobody, "/open"),
        (&nobody, "/shut"),
        (&nobody, "/o/1"),
        (&seven, "/o/1"),
        (&admin, "/o/1"),
        (&seven, "/u/7"),
        (&seven, "/u/8"),
        (&seven, "/u/%37"),
        (&seven, "/none"),
        (&seven, "/o/..%2f1"),
    ] {
        let explanation = explain(&policy, caller, &model::Method::Get, None, path.as_bytes());
        told.push(format!("{path}\n  {}\n  {:?}", explanation.steps.join("\n  "), explanation.decision));
    }
    insta::assert_snapshot!(told.join("\n"));
    let refused = explain(&policy, &nobody, &model::Method::Post, None, b"/open").decision;
    assert!(matches!(refused, Decision::Refused { status: 405, .. }));
}
