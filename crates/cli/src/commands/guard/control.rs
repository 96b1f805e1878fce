//! What happens to a gateway that runs: a signal ends it, SIGHUP or a changed file gives it another policy.

use std::io;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
#[cfg(unix)]
use std::path::Path;
use std::time::Duration;

use ::guard::{Change, Gateway, KnownKeys, Reloaded, TlsMaterial};

#[cfg(unix)]
use super::handover::Offer;
use super::tls::Source;
use super::watch::Watch;
use super::{Given, KeysOfProcess, not_started};
use crate::arguments::Guard;
use crate::outcome::{Exit, Failure};
use crate::output::palette::{ERROR, GUARDED, OPEN, paint};
use crate::output::text::{counted, shown};
use crate::streams::Streams;

/// From a change of a file until it is read: editors and deployments write several files in one go.
const SETTLE_TIME: Duration = Duration::from_millis(200);
/// The longest that it is waited for files that go on changing.
const SETTLE_TIME_MAX: Duration = Duration::from_secs(5);
/// The most consequences of a reload that are told.
const TOLD_MAX: usize = 20;

/// What was asked of the running gateway.
enum Asked {
    /// To end.
    Stop,
    /// To load everything again, by a signal.
    Reload,
    /// A file that counts may have changed.
    Look,
    /// For the sockets, by the next gateway.
    #[cfg(unix)]
    Handover(UnixStream),
}

/// What a gateway runs with, and how it is noticed that it changes.
pub(super) struct Running {
    pub(super) given: Given,
    pub(super) watch: Watch,
    pub(super) tls: Source,
    pub(super) offer: Offered,
}

/// Where the next gateway asks for the sockets, if anywhere.
#[cfg(unix)]
pub(super) type Offered = Option<Offer>;
/// Nowhere.
#[cfg(not(unix))]
pub(super) type Offered = ();

/// What signals reach. Made before anybody is told that the gateway is there: until then they end the process at once.
pub(super) struct Reach {
    runtime: tokio::runtime::Runtime,
    signals: Signals,
}

impl Reach {
    /// From now on signals are waited for.
    pub(super) fn new() -> Result<Self, Failure> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| failed(&error))?;
        let signals = runtime.block_on(async { Signals::new() }).map_err(|error| failed(&error))?;
        Ok(Self { runtime, signals })
    }

    /// From now on the sockets can be asked for, where a path for that is given.
    #[cfg(unix)]
    pub(super) fn offered(&self, flags: &Guard) -> Result<Offered, Failure> {
        let _in = self.runtime.enter();
        let offer = |path: &Path| {
            Offer::at(path).map_err(|error| {
                Failure::usage(format!("`{}` cannot be listened on: {error}", path.display()))
                    .hint("`--handover` names a Unix socket that does not exist yet, in a folder of this user")
            })
        };
        flags.handover.as_deref().map(offer).transpose()
    }

    /// They cannot be asked for.
    #[cfg(not(unix))]
    pub(super) fn offered(&self, _: &Guard) -> Result<Offered, Failure> {
        Ok(())
    }
}

fn failed(error: &io::Error) -> Failure {
    Failure::new(Exit::Internal, format!("signals: {error}"))
}

/// Keeps a gateway up to date until a signal ends it.
pub(super) fn until_stopped(
    gateway: &Gateway,
    flags: &Guard,
    mut running: Running,
    reach: Reach,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let Reach { runtime, mut signals } = reach;
    if let Some(why) = running.watch.failure() {
        streams.remark(&format!("{} changed files are not noticed ({why}): SIGHUP loads them", paint(OPEN, "note:")));
    }
    loop {
        let asked = runtime.block_on(asked(&mut signals, &running)).map_err(|error| failed(&error))?;
        // What the files hold is seen before they are read, so that a change in the meantime is one.
        match asked {
            Asked::Stop => return Ok(Exit::Clean),
            #[cfg(unix)]
            Asked::Handover(next) => {
                if handed_over(next, gateway, streams) {
                    return Ok(Exit::Clean);
                }
            }
            Asked::Look if running.watch.look() => running.reload(gateway, flags, false, streams),
            Asked::Look if flags.code.is_some() => running.reload(gateway, flags, true, streams),
            Asked::Look => {}
            Asked::Reload => {
                running.watch.look();
                running.reload(gateway, flags, false, streams);
            }
        }
    }
}

impl Running {
    /// Loads everything again. What cannot be read or run is told, and what was in force stays so.
    fn reload(&mut self, gateway: &Gateway, flags: &Guard, is_of_code: bool, streams: &Streams) {
        let loaded = self.read(flags, streams).inspect_err(|failure| gateway.refuse_reload(&failure.plain()));
        let (given, tls) = match loaded {
            Ok(loaded) => loaded,
            Err(failure) => return refused(&failure, streams),
        };
        // Code changes all day without a change of what it admits.
        if is_of_code && self.given == given {
            return;
        }
        let reloaded = gateway.reload(Change {
            upstream: given.upstream.clone(),
            policy: given.policy.clone(),
            mode: given.mode,
            keys: &KeysOfProcess,
            known_keys: KnownKeys::Refuse,
            tls,
        });
        match reloaded {
            Ok(reloaded) => {
                told(&reloaded, &self.given, &given, streams);
                self.given = given;
            }
            Err(error) => refused(&not_started(&error), streams),
        }
    }

