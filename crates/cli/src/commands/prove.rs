//! `doorward prove`: scan, derive, guard, probe directly and through the guard; one table.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use ::guard::{BODY_BYTES_MAX, Edge, Gateway, Keys, KnownKeys, Options, StartError};
use model::{Application, KeySource, Secret};
use policy::{DeriveOptions, KeysRef, Mode, Policy, ServerUrl, Upstream};
use probe::{Outcome, Target};

use super::guard::KeysOfProcess;
use super::policy as policies;
use super::{analysis, attacked};
use crate::arguments::{Attacked, Prove, ProveFormat};
use crate::config;
use crate::outcome::{Exit, Failure};
use crate::output::destination::{Text, deliver, destinations};
use crate::output::{json, proven};
use crate::streams::Streams;

/// Runs the command.
pub(super) fn run(flags: &Prove, streams: &Streams) -> Result<Exit, Failure> {
    let destinations = destinations(flags.format, &flags.attacked.output)?;
    let settings = config::of_path(&flags.path, streams)?.resolved();
    let mut analysis = analysis::of_path(&flags.path, flags.attacked.jobs, &settings, streams)?;
    settings.select(&mut analysis.report);
    if let Some(failure) = analysis::nothing_understood(&analysis.report) {
        return Err(failure);
    }
    let report = &analysis.report;
    let application = analysis::application(report, flags.attacked.application.as_deref(), streams)?;
    let policy = policy::derive(report, application, DeriveOptions::on(policies::today())).policy;
    let records = Records::default();
    let started = started(&flags.attacked, application, policy, &records)?;
    if let Err(why) = &started {
        streams.say(&format!("note: nothing was tried behind a guard: {why}"));
    }
    let through = started.as_ref().ok().map(|gateway| Target::of(gateway.address()));
    let options = attacked::options(&flags.attacked, through)?;
    let attacking = attacked::attack(report, application, &options, streams);
    let mut outcome = attacked::runtime()?.block_on(attacking)?;
    let guarded = started.map(Gateway::stop);
    name_layers(&mut outcome, &records.layers());
    let proven = proven::Proven::new(report, &outcome, guarded.as_ref().map_err(String::as_str));
    for destination in &destinations {
        let text = written(&proven, destination.format, streams);
        deliver(&text, destination.file.as_deref(), streams)?;
    }
    if let Some(file) = &flags.attacked.curl {
        attacked::write_script(file, &outcome, streams)?;
    }
    attacked::judged(&outcome)
}

fn written(proven: &proven::Proven<'_>, format: ProveFormat, streams: &Streams) -> Text {
    match format {
        ProveFormat::Terminal => Text::ForPeople(proven::table(proven, streams.look, streams.verbose)),
        ProveFormat::Json => Text::ForPrograms(json::document(proven)),
    }
}

/// The gateway on a free port of this machine, enforcing the policy; or why this policy cannot be run.
fn started(
    flags: &Attacked,
    application: &Application,
    policy: Policy,
    records: &Records,
) -> Result<Result<Gateway, String>, Failure> {
    // What the fence would refuse must not be reached through the gateway, either.
    attacked::target(&flags.target, "--target")?;
    let server: ServerUrl = flags.target.parse().map_err(|error| Failure::usage(format!("`--target`: {error}")))?;
    let upstream = Upstream::of(vec![server]);
    let started = Gateway::start(Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        upstream,
        policy: Some(policy),
        mode: Mode::Enforce,
        keys: &KeysInHand::of(application),
        known_keys: KnownKeys::TrustAlthoughEverybodyKnowsThem,
        clock: Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()),
        records: Some(Box::new(records.clone())),
        workers: NonZeroUsize::MIN,
        body_bytes_max: BODY_BYTES_MAX,
        edge: Edge::default(),
    });
    match started {
        Ok(gateway) => Ok(Ok(gateway)),
        Err(error @ StartError::Site(_)) => Ok(Err(error.to_string())),
        Err(error) => Err(Failure::new(Exit::Internal, error.to_string())),
    }
}

/// The keys of this application, as the scan found them in its code: the gateway must check what the application issues.
/// A variable that is set comes first: then the application was given that one, too.
struct KeysInHand {
    known: Option<Secret<String>>,
}

