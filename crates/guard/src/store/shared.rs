//! A store that several gateways share. What is `strict` it decides, with one call for a request; of what is `leased` this gateway
//! holds a part and decides by itself.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use policy::{RedisStore, Sharing};

use super::lease::{Found, Given, Leases, Refill};
use super::link::Link;
use super::script::{Decided, Granted, Wanted};
use super::subject::Subject;
use super::{Answer, Ask, Noted, Part, Said, Store};
use crate::site::Keys;
use crate::worker::Clock;

/// How often a request looks at a lease that others spend before it.
const LOOKS_MAX: usize = 64;

/// The store, and what is held of it.
#[derive(Debug)]
pub(crate) struct Shared {
    settings: RedisStore,
    pub(crate) link: Arc<Link>,
    leases: Arc<Leases>,
}

impl Shared {
    /// The store of a policy; nothing is asked yet.
    pub(crate) fn of(settings: &RedisStore, keys: &dyn Keys) -> Result<Self, String> {
        Ok(Self { settings: settings.clone(), link: Arc::new(Link::of(settings, keys)?), leases: Arc::default() })
    }

    /// Whether it is found in the same way, with the same secret.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.settings == other.settings && self.link.fingerprint == other.link.fingerprint
    }
}

/// A shared store as one worker asks it: with the clock of the gateway.
pub(crate) struct Asked {
    pub(crate) shared: Arc<Shared>,
    pub(crate) clock: Clock,
    /// What this process knows by itself.
    pub(crate) own: Rc<dyn Store>,
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.shared.fmt(f)
    }
}

/// Whether each request is decided by the store.
fn is_strict(ask: &Ask) -> bool {
    ask.sharing == Sharing::Strict
}

impl Store for Asked {
    fn take(&self, asks: &Rc<[Ask]>, now: Duration) -> Answer {
        let Shared { link, leases, .. } = &*self.shared;
        if !link.is_up() {
            return Answer::Now(Said::Down);
        }
        if let Some(said) = held(leases, asks, now) {
            return Answer::Now(said);
        }
        let (shared, clock, asks) = (self.shared.clone(), self.clock.clone(), asks.clone());
        Answer::Later(Box::pin(async move { shared.decided(&asks, &clock).await }))
    }

    fn give_back(&self, ask: &Ask, taken: Duration) {
        self.shared.give_back(ask, taken);
    }

    fn noted(&self, of: &Rc<[Subject]>, now: Duration) -> Noted {
        let link = self.shared.link.clone();
        if !link.is_up() {
            return self.own.noted(of, now);
        }
        let names: Vec<String> = of.iter().map(|one| one.note_name(&link.prefix)).collect();
        let (own, of) = (self.own.clone(), of.clone());
        Noted::Later(Box::pin(async move {
            match (link.noted(&names).await, own.noted(&of, now)) {
                (Some(noted), _) | (None, Noted::Now(noted)) => Some(noted),
                (None, Noted::Later(_)) => None,
            }
        }))
    }

    fn noted_there(&self, of: &Rc<[Subject]>, _: Duration) -> Noted {
        let link = self.shared.link.clone();
        let names: Vec<String> = of.iter().map(|one| one.note_name(&link.prefix)).collect();
        Noted::Later(Box::pin(async move { if link.is_up() { link.noted(&names).await } else { None } }))
    }

    /// Here as well, for when the store does not answer.
    fn note(&self, of: &Subject, number: u64, lasts: Duration, now: Duration) {
        self.own.note(of, number, lasts, now);
        let _ = self.shared.link.note(&of.note_name(&self.shared.link.prefix), number, lasts);
    }
}

/// What can be decided with what is held; nothing where the store must be asked.
fn held(leases: &Leases, asks: &[Ask], now: Duration) -> Option<Said> {
    if asks.iter().any(is_strict) {
        return None;
    }
    let mut parts = Vec::with_capacity(asks.len());
    for (index, ask) in asks.iter().enumerate() {
        let found = leases.held(ask.key, ask.cost, now);
        if let Some(Found::Spent { left, more_in, taken }) = found {
            parts.push(Part { left, more_in, taken });
            continue;
        }
        for (ask, part) in asks.iter().zip(&parts) {
            leases.give_back(ask.key, part.taken, ask.cost);
        }
        return match found {
            Some(Found::None { more_in }) => Some(Said::Over { index, more_in }),
            _ => None,
        };
    }
    Some(Said::Taken(parts))
}

impl Shared {
    fn give_back(&self, ask: &Ask, taken: Duration) {
        if !is_strict(ask) && self.leases.give_back(ask.key, taken, ask.cost) {
            return;
        }
        let wanted = Wanted { want: 0, least: 0, back: ask.cost, back_taken: taken, ..self.wanted(ask) };
        self.link.give_back(wanted);
    }

