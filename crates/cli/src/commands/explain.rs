//! `doorward explain`: the page of a rule, of a weakness, or of a refusal of the gateway.

use guard::Reason;
use model::Weakness;
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
        (None, Err(_)) => match Reason::named(name) {
            Some(reason) => refusal(reason),
            None => return Err(unknown(name)),
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
    let refusals = Reason::ALL.iter().map(|reason| reason.name());
    Failure::usage(format!("there is no rule, weakness or refusal `{name}`"))
        .maybe_hint(did_you_mean(name, rules.chain(weaknesses).chain(refusals)))
        .hint("`doorward rules` lists the rules")
}
