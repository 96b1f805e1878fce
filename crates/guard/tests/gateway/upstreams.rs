//! Several upstreams behind one gateway: each route goes to its own, and what the gateway asks goes where the route of the question goes.

use std::net::SocketAddr;

use doorward_guard::{Admin, Change, Edge, Gateway, KnownKeys};
use policy::{Mode, Policy};
use serde_json::json;

use crate::application::{Application, json as answer_json, response};
use crate::client::{ask, get};
use crate::running::{Given, KEY, Setup, token};

const POLICY: &str = r#"
version = 1
[upstream.shop]
servers = ["http://SHOP"]
[upstream.accounts]
servers = ["http://ACCOUNTS"]
timeout = { connect_ms = 200 }
[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
subject = { lookup = "GET /me", field = "/id" }
[routes."GET /orders"]
upstream = "shop"
access = "public"
[routes."GET /me"]
upstream = "accounts"
access = "public"
[routes."GET /carts/{owner}"]
upstream = "shop"
allow = [{ identity = "users", owner = { parameter = "owner" } }]
"#;

fn policy(shop: SocketAddr, accounts: SocketAddr) -> String {
    POLICY.replace("SHOP", &shop.to_string()).replace("ACCOUNTS", &accounts.to_string())
}

fn named(name: &'static str) -> Application {
    Application::answering(move |asked| match asked.path() {
        "/me" if name != "shop" => answer_json(r#"{"id":7}"#),
        _ => response("200 OK", "text/plain", name.as_bytes()),
    })
}

fn started(text: &str, mode: Mode) -> Gateway {
    let admin = Admin { listen: SocketAddr::from(([127, 0, 0, 1], 0)), token: None };
    let upstream = Policy::parse(text).unwrap().upstream.remove(0).1;
    let edge = Edge { admin: Some(admin), ..Edge::default() };
    let setup = Setup { upstream: Some(upstream), edge, mode, ..Setup::enforcing(text) };
    setup.start(SocketAddr::from(([127, 0, 0, 1], 9))).unwrap()
}

fn body(gateway: &Gateway, path: &str) -> String {
    String::from_utf8(get(gateway.address(), path, "").body).unwrap()
}

#[test]
fn each_route_goes_to_its_upstream_and_so_does_what_is_asked_of_it() {
    let (shop, accounts) = (named("shop"), named("accounts"));
    let gateway = started(&policy(shop.address, accounts.address), Mode::Report);
    assert_eq!([body(&gateway, "/orders"), body(&gateway, "/me")], ["shop", r#"{"id":7}"#]);
    assert_eq!(body(&gateway, "/unknown"), "shop", "what no route is of goes to the first");
    let bearer = format!("Authorization: Bearer {}\r\n", token(json!({"sub": "x"})));
    let gateway = started(&policy(shop.address, accounts.address), Mode::Enforce);
    let status = |path: &str| get(gateway.address(), path, &bearer).status;
    assert_eq!([status("/carts/7"), status("/carts/8")], [200, 403]);
    let asked = accounts.asked();
    assert!(
        asked.iter().any(|asked| asked.field("authorization").is_some()),
        "who it is was asked of `accounts`: {asked:?}"
    );
    let admin = |path: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        ask(gateway.admin_address().unwrap(), head.as_bytes()).unwrap()
    };
    let shown = String::from_utf8(admin("/-/policy").body).unwrap();
    let metrics = String::from_utf8(admin("/metrics").body).unwrap();
    for address in [shop.address, accounts.address] {
        assert!(shown.contains(&address.to_string()) && metrics.contains(&format!("server=\"http://{address}\"")));
    }
    assert_eq!(admin("/readyz").status, 200);
}

#[test]
fn an_upstream_that_is_gone_is_no_other_and_a_reload_moves_a_route() {
    let (shop, accounts, new) = (named("shop"), named("accounts"), named("new"));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gateway = started(&policy(shop.address, nobody), Mode::Enforce);
    assert_eq!(get(gateway.address(), "/me", "").reason().as_deref(), Some("upstream-down"));
    assert_eq!(body(&gateway, "/orders"), "shop");
    let change = |text: &str| {
        let policy = Policy::parse(text).unwrap();
        let (keys, mode) = (Given::one("KEY", KEY.as_bytes()), Mode::Enforce);
        let upstream = policy.upstream[0].1.clone();
        let known_keys = KnownKeys::Refuse;
        gateway.reload(Change { upstream, policy: Some(policy), mode, keys: &keys, known_keys, tls: None }).unwrap();
    };
    change(&policy(shop.address, accounts.address));
    assert_eq!([body(&gateway, "/orders"), body(&gateway, "/me")], ["shop", r#"{"id":7}"#]);
    let connections = shop.asked().len();
    let more = "[upstream.new]\nservers = [\"http://NEW\"]\n[identity".replace("NEW", &new.address.to_string());
    let moved = policy(shop.address, accounts.address).replacen("[identity", &more, 1);
    change(&moved.replacen("upstream = \"shop\"", "upstream = \"new\"", 1));
    assert_eq!([body(&gateway, "/orders"), body(&gateway, "/me")], ["new", r#"{"id":7}"#]);
    assert_eq!(shop.asked().len(), connections);
}
