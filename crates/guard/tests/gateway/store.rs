//! Limits that several gateways count in one Redis: how exact they are, and what becomes of requests when it is slow, hung, full,
//! gone, or answers errors.

#![expect(clippy::disallowed_methods, reason = "how long requests are held up is measured")]

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use doorward_guard::{Gateway, LEASED_PART, STORE_FAILURES_MAX};

use crate::application::Application;
use crate::client::{Client, get};
use crate::redis::{Redis, Sentinel, free_port};
use crate::running::{Given, Setup, until};

/// A policy whose one limit is this, at `GET /a`.
fn policy(limit: &str) -> String {
    format!(
        "version = 1\n[store]\nkind = \"redis\"\nurl = {{ env = \"REDIS\" }}\ntimeout_ms = 5000\n[limits.a]\nby = [\"address\"]\n{limit}\n\
         [routes.\"GET /a\"]\naccess = \"public\"\nlimits = [\"a\"]\n"
    )
}

fn setup(policy: &str, url: &str, workers: usize) -> Setup {
    Setup {
        workers: NonZeroUsize::new(workers).unwrap(),
        keys: Given::one("REDIS", url.as_bytes()),
        clock: Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap()),
        ..Setup::enforcing(policy)
    }
}

fn started(policy: &str, redis: &Redis, application: &Application) -> Gateway {
    let gateway = setup(policy, &redis.url(), 2).start(application.address).unwrap();
    assert!(gateway.store().unwrap().is_up, "{:?}", gateway.store());
    gateway
}

/// The statuses of so many requests that are sent at once, over so many connections to each gateway.
fn statuses(addresses: &[SocketAddr], connections: usize, each: usize) -> Vec<u16> {
    let ask = |address: SocketAddr| {
        thread::spawn(move || {
            let mut client = Client::connect(address);
            (0..each)
                .map(|_| {
                    client.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
                    client.answer(false).unwrap().status
                })
                .collect::<Vec<u16>>()
        })
    };
    let asking: Vec<_> = (0..connections).flat_map(|_| addresses.iter().map(|address| ask(*address))).collect();
    asking.into_iter().flat_map(|one| one.join().unwrap()).collect()
}

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|one| **one == status).count()
}

#[test]
fn a_strict_limit_of_ten_admits_ten_of_two_thousand_over_two_gateways() {
    for counting in ["sliding-window", "fixed-window", "gcra"] {
        let (redis, application) = (Redis::start(&[]), Application::plain());
        let policy = policy(&format!("quota = 10\nwindow_s = 3600\ncounting = \"{counting}\"\nmode = \"strict\""));
        let gateways = [started(&policy, &redis, &application), started(&policy, &redis, &application)];
        let all = statuses(&gateways.each_ref().map(Gateway::address), 20, 50);
        assert_eq!((count(&all, 200), count(&all, 429)), (10, 1990), "{counting}");
        assert_eq!(application.asked().len(), 10);
        let decisions: u64 = gateways.iter().map(|one| one.store().unwrap().decisions).sum();
        assert!(decisions >= 2000, "each request is one decision: {decisions}");
    }
}

#[test]
fn a_leased_limit_admits_no_more_at_once_and_asks_the_store_seldom() {
    let (redis, application) = (Redis::start(&[]), Application::plain());
    let policy = policy("quota = 1000\nwindow_s = 3600");
    let gateways = [started(&policy, &redis, &application), started(&policy, &redis, &application)];
    let all = statuses(&gateways.each_ref().map(Gateway::address), 20, 50);
    let (admitted, refused) = (count(&all, 200), count(&all, 429));
    // What one of them holds at the end the other one cannot have.
    let held = usize::try_from(2 * 1000 / LEASED_PART).unwrap();
    assert!((1000 - held..=1000).contains(&admitted) && admitted + refused == 2000, "{admitted} {refused}");
    let decisions: u64 = gateways.iter().map(|one| one.store().unwrap().decisions).sum();
    assert!(decisions < 200, "{decisions} decisions for 2000 requests");
}

