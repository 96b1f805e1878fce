//! What rules about flows share: how they tell where something came from, who can send it, and how sure that is.

use model::{AccessVerdict, Condition, Confidence, Endpoint, Persona, Place, Severity, Test};

use super::{Draft, Rule, Whole};
use crate::effects::Source;
use crate::flows::{Flow, Use};

/// Why no gateway does anything about it.
const UNSHIELDED: &str =
    "the gateway does not judge what stands in a value: what is harmless is known to the code alone";

/// What a rule says of each flow to a use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Says {
    /// What becomes of it: the message without its subject.
    pub(super) becomes: &'static str,
    /// What to do about it.
    pub(super) fix: &'static str,
    /// Which flows count.
    pub(super) counts: fn(&Flow) -> bool,
    /// What a closer look makes of one.
    pub(super) judged: fn(Draft, &Flow, &Whole<'_>) -> Draft,
}

/// Every flow counts.
pub(super) fn always(_: &Flow) -> bool {
    true
}

/// Every flow counts but what a language model answered: that is told by a rule of its own.
pub(super) fn of_no_model(flow: &Flow) -> bool {
    !flow.is_of_model()
}

/// No closer look is needed.
pub(super) fn as_it_is(draft: Draft, _: &Flow, _: &Whole<'_>) -> Draft {
    draft
}

impl Says {
    /// What a rule says of a flow.
    pub(super) fn draft(&self, rule: &Rule, flow: &Flow, whole: &Whole<'_>) -> Option<Draft> {
        let is_told = (self.counts)(flow) && !is_of_named_host(flow, whole) && !is_own_address(flow, whole);
        is_told.then(|| (self.judged)(draft(rule, flow, whole, self), flow, whole))
    }
}

/// Whether it is the host of the request, in a program that says which hosts are its own.
fn is_of_named_host(flow: &Flow, whole: &Whole<'_>) -> bool {
    const NAMING: &[&str] = &["SERVER_NAME", "TRUSTED_HOSTS", "TrustedHostMiddleware", "ALLOWED_HOSTS"];
    flow.used_as == Use::Link && whole.speaks_of(NAMING)
}

/// Whether who runs the program says where a request is sent, and not everybody may have it sent.
fn is_own_address(flow: &Flow, whole: &Whole<'_>) -> bool {
    let is_public = |at: &usize| {
        let endpoint = whole.report.endpoints.get(*at);
        endpoint.is_some_and(|one| one.access.verdict() == AccessVerdict::Public)
    };
    flow.used_as == Use::Url && flow.is_of_environment() && !flow.endpoints.iter().any(is_public)
}

fn draft(rule: &Rule, flow: &Flow, whole: &Whole<'_>, says: &Says) -> Draft {
    let endpoints: Vec<&Endpoint> = flow.endpoints.iter().filter_map(|at| whole.report.endpoints.get(*at)).collect();
    let message = format!("{} {}", source_of(flow), says.becomes);
    let is_vague = flow.giver.is_none() && matches!(flow.source, Source::Other | Source::Constant);
    let confidence = if is_vague { Confidence::Medium } else { Confidence::High };
    let mut draft = Draft::of(rule, confidence, message, says.fix, UNSHIELDED);
    let is_for_few = are_for_few(&endpoints);
    draft.severity = by_reach(rule.severity, is_for_few);
    if is_for_few && !matches!(flow.used_as, Use::Sql | Use::Command | Use::Objects) {
        draft = draft.for_persona(Persona::Pedantic);
    }
    draft.trace.clone_from(&flow.steps);
    if flow.is_of_model() && !matches!(flow.used_as, Use::Sql | Use::Command | Use::Code) {
        draft = draft.for_persona(Persona::Auditor);
    }
    if flow.is_loose {
        draft.confidence = Confidence::Medium;
    }
    if flow.is_far {
        draft.confidence = Confidence::Low;
        draft = draft.for_persona(Persona::Auditor);
    }
    if flow.is_minor || flow.is_of_environment() || flow.is_of_command_line() {
        draft.severity = Severity::Low;
        draft = draft.for_persona(Persona::Auditor);
    }
    draft
}

/// What only few can send is less severe.
fn by_reach(severity: Severity, is_for_few: bool) -> Severity {
    match severity {
        Severity::Critical if is_for_few => Severity::High,
        Severity::High if is_for_few => Severity::Medium,
        other => other,
    }
}

/// Whether it is a client that says it, and one of many: no operator, no model, nobody with a role of few.
pub(super) fn is_of_many(flow: &Flow, whole: &Whole<'_>) -> bool {
    let endpoints: Vec<&Endpoint> = flow.endpoints.iter().filter_map(|at| whole.report.endpoints.get(*at)).collect();
    let is_of_client = !flow.is_of_environment() && !flow.is_of_command_line() && !flow.is_of_model();
    is_of_client && !flow.is_far && !flow.is_minor && !are_for_few(&endpoints)
}

fn are_for_few(endpoints: &[&Endpoint]) -> bool {
    !endpoints.is_empty() && endpoints.iter().all(|one| is_for_few(one))
}

/// Whether only few may call an endpoint: what they may name and address is often meant. Everybody owns something, and whoever
/// uses a program may have the role of those who use it.
fn is_for_few(endpoint: &Endpoint) -> bool {
    /// Roles of those whom a program is for, and of those who merely work with it.
    const OF_MANY: &[&str] = &[
        "user",
        "customer",
        "client",
        "member",
        "guest",
        "viewer",
        "reader",
        "subscriber",
        "buyer",
        "seller",
        "vendor",
        "author",
        "employee",
        "student",
        "teacher",
        "patient",
        "driver",
    ];
    let is_of_many = |role: &str| {
        let role = role.rsplit('.').next().unwrap_or(role).to_ascii_lowercase();
        // A flag says the same: `is_customer`.
        let role = role.strip_prefix("is_").unwrap_or(&role);
        OF_MANY.contains(&role.trim_end_matches('s'))
    };
    let is_few = |condition: &Condition| match &condition.test {
        Test::Role(roles) => !roles.split(" or ").any(is_of_many),
        Test::Scope(_) | Test::Permission(_) => true,
        Test::Scheme(_) | Test::Ownership(_) | Test::Tenant(_) => false,
    };
    let asked = endpoint.access.requirement();
    asked.is_some_and(|asked| asked.alternatives().iter().all(|all| all.iter().any(is_few)))
}

/// The part of the request, as a message begins with it.
pub(super) fn source_of(flow: &Flow) -> String {
    if flow.is_of_environment() {
        let variable = flow.variable.as_ref();
        return variable
            .map_or_else(|| "a variable of the environment".to_owned(), |name| format!("`{name}` of the environment"));
    }
    if flow.is_of_command_line() {
        return "what the command is given".to_owned();
    }
    match &flow.source {
        Source::Parameter { name, part: Some(part) } if !name.starts_with('<') => format!("`{name}.{part}`"),
        Source::Parameter { name, part: None } if !name.starts_with('<') => format!("`{name}`"),
        Source::Parameter { part: Some(part), .. } => format!("`{part}`"),
        Source::Field(place, Some(name)) => format!("`{name}` of the {}", words(*place)),
        Source::Field(place, None) => format!("the {} of the request", words(*place)),
        _ => flow
            .giver
            .as_ref()
            .map_or_else(|| "what the client sends".to_owned(), |giver| format!("what `{giver}` gives")),
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
