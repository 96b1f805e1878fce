//! Shields: entries that block a finding until the code is mended. Each names the finding, the reason and the day on which
//! somebody must look again. What nothing here blocks is said, with the reason.

use model::{Endpoint, Finding, Persona, Weakness};

use super::grants::{in_response, read_by_key};
use super::{Context, Counts, Draft};
use crate::key::RouteKey;
use crate::print::Notes;
use crate::route::{Admits, Grant, Shield};

/// How the comment of a route begins that should not be open.
const FOUND: &str = "the code admits everybody, and that is a finding: here";

/// Adds what blocks the findings of the application.
pub(super) fn add(context: &Context<'_>, drafts: &mut [Draft], notes: &mut Notes, counts: &mut Counts) {
    let identity = context.identities.most_used(drafts).map(|(name, carried)| (name.to_owned(), carried.clone()));
    // What only pedants and auditors see may well be meant: a login is open to everybody.
    let ours = |finding: &&Finding| {
        finding.persona == Persona::Regular
            && finding.application.as_ref().is_none_or(|name| *name == context.application.name)
    };
    let asked: Vec<Asked> = drafts.iter().map(Asked::of).collect();
    let mut unshielded = Vec::new();
    for finding in context.report.findings.iter().filter(ours) {
        let endpoint = finding
            .endpoint
            .as_ref()
            .and_then(|id| context.report.endpoints_of(&context.application.name).find(|endpoint| endpoint.id() == id));
        let draft = endpoint.and_then(|endpoint| drafts.iter_mut().find(|draft| draft.route.key.id() == endpoint.id()));
        let blocked = match (endpoint, draft) {
            (Some(endpoint), Some(draft)) => {
                let sibling = sibling(context, finding, &asked);
                let identity = identity.as_ref().map(|(name, _)| &**name);
                let blocked = block(context, finding, endpoint, draft, (sibling, identity));
                match &blocked {
                    Ok(Blocked { reason, is_partial }) => {
                        counts.partly_shielded += usize::from(*is_partial);
                        draft.route.settings.shields.push(shield(context, finding, reason));
                    }
                    Err(why) => {
                        draft.notes.push(format!("not shielded: `{}` {}: {why}", finding.rule, finding.fingerprint));
                    }
                }
                blocked.map(|_| ()).map_err(|_| None)
            }
            _ if finding.weakness == Weakness::WeakTokenKey && context.identities.refuse_known_keys() => {
                notes.tail.push(rotated(finding));
                counts.re_keyed += 1;
                continue;
            }
            _ => Err(Some(elsewhere(finding))),
        };
        match blocked {
            Ok(()) => counts.shielded += 1,
            Err(why) => {
                counts.unshielded += 1;
                unshielded.extend(why);
            }
        }
    }
    if !unshielded.is_empty() {
        notes.tail.push("Findings that no entry blocks:".to_owned());
        notes.tail.extend(unshielded);
    }
}

fn shield(context: &Context<'_>, finding: &Finding, reason: &str) -> Shield {
    Shield {
        finding: finding.fingerprint.to_string(),
        patch: None,
        expires: context.options.today.plus_days(context.options.shield_days),
        reason: format!("{}: {reason}", finding.rule),
    }
}

/// A key in the code: the gateway does not run with it, so that another one must be made.
fn rotated(finding: &Finding) -> String {
    let place = &finding.location;
    format!(
        "{}:{} {} {}: not shielded, re-keyed: by `refuse_keys` the gateway does not start with this key. With another one, which \
         the application needs as well, tokens that are signed with this one are refused",
        place.file, place.line, finding.rule, finding.fingerprint
    )
}

/// A finding without an endpoint of this policy: what a gateway cannot block.
fn elsewhere(finding: &Finding) -> String {
    let place = &finding.location;
    let why = match finding.weakness {
        Weakness::WeakTokenKey => {
            "a token that is correctly signed with a known key cannot be told from a real one; give the application another key"
        }
        _ => "it belongs to no endpoint of this policy",
    };
    format!("  {}:{} {} {}: {why}", place.file, place.line, finding.rule, finding.fingerprint)
}

/// Changes a route so that a finding is blocked: why it is now, or why it cannot be.
fn block(
    context: &Context<'_>,
    finding: &Finding,
    endpoint: &Endpoint,
    draft: &mut Draft,
    (sibling, identity): (Option<&Asked>, Option<&str>),
) -> Result<Blocked, String> {
    if draft.route.settings.admits() == Admits::Nobody {
        return Ok(Blocked::whole("nobody is admitted here"));
    }
    match finding.weakness {
        Weakness::MissingAuthentication | Weakness::UndocumentedAccess | Weakness::UnsignedWebhook => {
            Ok(identify(context, draft, sibling, identity))
        }
        Weakness::BrokenObjectLevelAuthorization => own(context, endpoint, draft),
        _ => Err("no layer of this build blocks it".to_owned()),
    }
}

