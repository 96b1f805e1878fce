//! Shields that say how often: a rule names the limit, and here is what such a limit is. Tries of a password count when they are
//! wrong, by address and, where the body names it, by account; letters and rows count always.

use std::num::NonZeroU32;

use model::{Endpoint, Finding, Report, SchemaRef, Shielding};
use toml::de::DeTable;

use super::Blocked;
use crate::limit::{CountBy, Counted, Limit, Sharing};
use crate::login::Login;
use crate::policy::Policy;
use crate::reading::read_table;
use crate::route::{RoutePolicy, RouteSettings};
use crate::value::Pointer;

/// The layer that limits, as rules name it.
const LAYER: &str = "limits";

/// A limit that a rule may name.
struct Preset {
    name: &'static str,
    quota: u32,
    window_s: u32,
    counts_failures: bool,
}

/// What rules name. Generous enough for an office behind one address, and far too little to try passwords.
const PRESETS: [Preset; 3] = [
    Preset { name: "login", quota: 20, window_s: 60, counts_failures: true },
    Preset { name: "recovery", quota: 20, window_s: 60, counts_failures: false },
    Preset { name: "write", quota: 60, window_s: 60, counts_failures: false },
];
/// The media types of bodies in which a gateway finds a field.
const READ: [&str; 2] = ["application/json", "application/x-www-form-urlencoded"];
/// How fields are called that name an account, the most usual first.
const ACCOUNT_FIELDS: [&str; 8] = ["username", "email", "login", "user", "phone", "account", "user_name", "identifier"];

impl Preset {
    fn limit(&self, by: CountBy) -> Option<Limit> {
        Some(Limit {
            quota: NonZeroU32::new(self.quota)?,
            window_s: NonZeroU32::new(self.window_s)?,
            by: vec![by],
            counted: self.counts_failures.then_some(Counted::Failures),
            counting: None,
            action: None,
            // Tries of passwords are counted exactly, however many gateways there are.
            mode: self.counts_failures.then_some(Sharing::Strict),
            when_store_down: None,
        })
    }
}

/// Names the limit of the finding at its route.
pub(super) fn limited(
    report: &Report,
    endpoint: &Endpoint,
    finding: &Finding,
    settings: &mut RouteSettings,
) -> Result<Blocked, String> {
    let Shielding::Shielded(shield) = &finding.shielding else {
        return Err("which limit would block it is not known".to_owned());
    };
    let named = (&*shield.layer == LAYER).then(|| names(&shield.policy)).flatten();
    let named = named.ok_or("no layer of this build blocks it")?;
    if named.iter().any(|name| *name == "login")
        && let Some(field) = account_field(report, endpoint)
    {
        settings.login.get_or_insert_with(|| Login::of(Pointer::member(field)));
    }
    for name in &named {
        if !settings.limits.contains(name) {
            settings.limits.push(name.clone());
        }
    }
    Ok(Blocked::whole(format!("limited by `{}` of `[limits]`, and not by the code", named.join("` and `"))))
}

/// The limits as a rule writes them: `limits = ["login"]`. Nothing where one of them is not known here.
fn names(text: &str) -> Option<Vec<String>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut mistakes = Vec::new();
    let settings: RouteSettings = read_table(document.get_ref(), document.span(), &[], &mut mistakes)?;
    let is_known = |name: &String| PRESETS.iter().any(|preset| preset.name == name);
    let is_whole = errors.is_empty() && mistakes.is_empty() && !settings.limits.is_empty();
    (is_whole && settings.limits.iter().all(is_known)).then_some(settings.limits)
}

/// The field of the body that names the account, where a gateway reads every body that the endpoint takes. Bodies that it does not
/// read are counted together: whoever sends some of them would lock out all who do.
fn account_field(report: &Report, endpoint: &Endpoint) -> Option<&'static str> {
    let body = endpoint.request_body.as_ref()?;
    let is_read = |media: &std::sync::Arc<str>| READ.contains(&&**media);
    if body.content_types.is_empty() || !body.content_types.iter().all(is_read) {
        return None;
    }
    let schema = match body.schema.as_ref()? {
        SchemaRef::Named(name) => report.schemas.get(name)?,
        SchemaRef::Inline(schema) => schema,
    };
    ACCOUNT_FIELDS.into_iter().find(|field| schema.properties().any(|(name, _)| name == *field))
}

/// Writes the limits that routes name.
pub(crate) fn write(routes: &[&RoutePolicy], policy: &mut Policy) {
    let is_named = |name: &str| routes.iter().any(|route| route.settings.limits.iter().any(|one| one == name));
    for preset in PRESETS.iter().filter(|preset| is_named(preset.name)) {
        policy.limits.extend(preset.limit(CountBy::Address).map(|limit| (preset.name.to_owned(), limit)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rules_write_names_limits_that_are_known_here() {
        assert_eq!(names("limits = [\"login\"]  # why"), Some(vec!["login".to_owned()]));
        for text in ["limits = []", "limits = [\"other\"]", "limit = \"login\"", "limits = [", ""] {
            assert_eq!(names(text), None, "{text}");
        }
        for preset in PRESETS {
            assert!(preset.limit(CountBy::Address).is_some(), "{}", preset.name);
        }
    }
}
