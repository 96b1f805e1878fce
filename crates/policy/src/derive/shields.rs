//! Shields: entries that block a finding until the code is mended. Each names the finding, the reason and the day on which
//! somebody must look again. What nothing here blocks is said, with the reason.

use model::{Endpoint, Finding, Persona, Weakness};

use super::grants::{in_response, read_by_key};
use super::{Context, Counts, Draft};
use crate::print::Notes;
use crate::route::{Admits, Grant, Shield};

/// Adds what blocks the findings of the application.
pub(super) fn add(context: &Context<'_>, drafts: &mut [Draft], notes: &mut Notes, counts: &mut Counts) {
    let identity = context.identities.most_used(drafts).map(|(name, carried)| (name.to_owned(), carried.clone()));
    // What only pedants and auditors see may well be meant: a login is open to everybody.
    let ours = |finding: &&Finding| {
        finding.persona == Persona::Regular
            && finding.application.as_ref().is_none_or(|name| *name == context.application.name)
    };
    let mut unshielded = Vec::new();
    for finding in context.report.findings.iter().filter(ours) {
        let endpoint = finding
            .endpoint
            .as_ref()
            .and_then(|id| context.report.endpoints_of(&context.application.name).find(|endpoint| endpoint.id() == id));
        let draft = endpoint.and_then(|endpoint| drafts.iter_mut().find(|draft| draft.route.key.id() == endpoint.id()));
        let blocked = match (endpoint, draft) {
            (Some(endpoint), Some(draft)) => {
                let blocked = block(context, finding, endpoint, draft, identity.as_ref().map(|(name, _)| &**name));
                match &blocked {
                    Ok(reason) => draft.route.settings.shields.push(shield(context, finding, reason)),
                    Err(why) => {
                        draft.notes.push(format!("not shielded: `{}` {}: {why}", finding.rule, finding.fingerprint));
                    }
                }
                blocked.map(|_| ()).map_err(|_| None)
            }
            _ if finding.weakness == Weakness::WeakTokenKey && context.identities.refuse_known_keys() => {
                notes.tail.push(rotated(finding));
                Ok(())
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
        "{}:{} {} {}: blocked by `refuse_keys`: the gateway does not start with this key. With another one, which the \
         application needs as well, tokens that are signed with this one are refused",
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
    identity: Option<&str>,
) -> Result<String, String> {
    if draft.route.settings.admits() == Admits::Nobody {
        return Ok("nobody is admitted here".to_owned());
    }
    match finding.weakness {
        Weakness::MissingAuthentication => Ok(identify(draft, identity)),
        Weakness::BrokenObjectLevelAuthorization => own(context, endpoint, draft),
        _ => Err("no layer of this build blocks it".to_owned()),
    }
}

/// A public route that should not be: the identity of the application is asked for.
fn identify(draft: &mut Draft, identity: Option<&str>) -> String {
    let settings = &mut draft.route.settings;
    if settings.admits() != Admits::Everybody {
        return "an identity is asked for".to_owned();
    }
    settings.access = None;
    draft.notes.retain(|note| !note.starts_with("public: "));
    let Some(name) = identity else {
        draft.notes.push("the code admits everybody, and that is a finding: here nobody is admitted".to_owned());
        return "nobody is admitted, the code admits everybody".to_owned();
    };
    settings.allow.push(Grant::of(name));
    draft.notes.push(format!(
        "the code admits everybody, and that is a finding: here `{name}` is asked for. If everybody is meant: `access = \"public\"`"
    ));
    format!("`{name}` is asked for, which the code does not do")
}

/// An object that anybody may read who knows its key: its owner is compared in the response.
fn own(context: &Context<'_>, endpoint: &Endpoint, draft: &mut Draft) -> Result<String, String> {
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
    Ok(format!("`{column}` of the answer must be the principal, which the code does not check"))
}
