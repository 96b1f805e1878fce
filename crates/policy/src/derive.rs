//! A policy from what the code says. What is proven is written as it is; what is doubtful is refused; what a policy cannot
//! say is a comment that begins with `not expressed:` and is counted. Each entry names the line of code it comes from.
//!
//! The same report, application and date give the same policy.

mod declared;
mod grants;
mod identities;
mod mounts;
mod router;
mod shields;

use std::collections::BTreeMap;

use model::{AccessVerdict, Application, Certainty, Endpoint, Origin, Report};

use crate::identity::Identity;
use crate::key::RouteKey;
use crate::policy::Policy;
use crate::print::Notes;
use crate::route::{Access, Admits, Grant, RoutePolicy, RouteSettings};
use crate::value::Date;

use identities::Identities;

/// How a policy is derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeriveOptions {
    /// The day from which shields count. Nothing here reads a clock.
    pub today: Date,
    /// For how many days a shield stands before somebody must look again.
    pub shield_days: u32,
}

impl DeriveOptions {
    /// Days for which a shield stands unless something else is asked for.
    pub const SHIELD_DAYS: u32 = 90;

    /// The usual options on a day.
    pub fn on(today: Date) -> Self {
        Self { today, shield_days: Self::SHIELD_DAYS }
    }
}

/// A derived policy with its comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The policy.
    pub policy: Policy,
    /// Where each entry comes from.
    pub notes: Notes,
    /// How many of what.
    pub counts: Counts,
}

/// How many routes came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Everybody is admitted.
    pub public: usize,
    /// Somebody is admitted whom the gateway identifies.
    pub protected: usize,
    /// Whoever shows a credential is admitted, and the application verifies it.
    pub delegated: usize,
    /// Nobody is admitted, because it was not understood who should be.
    pub not_understood: usize,
    /// Nobody is admitted, because a policy cannot say who should be.
    pub not_expressible: usize,
    /// Mounts that nobody is admitted to.
    pub mounts: usize,
    /// What the code asks for and the policy does not say.
    pub not_expressed: usize,
    /// Findings that an entry blocks.
    pub shielded: usize,
    /// Those of them whose entry only keeps out who shows nothing: identified, not authorised.
    pub partly_shielded: usize,
    /// Findings about a known key: the gateway does not start with it, so that another one must be made.
    pub re_keyed: usize,
    /// Findings that no entry blocks.
    pub unshielded: usize,
}

impl Derived {
    /// The policy with its comments, as TOML.
    pub fn to_toml(&self) -> String {
        crate::print::print(&self.policy, &self.notes)
    }
}

/// What is known while routes are made.
struct Context<'r> {
    report: &'r Report,
    application: &'r Application,
    identities: Identities,
    options: DeriveOptions,
}

/// A route in the making.
struct Draft {
    route: RoutePolicy,
    notes: Vec<String>,
    /// Why nobody is admitted, where that is not what the code says.
    refused: Option<Refused>,
    not_expressed: usize,
}

/// Why nobody is admitted to a route.
struct Refused {
    is_understood: bool,
    reason: String,
}

impl Draft {
    fn not_expressed(&mut self, what: &str) {
        self.notes.push(format!("not expressed: {what}"));
        self.not_expressed += 1;
    }

    fn refuse(&mut self, is_understood: bool, reason: impl Into<String>) {
        self.refused = Some(Refused { is_understood, reason: reason.into() });
    }
}

