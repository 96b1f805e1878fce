//! The script that decides in Redis, beside models that know every moment. Its clock is driven here: it is the server's own
//! otherwise.

use std::collections::VecDeque;
use std::io::BufReader;
use std::net::TcpStream;

use proptest::prelude::*;

use crate::redis::Redis;

const SCRIPT: &str = include_str!("../../src/store/take.lua");
const SECOND: u64 = 1_000_000;
const START: u64 = 1_767_225_601 * SECOND;

/// A Redis whose script reads the clock of a test.
struct Driven {
    _redis: Redis,
    stream: BufReader<TcpStream>,
    script: String,
    keys: u32,
}

impl Driven {
    fn new() -> Self {
        let redis = Redis::start(&[]);
        let stream = BufReader::new(TcpStream::connect(redis.address()).unwrap());
        let clock = "redis.call('TIME')";
        assert_eq!(SCRIPT.matches(clock).count(), 1);
        Self { stream, _redis: redis, script: SCRIPT.replace(clock, "{ARGV[8], ARGV[9]}"), keys: 0 }
    }

    /// A key of which nothing is known.
    fn key(&mut self) -> String {
        self.keys += 1;
        format!("k{}", self.keys)
    }

    /// Takes so much, or nothing.
    fn take(&mut self, key: &str, rule: Rule<'_>, cost: u32, now: u64) -> Said {
        self.call(key, rule, [cost, cost, 0], 0, now)
    }

    /// What is wanted, what is needed of that, and what is given back of another moment.
    fn call(&mut self, key: &str, rule: Rule<'_>, numbers: [u32; 3], back_at: u64, now: u64) -> Said {
        let (way, quota, window) = rule;
        let [want, least, back] = numbers.map(u64::from);
        let mut arguments = vec![way.to_owned()];
        let numbers = [u64::from(quota), window, want, least, back, back_at, now / SECOND, now % SECOND];
        arguments.extend(numbers.map(|number| number.to_string()));
        let answer = Redis::run(&mut self.stream, &self.script, key, &arguments);
        assert_eq!((answer.len(), answer[1]), (5, i64::try_from(now).unwrap()), "{answer:?}");
        let number = |index: usize| u32::try_from(answer[index]).unwrap();
        let more_in = u64::try_from(answer[4]).unwrap();
        Said { is_over: answer[0] == 1, taken: number(2), left: number(3), more_in }
    }
}

/// How it is counted, the quota, the window in microseconds.
type Rule<'r> = (&'r str, u32, u64);

