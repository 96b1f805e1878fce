//! Who is admitted, and what decides it, in a few words: for tables.

use model::{Access, AccessVerdict, AuthRequirement, Certainty, Condition, Endpoint, Test};

use super::text::shown;

/// Alternatives and conditions beyond these are counted.
const NAMED_MAX: usize = 3;

/// Marks what is assumed, not proven.
pub(crate) const ASSUMED: &str = "*";

/// Who is admitted: `public`, `login`, `role admin`, `owner`, `nobody`, `?`; with a mark where it is assumed.
pub(crate) fn admitted(access: &Access) -> String {
    let word = match access.requirement() {
        None => "?".to_owned(),
        Some(requirement) => match access.verdict() {
            AccessVerdict::Public => "public".to_owned(),
            AccessVerdict::Authenticated => "login".to_owned(),
            AccessVerdict::Restricted | AccessVerdict::Unknown => restriction(requirement),
        },
    };
    match access.certainty() {
        Certainty::Assumed => word + ASSUMED,
        Certainty::Proven | Certainty::Unknown => word,
    }
}

/// What decides who is admitted: the guards that the evidence names, else the schemes; for what was not understood, the
/// reason; with the setting that switches it. Empty where nothing does.
pub(crate) fn granted_by(access: &Access) -> String {
    if let Some(gap) = access.known().gap() {
        return shown(&gap.reason).into_owned();
    }
    let mut names = guards(access);
    if names.is_empty() {
        names = schemes(access);
    }
    let mut text = listed(&names, ", ");
    if let Some(setting) = access.setting() {
        let blank = if text.is_empty() { "" } else { " " };
        text = format!("{text}{blank}unless {} differs", shown(setting));
    }
    text
}

/// What decides who is admitted to an endpoint, and whether the endpoint is on its way out.
pub(crate) fn remarks(endpoint: &Endpoint) -> String {
    let granted = granted_by(&endpoint.access);
    match (endpoint.deprecated, granted.is_empty()) {
        (false, _) => granted,
        (true, true) => "deprecated".to_owned(),
        (true, false) => format!("{granted}, deprecated"),
    }
}