#[test]
fn in_no_window_a_leased_limit_admits_more_than_its_bound() {
    let (redis, application) = (Redis::start(&[]), Application::plain());
    let (quota, window) = (320_u32, Duration::from_secs(1));
    let policy = policy(&format!("quota = {quota}\nwindow_s = 1"));
    let gateways = [started(&policy, &redis, &application), started(&policy, &redis, &application)];
    let asking: Vec<_> = gateways
        .iter()
        .flat_map(|gateway| [gateway.address(); 4])
        .map(|address| {
            thread::spawn(move || {
                let (mut client, mut admitted, began) = (Client::connect(address), Vec::new(), Instant::now());
                while began.elapsed() < Duration::from_secs(4) {
                    let sent = Instant::now();
                    client.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
                    if client.answer(false).unwrap().status == 200 {
                        admitted.push((sent, Instant::now()));
                    }
                    thread::sleep(Duration::from_millis(1));
                }
                admitted
            })
        })
        .collect();
    let admitted: Vec<(Instant, Instant)> = asking.into_iter().flat_map(|one| one.join().unwrap()).collect();
    let bound = usize::try_from(quota + 2 * (quota / LEASED_PART)).unwrap();
    // Those whose whole time lies in a window were admitted in it.
    let most = admitted.iter().map(|(begin, _)| {
        admitted.iter().filter(|(sent, answered)| sent >= begin && *answered <= *begin + window).count()
    });
    let most = most.max().unwrap();
    assert!(most <= bound, "{most} in a window, {bound} at most");
    assert!(admitted.len() > usize::try_from(quota).unwrap() * 3, "{} in four windows", admitted.len());
}

#[test]
fn of_several_limits_all_are_taken_or_none() {
    let (redis, application) = (Redis::start(&[]), Application::plain());
    let policy = "version = 1\n[store]\nkind = \"redis\"\nurl = { env = \"REDIS\" }\ntimeout_ms = 5000\n\
        [limits.few]\nquota = 2\nwindow_s = 3600\nby = [\"header:X-Who\"]\nmode = \"strict\"\n\
        [limits.all]\nquota = 5\nwindow_s = 3600\nby = [\"address\"]\nmode = \"strict\"\n\
        [limits.held]\nquota = 5\nwindow_s = 3600\nby = [\"address\"]\n\
        [routes.\"GET /a\"]\naccess = \"public\"\nlimits = [\"few\", \"all\", \"held\"]\n";
    let gateway = started(policy, &redis, &application);
    let status = |who: &str| get(gateway.address(), "/a", &format!("X-Who: {who}\r\n")).status;
    assert_eq!([status("a"), status("a"), status("a"), status("a")], [200, 200, 429, 429]);
    // What was refused for want of the first took nothing of the others: of five, three are left.
    assert_eq!([status("b"), status("b"), status("c"), status("c")], [200, 200, 200, 429]);
}

#[test]
fn tries_that_were_right_are_given_back_to_the_store() {
    let (redis, application) = (Redis::start(&[]), Application::plain());
    let policy = policy("quota = 1\nwindow_s = 3600\ncounted = \"failures\"\nmode = \"strict\"");
    let gateways = [started(&policy, &redis, &application), started(&policy, &redis, &application)];
    for _ in 0..3 {
        for gateway in &gateways {
            // It is given back when there is time for it.
            until("it was given back", || get(gateway.address(), "/a", "").status == 200);
        }
    }
}

#[test]
fn what_is_under_way_is_counted_over_all_gateways_until_it_ends() {
    let (redis, (application, arrivals, go_on)) = (Redis::start(&[]), Application::held("done"));
    let policy = policy("quota = 1\nwindow_s = 3600\ncounting = \"concurrent\"");
    let gateways = [started(&policy, &redis, &application), started(&policy, &redis, &application)];
    let [first, second] = gateways.each_ref().map(Gateway::address);
    let under_way = thread::spawn(move || get(first, "/a", "").status);
    arrivals.recv().unwrap();
    let refused = get(second, "/a", "");
    assert_eq!((refused.status, refused.field("ratelimit-policy")), (429, Some("\"a\";q=1")));
    go_on.send(()).unwrap();
    assert_eq!(under_way.join().unwrap(), 200);
    go_on.send(()).unwrap();
    until("the place is free", || get(second, "/a", "").status == 200);
}

