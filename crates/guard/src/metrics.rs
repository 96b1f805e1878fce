//! What is counted of exchanges, and how it is shown: OpenMetrics text. Counters are atomics that were found when the policy was
//! compiled, so that counting an exchange looks nothing up; labels are routes of the policy, layers and reasons, never what a
//! client sent.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::refusal::Reason;
use crate::store::link::StoreState;
use crate::token::source::SourceState;
use crate::upstream::servers::ServerState;
use crate::worker::Counters;

/// The most routes with numbers of their own; those behind them are counted together.
pub const ROUTES_COUNTED_MAX: usize = 2000;
/// The bounds of the histogram of durations, in microseconds.
const BOUNDS_US: [u64; 12] =
    [500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];
/// The classes of statuses; `none` where nobody was answered.
const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];
/// Why the application gave no answer.
pub(crate) const UPSTREAM_REASONS: [Reason; 11] = [
    Reason::UpstreamDown,
    Reason::UpstreamName,
    Reason::UpstreamTls,
    Reason::UpstreamProtocol,
    Reason::UpstreamBroken,
    Reason::UpstreamCut,
    Reason::UpstreamStalled,
    Reason::UpstreamConnectSlow,
    Reason::UpstreamSlow,
    Reason::UpstreamBusy,
    Reason::UpstreamQueueFull,
];
/// Why connections were ended at once.
pub(crate) const CONNECTION_REASONS: [&str; 2] = ["per-address", "proxy-protocol"];
/// Why clients did not agree on TLS.
pub(crate) const HANDSHAKE_REASONS: [&str; 3] = ["no-tls", "refused", "too-slow"];

