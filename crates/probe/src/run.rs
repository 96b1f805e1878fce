//! One run: everything that is sent goes through here, so that nothing gets around the fence, the budget, the journal and the
//! record of evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::{Application, EndpointId, Report, Secret};
use serde_json::Value;
use tokio::sync::watch;

use crate::api::Api;
use crate::budget::{Budget, Halt, Limits};
use crate::canary::Canary;
use crate::client::{self, Answer, Door, NoAnswer};
use crate::clock::Clock;
use crate::evidence::{Capture, Exchange, Role, Shown, Side, texts};
use crate::fence::{FenceError, Target};
use crate::fixture::Fixture;
use crate::journal::{Entry, Journal, State, Undo};
use crate::random::Random;
use crate::request::{Learned, Request, Text};
use crate::session::{ADMINISTRATOR, Person};

/// What a run may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only reads; identities must be given.
    Read,
    /// Also makes and changes objects, and only those that this run made.
    Own,
    /// Also what cannot be undone: files, requests of the application to others.
    Full,
}

/// What to attack, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The application.
    pub target: Target,
    /// A gateway in front of the same application.
    pub through: Option<Target>,
    /// What may be done.
    pub level: Level,
    /// Hosts beyond this machine that may be contacted.
    pub allowed_hosts: Vec<String>,
    /// Two credentials, for applications without a way to register.
    pub tokens: Vec<Secret<String>>,
    /// The credential of an administrator, for objects that nobody else makes, reads back and takes away.
    pub administrator: Option<Secret<String>>,
    /// What names, passwords and canaries are made of.
    pub seed: Secret<[u8; 32]>,
    /// How much may be sent.
    pub limits: Limits,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Where the journal is written; the file must not exist.
    pub journal: PathBuf,
    /// Whether secrets are shown in evidence.
    pub show: bool,
}

impl Options {
    /// How long an answer may take, unless something else is asked for.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The fence.
    #[error(transparent)]
    Fence(#[from] FenceError),
    /// The journal cannot be written: nothing is sent that could not be undone.
    #[error("the journal `{}` cannot be written: {source}", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Why an attack does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// This attack: something is missing, or did not come back as it should.
    Obstacle(String),
    /// The whole run.
    Halt(Halt),
}

impl From<Halt> for Trouble {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

/// An obstacle, in words.
pub(crate) fn obstacle<T>(reason: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Obstacle(reason.into()))
}

/// Who a request is sent as.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    Nobody,
    /// One of the run's identities.
    Person(usize),
    /// Somebody with a token that the run made itself.
    Bearer {
        label: &'static str,
        token: Learned,
    },
}

/// An exchange as evidence of the attack that is under way.
struct Cited {
    number: usize,
    role: Role,
}

/// A run in progress.
pub(crate) struct Run<'m> {
    pub(crate) api: Api<'m>,
    pub(crate) options: &'m Options,
    pub(crate) clock: &'m dyn Clock,
    pub(crate) random: Random,
    /// Identities by their number.
    pub(crate) people: BTreeMap<usize, Result<Person, String>>,
    pub(crate) fixtures: Vec<Fixture>,
    /// Keys of objects that were there before.
    pub(crate) existing: BTreeMap<Arc<str>, Value>,
    /// Calls without a credential that were refused: negative controls, sent once.
    pub(crate) refusals: BTreeMap<(Side, EndpointId), usize>,
    pub(crate) run_id: String,
    pub(crate) exchanges: Vec<Exchange>,
    /// The exchanges of the attack that is under way.
    cited: Vec<Cited>,
    stop: watch::Receiver<bool>,
    direct: Door,
    guard: Option<Door>,
    budget: Budget,
    journal: Journal,
    own_texts: BTreeSet<String>,
    canaries: Vec<Canary>,
    halted: Option<Halt>,
    /// Whether the last request may have reached anybody, whatever came of it.
    has_left: bool,
}