/// The policy of one application of a report.
pub fn derive(report: &Report, application: &Application, options: DeriveOptions) -> Derived {
    let listed = endpoints(report, application);
    let identities = Identities::of(application, &listed);
    let context = Context { report, application, identities, options };
    let mut policy = Policy::closed();
    let mut notes = Notes::default();
    let router_is_known = router::settings(application, &mut policy.router, &mut notes.router);
    let keys: Vec<RouteKey> = listed.iter().map(|one| router::key(&mut policy.router, &one.route)).collect();
    let is_matchable = |key: &RouteKey| router::is_matchable(&policy.router, key);
    let mut drafts: Vec<Draft> =
        listed.iter().zip(keys).map(|(one, key)| context.route(one, is_matchable(&key), key)).collect();
    if !router_is_known {
        drafts.iter_mut().for_each(close_for_router);
    }
    for (endpoint, draft) in listed.iter().zip(&mut drafts).filter(|(_, draft)| draft.refused.is_none()) {
        declared::add(&context, endpoint, draft, &mut policy);
    }
    let mut counts = Counts::default();
    shields::add(&context, &mut drafts, &mut notes, &mut counts);
    mounts::add(application, policy.router.kind, &mut drafts, &mut counts);
    shields::limits::write(&drafts.iter().map(|draft| &draft.route).collect::<Vec<_>>(), &mut policy);
    context.identities.write(&drafts, &mut policy, &mut notes, &mut counts);
    count(&drafts, &policy, &mut counts);
    notes.head = head(&context, &drafts, &counts);
    for draft in drafts {
        notes.routes.insert(draft.route.key.clone(), draft.notes);
        policy.routes.push(draft.route);
    }
    Derived { policy, notes, counts }
}

/// The endpoints in the order in which the application's router tries them.
fn endpoints<'r>(report: &'r Report, application: &'r Application) -> Vec<&'r Endpoint> {
    let by_id: BTreeMap<_, _> = report.endpoints_of(&application.name).map(|one| (one.id(), one)).collect();
    application.endpoints.iter().filter_map(|id| by_id.get(id).copied()).collect()
}

fn close_for_router(draft: &mut Draft) {
    draft.route.settings = RouteSettings::closed();
    draft.refuse(true, "this build cannot show which route the application's router picks");
}

impl Context<'_> {
    fn route(&self, endpoint: &Endpoint, is_matchable: Result<(), &'static str>, key: RouteKey) -> Draft {
        let handler = &endpoint.handler;
        let notes = vec![format!("{}:{} {}", handler.file, handler.line, handler.name)];
        let route = RoutePolicy { key, settings: RouteSettings::closed() };
        let mut draft = Draft { route, notes, refused: None, not_expressed: 0 };
        if let Err(why) = is_matchable {
            draft.refuse(true, why);
            return draft;
        }
        self.access(endpoint, &mut draft);
        if endpoint.origin == Origin::Framework && draft.route.settings.access.is_some() {
            draft.notes.push(
                "a page of the framework; to close it: `allow = []` instead of `access`, or switch it off in the code"
                    .to_owned(),
            );
        }
        draft
    }

    fn access(&self, endpoint: &Endpoint, draft: &mut Draft) {
        let access = &endpoint.access;
        for place in access.evidence() {
            draft.notes.push(format!("{}:{}: {}", place.file, place.line, place.what));
        }
        if let Some(setting) = access.setting() {
            draft.notes.push(format!("the setting `{setting}` switches this; taken as its default says"));
        }
        if let Some(reason) = access.known().reason() {
            draft.notes.push(format!("assumed: {reason}"));
        }
        match (access.verdict(), access.certainty()) {
            (AccessVerdict::Unknown, _) => {
                let gap = access.known().gap();
                let place = gap.map(|gap| match gap.line {
                    Some(line) => format!(" ({}:{line})", gap.file),
                    None => format!(" ({})", gap.file),
                });
                let reason = gap.map_or("who is admitted was not understood", |gap| &gap.reason);
                draft.refuse(false, format!("{reason}{}", place.unwrap_or_default()));
            }
            (AccessVerdict::Public, Certainty::Proven) => {
                draft.notes.push("public: nothing on the way to the handler refuses (proven)".to_owned());
                draft.route.settings.access = Some(Access::Public);
            }
            (AccessVerdict::Public, _) => {
                let why = access.known().reason().unwrap_or("not proven");
                draft.refuse(false, format!("that everybody is admitted is assumed: {why}"));
            }
            _ => self.protect(endpoint, draft),
        }
        if let Some(refused) = &draft.refused {
            let is_told = draft.notes.iter().any(|note| note.ends_with(&refused.reason));
            draft.notes.extend((!is_told).then(|| format!("refused: {}", refused.reason)));
        }
    }

    fn protect(&self, endpoint: &Endpoint, draft: &mut Draft) {
        let Some(requirement) = endpoint.access.requirement() else {
            return;
        };
        if requirement.admits_nobody() {
            draft.notes.push("nobody is admitted: the code refuses everybody".to_owned());
            return;
        }
        for alternative in requirement.alternatives().iter().flat_map(grants::spelled_out) {
            if let Some(grant) = grants::of_alternative(self, endpoint, &alternative, draft)
                && !draft.route.settings.allow.contains(&grant)
            {
                draft.route.settings.allow.push(grant);
            }
        }
        grants::drop_narrower(&mut draft.route.settings.allow);
        if draft.route.settings.allow.is_empty() {
            let why = draft.notes.iter().find_map(|note| note.strip_prefix("not expressed: "));
            let why = why.unwrap_or("the code asks for what a policy cannot say").to_owned();
            draft.refuse(true, why);
        }
    }
}