/// The statuses of three requests to limits of one in an hour, one for each posture.
fn postures(gateway: &Gateway) -> [u16; 3] {
    ["/local", "/open", "/closed"].map(|path| get(gateway.address(), path, "").status)
}

fn with_postures() -> String {
    let limit = |posture: &str| {
        format!(
            "[limits.{posture}]\nquota = 1\nwindow_s = 3600\nby = [\"address\"]\nmode = \"strict\"\nwhen_store_down = \"{posture}\"\n\
             [routes.\"GET /{posture}\"]\naccess = \"public\"\nlimits = [\"{posture}\"]\n"
        )
    };
    let store = "version = 1\n[store]\nkind = \"redis\"\nurl = { env = \"REDIS\" }\ntimeout_ms = 2000\n";
    ["local", "open", "closed"].iter().fold(store.to_owned(), |text, posture| text + &limit(posture))
}

#[test]
fn a_store_that_is_gone_is_answered_as_each_limit_says_and_found_again_without_a_restart() {
    let (mut redis, application) = (Redis::start(&[]), Application::plain());
    let gateway = started(&with_postures(), &redis, &application);
    assert_eq!((postures(&gateway), postures(&gateway)), ([200, 200, 200], [429, 429, 429]));
    redis.kill();
    until("it is noticed", || !gateway.store().unwrap().is_up);
    assert_eq!(postures(&gateway), [200, 200, 503], "alone nothing was counted yet");
    assert_eq!(postures(&gateway), [429, 200, 503]);
    let refused = get(gateway.address(), "/closed", "");
    assert_eq!(refused.reason().as_deref(), Some("limits-unavailable"));
    assert_eq!((refused.field("retry-after"), refused.field("ratelimit")), (Some("1"), None));
    redis.start_again();
    until("it is found again", || gateway.store().unwrap().is_up);
    assert_eq!((postures(&gateway), postures(&gateway)), ([200, 200, 200], [429, 429, 429]));
    assert_eq!(gateway.store().unwrap().downs, 1);
}

#[test]
fn a_gateway_starts_without_its_store_and_finds_it_when_it_is_there() {
    let (port, application) = (free_port(), Application::plain());
    let url = format!("redis://127.0.0.1:{port}");
    let gateway = setup(&with_postures(), &url, 1).start(application.address).unwrap();
    let state = gateway.store().unwrap();
    assert!(!state.is_up && state.why.is_some(), "{state:?}");
    assert_eq!(postures(&gateway), [200, 200, 503]);
    let _redis = Redis::start_on(port, &[]);
    until("it is found", || gateway.store().unwrap().is_up);
    assert_eq!((postures(&gateway), postures(&gateway)), ([200, 200, 200], [429, 429, 429]));
}

#[test]
fn a_store_that_answers_errors_counts_as_down_until_it_decides_again() {
    let application = Application::plain();
    // What makes it answer errors, what ends that, and what is said of it.
    for (wrong, right, said) in [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", "OOM"),
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", "READONLY"),
    ] {
        let redis = Redis::start(&[]);
        let policy = with_postures().replace("quota = 1\n", "quota = 1000\n");
        let gateway = started(&policy, &redis, &application);
        assert_eq!(postures(&gateway), [200, 200, 200]);
        redis.command(wrong);
        // From the first of these on nobody is answered by the store, and nobody with 500.
        assert_eq!(postures(&gateway), [200, 200, 503], "{said}");
        until(said, || !gateway.store().unwrap().is_up);
        let why = gateway.store().unwrap().why.unwrap();
        assert!(why.to_lowercase().contains(&said.to_lowercase()), "{said}: {why}");
        assert_eq!(postures(&gateway), [200, 200, 503], "{said}");
        redis.command(right);
        until("it is found again", || gateway.store().unwrap().is_up);
        assert_eq!(postures(&gateway), [200, 200, 200], "{said}");
    }
}