impl KeysInHand {
    fn of(application: &Application) -> Self {
        let recipes = application.tokens.iter();
        let sources = recipes.flat_map(|one| {
            let checked = one.check.as_ref().map(|check| &check.key);
            checked.into_iter().chain(one.issue.as_ref().map(|issue| &issue.key))
        });
        let mut known = sources.filter_map(|source| match source {
            KeySource::Literal { value, .. } => value.clone(),
            KeySource::Setting { default, .. } => default.clone(),
            _ => None,
        });
        Self { known: known.next() }
    }
}

impl Keys for KeysInHand {
    fn read(&self, reference: &KeysRef) -> Result<Secret<Vec<u8>>, String> {
        let KeysRef::Env(name) = reference else {
            return Err("only a key in the code or in a variable is at hand".to_owned());
        };
        let set = std::env::var(name.as_str()).ok().filter(|value| !value.is_empty());
        let key = set.map(Secret::new).or_else(|| self.known.clone());
        let key =
            key.ok_or_else(|| format!("the variable `{}` is not set, and the code holds no key", name.as_str()))?;
        Ok(Secret::new(key.into_exposed().into_bytes()))
    }

    /// Keys that an issuer publishes are fetched as by any gateway.
    fn roots(&self) -> Vec<Vec<u8>> {
        KeysOfProcess.roots()
    }
}

/// The records of the gateway, in memory.
#[derive(Clone, Default)]
struct Records(Arc<Mutex<Vec<u8>>>);

impl Write for Records {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.lock() {
            Ok(mut all) => all.write(bytes),
            Err(_) => Err(io::ErrorKind::Other.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Records {
    /// The layer that refused each exchange.
    fn layers(&self) -> BTreeMap<String, String> {
        let bytes = self.0.lock().map(|all| all.clone()).unwrap_or_default();
        let lines = bytes.split(|byte| *byte == b'\n');
        let records = lines.filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
        let refused = records.filter_map(|record| {
            let text = |name: &str| record.get(name)?.as_str().map(str::to_owned);
            (text("record")? == "audit").then_some(())?;
            Some((text("request_id")?, text("layer")?))
        });
        refused.collect()
    }
}

/// Writes the layer that refused beside each refusal: the gateway tells the client less than its records.
fn name_layers(outcome: &mut Outcome, layers: &BTreeMap<String, String>) {
    for behind in outcome.proofs.iter_mut().filter_map(|proof| proof.behind_guard.as_mut()) {
        let request_id = behind.refusal.as_ref().and_then(|refusal| refusal.request_id.as_deref());
        behind.layer = request_id.and_then(|id| layers.get(id)).map(|layer| layer.as_str().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layer_of_a_refusal_is_read_from_the_records() {
        let mut records = Records::default();
        records
            .write_all(
                b"{\"record\":\"access\",\"request_id\":\"a-1\",\"status\":403}\n\
                  {\"record\":\"audit\",\"request_id\":\"a-1\",\"outcome\":\"refused\",\"layer\":\"ownership\"}\n\
                  {\"record\":\"audit\",\"request_id\":\"a-2\",\"outcome\":\"forwarded\",\"layer\":null}\n",
            )
            .unwrap();
        let expected = BTreeMap::from([("a-1".to_owned(), "ownership".to_owned())]);
        assert_eq!(records.layers(), expected);
    }

    #[test]
    fn the_key_of_the_code_is_at_hand_and_a_variable_comes_first() {
        let keys = KeysInHand { known: Some(Secret::new("in the code".to_owned())) };
        let reference = |name: &str| KeysRef::Env(name.parse().unwrap());
        let read = |name: &str| keys.read(&reference(name)).map(Secret::into_exposed);
        assert_eq!(read("DOORWARD_NO_SUCH_VARIABLE"), Ok(b"in the code".to_vec()));
        assert_eq!(read("PATH"), Ok(std::env::var("PATH").unwrap().into_bytes()));
        let none = KeysInHand { known: None };
        let refused = none.read(&reference("DOORWARD_NO_SUCH_VARIABLE")).map(|_| ()).unwrap_err();
        assert_eq!(refused, "the variable `DOORWARD_NO_SUCH_VARIABLE` is not set, and the code holds no key");
    }
}
