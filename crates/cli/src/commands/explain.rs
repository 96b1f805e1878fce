//! `doorward explain`: the page of a rule or of a weakness.

use model::Weakness;
use scan::rules::RULES;

use crate::outcome::{Exit, Failure};
use crate::output::terminal;
use crate::streams::Streams;
use policy::nearest::did_you_mean;

/// Runs the command.
pub(super) fn run(name: &str, streams: &Streams) -> Result<Exit, Failure> {
    let look = &streams.look;
    let page = match (RULES.iter().find(|rule| rule.name == name), name.parse()) {
        (Some(rule), _) => terminal::rule(rule, look),
        (None, Ok(weakness)) => terminal::weakness(weakness, look),
        (None, Err(_)) => return Err(unknown(name)),
    };
    streams.print(&page)?;
    Ok(Exit::Clean)
}

fn unknown(name: &str) -> Failure {
    let rules = RULES.iter().map(|rule| rule.name);
    let weaknesses = Weakness::ALL.iter().map(|weakness| weakness.name());
    Failure::usage(format!("there is no rule or weakness `{name}`"))
        .maybe_hint(did_you_mean(name, rules.chain(weaknesses)))
        .hint("`doorward rules` lists the rules")
}