#[test]
fn a_wrong_password_is_said_and_never_shown() {
    let (redis, application) = (Redis::start(&["--requirepass", "right-secret"]), Application::plain());
    let url = |password: &str| format!("redis://:{password}@{}", redis.address());
    let wrong = setup(&with_postures(), &url("wrong-secret"), 1);
    let log = wrong.log.clone();
    let gateway = wrong.start(application.address).unwrap();
    let why = gateway.store().unwrap().why.unwrap();
    assert!(!why.contains("secret"), "{why}");
    assert_eq!(postures(&gateway), [200, 200, 503]);
    let told = format!("{gateway:?}");
    gateway.stop();
    assert!(log.records().iter().any(|record| record["record"] == "store" && record["is_up"] == false));
    assert!(!log.text().contains("secret") && !told.contains("secret"), "{}", log.text());
    let right = setup(&with_postures(), &url("right-secret"), 1).start(application.address).unwrap();
    assert!(right.store().unwrap().is_up, "{:?}", right.store());
}

/// Latencies of requests one after the other, for a while; every status must be 200.
fn latencies(address: SocketAddr, time: Duration) -> Vec<Duration> {
    let (mut client, began, mut all) = (Client::connect(address), Instant::now(), Vec::new());
    while began.elapsed() < time {
        let sent = Instant::now();
        client.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.answer(false).unwrap().status, 200);
        all.push(sent.elapsed());
    }
    all
}

#[test]
fn a_store_that_hangs_holds_up_three_requests_and_no_more() {
    let (redis, application) = (Redis::start(&[]), Application::plain());
    let policy = policy("quota = 1000000\nwindow_s = 3600\nmode = \"strict\"").replace("5000", "250");
    let gateway = started(&policy, &redis, &application);
    let address = gateway.address();
    latencies(address, Duration::from_millis(200));
    redis.hang();
    let hung = latencies(address, Duration::from_secs(2));
    redis.go_on();
    until("it is found again", || gateway.store().unwrap().is_up);
    latencies(address, Duration::from_millis(200));
    let slow = hung.iter().filter(|one| **one >= Duration::from_millis(250)).count();
    let failures = usize::try_from(STORE_FAILURES_MAX).unwrap();
    // A busy machine may hold up a request of its own.
    assert!(slow <= failures + 5, "{slow} of {} were held up", hung.len());
    let state = gateway.store().unwrap();
    assert_eq!(state.downs, 1, "{state:?}");
}

#[test]
fn nobody_waits_for_a_store_that_is_given_up() {
    let (redis, application) = (Redis::start(&[]), Application::plain());
    let time_max = Duration::from_millis(1500);
    let policy = policy("quota = 1000000\nwindow_s = 3600\nmode = \"strict\"").replace("5000", "1500");
    let gateway = started(&policy, &redis, &application);
    let address = gateway.address();
    redis.hang();
    let ask = move || {
        let sent = Instant::now();
        assert_eq!(get(address, "/a", "").status, 200);
        sent.elapsed()
    };
    let first: Vec<_> = (0..STORE_FAILURES_MAX).map(|_| thread::spawn(ask)).collect();
    thread::sleep(time_max / 2);
    let second: Vec<_> = (0..6).map(|_| thread::spawn(ask)).collect();
    let took = |all: Vec<thread::JoinHandle<Duration>>| -> Vec<Duration> {
        all.into_iter().map(|one| one.join().unwrap()).collect()
    };
    let (first, second) = (took(first), took(second));
    redis.go_on();
    // Those who asked first have waited to the end, and those who asked later are released with them.
    assert!(first.iter().all(|one| *one > time_max / 2), "{first:?}");
    assert!(second.iter().all(|one| *one < time_max), "{second:?}");
}

#[test]
fn behind_a_store_that_hangs_nobody_waits_twice_for_what_is_leased() {
    let (redis, application) = (Redis::start(&[]), Application::plain());
    let policy = policy("quota = 100\nwindow_s = 3600").replace("timeout_ms = 5000", "timeout_ms = 300");
    let gateway = setup(&policy, &redis.url(), 1).start(application.address).unwrap();
    let (address, clients) = (gateway.address(), 12);
    redis.hang();
    let ask = move || {
        let sent = Instant::now();
        let status = get(address, "/a", "").status;
        (status, sent.elapsed())
    };
    let asking: Vec<_> = (0..clients).map(|_| thread::spawn(ask)).collect();
    let all: Vec<(u16, Duration)> = asking.into_iter().map(|one| one.join().unwrap()).collect();
    redis.go_on();
    let twice = Duration::from_millis(600);
    // The first one asks, all others wait for that; then one asks again, and the others count for themselves.
    assert!(all.iter().all(|(status, _)| *status == 200), "{all:?}");
    assert!(all.iter().filter(|(_, took)| *took >= twice).count() <= 2, "{all:?}");
}

