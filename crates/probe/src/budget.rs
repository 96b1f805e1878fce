//! How much a run may send, and when it stops by itself: a budget for each endpoint and in total, and a watch over the
//! health of the target.

use std::collections::BTreeMap;
use std::time::Duration;

use model::EndpointId;

/// How much may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests to one endpoint. Registering, logging in and undoing do not count: they attack nothing.
    pub endpoint: usize,
    /// Requests of the whole run, everything included but what undoes.
    pub total: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { endpoint: Self::ENDPOINT, total: Self::TOTAL }
    }
}

impl Limits {
    /// Requests to one endpoint, on each side of a gateway.
    pub const ENDPOINT: usize = 12;
    /// Requests of the whole run.
    pub const TOTAL: usize = 500;
}

/// Answers with a status of 5xx (or none at all) one after another, at which a run stops: the target is not well.
pub const FAILURES_MAX: usize = 3;

/// How many answers make a median of latency.
const LATENCIES: usize = 5;

/// How many times the first median the latest may be.
const SLOWER_MAX: u32 = 5;

/// A median below this is no sign of distress, whatever the first one was: on one machine answers take a millisecond.
const LATENCY_CALM: Duration = Duration::from_millis(500);

/// Why a run stops.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// Somebody asked for it.
    #[error("the run was interrupted")]
    Interrupted,
    /// Nothing could be connected to.
    #[error("the target cannot be reached: {0}")]
    Unreachable(String),
    /// Three failures one after another.
    #[error("{FAILURES_MAX} answers in a row were failures of the server; the last: {0}")]
    Failing(String),
    /// The latency went up.
    #[error("answers take {now_ms} ms, more than {SLOWER_MAX} times the {first_ms} ms of the beginning")]
    Slow {
        /// The latest median.
        now_ms: u128,
        /// The first one.
        first_ms: u128,
    },
    /// The budget of the run is used up.
    #[error("the budget of {0} requests is used up")]
    Spent(usize),
    /// The journal cannot be written, so nothing can be promised to be undone.
    #[error("the journal cannot be written: {0}")]
    Journal(String),
}

/// What was sent, and how the target bore it.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    total: usize,
    by_endpoint: BTreeMap<(bool, EndpointId), usize>,
    /// What attacks that are about many requests may send beyond the budget of an endpoint.
    allowed: BTreeMap<EndpointId, usize>,
    failures: usize,
    latencies: Vec<Duration>,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            total: 0,
            by_endpoint: BTreeMap::new(),
            allowed: BTreeMap::new(),
            failures: 0,
            latencies: Vec::new(),
        }
    }

    /// Requests that were sent.
    pub(crate) fn sent(&self) -> usize {
        self.total
    }

    /// Takes one request out of the total.
    pub(crate) fn take(&mut self) -> Result<(), Halt> {
        if self.total >= self.limits.total {
            return Err(Halt::Spent(self.limits.total));
        }
        self.total += 1;
        Ok(())
    }

    /// An attack that is about many requests may send so many more to an endpoint; not where somebody asked for fewer than usual.
    pub(crate) fn allow(&mut self, endpoint: &EndpointId, more: usize) {
        if self.limits.endpoint >= Limits::ENDPOINT {
            let allowed = self.allowed.entry(endpoint.clone()).or_default();
            *allowed = more.max(*allowed);
        }
    }

    /// Takes one request out of an endpoint's own budget; why not, if it is used up.
    pub(crate) fn take_of(&mut self, endpoint: &EndpointId, behind_guard: bool) -> Result<(), String> {
        let sent = self.by_endpoint.entry((behind_guard, endpoint.clone())).or_default();
        if *sent >= self.limits.endpoint + self.allowed.get(endpoint).copied().unwrap_or(0) {
            return Err(format!("the budget of {} requests to `{endpoint}` is used up", self.limits.endpoint));
        }
        *sent += 1;
        Ok(())
    }

    /// Notes an answer (or that none came), and says whether the target bears more.
    pub(crate) fn note(&mut self, failure: Option<String>, latency: Duration) -> Result<(), Halt> {
        self.latencies.push(latency);
        self.failures = if failure.is_some() { self.failures + 1 } else { 0 };
        match failure {
            Some(what) if self.failures >= FAILURES_MAX => Err(Halt::Failing(what)),
            _ => self.watch_latency(),
        }
    }

    fn watch_latency(&self) -> Result<(), Halt> {
        let (Some(first), Some(last)) = (self.latencies.first_chunk(), self.latencies.last_chunk()) else {
            return Ok(());
        };
        let (first, now) = (median(*first), median(*last));
        if now > LATENCY_CALM && now > first * SLOWER_MAX {
            return Err(Halt::Slow { now_ms: now.as_millis(), first_ms: first.as_millis() });
        }
        Ok(())
    }
}

