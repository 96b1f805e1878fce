//! Another policy while the gateway runs: from one exchange to the next, whole or not at all, with nobody cut off.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use doorward_guard::{Change, Gateway, KnownKeys, Reloaded, StartError};
use policy::{Mode, Policy, Upstream};

use crate::application::Application;
use crate::client::{Client, get};
use crate::running::{Given, KEY, Setup};

const OPEN: &str =
    "version = 1\n[routes.\"GET /stable\"]\naccess = \"public\"\n[routes.\"GET /a\"]\naccess = \"public\"\n";
const CLOSED: &str = "version = 1\n[routes.\"GET /stable\"]\naccess = \"public\"\n";
const RELOADS: usize = 100;
const CLIENTS: usize = 4;

pub(crate) fn reload(gateway: &Gateway, application: SocketAddr, policy: &str) -> Result<Reloaded, StartError> {
    let server = format!("http://{application}").parse().unwrap();
    gateway.reload(Change {
        upstream: Upstream::of(vec![server]),
        policy: Some(Policy::parse(policy).unwrap()),
        mode: Mode::Enforce,
        keys: &Given::one("KEY", KEY.as_bytes()),
        known_keys: KnownKeys::Refuse,
        tls: None,
    })
}

fn asked(client: &mut Client, path: &str) -> Option<u16> {
    client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
    client.answer(false).map(|answer| answer.status)
}

#[test]
fn a_hundred_reloads_under_load_cut_nobody_off_and_count_at_once() {
    let application = Application::plain();
    let gateway = Setup::enforcing(OPEN).start(application.address).unwrap();
    let address = gateway.address();
    let (is_over, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (is_over, served) = (is_over.clone(), served.clone());
            thread::spawn(move || {
                let mut client = Client::connect(address);
                while !is_over.load(Ordering::Relaxed) {
                    assert_eq!(asked(&mut client, "/stable"), Some(200));
                    served.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let mut watcher = Client::connect(address);
    for turn in 0..RELOADS {
        let (policy, status) = if turn % 2 == 0 { (CLOSED, 404) } else { (OPEN, 200) };
        let reloaded = reload(&gateway, application.address, policy).unwrap();
        assert_eq!((reloaded.consequences.len(), reloaded.consequences[0].opens), (1, status == 200));
        // On a connection that was there before, and by the first request behind the reload.
        assert_eq!(asked(&mut watcher, "/a"), Some(status), "reload {turn}");
    }
    is_over.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().unwrap();
    }
    println!("{} requests beside {RELOADS} reloads", served.load(Ordering::Relaxed));
    assert!(served.load(Ordering::Relaxed) > RELOADS);
    let counters = gateway.stop();
    assert_eq!((counters.reloads, counters.reloads_refused), (RELOADS as u64, 0));
}

#[test]
fn an_exchange_under_way_ends_under_the_policy_it_began_with() {
    let (application, arrivals, go_on) = Application::held("late");
    let gateway = Setup::enforcing(OPEN).start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    arrivals.recv().unwrap();
    // The way to the application changes as well: nobody answers there any more.
    reload(&gateway, SocketAddr::from(([127, 0, 0, 1], 1)), CLOSED).unwrap();
    assert_eq!(get(gateway.address(), "/a", "").status, 404);
    assert_eq!(get(gateway.address(), "/stable", "").status, 502);
    go_on.send(()).unwrap();
    assert_eq!(client.answer(false).unwrap().status, 200);
    assert_eq!(asked(&mut client, "/a"), Some(404));
}

#[test]
fn a_policy_that_cannot_be_run_leaves_the_old_one_in_force() {
    let application = Application::plain();
    let setup = Setup::enforcing(OPEN);
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let revision = gateway.revision();
    let broken =
        format!("{CLOSED}[identity.users]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = {{ env = \"NONE\" }}\n");
    let told = reload(&gateway, application.address, &broken).unwrap_err().to_string();
    assert!(told.contains("`identity.users`: the key cannot be read: not set"), "{told}");
    gateway.refuse_reload("it is no TOML");
    assert_eq!((get(gateway.address(), "/a", "").status, gateway.revision()), (200, revision.clone()));
    let reloaded = reload(&gateway, application.address, CLOSED).unwrap();
    assert_ne!(reloaded.revision, revision);
    assert_eq!(gateway.revision(), reloaded.revision);
    let counters = gateway.stop();
    assert_eq!((counters.reloads, counters.reloads_refused), (1, 2));
    let records: Vec<_> = log.records().into_iter().filter(|one| one["record"] == "reload").collect();
    assert!(records[0]["refused"].as_str().unwrap().contains("identity.users"));
    assert_eq!((&records[1]["refused"], &records[1]["revision"]), (&"it is no TOML".into(), &revision.into()));
    assert_eq!(records[2]["changes"], serde_json::json!(["GET /a: nobody is admitted any more, before everybody"]));
}

#[test]
fn a_record_of_a_reload_tells_changes_up_to_the_bound() {
    let application = Application::plain();
    let setup = Setup::enforcing(CLOSED);
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let with = |count: usize| {
        let routes = (0..count).map(|index| format!("[routes.\"GET /r{index}\"]\naccess = \"public\"\n"));
        format!("{CLOSED}{}", routes.collect::<String>())
    };
    reload(&gateway, application.address, &with(50)).unwrap();
    reload(&gateway, application.address, CLOSED).unwrap();
    let reloaded = reload(&gateway, application.address, &with(51)).unwrap();
    assert_eq!(reloaded.consequences.len(), 51);
    gateway.stop();
    let records: Vec<_> = log.records().into_iter().filter(|one| one["record"] == "reload").collect();
    let told: Vec<usize> = records.iter().map(|one| one["changes"].as_array().unwrap().len()).collect();
    assert_eq!(told, [50, 50, 50]);
}