/// What the script says of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said {
    is_over: bool,
    taken: u32,
    left: u32,
    more_in: u64,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_window_that_slides_never_admits_more_and_refuses_at_most_a_part_too_long(
        quota in 1_u32..60,
        steps in prop::collection::vec((0_u64..400, 1_u32..4), 50..300),
    ) {
        let mut redis = Driven::new();
        let (key, window) = (redis.key(), 10 * SECOND);
        let longer = window + window / 128;
        let (mut now, mut model, mut strict) = (START, VecDeque::new(), VecDeque::new());
        for (gap, cost) in steps {
            now += gap * 1000;
            let cost = cost.min(quota);
            let Said { is_over, taken, left, more_in } = redis.take(&key, ("s", quota, window), cost, now);
            model.retain(|moment| *moment + window > now);
            strict.retain(|moment| *moment + longer > now);
            prop_assert_eq!(is_over, taken == 0);
            if taken > 0 {
                prop_assert_eq!(taken, cost);
                for _ in 0..cost {
                    model.push_back(now);
                    strict.push_back(now);
                }
                prop_assert!(left as usize + model.len() <= quota as usize);
            } else {
                prop_assert!(strict.len() + cost as usize > quota as usize, "refused without need");
                prop_assert!(more_in > 0 && more_in <= longer + 1);
                // Who comes when there is said to be enough is admitted.
                let (rule, asked) = (("s", quota, window), [0, cost, 0]);
                prop_assert!(!redis.call(&key, rule, asked, 0, now + more_in).is_over);
                prop_assert!(redis.call(&key, rule, asked, 0, now + more_in - 1).is_over);
            }
            prop_assert!(model.len() <= quota as usize, "more than the quota in a window");
        }
    }

    #[test]
    fn a_fixed_window_and_an_even_pace_are_those_of_their_models(
        quota in prop::sample::select(vec![1_u32, 2, 5, 10, 100]),
        steps in prop::collection::vec((0_u64..900, 1_u32..4), 50..300),
    ) {
        let mut redis = Driven::new();
        let (fixed, paced, window) = (redis.key(), redis.key(), 10 * SECOND);
        let (mut now, mut counted, mut due) = (START, (0, 0), 0_u64);
        for (gap, cost) in steps {
            now += gap * 1000;
            let cost = cost.min(quota);
            if counted.0 != now / window {
                counted = (now / window, 0);
            }
            let admits = counted.1 + cost <= quota;
            counted.1 += if admits { cost } else { 0 };
            let Said { is_over, taken, left, more_in } = redis.take(&fixed, ("f", quota, window), cost, now);
            prop_assert_eq!((is_over, taken, left), (!admits, if admits { cost } else { 0 }, quota - counted.1));
            prop_assert_eq!(more_in, window - now % window);

            let step = window / u64::from(quota);
            let ahead = due.max(now) - now + step * u64::from(cost);
            let admits = ahead <= window;
            due = if admits { now + ahead } else { due };
            let Said { taken, more_in, .. } = redis.take(&paced, ("g", quota, window), cost, now);
            prop_assert_eq!(taken > 0, admits);
            prop_assert!(admits || more_in.abs_diff(ahead - window) <= 1);
        }
    }

    #[test]
    fn what_is_given_back_can_be_taken_again_and_a_clock_that_jumps_locks_nobody_out_for_longer_than_a_window(
        quota in 1_u32..50,
        way in prop::sample::select(vec!["s", "f", "g"]),
        jump in 1_u64..100_000,
    ) {
        let mut redis = Driven::new();
        let (key, window) = (redis.key(), 10 * SECOND);
        let rule = (way, quota, window);
        let now = START + jump * SECOND;
        prop_assert_eq!(redis.take(&key, rule, quota, now).taken, quota);
        prop_assert_eq!(redis.take(&key, rule, 1, now).taken, 0);
        redis.call(&key, rule, [0, 0, 1], now, now);
        prop_assert_eq!(redis.take(&key, rule, 1, now).taken, 1);
        prop_assert_eq!(redis.take(&key, rule, 1, now).taken, 0);
        // More cannot be given back than was taken.
        redis.call(&key, rule, [0, 0, quota * 2], now, now);
        prop_assert_eq!(redis.call(&key, rule, [quota * 2, 1, 0], 0, now).taken, quota);
        // The clock is set back, and a window later all is well again.
        let back = START;
        let _ = redis.take(&key, rule, 1, back);
        prop_assert_eq!(redis.take(&key, rule, 1, back + window + window / 64).taken, 1);
    }
}

#[test]
fn of_twice_as_much_as_a_window_takes_as_much_is_admitted_as_a_model_admits_but_for_one_percent() {
    let mut redis = Driven::new();
    for (quota, gap) in [(100_u32, 50_000_u64), (1000, 5_000)] {
        let (key, window) = (redis.key(), 10 * SECOND);
        let (mut admitted, mut ideal, mut model) = (0_u32, 0_u32, VecDeque::new());
        for index in 0..12 * quota {
            let now = START + u64::from(index) * gap;
            model.retain(|moment| *moment + window > now);
            if model.len() < quota as usize {
                model.push_back(now);
                ideal += 1;
            }
            admitted += redis.take(&key, ("s", quota, window), 1, now).taken;
        }
        let error = f64::from(ideal.abs_diff(admitted)) / f64::from(ideal);
        println!("quota {quota}: {admitted} of {ideal}, error {:.2} %", error * 100.0);
        assert!(admitted <= ideal && error <= 0.01, "{admitted} of {ideal}");
    }
}