fn restriction(requirement: &AuthRequirement) -> String {
    if requirement.admits_nobody() {
        return "nobody".to_owned();
    }
    let mut ways: Vec<String> = Vec::new();
    for alternative in requirement.alternatives() {
        let conditions: Vec<String> = alternative.iter().filter_map(condition).collect();
        let way = listed(&conditions, " + ");
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    // `role a or role b` reads better as `role a or b`.
    let kinds = ["role ", "scope ", "permission "];
    let kind = kinds.into_iter().find(|kind| ways.iter().all(|way| way.starts_with(kind) && !way.contains('+')));
    if let Some(kind) = kind {
        for way in ways.iter_mut().skip(1) {
            way.drain(..kind.len());
        }
    }
    listed(&ways, " or ")
}

/// A condition that asks for more than an identified principal.
fn condition(condition: &Condition) -> Option<String> {
    match &condition.test {
        Test::Scheme(_) => None,
        Test::Scope(name) => Some(format!("scope {}", shown(name))),
        Test::Role(name) => Some(format!("role {}", shown(name))),
        Test::Permission(name) => Some(format!("permission {}", shown(name))),
        Test::Ownership(_) => Some("owner".to_owned()),
        Test::Tenant(_) => Some("tenant".to_owned()),
    }
}

/// The functions and classes with which the evidence begins: `get_current_user` of `get_current_user raises 403`.
fn guards(access: &Access) -> Vec<String> {
    if access.verdict() == AccessVerdict::Public {
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    for place in access.evidence() {
        let first = place.what.split_whitespace().next().unwrap_or_default();
        let name = last_segment(first.trim_matches('`'));
        if is_name(name) && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn schemes(access: &Access) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let requirement = access.requirement();
    for condition in requirement.into_iter().flat_map(AuthRequirement::conditions) {
        if let Test::Scheme(name) = &condition.test {
            let name = shown(last_segment(name)).into_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The last name of a qualified one: `app.deps.get_user` is `get_user` to a reader.
fn last_segment(name: &str) -> &str {
    name.rsplit(['.', ':']).next().unwrap_or(name)
}

/// Whether a word is a Python name with something of code about it, so that `the router` is not taken for one.
fn is_name(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && letters.all(|c| c.is_alphanumeric() || c == '_')
        && (word.contains('_') || word.chars().any(char::is_uppercase))
}

fn listed(names: &[String], between: &str) -> String {
    if names.len() <= NAMED_MAX {
        return names.join(between);
    }
    let first = names[..NAMED_MAX].join(between);
    format!("{first}{between}{} more", names.len() - NAMED_MAX)
}

/// How many endpoints there are of each kind of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    /// Everybody is admitted.
    pub(crate) public: usize,
    /// Every identified principal is admitted.
    pub(crate) login: usize,
    /// Only some are admitted.
    pub(crate) restricted: usize,
    /// Not understood.
    pub(crate) unknown: usize,
}

impl Tally {
    /// Counts endpoints.
    pub(crate) fn of<'a>(endpoints: impl IntoIterator<Item = &'a Endpoint>) -> Self {
        let mut tally = Self::default();
        for endpoint in endpoints {
            let count = match endpoint.access.verdict() {
                AccessVerdict::Public => &mut tally.public,
                AccessVerdict::Authenticated => &mut tally.login,
                AccessVerdict::Restricted => &mut tally.restricted,
                AccessVerdict::Unknown => &mut tally.unknown,
            };
            *count += 1;
        }
        tally
    }

    /// All of them.
    pub(crate) fn total(&self) -> usize {
        self.public + self.login + self.restricted + self.unknown
    }

    /// The kinds that occur: `3 public, 9 login`.
    pub(crate) fn listed(&self) -> String {
        let kinds = [
            (self.public, "public"),
            (self.login, "login"),
            (self.restricted, "restricted"),
            (self.unknown, "not understood"),
        ];
        let occurring = kinds.into_iter().filter(|(count, _)| *count > 0);
        let told: Vec<_> = occurring.map(|(count, kind)| format!("{count} {kind}")).collect();
        told.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use model::{Binding, Evidence, Gap, GapKind};

    use super::*;

    fn all_of(tests: &[Test]) -> AuthRequirement {
        AuthRequirement::all_of(tests.iter().cloned().map(Condition::from))
    }

    fn bearer() -> Test {
        Test::Scheme("OAuth2PasswordBearer".into())
    }

    #[test]
    fn access_is_a_word() {
        let role = |name: &str| all_of(&[bearer(), Test::Role(name.into())]);
        let table = [
            (AuthRequirement::everybody(), "public"),
            (AuthRequirement::nobody(), "nobody"),
            (all_of(&[bearer()]), "login"),
            (role("admin"), "role admin"),
            (role("admin").or(&role("staff")), "role admin or staff"),
            (all_of(&[bearer(), Test::Ownership(Binding::default())]), "owner"),
            (all_of(&[Test::Role("a".into()), Test::Scope("items:read".into())]), "scope items:read + role a"),
            (role("a").or(&role("b")).or(&role("c")).or(&role("d")), "role a or b or c or 1 more"),
        ];
        for (requirement, expected) in table {
            assert_eq!(admitted(&Access::required(requirement.clone(), vec![])), expected);
            let assumed = Access::assumed(requirement, "a default", vec![]);
            assert_eq!(admitted(&assumed), format!("{expected}*"));
        }
    }

    #[test]
    fn what_grants_access_is_named_as_in_the_code() {
        let place = |what: &str| Evidence::new("app/deps.py", 1, what);
        let by = |evidence| granted_by(&Access::required(all_of(&[bearer()]), evidence));
        assert_eq!(by(vec![]), "OAuth2PasswordBearer");
        assert_eq!(by(vec![place("a check that rejects")]), "OAuth2PasswordBearer");
        assert_eq!(
            by(vec![
                place("`app.deps.get_current_user` raises 403"),
                place("get_current_user raises 404"),
                place("RoleChecker raises 403")
            ]),
            "get_current_user, RoleChecker"
        );
        let switched = Access::required(all_of(&[bearer()]), vec![]).configurable_by("AUTH");
        assert_eq!(granted_by(&switched), "OAuth2PasswordBearer unless AUTH differs");
        let gap = Gap {
            kind: GapKind::UnresolvedGuard,
            file: "a.py".into(),
            line: None,
            reason: "`vendor.guard` is not\nin the project".into(),
        };
        assert_eq!(granted_by(&Access::unknown(gap)), "`vendor.guard` is not\\u{a}in the project");
        assert_eq!(granted_by(&Access::public(vec![place("Nothing_here")])), "");
    }
}