#[test]
fn a_cluster_is_asked_for_each_limit_where_it_is_kept() {
    let (folder, application) = (tempfile::tempdir().unwrap(), Application::plain());
    let node = |name: &str| {
        let file = folder.path().join(name).display().to_string();
        Redis::start(&["--cluster-enabled", "yes", "--cluster-config-file", &file])
    };
    let nodes = [node("a"), node("b")];
    let [first, second] = &nodes;
    // As Redis 6 has it, too: each slot by its number.
    for (node, slots) in [(first, 0..8192), (second, 8192..16384)] {
        let slots: Vec<String> = slots.map(|slot: u16| slot.to_string()).collect();
        for some in slots.chunks(1024) {
            assert_eq!(node.command(&format!("CLUSTER ADDSLOTS {}", some.join(" "))), "+OK");
        }
    }
    assert_eq!(first.command(&format!("CLUSTER MEET 127.0.0.1 {}", second.port)), "+OK");
    for node in &nodes {
        until("the cluster is whole", || !node.line_with("CLUSTER INFO", "cluster_state:ok").is_empty());
    }
    let policy = "version = 1\n[store]\nkind = \"redis\"\nurl = { env = \"REDIS\" }\ncluster = true\ntimeout_ms = 5000\n\
        [limits.a]\nquota = 10\nwindow_s = 3600\nby = [\"address\"]\nmode = \"strict\"\n\
        [limits.b]\nquota = 2\nwindow_s = 3600\nby = [\"header:X-Who\"]\nmode = \"strict\"\n\
        [limits.c]\nquota = 1000\nwindow_s = 3600\nby = [\"route\"]\n\
        [routes.\"GET /a\"]\naccess = \"public\"\nlimits = [\"a\", \"b\", \"c\"]\n";
    let gateway = started(policy, first, &application);
    let status = |who: usize| get(gateway.address(), "/a", &format!("X-Who: {who}\r\n")).status;
    // What `b` refuses is given back to `a`, which is kept elsewhere.
    let (mut admitted, mut seen) = (0, Vec::new());
    for who in 0..5 {
        seen = (0..3).map(|_| status(who)).collect();
        admitted += count(&seen, 200);
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!((admitted, seen), (10, vec![200, 200, 429]));
    assert_eq!(status(9), 429, "ten are all");
    for node in &nodes {
        assert_ne!(node.command("DBSIZE"), ":0", "what is counted is spread over the nodes");
    }
}

#[test]
fn when_a_master_is_gone_sentinels_name_the_next_one() {
    let (mut master, application) = (Redis::start(&[]), Application::plain());
    let replica = Redis::start(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
    let sentinel = Sentinel::start(&master);
    until("the replica is known", || sentinel.asked("SENTINEL REPLICAS main").contains(&replica.port.to_string()));
    let policy = with_postures().replace("timeout_ms", "sentinel = \"main\"\ntimeout_ms");
    let url = format!("redis://127.0.0.1:{}", sentinel.port);
    let gateway = setup(&policy, &url, 1).start(application.address).unwrap();
    assert!(gateway.store().unwrap().is_up, "{:?}", gateway.store());
    assert_eq!((postures(&gateway), postures(&gateway)), ([200, 200, 200], [429, 429, 429]));
    // What the master has decided must have come over.
    until("the replica has it", || replica.command("DBSIZE") == master.command("DBSIZE"));
    master.kill();
    until("it is noticed", || !gateway.store().unwrap().is_up);
    assert_eq!(postures(&gateway), [200, 200, 503]);
    until("the next one is found", || gateway.store().unwrap().is_up);
    assert_eq!(postures(&gateway), [429, 429, 429], "it knows what the one before has counted");
}