    fn read(&mut self, flags: &Guard, streams: &Streams) -> Result<(Given, Option<TlsMaterial>), Failure> {
        let given = super::given(flags, self.given.opened, streams)?;
        self.watch.follow(flags, &given);
        let tls = self.tls.material(flags, &given, streams)?;
        Ok((given, tls))
    }
}

fn refused(failure: &Failure, streams: &Streams) {
    streams.say(&failure.to_string());
    streams.say(&format!("{} the policy before this stays in force", paint(ERROR, "not loaded:")));
}

fn told(reloaded: &Reloaded, before: &Given, now: &Given, streams: &Streams) {
    let count = reloaded.consequences.len();
    let what = match count {
        0 => "nobody gains or loses anything".to_owned(),
        _ => counted(count, "change", "changes"),
    };
    streams.remark(&format!("{} revision {}: {what}", paint(GUARDED, "loaded"), reloaded.revision));
    for one in reloaded.consequences.iter().take(TOLD_MAX) {
        let word = if one.opens { paint(ERROR, "opens") } else { paint(GUARDED, "closes") };
        streams.remark(&format!("  {word} {}: {}", shown(&one.what), shown(&one.change)));
    }
    if count > TOLD_MAX {
        streams.remark(&format!("  and {} more: `doorward policy diff OLD NEW` lists them", count - TOLD_MAX));
    }
    for setting in &reloaded.tolerated {
        streams.remark(&format!("{} {}", paint(OPEN, "note:"), shown(&setting.to_string())));
    }
    if before.opened_once() != now.opened_once() {
        streams.remark(&format!(
            "{} another address to listen on, or bound of all connections, counts when it is started again",
            paint(OPEN, "note:")
        ));
    }
}

/// Gives the sockets to the next gateway; says whether it serves them, so that this one may end.
#[cfg(unix)]
fn handed_over(next: UnixStream, gateway: &Gateway, streams: &Streams) -> bool {
    let done = gateway.sockets().and_then(|sockets| super::handover::given(next, &sockets));
    let why = match done {
        Ok(true) => {
            streams.remark("another gateway serves the sockets from now on");
            return true;
        }
        Ok(false) => "it ended before it served".to_owned(),
        Err(error) => error.to_string(),
    };
    streams.say(&format!(
        "{} another gateway asked for the sockets ({why}): this one goes on",
        paint(ERROR, "not handed over:")
    ));
    false
}

/// The next thing that is asked.
async fn asked(signals: &mut Signals, running: &Running) -> io::Result<Asked> {
    tokio::select! {
        signal = signals.next() => signal,
        next = handover(&running.offer) => next,
        () = settled(|| running.watch.event()) => Ok(Asked::Look),
    }
}

/// The next gateway, where it may ask.
#[cfg(unix)]
async fn handover(offer: &Offered) -> io::Result<Asked> {
    match offer {
        Some(offer) => offer.asked().await.map(Asked::Handover),
        None => std::future::pending().await,
    }
}

/// It may not ask.
#[cfg(not(unix))]
async fn handover(_: &Offered) -> io::Result<Asked> {
    std::future::pending().await
}

/// A change, and then silence: several files that change together are one change.
async fn settled<F: Future<Output = ()>>(event: impl Fn() -> F) {
    event().await;
    let quiet = async { while tokio::time::timeout(SETTLE_TIME, event()).await.is_ok() {} };
    // Files that never rest are looked at all the same.
    let _ = tokio::time::timeout(SETTLE_TIME_MAX, quiet).await;
}

/// The signals that count.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> io::Result<Asked> {
        tokio::select! {
            _ = self.terminate.recv() => Ok(Asked::Stop),
            _ = self.interrupt.recv() => Ok(Asked::Stop),
            _ = self.hang_up.recv() => Ok(Asked::Reload),
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn next(&mut self) -> io::Result<Asked> {
        tokio::signal::ctrl_c().await.map(|()| Asked::Stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long it takes until files are read of which one changes so many times, with so long between.
    async fn waited(changes: u32, between: Duration) -> Duration {
        let left = std::cell::Cell::new(changes);
        let began = tokio::time::Instant::now();
        settled(|| async {
            match left.replace(left.get().saturating_sub(1)) {
                0 => std::future::pending().await,
                _ => tokio::time::sleep(between).await,
            }
        })
        .await;
        began.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn files_that_change_together_are_read_once_and_no_later_than_the_bound() {
        let between = Duration::from_millis(100);
        assert_eq!(waited(1, between).await, between + SETTLE_TIME);
        assert_eq!(waited(5, between).await, between * 5 + SETTLE_TIME);
        // At the bound, and one change past it.
        let at = u32::try_from(SETTLE_TIME_MAX.saturating_sub(SETTLE_TIME).as_millis() / between.as_millis()).unwrap();
        assert_eq!(waited(at + 1, between).await, between + SETTLE_TIME_MAX);
        assert_eq!(waited(at + 1000, between).await, between + SETTLE_TIME_MAX);
    }
}
