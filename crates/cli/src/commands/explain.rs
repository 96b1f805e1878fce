//! `doorward explain`: the page of a rule, of an attack, of a weakness (by its name or by an identifier such as CWE-639), or of a
//! refusal of the gateway.

use guard::Reason;
use model::Weakness;
use probe::attacks::{ATTACKS, Attack};
use scan::rules::RULES;

use crate::outcome::{Exit, Failure};
use crate::output::palette::{HEADING, paint};
use crate::output::terminal;
use crate::streams::Streams;
use policy::nearest::did_you_mean;

/// Runs the command.
pub(super) fn run(name: &str, streams: &Streams) -> Result<Exit, Failure> {
    let look = &streams.look;
    let page = match (RULES.iter().find(|rule| rule.name == name), name.parse()) {
        (Some(rule), _) => terminal::rule(rule, look),
        (None, Ok(weakness)) => terminal::weakness(weakness, look),
        (None, Err(_)) => match (Attack::named(name), Reason::named(name)) {
            (Some(attack), _) => terminal::attack(attack, look),
            (None, Some(reason)) => refusal(reason),
            (None, None) => terminal::identifier(name, look).ok_or_else(|| unknown(name))?,
        },
    };
    streams.print(&page)?;
    Ok(Exit::Clean)
}

/// The page of a refusal, as the `type` of a problem names it.
fn refusal(reason: Reason) -> String {
    let (name, status) = (paint(HEADING, reason.name()), reason.status());
    format!("{name}\n{}: `doorward guard` answers {status}\n\n{}\n", reason.title(), reason.page())
}

fn unknown(name: &str) -> Failure {
    let rules = RULES.iter().map(|rule| rule.name);
    let weaknesses = Weakness::ALL.iter().map(|weakness| weakness.name());
    let attacks = ATTACKS.iter().map(|attack| attack.name);
    let refusals = Reason::ALL.iter().map(|reason| reason.name());
    Failure::usage(format!("there is no rule, attack, weakness or refusal `{name}`"))
        .maybe_hint(did_you_mean(name, rules.chain(attacks).chain(weaknesses).chain(refusals)))
        .hint("`doorward rules` lists the rules")
}