impl<'m> Run<'m> {
    pub(crate) async fn begin(
        report: &'m Report,
        application: &'m Application,
        options: &'m Options,
        clock: &'m dyn Clock,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, ProbeError> {
        let direct = Door::open(&options.target, &options.allowed_hosts).await?;
        let guard = match &options.through {
            Some(target) => Some(Door::open(target, &options.allowed_hosts).await?),
            None => None,
        };
        let mut random = Random::new(*options.seed.expose());
        let run_id = random.hex(12);
        let journal = Journal::begin(&options.journal, &run_id, &options.target.to_string())
            .map_err(|source| ProbeError::Journal { path: options.journal.clone(), source })?;
        Ok(Self {
            api: Api::new(report, application),
            options,
            clock,
            random,
            people: BTreeMap::new(),
            fixtures: Vec::new(),
            existing: BTreeMap::new(),
            refusals: BTreeMap::new(),
            run_id,
            exchanges: Vec::new(),
            cited: Vec::new(),
            stop,
            direct,
            guard,
            budget: Budget::new(options.limits),
            journal,
            own_texts: BTreeSet::new(),
            canaries: Vec::new(),
            halted: None,
            has_left: false,
        })
    }

    pub(crate) fn has_guard(&self) -> bool {
        self.guard.is_some()
    }

    /// Why nothing more is sent, if so.
    pub(crate) fn halted(&self) -> Option<&Halt> {
        self.halted.as_ref()
    }

    /// Requests that were sent, those that undo apart.
    pub(crate) fn requests(&self) -> usize {
        self.budget.sent()
    }

    /// Allows so many more requests to an endpoint than usual, on each side.
    pub(crate) fn allow(&mut self, endpoint: &EndpointId, more: usize) {
        self.budget.allow(endpoint, more);
    }

    /// A new mark, for an object of this run.
    pub(crate) fn canary(&mut self) -> Canary {
        let canary = Canary::new(&mut self.random);
        self.canaries.push(canary.clone());
        canary
    }

    /// Begins a new list of exchanges.
    pub(crate) fn begin_attack(&mut self) {
        self.cited.clear();
    }

    /// The exchanges since [`begin_attack`](Self::begin_attack), in order.
    pub(crate) fn cited(&self) -> Vec<Exchange> {
        let of = |cited: &Cited| {
            let exchange = self.exchanges.get(cited.number.checked_sub(1)?)?;
            Some(Exchange { role: cited.role, ..exchange.clone() })
        };
        self.cited.iter().filter_map(of).collect()
    }

    /// Adds an exchange of before to the evidence of this attack, in the role that it has here.
    pub(crate) fn cite(&mut self, number: usize, role: Role) {
        self.cited.push(Cited { number, role });
    }

    /// What a replay keeps of an exchange.
    pub(crate) fn capture(&mut self, number: usize, capture: Capture) {
        if let Some(exchange) = number.checked_sub(1).and_then(|index| self.exchanges.get_mut(index)) {
            exchange.captures.push(capture);
        }
    }