/// The numbers of one route.
#[derive(Debug, Default)]
pub(crate) struct Series {
    classes: [AtomicU64; CLASSES.len()],
    /// One more than bounds: what took longer than all of them.
    durations: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Series {
    /// Counts an exchange that ended with this status, 0 where nobody was answered.
    pub(crate) fn count(&self, status: u16, took: Duration) {
        if let Some(class) = self.classes.get(usize::from(status / 100)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.iter().position(|bound| us <= *bound).unwrap_or(BOUNDS_US.len());
        if let Some(bucket) = self.durations.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }
}

/// The numbers of all routes of a policy, in its order, and of what is none.
#[derive(Debug, Default)]
pub(crate) struct AllSeries {
    routes: Vec<(String, Arc<Series>)>,
    /// Requests that no route answers, and routes behind the bound.
    other: Arc<Series>,
    /// Requests that could not be read in one way.
    not_read: Arc<Series>,
}

impl AllSeries {
    /// Numbers for these routes. Those of a route that was there before go on.
    pub(crate) fn of<'r>(routes: impl Iterator<Item = &'r policy::RouteKey>, before: Option<&Self>) -> Self {
        let known: HashMap<&str, &Arc<Series>> =
            before.into_iter().flat_map(|all| &all.routes).map(|(name, series)| (name.as_str(), series)).collect();
        let series = |key: &policy::RouteKey| {
            let name = key.to_string();
            let series = known.get(name.as_str()).map(|series| Arc::clone(series)).unwrap_or_default();
            (name, series)
        };
        let kept = |of: fn(&Self) -> &Arc<Series>| before.map(of).cloned().unwrap_or_default();
        Self {
            routes: routes.take(ROUTES_COUNTED_MAX).map(series).collect(),
            other: kept(|all| &all.other),
            not_read: kept(|all| &all.not_read),
        }
    }

    /// The numbers of a route.
    pub(crate) fn route(&self, index: Option<usize>) -> &Series {
        index.and_then(|index| self.routes.get(index)).map_or(&self.other, |(_, series)| series)
    }

    /// The numbers of what could not be read.
    pub(crate) fn not_read(&self) -> &Series {
        &self.not_read
    }

    fn all(&self) -> impl Iterator<Item = (&str, &Series)> {
        let others = [("(other)", &*self.other), ("(not read)", &*self.not_read)];
        self.routes.iter().map(|(name, series)| (name.as_str(), &**series)).chain(others)
    }
}

/// What a page of metrics is made of.
pub(crate) struct Shown<'s> {
    pub(crate) counters: &'s Counters,
    pub(crate) series: &'s AllSeries,
    pub(crate) servers: &'s [ServerState],
    pub(crate) revision: &'s str,
    pub(crate) mode: &'s str,
    /// Keys with how long they are in use.
    pub(crate) key_ages: Vec<(&'s str, Duration)>,
    /// Keys that are fetched.
    pub(crate) key_sets: Vec<SourceState>,
    /// The store that other gateways have, too.
    pub(crate) store: Option<StoreState>,
    /// Notes that the file of the store did not take yet; none where there is no file.
    pub(crate) unwritten: Option<u64>,
}

/// The page, as OpenMetrics 1.0 has it.
pub(crate) fn text(shown: &Shown<'_>) -> String {
    let mut page = Page(String::new());
    page.requests(shown.series);
    page.durations(shown.series);
    let counters = shown.counters;
    page.family("refused", "counter", "Requests that a layer refused, or would have in enforce mode.");
    for (mode, counts) in [("enforce", &counters.refused), ("report", &counters.would_refuse)] {
        for (layer, count) in counts {
            page.sample("refused_total", &[("layer", layer.as_str()), ("mode", mode)], count);
        }
    }
    let single = [
        ("connections", "Connections that were accepted.", counters.connections),
        ("accept_pauses", "How often the system had no more to accept a connection with.", counters.accept_pauses),
        ("shadow_requests", "Requests that the policy does not know and the application answered.", counters.shadow),
        ("records_sampled_away", "Access records for which another one stands.", counters.sampled_away),
        (
            "connections_flooded",
            "Connections of HTTP/2 that were ended because too much came that carries nothing.",
            counters.connections_flooded,
        ),
        ("records_lost", "Records of the log that were lost.", counters.lost),
    ];
    for (name, help, count) in single {
        page.family(name, "counter", help);
        page.sample(&format!("{name}_total"), &[], &count);
    }
    page.family("connections_open", "gauge", "Connections of clients that are open now.");
    page.sample("connections_open", &[], &counters.connections_open);
    page.family("connections_refused", "counter", "Connections that were ended at once.");
    for (reason, count) in CONNECTION_REASONS.iter().zip(counters.connections_refused) {
        page.sample("connections_refused_total", &[("reason", reason)], &count);
    }
    page.family("tls_handshakes_failed", "counter", "Clients that did not agree on TLS.");
    for (reason, count) in HANDSHAKE_REASONS.iter().zip(counters.handshakes_failed) {
        page.sample("tls_handshakes_failed_total", &[("reason", reason)], &count);
    }
    page.family("upstream_errors", "counter", "Requests that the application did not answer.");
    for (reason, count) in UPSTREAM_REASONS.iter().zip(counters.upstream_errors) {
        page.sample("upstream_errors_total", &[("reason", reason.name())], &count);
    }
    page.servers(shown.servers);
    page.family("reloads", "counter", "Policies that were loaded while the gateway ran.");
    for (outcome, count) in [("loaded", counters.reloads), ("refused", counters.reloads_refused)] {
        page.sample("reloads_total", &[("outcome", outcome)], &count);
    }
    page.family("key_age_seconds", "gauge", "How long a key is in use, by its place in the policy.");
    page.0.push_str("# UNIT doorward_key_age_seconds seconds\n");
    for (key, age) in &shown.key_ages {
        page.sample("key_age_seconds", &[("key", key)], &age.as_secs());
    }
    page.key_sets(&shown.key_sets);
    page.store(shown.store.as_ref());
    page.family(
        "notes_unwritten",
        "gauge",
        "Locks and revocations, as often as they were noted, that the file of the store did not take yet.",
    );
    if let Some(unwritten) = shown.unwritten {
        page.sample("notes_unwritten", &[], &unwritten);
    }
    page.family("policy", "info", "The policy in force.");
    page.sample("policy_info", &[("revision", shown.revision), ("mode", shown.mode)], &1);
    page.0.push_str("# EOF\n");
    page.0
}

struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Into memory, a text can always be written.
        let _ = writeln!(self.0, "# TYPE doorward_{name} {kind}\n# HELP doorward_{name} {help}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: &dyn std::fmt::Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "doorward_{name}{labels} {value}");
    }

