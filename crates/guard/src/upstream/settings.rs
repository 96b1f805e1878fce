//! What a policy says of an upstream, with what holds where it says nothing.

use std::num::NonZeroU32;
use std::time::Duration;

use policy::{Balance, HashBy, Health, Protocol, Upstream};

use super::budget::BUDGET_PERCENT;

/// How long a connection to the application may take, unless the policy says so.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(2);
/// How long the head of an answer may take after the request was sent, unless the policy says so.
const RESPONSE_TIME_MAX: Duration = Duration::from_secs(30);
/// How long the body of an answer may be silent, unless the policy says so. One that is silent for longer than this is cut off
/// before twice this time.
const ANSWER_IDLE_TIME_MAX: Duration = Duration::from_mins(5);
/// How often a request is sent at most, unless the policy says so.
const ATTEMPTS_MAX: u32 = 3;
/// How many failures in a row a server may have, unless the policy says so.
const FAILURES_MAX: u32 = 5;
/// How long a server is left alone first, unless the policy says so.
const EJECTED_TIME: Duration = Duration::from_secs(5);
/// The most connections of a worker to one server, unless the policy says so.
const CONNECTIONS_MAX: usize = 1024;
/// The most requests of a worker that wait for a connection to one server, unless the policy says so.
const WAITING_MAX: usize = 1024;
/// The time between two questions how a server is, unless the policy says so.
const HEALTH_INTERVAL: Duration = Duration::from_secs(5);
/// How long the answer may take, unless the policy says so.
const HEALTH_TIME_MAX: Duration = Duration::from_secs(2);
/// After how many wrong answers in a row a server is down, unless the policy says so.
const DOWN_AFTER: u32 = 3;
/// After how many right answers in a row it is well again, unless the policy says so.
const UP_AFTER: u32 = 2;

/// What an upstream is forwarded to with.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) balance: Balance,
    pub(super) hash_by: Option<HashBy>,
    pub(super) protocol: Option<Protocol>,
    pub(super) connect_time_max: Duration,
    pub(super) response_time_max: Duration,
    pub(super) idle_time_max: Duration,
    pub(super) attempts_max: u32,
    pub(super) budget_percent: u32,
    pub(super) failures_max: u32,
    pub(super) ejected_time: Duration,
    /// Of all workers together.
    pub(super) connections_max: Option<usize>,
    pub(super) waiting_max: usize,
    pub(super) health: Option<Asking>,
}

/// How servers are asked how they are.
#[derive(Debug, Clone)]
pub(super) struct Asking {
    pub(super) path: String,
    pub(super) interval: Duration,
    pub(super) time_max: Duration,
    pub(super) down_after: u32,
    pub(super) up_after: u32,
}

type Number = Option<NonZeroU32>;

fn seconds(number: Number, otherwise: Duration) -> Duration {
    number.map_or(otherwise, |s| Duration::from_secs(s.get().into()))
}

fn milliseconds(number: Number, otherwise: Duration) -> Duration {
    number.map_or(otherwise, |ms| Duration::from_millis(ms.get().into()))
}

fn count(number: Number, otherwise: u32) -> u32 {
    number.map_or(otherwise, NonZeroU32::get)
}

fn size(number: NonZeroU32) -> usize {
    usize::try_from(number.get()).unwrap_or(usize::MAX)
}

impl Settings {
    pub(super) fn of(upstream: &Upstream) -> Self {
        let timeout = upstream.timeout.as_ref();
        let (eject, retry, capacity) = (upstream.eject.as_ref(), upstream.retry.as_ref(), upstream.capacity.as_ref());
        Self {
            balance: upstream.balance.unwrap_or(Balance::RoundRobin),
            hash_by: upstream.hash_by.clone(),
            protocol: upstream.protocol,
            connect_time_max: milliseconds(timeout.and_then(|one| one.connect_ms), CONNECT_TIME_MAX),
            response_time_max: seconds(timeout.and_then(|one| one.response_s), RESPONSE_TIME_MAX),
            idle_time_max: seconds(timeout.and_then(|one| one.idle_s), ANSWER_IDLE_TIME_MAX),
            attempts_max: count(retry.and_then(|one| one.attempts), ATTEMPTS_MAX),
            budget_percent: count(retry.and_then(|one| one.budget_percent), BUDGET_PERCENT),
            failures_max: count(eject.and_then(|one| one.failures), FAILURES_MAX),
            ejected_time: seconds(eject.and_then(|one| one.time_s), EJECTED_TIME),
            connections_max: capacity.and_then(|one| one.connections).map(size),
            waiting_max: capacity.and_then(|one| one.waiting).map_or(WAITING_MAX, size),
            health: upstream.health.as_ref().map(Asking::of),
        }
    }

    /// The most connections of one of so many workers to one server.
    pub(super) fn connections_of_worker(&self, workers: usize) -> usize {
        self.connections_max.map_or(CONNECTIONS_MAX, |all| all.div_ceil(workers.max(1)))
    }
}

impl Asking {
    fn of(health: &Health) -> Self {
        Self {
            path: health.path.as_str().to_owned(),
            interval: seconds(health.interval_s, HEALTH_INTERVAL),
            time_max: milliseconds(health.timeout_ms, HEALTH_TIME_MAX),
            down_after: count(health.down_after, DOWN_AFTER),
            up_after: count(health.up_after, UP_AFTER),
        }
    }
}