    /// Sends a request, and returns the answer with the number of the exchange.
    pub(crate) async fn send(
        &mut self,
        side: Side,
        role: Role,
        caller: &Caller,
        request: Request,
    ) -> Result<(Answer, usize), Trouble> {
        self.has_left = false;
        if role != Role::Undo {
            self.may_send(side, role, &request.endpoint)?;
        }
        let door = match (side, &self.guard) {
            (Side::Direct, _) => self.direct.clone(),
            (Side::Guard, Some(guard)) => guard.clone(),
            (Side::Guard, None) => return obstacle("there is no gateway"),
        };
        let request = self.carrying(caller, request)?;
        self.has_left = true;
        let started = self.clock.elapsed();
        let sent = client::send(&door, &request, &self.run_id, self.options.timeout);
        let came = match role {
            Role::Undo => Some(sent.await),
            _ => unless_stopped(&mut self.stop, sent).await,
        };
        let elapsed = self.clock.elapsed().saturating_sub(started);
        let Some(came) = came else { return Err(self.halt(Halt::Interrupted)) };
        self.has_left = !matches!(came, Err(NoAnswer::Unreachable(_) | NoAnswer::Unwritable(_)));
        let number = self.record(side, role, caller, &request, &came, elapsed);
        if role == Role::Undo {
            return came.map(|answer| (answer, number)).or_else(|none| obstacle(none.to_string()));
        }
        if let Err(NoAnswer::Unreachable(what)) = &came
            && side == Side::Direct
        {
            return Err(self.halt(Halt::Unreachable(what.clone())));
        }
        let failure = match &came {
            Ok(answer) if answer.is_server_failure() => Some(format!("{} to `{}`", answer.status, request.endpoint)),
            Ok(_) => None,
            Err(none) => Some(format!("{none}, from `{}`", request.endpoint)),
        };
        self.budget.note(failure, elapsed).map_err(|halt| self.halt(halt))?;
        came.map(|answer| (answer, number)).or_else(|none| obstacle(format!("`{}`: {none}", request.endpoint)))
    }

    /// Sends a request that may make what an entry of the journal is about. One that never left made nothing.
    pub(crate) async fn send_planned(
        &mut self,
        entry: usize,
        way: (Side, Role),
        caller: &Caller,
        request: Request,
    ) -> Result<(Answer, usize), Trouble> {
        let sent = self.send(way.0, way.1, caller, request).await;
        if sent.is_err() && !self.has_left {
            self.settle(entry, None, State::Gone);
        }
        sent
    }

    fn may_send(&mut self, side: Side, role: Role, endpoint: &EndpointId) -> Result<(), Trouble> {
        if let Some(halt) = &self.halted {
            return Err(halt.clone().into());
        }
        if *self.stop.borrow() {
            return Err(self.halt(Halt::Interrupted));
        }
        if role != Role::Setup {
            self.budget.take_of(endpoint, side == Side::Guard).map_err(Trouble::Obstacle)?;
        }
        self.budget.take().map_err(|halt| self.halt(halt))
    }

    fn halt(&mut self, halt: Halt) -> Trouble {
        self.halted.get_or_insert(halt.clone());
        Trouble::Halt(halt)
    }

    /// The request with the caller's credential, where the model says that requests carry it.
    fn carrying(&self, caller: &Caller, mut request: Request) -> Result<Request, Trouble> {
        let token = match caller {
            Caller::Nobody => return Ok(request),
            Caller::Bearer { token, .. } => token.clone(),
            Caller::Person(index) => match self.people.get(index) {
                Some(Ok(person)) => person.token.clone(),
                _ => return obstacle("the identity is not known"),
            },
        };
        let carrier = self.api.recipe().and_then(|recipe| recipe.carried.as_ref());
        let (place, name, prefix) = match carrier {
            Some(carrier) => (carrier.parameter.place, carrier.parameter.name.to_string(), &*carrier.prefix),
            // RFC 6750 section 2.1: how bearer tokens travel unless something else is said.
            None => (model::Place::Header, "Authorization".to_owned(), "Bearer "),
        };
        let mut value = Text::plain(prefix);
        value.push_learned(&token);
        match place {
            model::Place::Header => request.headers.push((name, value)),
            model::Place::Cookie => {
                let mut cookie = Text::plain(format!("{name}="));
                cookie.push_learned(&token);
                request.headers.push(("Cookie".to_owned(), cookie));
            }
            model::Place::Query => {
                let joint = if request.path.exposed().contains('?') { "&" } else { "?" };
                request.path.push(&format!("{joint}{name}="));
                request.path.push_encoded(&token.into(), false);
            }
            _ => return obstacle("the credential travels in a way that this build does not send"),
        }
        Ok(request)
    }