fn count(drafts: &[Draft], policy: &Policy, counts: &mut Counts) {
    let is_delegated = |grant: &Grant| matches!(policy.identity_named(&grant.identity), Some(Identity::Application(_)));
    for draft in drafts {
        counts.not_expressed += draft.not_expressed;
        match (draft.route.settings.admits(), &draft.refused) {
            (Admits::Everybody, _) => counts.public += 1,
            (Admits::AnyOf(grants), _) if grants.iter().any(is_delegated) => counts.delegated += 1,
            (Admits::AnyOf(_), _) => counts.protected += 1,
            (Admits::Nobody, Some(refused)) if refused.is_understood => counts.not_expressible += 1,
            (Admits::Nobody, Some(_)) => counts.not_understood += 1,
            (Admits::Nobody, None) => {}
        }
    }
}

/// What a reader must know first: how much is open, what is refused and why.
fn head(context: &Context<'_>, drafts: &[Draft], counts: &Counts) -> Vec<String> {
    let (report, application) = (context.report, context.application);
    let mut lines = vec![
        format!(
            "Derived by {} {} from the code of `{}` ({}:{}).",
            report.tool.name, report.tool.version, application.name, application.file, application.line
        ),
        "What is not listed is refused; an empty `allow` admits nobody; routes are tried in this order.".to_owned(),
        String::new(),
        format!("{:>4} routes admit everybody: `access = \"public\"`", counts.public),
        format!("{:>4} admit who is identified", counts.protected),
        format!(
            "{:>4} are delegated: the application verifies the credential, proven in its code (`kind = \"application\"`)",
            counts.delegated
        ),
        format!("{:>4} are refused because it was not understood who is admitted", counts.not_understood),
        format!("{:>4} are refused because a policy cannot say who is admitted", counts.not_expressible),
        format!(
            "{:>4} conditions of the code are `not expressed`: the application alone checks them",
            counts.not_expressed
        ),
        format!("{:>4} findings are shielded, {} are not", counts.shielded, counts.unshielded),
    ];
    if counts.partly_shielded > 0 {
        let partly = "of these are shielded in part: any identity passes (identified, not authorised)";
        lines.push(format!("{:>4} {partly}", counts.partly_shielded));
    }
    if counts.re_keyed > 0 {
        let re_keyed = "findings are about a known key, which no entry can shield: the gateway does not start with it";
        lines.push(format!("{:>4} {re_keyed}", counts.re_keyed));
    }
    if counts.mounts > 0 {
        lines.push(format!("{:>4} mounts are refused: nothing is known about who may read them", counts.mounts));
    }
    let refused = |is_understood: bool| {
        let mut by_reason: BTreeMap<&str, Vec<&Draft>> = BTreeMap::new();
        for draft in drafts {
            if let Some(refused) = draft.refused.as_ref().filter(|one| one.is_understood == is_understood) {
                by_reason.entry(&refused.reason).or_default().push(draft);
            }
        }
        by_reason
    };
    for (reason, drafts) in refused(false) {
        lines.extend([String::new(), format!("Refused, not understood: {reason}")]);
        lines.extend(drafts.iter().map(|draft| format!("  {}", draft.route.key)));
    }
    for (at, (reason, drafts)) in refused(true).into_iter().enumerate() {
        lines.extend((at == 0).then(String::new));
        let more = if drafts.len() > 1 { format!(" and {} more", drafts.len() - 1) } else { String::new() };
        let first = drafts.first().map(|draft| draft.route.key.to_string()).unwrap_or_default();
        lines.push(format!("Refused, not expressible: {reason}: {first}{more}"));
    }
    lines
}
