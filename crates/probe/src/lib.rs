//! Attacks on a running API: an `ApiModel` and a base address in, proofs out.
//!
//! [`probe`] makes identities with the application's own handlers, sends the few requests that the model says matter, takes
//! away what it made, and says of each attack what it showed ([`Verdict`]). What is told apart from guessing:
//!
//! - Nothing leaves this machine unless a host is allowed by name ([`Target`], the fence); redirects are not followed.
//! - What a run makes is written down before the request leaves, and undone in reverse ([`LeftBehind`] lists the rest).
//! - A budget for each endpoint and in total, and a stop when the target is not well ([`Halt`]).
//! - What starts processes, sends mail, moves money or changes tables is never sent.
//! - A proof has a positive control, a negative control and a canary or a re-read; a success status proves nothing.
//!
//! Nothing here reads a clock, the environment or a random source: they are given ([`Clock`], [`Options`]).

mod api;
pub mod attacks;
mod budget;
mod calls;
mod canary;
mod cleanup;
mod client;
mod clock;
mod curl;
mod evidence;
mod fence;
mod fixture;
mod journal;
mod outcome;
mod pattern;
mod plan;
mod random;
mod request;
mod run;
mod session;
mod token;
mod values;
mod verdict;

pub use budget::{FAILURES_MAX, Halt, Limits};
pub use clock::Clock;
pub use curl::script;
pub use evidence::{Exchange, RequestShown, ResponseShown, Role, Side};
pub use fence::{FenceError, Target};
pub use journal::LeftBehind;
pub use outcome::{Coverage, Outcome};
pub use plan::probe;
pub use run::{Level, Options, ProbeError};
pub use session::ADMINISTRATOR_VARIABLE;
pub use verdict::{BehindGuard, GuardVerdict, Proof, Refusal, Verdict};