/// A public route that should not be: what its protected sibling asks for is asked for. Where that cannot be said, any identity
/// is, which keeps out who shows nothing and nobody else.
fn identify(context: &Context<'_>, draft: &mut Draft, sibling: Option<&Asked>, identity: Option<&str>) -> Blocked {
    let settings = &mut draft.route.settings;
    if settings.admits() != Admits::Everybody {
        return Blocked::whole("an identity is asked for");
    }
    settings.access = None;
    draft.notes.retain(|note| !note.starts_with("public: "));
    if let Some((allow, key)) = sibling.and_then(|one| Some((one.transferable(context)?, &one.key))) {
        settings.allow = allow;
        draft
            .notes
            .push(format!("{FOUND} what `{key}` asks for is asked for. If everybody is meant: `access = \"public\"`"));
        return Blocked::whole(format!("what `{key}` asks for is asked for, which the code does not do"));
    }
    let Some(name) = identity else {
        draft.notes.push(format!("{FOUND} nobody is admitted"));
        return Blocked::whole("nobody is admitted, the code admits everybody");
    };
    settings.allow.push(Grant::of(name));
    let why = sibling.map_or_else(
        || "no protected sibling says what to ask for".to_owned(),
        |one| format!("a policy cannot say here what `{}` asks for", one.key),
    );
    draft.notes.push(format!(
        "{FOUND} `{name}` is asked for. Partial: identified, not authorised. Any `{name}` passes, since {why}. If everybody is \
         meant: `access = \"public\"`"
    ));
    Blocked {
        reason: format!("any `{name}` is asked for, which the code does not do; partial: identified, not authorised"),
        is_partial: true,
    }
}

/// How a finding is blocked.
struct Blocked {
    reason: String,
    /// Whether only those are kept out who show nothing.
    is_partial: bool,
}

impl Blocked {
    fn whole(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_partial: false }
    }
}

/// What a route asks for as its code does, before anything is shielded.
struct Asked {
    key: RouteKey,
    allow: Vec<Grant>,
    /// Whether its code asks for more than the policy says.
    says_less: bool,
}

impl Asked {
    fn of(draft: &Draft) -> Self {
        let settings = &draft.route.settings;
        Self { key: draft.route.key.clone(), allow: settings.allow.clone(), says_less: draft.not_expressed > 0 }
    }

    /// Whether everybody who is admitted shows more than an identity.
    fn asks_for_more(&self) -> bool {
        self.allow.iter().all(|grant| grant.scope.is_some() || grant.role.is_some() || grant.permission.is_some())
    }

    /// What another route can ask for just the same: that the gateway verifies, and that no parameter or answer of this one
    /// takes part in.
    fn transferable(&self, context: &Context<'_>) -> Option<Vec<Grant>> {
        let is_own = |grant: &Grant| {
            let carried = context.identities.of_name(&grant.identity);
            grant.owner.is_none() && carried.is_some_and(|(_, carried)| !carried.is_delegated())
        };
        (!self.says_less && !self.allow.is_empty() && self.allow.iter().all(is_own)).then(|| self.allow.clone())
    }
}

/// The protected endpoint that a finding compares with: its trace begins at the handler of that. One handler may serve several
/// endpoints; where they do not ask for the same, which is meant is not known.
fn sibling<'a>(context: &Context<'_>, finding: &Finding, asked: &'a [Asked]) -> Option<&'a Asked> {
    let place = finding.trace.first()?;
    let is_there = |one: &&Endpoint| {
        let handler = &one.handler;
        handler.file == place.file && handler.line == place.line && Some(one.id()) != finding.endpoint.as_ref()
    };
    let there = context.report.endpoints_of(&context.application.name).filter(is_there);
    let mut found = there.filter_map(|one| asked.iter().find(|asked| asked.key.id() == one.id()));
    let first = found.next()?;
    let agree = found.all(|other| other.allow == first.allow && other.says_less == first.says_less);
    (agree && !(first.asks_for_more() && any_caller_is_served_beside(context, finding, asked))).then_some(first)
}

/// Whether the file of a finding's endpoint serves others to whoever is identified: then a role is not what all of it asks for, and
/// people may have business there.
fn any_caller_is_served_beside(context: &Context<'_>, finding: &Finding, asked: &[Asked]) -> bool {
    let own = context.report.endpoints_of(&context.application.name);
    let beside =
        own.filter(|one| one.handler.file == finding.location.file && Some(one.id()) != finding.endpoint.as_ref());
    let mut beside = beside.filter_map(|one| asked.iter().find(|asked| asked.key.id() == one.id()));
    beside.any(|one| !one.allow.is_empty() && !one.asks_for_more())
}

/// An object that anybody may read who knows its key: its owner is compared in the response.
fn own(context: &Context<'_>, endpoint: &Endpoint, draft: &mut Draft) -> Result<Blocked, String> {
    let read = read_by_key(endpoint).ok_or("which object is read, and whose it is, is not known")?;
    let column = read.owner.as_deref().ok_or("the object has no owner column")?;
    let settings = &mut draft.route.settings;
    if settings.admits() == Admits::Everybody {
        return Err("everybody is admitted: there is no principal to compare with".to_owned());
    }
    let mut owned = settings.allow.clone();
    for grant in &mut owned {
        let (_, carried) = context.identities.of_name(&grant.identity).ok_or("its identity is not known")?;
        grant.owner = Some(in_response(context, endpoint, &read.object, column, carried)?);
    }
    settings.allow = owned;
    Ok(Blocked::whole(format!("`{column}` of the answer must be the principal, which the code does not check")))
}