    fn servers(&mut self, servers: &[ServerState]) {
        type Read = fn(&ServerState) -> u64;
        let gauges: [(&str, &str, Read); 3] = [
            ("up", "Whether it answers as it should when it is asked how it is.", |one| one.is_well.into()),
            ("ejected", "Whether it is left alone because it failed.", |one| one.is_ejected.into()),
            ("requests_open", "Its open requests.", |one| u64::try_from(one.open).unwrap_or(u64::MAX)),
        ];
        let counters: [(&str, &str, Read); 5] = [
            ("failures", "Requests that it did not answer.", |one| one.failures),
            ("ejections", "How often it was left alone.", |one| one.ejections),
            ("retries", "Requests that it was sent because another server did not answer.", |one| one.repeated),
            ("health_failures", "Questions how it is without a right answer.", |one| one.health_failures),
            ("resolve_failures", "How often its name could not be resolved.", |one| one.resolve_failures),
        ];
        for (kind, suffix, families) in [("gauge", "", gauges.as_slice()), ("counter", "_total", &counters)] {
            for (name, help, read) in families {
                self.family(&format!("upstream_server_{name}"), kind, help);
                for one in servers {
                    self.sample(&format!("upstream_server_{name}{suffix}"), &[("server", &one.name)], &read(one));
                }
            }
        }
    }

    fn key_sets(&mut self, sets: &[SourceState]) {
        self.family("key_set_keys", "gauge", "Keys that the issuer of an identity publishes and that serve.");
        for set in sets {
            self.sample("key_set_keys", &[("identity", &set.identity)], &set.keys);
        }
        self.family("key_set_age_seconds", "gauge", "How long ago they were fetched.");
        self.0.push_str("# UNIT doorward_key_set_age_seconds seconds\n");
        for set in sets {
            if let Some(age) = set.age {
                self.sample("key_set_age_seconds", &[("identity", &set.identity)], &age.as_secs());
            }
        }
        self.family("key_set_fetches", "counter", "How often they were asked for.");
        for set in sets {
            let fetched = set.fetches.saturating_sub(set.failures);
            for (outcome, count) in [("fetched", fetched), ("failed", set.failures)] {
                self.sample("key_set_fetches_total", &[("identity", &set.identity), ("outcome", outcome)], &count);
            }
        }
    }

    fn store(&mut self, store: Option<&StoreState>) {
        type Read = fn(&StoreState) -> u64;
        self.family("store_up", "gauge", "Whether the store that gateways share answers.");
        if let Some(store) = store {
            self.sample("store_up", &[], &u8::from(store.is_up));
        }
        let counters: [(&str, &str, Read); 3] = [
            ("store_decisions", "Decisions that it made.", |one| one.decisions),
            ("store_errors", "Questions that it did not answer, or with an error.", |one| one.errors),
            ("store_downs", "How often it stopped answering.", |one| one.downs),
        ];
        for (name, help, read) in counters {
            self.family(name, "counter", help);
            if let Some(store) = store {
                self.sample(&format!("{name}_total"), &[], &read(store));
            }
        }
    }

    fn requests(&mut self, series: &AllSeries) {
        self.family("requests", "counter", "Requests, by the route of the policy and the class of the status.");
        for (route, one) in series.all() {
            for (class, count) in CLASSES.iter().zip(&one.classes) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    self.sample("requests_total", &[("route", route), ("status", class)], &count);
                }
            }
        }
    }

    fn durations(&mut self, series: &AllSeries) {
        let name = "request_duration_seconds";
        self.family(name, "histogram", "Time until the head of the answer left, by route.");
        let _ = writeln!(self.0, "# UNIT doorward_{name} seconds");
        for (route, one) in series.all() {
            let counts: Vec<u64> = one.durations.iter().map(|count| count.load(Ordering::Relaxed)).collect();
            let all: u64 = counts.iter().sum();
            if all == 0 {
                continue;
            }
            let mut below = 0;
            for (bound, count) in BOUNDS_US.iter().zip(&counts) {
                below += count;
                let labels = [("route", route), ("le", &*seconds(*bound))];
                self.sample("request_duration_seconds_bucket", &labels, &below);
            }
            self.sample("request_duration_seconds_bucket", &[("route", route), ("le", "+Inf")], &all);
            self.sample("request_duration_seconds_count", &[("route", route)], &all);
            let sum = seconds(one.sum_us.load(Ordering::Relaxed));
            self.sample("request_duration_seconds_sum", &[("route", route)], &sum);
        }
    }
}

