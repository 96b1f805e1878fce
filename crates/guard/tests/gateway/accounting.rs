//! Every exchange is accounted for: the answered, the refused, and those that nobody waited for.

use std::net::Shutdown;
use std::sync::mpsc::Sender;

use doorward_guard::Gateway;
use doorward_guard::downstream::limits::AHEAD_BYTES_MAX;

use crate::application::Application;
use crate::client::Client;
use crate::running::{Log, Setup, until};

/// A gateway with its log, before an application that answers late, and a client that waits for that; what lets it answer.
fn waiting() -> (Gateway, Log, Client, Sender<()>) {
    let (application, arrivals, go_on) = Application::held("late");
    let setup = Setup::without_policy();
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    arrivals.recv().unwrap();
    (gateway, log, client, go_on)
}

#[test]
fn an_exchange_that_the_client_leaves_writes_its_record() {
    let (gateway, log, client, go_on) = waiting();
    drop(client);
    let counters = gateway.stop();
    drop(go_on);
    assert_eq!(counters.seen, 1);
    let outcomes: Vec<String> =
        log.records().iter().filter_map(|one| Some(one["outcome"].as_str()?.to_owned())).collect();
    assert_eq!(outcomes, ["abandoned"], "{}", log.text());
}

#[test]
fn a_client_that_has_gone_is_seen_behind_what_it_sent_last() {
    for behind in ["\r\n", "GET /b HTTP/1.1\r\nHost: a\r\n\r\n", &"\r\n".repeat(AHEAD_BYTES_MAX / 2 - 1)] {
        let (gateway, log, mut client, go_on) = waiting();
        client.send(behind.as_bytes());
        drop(client);
        // While the gateway goes on, and the application does not answer.
        until("it is seen", || gateway.counters().connections_open == 0);
        drop(go_on);
        gateway.stop();
        let outcomes = log.records().iter().filter(|one| one["outcome"] == "abandoned").count();
        assert_eq!(outcomes, 1, "{}", log.text());
    }
}

#[test]
fn a_body_that_its_client_breaks_off_is_no_failure_of_the_server() {
    let (application, setup) = (Application::plain(), Setup::without_policy());
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let socket = Client::socket(gateway.address());
    let mut client = Client::over(socket.try_clone().unwrap());
    client.send(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
    socket.shutdown(Shutdown::Write).unwrap();
    let answer = client.answer(false).unwrap();
    assert_eq!((answer.status, answer.reason().as_deref()), (400, Some("body-cut")));
    let counters = gateway.stop();
    assert_eq!(counters.upstream_errors.iter().sum::<u64>(), 0, "{}", log.text());
}

#[test]
fn every_exchange_is_written_once_in_each_kind() {
    let application = Application::plain();
    let setup = Setup::without_policy();
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    for _ in 0..3 {
        client.send(b"GET /a?secret HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.answer(false).unwrap().status, 200);
    }
    client.send(b"GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    assert_eq!(client.answer(false).unwrap().status, 400);
    gateway.stop();
    let told: Vec<String> = log
        .records()
        .iter()
        .map(|one| {
            format!("{} {} {}{}", one["record"], one["endpoint"], one["status"], one["outcome"]).replace('"', "")
        })
        .collect();
    let forwarded = ["audit GET /a nullforwarded", "access GET /a 200null"];
    let refused = ["audit (not read) nullrefused", "access (not read) 400null"];
    assert_eq!(told, [forwarded, forwarded, forwarded, refused].concat());
    let ids: std::collections::BTreeSet<String> =
        log.records().iter().map(|one| one["request_id"].to_string()).collect();
    assert_eq!(ids.len(), 4);
}

#[test]
fn what_a_client_sends_does_not_fill_the_log() {
    let setup = Setup::without_policy();
    let log = setup.log.clone();
    let gateway = setup.start(Application::plain().address).unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(&[b"GET / HTTP/1.1\r\nHost: a\r\nConnection: ".as_slice(), &vec![0xff; 30_000], b"\r\n\r\n"].concat());
    assert_eq!(client.answer(false).unwrap().reason().as_deref(), Some("connection-names-field"));
    let counters = gateway.stop();
    assert!(log.text().len() < 2_000, "{}", log.text().len());
    assert_eq!((counters.lost, counters.log_failure), (0, None));
}
