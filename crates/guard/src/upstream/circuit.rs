//! Whether a server that failed is left alone. After failures in a row its circuit opens and it gets no requests; when its time
//! is over it gets one, and by what becomes of that one the circuit closes or opens again, for longer.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::time::Duration;

/// How often the time for which a server is left alone is doubled at most.
const DOUBLINGS_MAX: u32 = 4;

const CLOSED: u8 = 0;
const OPEN: u8 = 1;
const HALF_OPEN: u8 = 2;
const ON_TRIAL: u8 = 3;

/// The circuit of a server, shared by all workers. On the way of a request it costs one load.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    state: AtomicU8,
    /// Failures in a row.
    failures: AtomicU32,
    /// How often in a row it opened.
    openings: AtomicU32,
}

impl Circuit {
    /// Whether requests pass.
    pub(super) fn is_closed(&self) -> bool {
        self.state.load(Ordering::Relaxed) == CLOSED
    }

    /// Takes the one request that finds out whether the server answers again; whether this is it.
    pub(super) fn takes_trial(&self) -> bool {
        self.state.load(Ordering::Relaxed) == HALF_OPEN && self.goes(HALF_OPEN, ON_TRIAL)
    }

    /// What was to find it out never ended: the next one may.
    pub(super) fn trial_ended(&self) {
        self.goes(ON_TRIAL, HALF_OPEN);
    }

    /// The server answered.
    pub(super) fn answered(&self) {
        // Most often there is nothing to write, and what is only read stays in the caches of all cores.
        if self.failures.load(Ordering::Relaxed) > 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
        if self.goes_if(ON_TRIAL, CLOSED) || self.goes_if(HALF_OPEN, CLOSED) {
            self.openings.store(0, Ordering::Relaxed);
        }
    }

    /// The server did not answer. Says whether that was once too often.
    pub(super) fn failed(&self, failures_max: u32) -> bool {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        match self.state.load(Ordering::Relaxed) {
            CLOSED => failures >= failures_max,
            state => state == ON_TRIAL,
        }
    }

    /// Opens; gives back for how long, where it was not open already.
    pub(super) fn open(&self, time: Duration) -> Option<Duration> {
        if self.state.swap(OPEN, Ordering::Relaxed) == OPEN {
            return None;
        }
        let openings = self.openings.fetch_add(1, Ordering::Relaxed);
        Some(time.saturating_mul(1 << openings.min(DOUBLINGS_MAX)))
    }

    /// Its time is over: one request may find out.
    pub(super) fn half_open(&self) {
        self.goes(OPEN, HALF_OPEN);
    }

    fn goes_if(&self, from: u8, to: u8) -> bool {
        self.state.load(Ordering::Relaxed) == from && self.goes(from, to)
    }

    fn goes(&self, from: u8, to: u8) -> bool {
        self.state.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_by_one_answer() {
        let circuit = Circuit::default();
        assert!(!circuit.failed(3) && !circuit.failed(3));
        circuit.answered();
        assert!(!circuit.failed(3) && !circuit.failed(3), "an answer between them begins anew");
        assert!(circuit.failed(3) && circuit.is_closed(), "opening it is for whoever knows the others");
        assert_eq!((circuit.open(SECOND), circuit.open(SECOND), circuit.is_closed()), (Some(SECOND), None, false));
        assert!(!circuit.takes_trial());
        circuit.half_open();
        assert_eq!([circuit.takes_trial(), circuit.takes_trial()], [true, false], "one finds out");
        circuit.trial_ended();
        assert!(circuit.takes_trial(), "one that was given up is no answer");
        circuit.answered();
        assert!(circuit.is_closed());
        assert_eq!(circuit.open(SECOND), Some(SECOND));
    }

    #[test]
    fn its_time_grows_up_to_the_bound() {
        let circuit = Circuit::default();
        let times: Vec<u64> = (0..=DOUBLINGS_MAX + 1)
            .map(|_| {
                let time = circuit.open(SECOND).unwrap().as_secs();
                circuit.half_open();
                assert!(circuit.takes_trial() && circuit.failed(3));
                time
            })
            .collect();
        assert_eq!(times, [1, 2, 4, 8, 16, 16]);
    }
}
