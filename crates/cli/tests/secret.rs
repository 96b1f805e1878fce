//! `doorward secret` as users and programs see it: what it prints is what the gateway takes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").stdin(Stdio::null());
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn an_api_key_that_was_printed_is_taken_with_what_was_printed_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["secret", "api-key", "--owner", "acme", "--scope", "orders:read", "--quota", "60/minute", "--format", "json"];
    let made: serde_json::Value = serde_json::from_str(&out(&run(folder.path(), &arguments))).unwrap();
    let again: serde_json::Value = serde_json::from_str(&out(&run(folder.path(), &arguments))).unwrap();
    let text = |name: &str| made[name].as_str().unwrap();
    assert_eq!((&made["schema_version"], text("key").len()), (&1.into(), 76));
    assert!(text("key").starts_with(&format!("{}_", text("prefix"))) && text("key") != again["key"].as_str().unwrap());
    assert!(!text("entry").contains(text("key")));
    let routes = "[routes.\"GET /orders\"]\nallow = [{ identity = \"partners\", scope = \"orders:read\" }]\n\
                  [routes.\"PUT /orders\"]\nallow = [{ identity = \"partners\", scope = \"orders:write\" }]\n";
    fs::write(folder.path().join("partners.keys"), text("entry")).unwrap();
    fs::write(folder.path().join("policy.toml"), format!("version = 1\n{}{routes}", text("identity"))).unwrap();
    out(&run(folder.path(), &["policy", "check", "policy.toml"]));
    let asked = |request: &str, key: &str| {
        let header = format!("X-API-Key: {key}");
        let output = run(folder.path(), &["policy", "test", "policy.toml", "--request", request, "--header", &header]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, told) = asked("GET /orders", text("key"));
    assert!(code == Some(0) && told.contains("api_key: `partners` is shown"), "{told}");
    assert!(told.contains("limits: the quota of the key itself counts it: 60 in 60 s"), "{told}");
    let (code, told) = asked("PUT /orders", text("key"));
    assert!(code == Some(1) && told.contains("the scope `orders:write` is missing"), "{told}");
    let (code, told) = asked("GET /orders", again["key"].as_str().unwrap());
    assert!(code == Some(1) && told.contains("the key is not known"), "{told}");
}

#[test]
fn for_people_the_key_the_entry_and_the_policy_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["secret", "api-key", "--owner", "a \"b\"", "--expires", "2999-01-01", "--identity", "shops"];
    let output = run(folder.path(), &arguments);
    let text = out(&output);
    let key = text.lines().nth(1).unwrap();
    assert!(key.starts_with("dw_") && text.matches(key).count() == 1, "{text}");
    for part in [
        "# The key, for its owner alone:",
        "[[key]]",
        "owner = \"a \\\"b\\\"\"",
        "expires = 2999-01-01",
        "[identity.shops]",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(String::from_utf8_lossy(&output.stderr).contains("kept nowhere"));
    for (arguments, why) in [
        (&["secret", "api-key", "--owner", "a", "--expires", "2001-01-01"][..], "expired already"),
        (&["secret", "api-key", "--owner", " "], "an owner is a name"),
        (&["secret", "api-key", "--owner", "a", "--quota", "many"], "`many` is no quota"),
        (&["secret", "api-key", "--owner", "a", "--scope", "a b"], "a scope one word"),
        (&["secret", "api-key", "--owner", "a", "--identity", "a b"], "a name is letters"),
        (&["secret", "api-key", "--owner", "a", "--header", "X_Key"], "which servers take for `-`"),
    ] {
        let output = run(folder.path(), arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && told.contains(why), "{why}: {told}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_password_is_hashed_and_never_shown_unless_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let hash = |arguments: &[&str], typed: &str| {
        fs::write(folder.path().join("password"), typed).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        command.args(["secret", "hash-password"]).args(arguments).current_dir(folder.path()).env("NO_COLOR", "1");
        command.stdin(fs::File::open(folder.path().join("password")).unwrap());
        command.output().unwrap()
    };
    let typed = "correct horse battery staple";
    let text = out(&hash(&["--name", "robot", "--role", "admin"], &format!("{typed}\r\nmore\n")));
    assert!(!text.contains(typed) && text.contains("hash = \"$argon2id$v=19$m=65536,t=3,p=4$"), "{text}");
    assert!(text.contains("name = \"robot\"\n") && text.contains("roles = [\"admin\"]\n"), "{text}");
    let made: serde_json::Value =
        serde_json::from_str(&out(&hash(&["--name", "robot", "--generate", "--format", "json"], ""))).unwrap();
    assert_eq!(made["password"].as_str().unwrap().len(), 64);
    let (entry, identity) = (made["entry"].as_str().unwrap(), made["identity"].as_str().unwrap());
    let routes = "[routes.\"GET /orders\"]\nallow = [{ identity = \"machines\" }]\n";
    fs::write(folder.path().join("machines.users"), entry).unwrap();
    fs::write(folder.path().join("policy.toml"), format!("version = 1\n{identity}{routes}")).unwrap();
    out(&run(folder.path(), &["policy", "check", "policy.toml"]));
    for (arguments, typed, why) in [
        (&["--name", "a"][..], "short", "15 characters or more"),
        (&["--name", "a"], &*"a".repeat(300), "at most 256 bytes"),
        (&["--name", "a:b"], typed, "a name has no colon"),
        (&["--name", "a", "--scope", "b c"], typed, "a scope is one word"),
    ] {
        let output = hash(arguments, typed);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && told.contains(why), "{why}: {told}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_body_is_tried_as_a_gateway_would_look_at_it() {
    let folder = tempfile::tempdir().unwrap();
    let policy = "version = 1\n[identity.users]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = { env = \"NO_KEY\" }\n\
                  [routes.\"POST /orders\"]\nallow = [{ identity = \"users\", when = { claim = \"/shop\", is = { body = \"/shop\" } } }]\n\
                  [[routes.\"POST /orders\".shields]]\nfinding = \"a\"\nexpires = 2999-01-01\nreason = \"b\"\n\
                  patch = { refuse_fields = [\"/role\"] }\n";
    fs::write(folder.path().join("policy.toml"), policy).unwrap();
    fs::write(folder.path().join("body.json"), r#"{"shop": 7}"#).unwrap();
    let tried = |body: &str, more: &[&str]| {
        let arguments =
            ["policy", "test", "policy.toml", "--request", "POST /orders", "--as", "users", "--claim", "shop=7"];
        let output = run(folder.path(), &[&arguments[..], &["--body", body], more].concat());
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    for (body, code, told) in [
        (r#"{"shop": 7}"#, 0, "admitted"),
        ("@body.json", 0, "admitted"),
        (r#"{"shop": 8}"#, 1, "`/shop` as `/shop` of the body does not hold"),
        (r#"{"shop": 7, "role": "admin"}"#, 1, "a shield refuses the field `/role`"),
        (r#"{"shop": 7, "shop": 7}"#, 1, "cannot be told of this request"),
        ("@no such file", 2, "`no such file` cannot be read"),
    ] {
        let (found, text) = tried(body, &[]);
        assert!(found == Some(code) && text.contains(told), "{body}: {text}");
    }
    let (code, text) = tried("shop=7", &["--header", "Content-Type: application/x-www-form-urlencoded"]);
    assert!(code == Some(1) && text.contains("cannot be told of this request"), "{text}");
}