/// Microseconds as seconds, exactly, and as short as OpenMetrics has numbers.
fn seconds(us: u64) -> String {
    let parts = format!("{:06}", us % 1_000_000);
    let parts = parts.trim_end_matches('0');
    format!("{}.{}", us / 1_000_000, if parts.is_empty() { "0" } else { parts })
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: usize) -> Vec<policy::RouteKey> {
        let routes = (0..count).map(|index| format!("[routes.\"GET /r{index}\"]\naccess = \"public\"\n"));
        let policy = policy::Policy::parse(&format!("version = 1\n{}", routes.collect::<String>())).unwrap();
        policy.routes.into_iter().map(|route| route.key).collect()
    }

    #[test]
    fn durations_are_counted_at_their_bounds_and_shown_as_sums() {
        let series = AllSeries::of(keys(1).iter(), None);
        for us in [500, 501, 5_000_000, 5_000_001] {
            series.route(Some(0)).count(200, Duration::from_micros(us));
        }
        series.not_read().count(400, Duration::ZERO);
        series.route(None).count(0, Duration::ZERO);
        let key_ages = vec![("identity.users.keys", Duration::from_hours(24))];
        let page = text(&Shown {
            key_ages,
            key_sets: vec![SourceState {
                identity: "users".to_owned(),
                keys: 2,
                age: Some(Duration::from_secs(7)),
                fetches: 5,
                failures: 1,
            }],
            counters: &Counters::default(),
            series: &series,
            servers: &[],
            revision: "a\"b\\c\nd",
            mode: "enforce",
            store: None,
            unwritten: Some(3),
        });
        for line in [
            "doorward_requests_total{route=\"GET /r0\",status=\"2xx\"} 4",
            "doorward_requests_total{route=\"(not read)\",status=\"4xx\"} 1",
            "doorward_requests_total{route=\"(other)\",status=\"none\"} 1",
            "doorward_request_duration_seconds_bucket{route=\"GET /r0\",le=\"0.0005\"} 1",
            "doorward_request_duration_seconds_bucket{route=\"GET /r0\",le=\"0.001\"} 2",
            "doorward_request_duration_seconds_bucket{route=\"GET /r0\",le=\"5.0\"} 3",
            "doorward_request_duration_seconds_bucket{route=\"GET /r0\",le=\"+Inf\"} 4",
            "doorward_request_duration_seconds_sum{route=\"GET /r0\"} 10.001002",
            "doorward_key_age_seconds{key=\"identity.users.keys\"} 86400",
            "doorward_key_set_keys{identity=\"users\"} 2",
            "doorward_key_set_age_seconds{identity=\"users\"} 7",
            "doorward_key_set_fetches_total{identity=\"users\",outcome=\"fetched\"} 4",
            "doorward_key_set_fetches_total{identity=\"users\",outcome=\"failed\"} 1",
            "doorward_notes_unwritten 3",
            "doorward_policy_info{revision=\"a\\\"b\\\\c\\nd\",mode=\"enforce\"} 1",
        ] {
            assert!(page.lines().any(|known| known == line), "{line} in\n{page}");
        }
        assert!(page.ends_with("\n# EOF\n"));
    }

    #[test]
    fn routes_are_counted_apart_up_to_the_bound_and_go_on_after_a_reload() {
        let keys = keys(ROUTES_COUNTED_MAX + 1);
        let series = AllSeries::of(keys.iter(), None);
        series.route(Some(ROUTES_COUNTED_MAX - 1)).count(200, Duration::ZERO);
        series.route(Some(ROUTES_COUNTED_MAX)).count(200, Duration::ZERO);
        let of = |series: &AllSeries, name: &str| {
            let found = series.all().find(|(known, _)| *known == name);
            found.map(|(_, series)| series.classes[2].load(Ordering::Relaxed))
        };
        assert_eq!(
            (of(&series, "GET /r1999"), of(&series, "GET /r2000"), of(&series, "(other)")),
            (Some(1), None, Some(1))
        );
        let next = AllSeries::of(keys.iter().rev().take(2), Some(&series));
        assert_eq!(
            (of(&next, "GET /r1999"), of(&next, "GET /r2000"), of(&next, "(other)")),
            (Some(1), Some(0), Some(1))
        );
    }
}