    /// All that is asked for, of the store and of what is held.
    async fn decided(&self, asks: &Rc<[Ask]>, clock: &Clock) -> Said {
        let mut taken: Vec<(usize, Part)> = Vec::with_capacity(asks.len());
        let said = self.taken(asks, clock, &mut taken).await;
        match said {
            Ok(()) => {
                taken.sort_by_key(|(index, _)| *index);
                Said::Taken(taken.into_iter().map(|(_, part)| part).collect())
            }
            Err(said) => {
                for (index, part) in taken {
                    if let Some(ask) = asks.get(index) {
                        self.give_back(ask, part.taken);
                    }
                }
                said
            }
        }
    }

    async fn taken(&self, asks: &Rc<[Ask]>, clock: &Clock, taken: &mut Vec<(usize, Part)>) -> Result<(), Said> {
        let mut strict = Vec::new();
        for (index, ask) in asks.iter().enumerate() {
            if is_strict(ask) {
                strict.push(index);
            } else {
                let part = self.spent(ask, clock).await.map_err(|failed| failed.of(index))?;
                match part {
                    Some(part) => taken.push((index, part)),
                    None => strict.push(index),
                }
            }
        }
        // A script decides about what is kept together: in a cluster about one limit at a time.
        let at_once = if self.link.is_cluster() { 1 } else { strict.len().max(1) };
        for some in strict.chunks(at_once) {
            let wanted: Vec<Wanted> = some.iter().filter_map(|index| Some(self.wanted(asks.get(*index)?))).collect();
            match self.link.decide(&wanted).await {
                Some(Decided::Taken(moment, granted)) => {
                    let part = |one: Granted| Part { left: one.left, more_in: one.more_in, taken: moment };
                    taken.extend(some.iter().zip(granted).map(|(index, one)| (*index, part(one))));
                }
                Some(Decided::Over(which, more_in)) => {
                    return Err(Said::Over { index: some.get(which).copied().unwrap_or(0), more_in });
                }
                None => return Err(Said::Down),
            }
        }
        Ok(())
    }

    /// Spends of what is held, and has more taken where that is not enough; nothing where nothing can be held.
    async fn spent(&self, ask: &Ask, clock: &Clock) -> Result<Option<Part>, Failed> {
        for _ in 0..LOOKS_MAX {
            match self.leases.spend(ask.key, &ask.rate, ask.cost, clock()) {
                Found::Spent { left, more_in, taken } => return Ok(Some(Part { left, more_in, taken })),
                Found::None { more_in } => return Err(Failed::None(more_in)),
                Found::NoRoom => return Ok(None),
                // A store that did not answer the last time is waited for by who asks it, and by nobody behind them.
                Found::Asked(_) if self.link.is_doubtful() => return Err(Failed::Down),
                // It ends when there is an answer, or nobody asks any more.
                Found::Asked(mut asking) => {
                    let _ = asking.changed().await;
                    // Nobody waits for it twice.
                    if self.link.is_doubtful() {
                        return Err(Failed::Down);
                    }
                }
                Found::Ask(refill) => self.refilled(ask, refill, clock).await?,
            }
            if !self.link.is_up() {
                return Err(Failed::Down);
            }
        }
        Ok(None)
    }

    /// Has more taken. Who waits for it may leave: what the store gives is held all the same.
    async fn refilled(&self, ask: &Ask, refill: Refill, clock: &Clock) -> Result<(), Failed> {
        let (link, leases, clock) = (self.link.clone(), self.leases.clone(), clock.clone());
        let (key, rate) = (ask.key, ask.rate);
        let Refill { done, want, back: (back, back_taken) } = refill;
        let wanted = Wanted { want, least: ask.cost, back, back_taken, ..self.wanted(ask) };
        let asking = tokio::task::spawn_local(async move {
            let decided = link.decide(std::slice::from_ref(&wanted)).await;
            let result = match decided {
                Some(Decided::Taken(taken, granted)) => {
                    if let Some(one) = granted.first() {
                        let given = Given { count: one.count, taken, left: one.left, more_in: one.more_in };
                        leases.fill(key, &rate, given, clock());
                    }
                    Ok(())
                }
                Some(Decided::Over(_, more_in)) => {
                    leases.none(key, more_in, clock());
                    Err(Failed::None(more_in))
                }
                None => Err(Failed::Down),
            };
            drop(done);
            result
        });
        asking.await.unwrap_or(Err(Failed::Down))
    }

    fn wanted(&self, ask: &Ask) -> Wanted {
        let name = ask.subject.name(&self.link.prefix, &ask.rate);
        Wanted { name, rate: ask.rate, want: ask.cost, least: ask.cost, back: 0, back_taken: Duration::ZERO }
    }
}

/// Why nothing was spent.
#[derive(Debug, Clone, Copy)]
enum Failed {
    None(Duration),
    Down,
}

impl Failed {
    fn of(self, index: usize) -> Said {
        match self {
            Self::None(more_in) => Said::Over { index, more_in },
            Self::Down => Said::Down,
        }
    }
}
