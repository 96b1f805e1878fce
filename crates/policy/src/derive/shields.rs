//! Shields: entries that block a finding until the code is mended. Each names the finding, the reason and the day on which
//! somebody must look again. What nothing here blocks is said, with the reason.

mod fields;
pub(super) mod limits;
mod objects;
mod siblings;

use model::{Endpoint, Finding, Persona, Weakness};

use super::{Context, Counts, Draft};
use crate::print::Notes;
use crate::route::{Admits, Grant, Patch, Shield};

use siblings::{Asked, asking_more, sibling};

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
                let identity = identity.as_ref().map(|(name, _)| &**name);
                let blocked = block(context, finding, endpoint, draft, (&asked, identity));
                match &blocked {
                    Ok(blocked) => {
                        counts.partly_shielded += usize::from(blocked.is_partial);
                        draft.route.settings.shields.push(shield(context, finding, blocked));
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

fn shield(context: &Context<'_>, finding: &Finding, blocked: &Blocked) -> Shield {
    Shield {
        finding: finding.fingerprint.to_string(),
        patch: blocked.patch.clone(),
        expires: context.options.today.plus_days(context.options.shield_days),
        reason: format!("{}: {}", finding.rule, blocked.reason),
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
    (asked, identity): (&[Asked], Option<&str>),
) -> Result<Blocked, String> {
    if draft.route.settings.admits() == Admits::Nobody {
        return Ok(Blocked::whole("nobody is admitted here"));
    }
    match finding.weakness {
        Weakness::MissingAuthentication
        | Weakness::OptionalIdentity
        | Weakness::UndocumentedAccess
        | Weakness::UnsignedWebhook => Ok(identify(context, draft, sibling(context, finding, asked), identity)),
        Weakness::BrokenObjectLevelAuthorization if endpoint.method().is_safe() => {
            objects::shown(context, endpoint, draft)
        }
        Weakness::BrokenObjectLevelAuthorization => objects::looked_up(context, endpoint, draft),
        Weakness::BrokenFunctionLevelAuthorization | Weakness::InconsistentAuthorization => {
            restrict(context, endpoint, draft, asked)
        }
        Weakness::MassAssignment | Weakness::PrivilegeEscalation => fields::refused(endpoint, finding),
        Weakness::CrossSiteRequestForgery => refuse_crossing(context, endpoint, draft),
        Weakness::UnlimitedLoginAttempts | Weakness::BusinessFlowAbuse => {
            limits::limited(context.report, endpoint, finding, &mut draft.route.settings)
        }
        Weakness::VerboseError => {
            Err("answers of 500 and more are told in the words of the gateway (`redact`), others are not".to_owned())
        }
        _ => Err("no layer of this build blocks it".to_owned()),
    }
}

/// Writes of other sites are refused unless a policy says otherwise, where the gateway knows the cookie that they bring.
fn refuse_crossing(context: &Context<'_>, endpoint: &Endpoint, draft: &Draft) -> Result<Blocked, String> {
    if endpoint.method().is_safe() {
        return Err(format!("writes of other sites are refused (`cross_site`), and `{}` is none", endpoint.method()));
    }
    let is_known = draft.route.settings.allow.iter().any(|grant| context.identities.is_by_cookie(&grant.identity));
    match is_known {
        true => Ok(Blocked::whole("a page of another site is refused (`cross_site`), which the code lets do it")),
        false => {
            Err("writes of other sites are refused (`cross_site`) where the policy knows the cookie that identifies: \
                      here it knows none"
                .to_owned())
        }
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
    let reason = format!("any `{name}` is asked for, which the code does not do; partial: identified, not authorised");
    Blocked { is_partial: true, ..Blocked::whole(reason) }
}

/// An endpoint for whoever is identified that should not be: the role of its siblings is asked for.
fn restrict(context: &Context<'_>, endpoint: &Endpoint, draft: &mut Draft, asked: &[Asked]) -> Result<Blocked, String> {
    let settings = &mut draft.route.settings;
    if settings.admits() == Admits::Everybody {
        return Err("everybody is admitted: that is another finding".to_owned());
    }
    let sibling = asking_more(context, endpoint, asked)?;
    let allow = sibling
        .transferable(context)
        .ok_or_else(|| format!("a policy cannot say here what `{}` asks for", sibling.key))?;
    // Whose the object is may be asked for already.
    let owners = std::mem::replace(&mut settings.allow, allow);
    for grant in &mut settings.allow {
        grant.owner = owners.iter().find(|one| one.identity == grant.identity).and_then(|one| one.owner.clone());
    }
    draft.notes.push(format!(
        "the code admits whoever is identified, and that is a finding: here what `{}` asks for is asked for",
        sibling.key
    ));
    Ok(Blocked::whole(format!("what `{}` asks for is asked for, which the code does not do", sibling.key)))
}

/// How a finding is blocked.
struct Blocked {
    reason: String,
    /// Whether only those are kept out who show nothing.
    is_partial: bool,
    /// What is refused of a request.
    patch: Option<Patch>,
}

impl Blocked {
    fn whole(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_partial: false, patch: None }
    }
}