    fn record(
        &mut self,
        side: Side,
        role: Role,
        caller: &Caller,
        request: &Request,
        came: &Result<Answer, NoAnswer>,
        elapsed: Duration,
    ) -> usize {
        texts(&request.shown_body(false).unwrap_or_default(), &mut self.own_texts);
        let shown = Shown { everything: self.options.show, own: &self.own_texts, canaries: &self.canaries };
        let label = match caller {
            Caller::Nobody => None,
            Caller::Person(index) => Some(label(*index)),
            Caller::Bearer { label, .. } => Some(Arc::from(*label)),
        };
        let number = self.exchanges.len() + 1;
        let exchange = Exchange {
            number,
            role,
            side,
            caller: label,
            request: shown.request(request),
            response: came.as_ref().ok().map(|answer| shown.response(answer)),
            failure: came.as_ref().err().map(ToString::to_string),
            elapsed,
            shell: request.shell(),
            captures: Vec::new(),
        };
        self.exchanges.push(exchange);
        if !matches!(role, Role::Setup | Role::Undo) {
            self.cited.push(Cited { number, role });
        }
        number
    }

    /// Writes down what the next request may make.
    pub(crate) fn plan(
        &mut self,
        object: &Arc<str>,
        key: Option<String>,
        made_by: &EndpointId,
    ) -> Result<usize, Trouble> {
        let planned = self.journal.plan(object, key, made_by);
        planned.map_err(|error| self.halt(Halt::Journal(error.to_string())))
    }

    /// Writes down what came of it. That is known in memory whatever becomes of the file, so undoing goes on.
    pub(crate) fn settle(&mut self, index: usize, key: Option<String>, state: State) {
        if let Err(error) = self.journal.settle(index, key, state) {
            self.halted.get_or_insert(Halt::Journal(error.to_string()));
        }
    }

    /// How many entries the journal has.
    pub(crate) fn entries(&self) -> usize {
        self.journal.len()
    }

    /// Takes away what one entry is about, if it is there.
    pub(crate) async fn undo_entry(&mut self, index: usize) {
        let Some(Entry { state: State::Made(undo), .. }) = self.journal.entry(index) else { return };
        let Undo { request, caller } = (**undo).clone();
        let state = match self.send(Side::Direct, Role::Undo, &caller, request).await {
            Ok((answer, _)) if answer.is_success() || answer.hides() => State::Gone,
            Ok((answer, _)) => State::Stays(format!("taking it away was answered with {}", answer.status)),
            Err(Trouble::Obstacle(reason)) => State::Stays(reason),
            Err(Trouble::Halt(halt)) => State::Stays(halt.to_string()),
        };
        self.settle(index, None, state);
    }

    /// The entries of the journal that are still there, by index.
    pub(crate) fn staying(&self) -> Vec<usize> {
        let stays = |index: &usize| matches!(self.journal.entry(*index), Some(Entry { state: State::Stays(_), .. }));
        (0..self.journal.len()).filter(stays).collect()
    }

    /// Ends the run: its exchanges, and what it left behind.
    pub(crate) fn end(self) -> (Vec<Exchange>, Vec<crate::journal::LeftBehind>) {
        (self.exchanges, self.journal.close())
    }
}

/// The letter by which a report names an identity.
pub(crate) fn label(index: usize) -> Arc<str> {
    if index == ADMINISTRATOR {
        return "ADMIN".into();
    }
    let letter = u8::try_from(index).ok().and_then(|index| b'A'.checked_add(index)).unwrap_or(b'?');
    char::from(letter).to_string().into()
}

/// What a future gives, unless somebody stops the run first.
async fn unless_stopped<T>(stop: &mut watch::Receiver<bool>, future: impl Future<Output = T>) -> Option<T> {
    tokio::pin!(future);
    tokio::select! {
        done = &mut future => Some(done),
        changed = stop.wait_for(|stop| *stop) => match changed {
            Ok(_) => None,
            // Whoever could have stopped it is gone.
            Err(_) => Some(future.await),
        },
    }
}