fn median(mut latencies: [Duration; LATENCIES]) -> Duration {
    latencies.sort_unstable();
    latencies[LATENCIES / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(endpoint: usize, total: usize) -> Budget {
        Budget::new(Limits { endpoint, total })
    }

    fn id(text: &str) -> EndpointId {
        text.parse().unwrap()
    }

    #[test]
    fn each_endpoint_has_its_own_budget_on_each_side() {
        let mut budget = budget(2, 9);
        let (read, list) = (id("GET /a/{}"), id("GET /a"));
        assert!(budget.take_of(&read, false).is_ok() && budget.take_of(&read, false).is_ok());
        let refused = budget.take_of(&read, false).unwrap_err();
        assert_eq!(refused, "the budget of 2 requests to `GET /a/{}` is used up");
        assert!(budget.take_of(&read, true).is_ok() && budget.take_of(&list, false).is_ok());
    }

    #[test]
    fn an_attack_may_be_allowed_more_unless_somebody_asked_for_less() {
        let taken = |limit: usize| {
            let (mut budget, login) = (budget(limit, 99), id("POST /login"));
            budget.allow(&login, 3);
            budget.allow(&login, 2);
            (0..40).filter(|_| budget.take_of(&login, false).is_ok()).count()
        };
        assert_eq!(
            (taken(Limits::ENDPOINT), taken(Limits::ENDPOINT - 1)),
            (Limits::ENDPOINT + 3, Limits::ENDPOINT - 1)
        );
    }

    #[test]
    fn the_total_is_a_bound_for_all() {
        let mut budget = budget(9, 2);
        assert!(budget.take().is_ok() && budget.take().is_ok());
        assert_eq!(budget.take(), Err(Halt::Spent(2)));
        assert_eq!(budget.sent(), 2);
    }

    #[test]
    fn the_third_failure_in_a_row_stops_and_an_answer_between_forgives() {
        let mut budget = budget(9, 99);
        let mut note = |failure: Option<&str>| budget.note(failure.map(str::to_owned), Duration::ZERO);
        assert!(note(Some("500")).is_ok() && note(Some("500")).is_ok() && note(None).is_ok());
        assert!(note(Some("500")).is_ok() && note(Some("500")).is_ok());
        assert_eq!(note(Some("503")), Err(Halt::Failing("503".to_owned())));
    }

    #[test]
    fn more_than_five_times_the_first_median_stops() {
        let noted = |later_ms: u64| {
            let mut budget = budget(9, 99);
            let all = [[200; LATENCIES], [later_ms; LATENCIES]].concat();
            all.into_iter().try_for_each(|ms| budget.note(None, Duration::from_millis(ms)))
        };
        assert_eq!(noted(1_000), Ok(()));
        assert_eq!(noted(1_001), Err(Halt::Slow { now_ms: 1_001, first_ms: 200 }));
    }

    #[test]
    fn a_fast_target_may_become_a_little_slower() {
        let mut budget = budget(9, 99);
        let all = [[1; LATENCIES], [500; LATENCIES]].concat();
        assert_eq!(all.into_iter().try_for_each(|ms| budget.note(None, Duration::from_millis(ms))), Ok(()));
    }
}
