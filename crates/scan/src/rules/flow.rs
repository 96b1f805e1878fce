//! What rules about flows share: how they tell where something came from, who can send it, and how sure that is.

use model::{AccessVerdict, Confidence, Endpoint, Persona, Place, Severity};

use super::{Draft, Rule, Whole};
use crate::effects::Source;
use crate::flows::Flow;

/// Why no gateway does anything about it.
pub(super) const UNSHIELDED: &str =
    "the gateway does not judge what stands in a value: what is harmless is known to the code alone";

/// What a rule says of a flow: where it came from is put before the message.
pub(super) fn draft(rule: &Rule, flow: &Flow, whole: &Whole<'_>, becomes: &str, fix: impl Into<String>) -> Draft {
    let endpoints: Vec<&Endpoint> = flow.endpoints.iter().filter_map(|at| whole.report.endpoints.get(*at)).collect();
    let message = format!("{} {becomes}", source_of(flow));
    let confidence =
        if matches!(flow.source, Source::Other | Source::Constant) { Confidence::Medium } else { Confidence::High };
    let mut draft = Draft::of(rule, confidence, message, fix, UNSHIELDED);
    draft.severity = by_reach(rule.severity, &endpoints);
    draft.trace.clone_from(&flow.steps);
    if flow.is_loose || flow.is_far {
        draft.confidence = Confidence::Low;
        draft = draft.for_persona(Persona::Auditor);
    }
    if flow.is_minor {
        draft.severity = Severity::Low;
        draft = draft.for_persona(Persona::Auditor);
    }
    draft
}

/// What only few can send is less severe.
fn by_reach(severity: Severity, endpoints: &[&Endpoint]) -> Severity {
    let is_for_few =
        !endpoints.is_empty() && endpoints.iter().all(|one| one.access.verdict() == AccessVerdict::Restricted);
    match severity {
        Severity::Critical if is_for_few => Severity::High,
        Severity::High if is_for_few => Severity::Medium,
        other => other,
    }
}

/// The part of the request, as a message begins with it.
pub(super) fn source_of(flow: &Flow) -> String {
    match &flow.source {
        Source::Parameter { name, part: Some(part) } if !name.starts_with('<') => format!("`{name}.{part}`"),
        Source::Parameter { name, part: None } if !name.starts_with('<') => format!("`{name}`"),
        Source::Parameter { part: Some(part), .. } => format!("`{part}`"),
        Source::Field(place, Some(name)) => format!("`{name}` of the {}", words(*place)),
        Source::Field(place, None) => format!("the {} of the request", words(*place)),
        _ => "what the client sends".to_owned(),
    }
}

/// What a place is called in a message.
fn words(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
        Place::Form => "form",
        Place::Host => "host",
        Place::Message => "message",
        Place::Body => "body",
        Place::Claim => "token",
        Place::Session => "session",
    }
}
