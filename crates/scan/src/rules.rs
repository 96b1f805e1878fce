//! Rules: what is looked for in an API, one file each. A rule file holds its page, its metadata and its check; one word in
//! `rules! { }` registers it. Everything that lists or explains rules is printed from [`RULES`].
//!
//! A check is a query over the model and says nothing about frameworks. It proposes `Draft`s; what follows from the rule
//! and the place (weakness, location, fingerprint) is filled in here. The page's examples are the rule's tests.

mod amounts;
mod api;
mod cookies;
mod fields;
mod flow;
mod header_fields;
mod limits;
mod literal_passwords;
mod origins;
mod outbound;
mod owners;
mod precedence;
mod refusal;
mod secret_names;
mod suppressions;
mod words;

use std::sync::{Arc, LazyLock};

use model::{
    Confidence, Endpoint, Evidence, Finding, FingerprintKey, Fingerprints, Fix, Gap, Location, Middleware, ObjectModel,
    Persona, Report, Severity, Shielding, Subject, TokenRecipe, Weakness,
};
use python::program::{Program, STUBS};
use rustc_hash::FxHashSet;

use api::Api;
use suppressions::{Suppression, Suppressions};

use openapi::Operation;

use crate::bodies::{self, Body, Sought};
use crate::calls::{Call, Watched};
use crate::defects;
use crate::documents::{self, Described};
use crate::effects::Stored;
use crate::flows::{Flow, Use};
use crate::literals::Literal;
use crate::project::Documents;

/// Declares the modules of the rules and lists the rules in this order.
macro_rules! rules {
    ($($module:ident)*) => {
        $(mod $module;)*

        /// All rules.
        pub static RULES: &[Rule] = &[$($module::RULE),*];
    };
}

rules! {
    unauthenticated_write
    unauthenticated_read
    optional_identity_used_as_required
    object_read_without_owner_check
    object_write_without_owner_check
    list_without_owner_filter
    owner_from_client
    sibling_without_role
    admin_without_role
    privileged_field_without_role
    extra_fields_kept
    unfiltered_model_update
    defaults_overwritten_by_request
    sensitive_field_in_answer
    secret_in_answer
    debug_endpoint
    guard_above_route
    guard_that_never_rejects
    webhook_without_signature
    old_version_with_weaker_guard
    credential_in_query
    balance_changed_after_check
    check_after_write
    role_compared_as_text
    tenant_not_compared
    write_by_get
    price_from_client
    negative_amount
    unreachable_route
    literal_token_key
    literal_secret_key
    literal_credential
    debug_mode
    decision_by_proxy_header
    fast_password_hash
    password_stored_in_plaintext
    guessable_secret
    predictable_random
    weak_digest
    weak_cipher
    constant_nonce
    short_key
    cookie_without_secure
    cookie_without_httponly
    cookie_without_samesite
    any_origin
    external_xml_entities
    unverified_certificate
    plain_http_request
    database_without_tls
    request_without_timeout
    weak_tls
    public_documentation
    csrf_protection_off
    any_host
    any_proxy
    unbounded_page
    unbounded_body
    blocking_call_in_async
    statements_in_log
    key_made_at_start
    weak_security_header
    passlib_with_bcrypt
    naive_token_time
    cors_as_csrf_protection
    denylist_validator
    limit_by_proxy_address
    unverified_token
    algorithm_from_token
    token_without_expiry
    refresh_token_kept
    session_kept_at_login
    short_password_accepted
    error_detail_in_answer
    assertion_as_guard
    password_in_log
    secret_compared_with_equals
    role_from_client
    identity_from_cookie
    session_id_from_client
    answer_tells_which_users_exist
    environment_in_answer
    short_code
    known_password
    csrf_exempt_write
    form_without_csrf_protection
    private_column_in_plaintext
    login_without_limit
    creation_without_limit
    technology_in_header
    user_input_in_sql
    user_input_in_command
    user_input_in_code
    user_input_in_template
    user_input_in_path
    user_input_in_url
    user_input_in_redirect
    user_input_in_html
    templates_without_escaping
    stored_input_in_html
    user_input_in_ldap_filter
    user_input_in_xpath
    user_input_deserialized
    user_input_in_document_filter
    upload_of_any_type
    private_answer_cached
    user_input_in_header
    host_in_link
    user_input_in_spreadsheet
    user_input_in_prompt
    model_answer_run
    archive_unpacked_outside
    archive_unpacked_without_limit
    super_linear_regex
    user_input_in_regex
    user_input_in_session
    user_input_in_log
    access_not_as_documented
    undocumented_endpoint
    ghost_endpoint
    schema_not_as_documented
    suppression_without_reason
    unused_suppression
}

/// A rule: what is looked for, how bad it is, and the page that explains it.
#[derive(Debug)]
pub struct Rule {
    /// The pattern it finds: kebab-case, unique, never changed.
    pub name: &'static str,
    /// The weakness that the pattern is.
    pub weakness: Weakness,
    /// How bad it is where nothing speaks for less.
    pub severity: Severity,
    /// Who sees it where nothing speaks for fewer.
    pub persona: Persona,
    /// What it finds, a clause without a full stop.
    pub summary: &'static str,
    /// What it does, why that is bad, examples and the fix, in Markdown. Blocks marked `python bad` are applications in
    /// which it fires on exactly the lines marked `# <- here`; in those marked `python good` it is silent. A line
    /// `# file: app/main.py` begins a file; one that begins with `# with ` stands for files in `tests/rules/beside`.
    pub page: &'static str,
    checks: &'static [Check],
}

impl Rule {
    /// Whether the trace of what it finds is a way: from where something comes in to where it is used, step by step.
    pub fn follows_a_way(&self) -> bool {
        self.checks.iter().any(|check| matches!(check, Check::Flow(..)))
    }
}

/// What a rule finds in how a kind of token is made and checked, and the place.
type TokenCheck = fn(&TokenRecipe, &Api<'_>) -> Option<(Draft, Evidence)>;

/// What a rule finds in a function, and the lines.
type CheckBody = fn(&Body<'_>, &Whole<'_>) -> Vec<(Draft, u32)>;

/// What a check looks at.
#[derive(Debug, Clone, Copy)]
enum Check {
    /// One endpoint of the project's own code, with the API around it.
    Endpoint(for<'a> fn(&'a Endpoint, &Api<'a>) -> Option<Draft>),
    /// One application as a whole.
    Api(fn(&Api<'_>) -> Option<Draft>),
    /// One middleware of an application.
    Middleware(fn(&Middleware, &Api<'_>) -> Option<Draft>),
    /// One kind of token of an application.
    Token(TokenCheck),
    /// One call of what is watched, wherever it stands in the program's own code.
    Call(&'static [Watched], fn(&Call, &Whole<'_>) -> Option<Draft>),
    /// Something that a client wrote, where it is used as this.
    Flow(Use, flow::Says),
    /// What clients store and a page prints as it is.
    Stored(fn(&Stored, &Whole<'_>) -> Draft),
    /// What stands in the code under a name that speaks of secrets or of debugging.
    Literal(fn(&Literal, &Whole<'_>) -> Option<Draft>),
    /// One function of the program's own files whose text holds one of the words, whoever calls it.
    Body(&'static [&'static str], CheckBody),
    /// The same where the text has to hold more than one word, or only handlers of endpoints count.
    BodyWith(Sought, CheckBody),
    /// One object model of the project.
    Object(fn(&ObjectModel) -> Option<Draft>),
    /// One operation of a document that nothing in the code answers.
    Ghost(fn(&Operation, &Described<'_>) -> Draft),
    /// One comment that suppresses findings, after all others are known.
    Suppression(fn(&Suppression) -> Option<Draft>),
}

/// What a check found; the rule and the place are known to who asked it.
#[derive(Debug)]
struct Draft {
    severity: Severity,
    confidence: Confidence,
    persona: Persona,
    message: String,
    trace: Vec<Evidence>,
    fix: Option<Fix>,
    shielding: Shielding,
}

impl Draft {
    /// What a rule finds where nothing speaks for less, with what to do about it; no gateway can do anything about it, for a reason.
    fn of(rule: &Rule, confidence: Confidence, message: String, fix: impl Into<String>, unshielded: &str) -> Self {
        Self {
            severity: rule.severity,
            confidence,
            persona: rule.persona,
            message,
            trace: Vec::new(),
            fix: Some(Fix::text(fix)),
            shielding: Shielding::Unshielded { reason: unshielded.to_owned() },
        }
    }

    /// The same for fewer.
    fn for_persona(self, persona: Persona) -> Self {
        Self { persona: self.persona.max(persona), ..self }
    }
}

/// Where a draft belongs.
#[derive(Clone, Copy)]
enum Place<'a> {
    Endpoint(&'a Endpoint),
    Api(&'a Api<'a>),
    /// Somewhere in the code of an application.
    Code(&'a Api<'a>, &'a Evidence),
    /// Somewhere in the program's own code, reached from an endpoint or not.
    Spot(Spot<'a>),
    /// An operation of a document that describes an application.
    Document(&'a Described<'a>, &'a Operation),
    Suppression(&'a Suppression),
}

/// The calls that rules ask about.
pub(crate) static WATCHED: LazyLock<Vec<Watched>> = LazyLock::new(|| {
    let of_check = |check: Check| match check {
        Check::Call(watched, _) => watched,
        _ => &[],
    };
    checks().flat_map(|(_, check)| of_check(check)).copied().collect()
});

/// A place in the program's own code.
#[derive(Clone, Copy)]
struct Spot<'a> {
    report: &'a Report,
    file: &'a Arc<str>,
    line: u32,
    /// The function around it.
    within: &'a str,
    /// What tells it from others there, without a secret.
    what: &'a str,
    /// The first endpoint from which it is reached.
    endpoint: Option<&'a Endpoint>,
}

/// What rules ask about beside the model.
pub(crate) struct Code {
    /// Calls of what rules watch.
    pub(crate) calls: Vec<Call>,
    /// What clients wrote, where it is used.
    pub(crate) flows: Vec<Flow>,
    /// What stands in the code under telling names.
    pub(crate) literals: Vec<Literal>,
    /// Where environments of templates are made that do not escape, and of which something is answered: file and line.
    pub(crate) unescaped: Vec<(Arc<str>, u32)>,
    /// What clients store and pages print.
    pub(crate) stored: Vec<Stored>,
}

/// A project as a whole, as rules about its code ask about it.
pub(crate) struct Whole<'a> {
    report: &'a Report,
    program: &'a Program,
    code: &'a Code,
}

impl Whole<'_> {
    /// Whether an environment of templates that is made at a place does not escape, and something is rendered from it for an answer.
    fn renders_unescaped(&self, file: &str, line: u32) -> bool {
        self.code.unescaped.iter().any(|(own, at)| **own == *file && *at == line)
    }

    /// Whether a file of the program's own that is no test holds one of some words.
    fn speaks_of(&self, words: &[&str]) -> bool {
        api::speaks_of(self.program, words)
    }
}

/// Asks all rules and adds what they find to a report.
pub(crate) fn run(report: &mut Report, program: &Program, documents: &Documents, code: &Code) {
    let described = documents::join(report, documents);
    let fingerprints = Fingerprints::default();
    let mut asked = Asked { program, documents, fingerprints, findings: Vec::new(), gaps: Vec::new() };
    for application in &report.applications {
        asked.about_api(&Api::new(report, application, &described, program));
    }
    asked.about_code(report, code);
    let mut suppressions = Suppressions::of(program);
    let mut findings = std::mem::take(&mut asked.findings);
    findings.retain(|finding| !suppressions.suppress(finding));
    for suppression in suppressions.all() {
        asked.about_suppression(suppression);
    }
    drop_told_better(&mut findings);
    report.findings.extend(findings);
    report.findings.extend(asked.findings);
    report.gaps.extend(asked.gaps);
}

/// General rules, each with those that tell the same better: at one place only they speak.
const TOLD_BETTER: &[(&str, &[&str])] = &[
    (
        literal_credential::RULE.name,
        &[literal_token_key::RULE.name, literal_secret_key::RULE.name, known_password::RULE.name],
    ),
    (predictable_random::RULE.name, &[guessable_secret::RULE.name, short_code::RULE.name]),
    (weak_digest::RULE.name, &[fast_password_hash::RULE.name]),
];

/// What a rule of its own speaks of is not told again by a general one.
fn drop_told_better(findings: &mut Vec<Finding>) {
    let place = |one: &Finding| (Arc::clone(&one.location.file), one.location.line);
    for (general, own) in TOLD_BETTER {
        let told = findings.iter().filter(|one| own.contains(&&*one.rule));
        let places: FxHashSet<_> = told.map(place).collect();
        findings.retain(|one| &*one.rule != *general || !places.contains(&place(one)));
    }
}

/// The answers of the rules.
struct Asked<'p> {
    program: &'p Program,
    documents: &'p Documents,
    fingerprints: Fingerprints,
    findings: Vec<Finding>,
    gaps: Vec<Gap>,
}

impl Asked<'_> {
    fn about_api(&mut self, api: &Api<'_>) {
        for (rule, check) in checks() {
            match check {
                Check::Endpoint(check) => {
                    for endpoint in api.own_endpoints() {
                        let at = &endpoint.handler;
                        let draft = self.asked(rule, &at.file, Some(at.line), || check(endpoint, api));
                        self.add(rule, draft, Place::Endpoint(endpoint));
                    }
                }
                Check::Api(check) => {
                    let at = api.application;
                    let draft = self.asked(rule, &at.file, Some(at.line), || check(api));
                    self.add(rule, draft, Place::Api(api));
                }
                Check::Middleware(check) => {
                    for one in &api.application.middleware {
                        let at = &one.evidence;
                        let draft = self.asked(rule, &at.file, Some(at.line), || check(one, api));
                        self.add(rule, draft, Place::Code(api, at));
                    }
                }
                Check::Token(check) => self.about_tokens(api, rule, check),
                Check::Ghost(check) => self.about_ghosts(api, rule, check),
                Check::Object(_)
                | Check::Stored(_)
                | Check::Call(..)
                | Check::Flow(..)
                | Check::Literal(_)
                | Check::Body(..)
                | Check::BodyWith(..)
                | Check::Suppression(_) => {}
            }
        }
    }

    fn about_code(&mut self, report: &Report, code: &Code) {
        let whole = Whole { report, program: self.program, code };
        for (rule, check) in checks() {
            match check {
                Check::Call(watched, check) => {
                    let is_watched = |call: &&Call| watched.iter().any(|one| call.name.starts_with(one.name));
                    for call in code.calls.iter().filter(is_watched) {
                        let draft = self.asked(rule, &call.file, Some(call.line), || check(call, &whole));
                        self.add(rule, draft, Place::Spot(Spot::of_call(report, call)));
                    }
                }
                Check::Flow(used_as, says) => {
                    for flow in code.flows.iter().filter(|flow| flow.used_as == used_as) {
                        let draft =
                            self.asked(rule, &flow.at.file, Some(flow.at.line), || says.draft(rule, flow, &whole));
                        self.add(rule, draft, Place::Spot(Spot::of_flow(report, flow)));
                    }
                }
                Check::Object(check) => {
                    for object in &report.objects {
                        let at = &object.evidence;
                        let draft = self.asked(rule, &at.file, Some(at.line), || check(object));
                        self.add(rule, draft, Place::Spot(Spot::of_object(report, object)));
                    }
                }
                Check::Stored(check) => {
                    for stored in &code.stored {
                        let at = &stored.at;
                        let draft = self.asked(rule, &at.file, Some(at.line), || Some(check(stored, &whole)));
                        self.add(rule, draft, Place::Spot(Spot::of_stored(report, stored)));
                    }
                }
                Check::Literal(check) => {
                    for literal in &code.literals {
                        let draft = self.asked(rule, &literal.file, Some(literal.line), || check(literal, &whole));
                        self.add(rule, draft, Place::Spot(Spot::of_literal(report, literal)));
                    }
                }
                _ => {}
            }
        }
        self.about_bodies(&whole);
    }

    /// One walk for all rules, so that a body is lowered once.
    fn about_bodies(&mut self, whole: &Whole<'_>) {
        let of_bodies = checks().filter_map(|(rule, check)| match check {
            Check::Body(words, check) => Some((rule, Sought::words(words), check)),
            Check::BodyWith(sought, check) => Some((rule, sought, check)),
            _ => None,
        });
        let all: Vec<_> = of_bodies.collect();
        let sought: Vec<Sought> = all.iter().map(|(_, sought, _)| *sought).collect();
        bodies::each(self.program, whole.report, &sought, |body, index| {
            let (rule, _, check) = all[index];
            self.about_body(whole, rule, body, check);
        });
    }

    fn about_body(&mut self, whole: &Whole<'_>, rule: &'static Rule, body: &Body<'_>, check: CheckBody) {
        let line = body.line(body.span);
        let what = format_args!("the rule `{}`", rule.name);
        match defects::caught(&body.source.path, Some(line), what, || check(body, whole)) {
            Ok(found) => {
                for (draft, line) in found {
                    self.add(rule, Some(draft), Place::Spot(Spot::of_body(whole.report, body, line)));
                }
            }
            Err(gap) => self.gaps.push(gap),
        }
    }

    /// Several kinds of tokens may share a key: one finding for a place.
    fn about_tokens(&mut self, api: &Api<'_>, rule: &'static Rule, check: TokenCheck) {
        let at = api.application;
        let mut places: Vec<Evidence> = Vec::new();
        for token in &at.tokens {
            let what = format!("the rule `{}`", rule.name);
            let found = defects::caught(&at.file, Some(at.line), &what, || check(token, api));
            let found = found.unwrap_or_else(|gap| {
                self.gaps.push(gap);
                None
            });
            if let Some((draft, place)) = found.filter(|(_, place)| !places.contains(place)) {
                self.add(rule, Some(draft), Place::Code(api, &place));
                places.push(place);
            }
        }
    }

    fn about_ghosts(&mut self, api: &Api<'_>, rule: &'static Rule, check: fn(&Operation, &Described<'_>) -> Draft) {
        for described in &api.documents {
            for operation in &described.ghosts {
                let file = &described.document.file;
                let draft = self.asked(rule, file, Some(operation.line), || Some(check(operation, described)));
                self.add(rule, draft, Place::Document(described, operation));
            }
        }
    }

    /// What a rule answers; a rule that fails inside has no answer, which is a gap.
    fn asked(
        &mut self,
        rule: &Rule,
        file: &Arc<str>,
        line: Option<u32>,
        check: impl FnOnce() -> Option<Draft>,
    ) -> Option<Draft> {
        let what = format!("the rule `{}`", rule.name);
        defects::caught(file, line, &what, check).unwrap_or_else(|gap| {
            self.gaps.push(gap);
            None
        })
    }

    fn about_suppression(&mut self, suppression: &Suppression) {
        for (rule, check) in checks() {
            if let Check::Suppression(check) = check {
                self.add(rule, check(suppression), Place::Suppression(suppression));
            }
        }
    }

    fn add(&mut self, rule: &'static Rule, draft: Option<Draft>, place: Place<'_>) {
        let Some(draft) = draft else { return };
        debug_assert!(draft.persona >= rule.persona, "`{}` names the widest circle that it tells", rule.name);
        let (subject, symbol, sink) = place.identity();
        let key = FingerprintKey::new(rule.name, subject, symbol, sink);
        self.findings.push(Finding {
            persona: draft.persona,
            application: place.application(),
            endpoint: match place {
                Place::Endpoint(endpoint) => Some(endpoint.id().clone()),
                Place::Document(_, operation) => Some(operation.route.id().clone()),
                Place::Spot(spot) => spot.endpoint.map(|endpoint| endpoint.id().clone()),
                Place::Api(_) | Place::Code(..) | Place::Suppression(_) => None,
            },
            shielding: draft.shielding,
            trace: draft.trace,
            fix: draft.fix,
            ..Finding::new(
                rule.name,
                rule.weakness,
                draft.severity,
                draft.confidence,
                self.location(place),
                draft.message,
                self.fingerprints.next(key),
            )
        });
    }

    /// The place; a line is marked from its first character on that is no blank.
    fn location(&self, place: Place<'_>) -> Location {
        let (file, line, column) = match place {
            Place::Endpoint(endpoint) => (&endpoint.handler.file, endpoint.handler.line, None),
            Place::Api(api) => (&api.application.file, api.application.line, None),
            Place::Code(_, place) => (&place.file, place.line, None),
            Place::Spot(spot) => (spot.file, spot.line, None),
            Place::Document(described, operation) => (&described.document.file, operation.line, None),
            Place::Suppression(one) => (&one.file, one.line, Some(one.column)),
        };
        let text = text_of(self.program, file).or_else(|| self.documents.text(file)).unwrap_or_default();
        let start = (line as usize).checked_sub(1);
        let start = start.and_then(|index| text.lines().nth(index));
        let blanks = start.map_or(0, |text| text.chars().take_while(|c| c.is_whitespace()).count());
        Location {
            file: Arc::clone(file),
            line,
            end_line: line,
            column: column.unwrap_or_else(|| u32::try_from(blanks + 1).unwrap_or(u32::MAX)),
        }
    }
}

impl<'a> Spot<'a> {
    fn of_call(report: &'a Report, call: &'a Call) -> Self {
        Self {
            report,
            file: &call.file,
            line: call.line,
            within: call.within.as_deref().unwrap_or(""),
            // Not its text: a password may stand in that, and a fingerprint of a short one can be undone by trying.
            what: &call.name,
            endpoint: call.endpoint(report),
        }
    }

    fn of_flow(report: &'a Report, flow: &'a Flow) -> Self {
        let endpoint = flow.endpoints.first().and_then(|index| report.endpoints.get(*index));
        Self { report, file: &flow.at.file, line: flow.at.line, within: &flow.within, what: &flow.by, endpoint }
    }

    fn of_stored(report: &'a Report, stored: &'a Stored) -> Self {
        let endpoint = report.endpoints.get(stored.printer);
        let what = stored.column.as_deref().unwrap_or(&stored.model);
        Self { report, file: &stored.at.file, line: stored.at.line, within: "", what, endpoint }
    }

    fn of_object(report: &'a Report, object: &'a ObjectModel) -> Self {
        let at = &object.evidence;
        Self { report, file: &at.file, line: at.line, within: "", what: &object.name, endpoint: None }
    }

    fn of_literal(report: &'a Report, literal: &'a Literal) -> Self {
        let within = literal.within.as_deref().unwrap_or("");
        Self { report, file: &literal.file, line: literal.line, within, what: &literal.name, endpoint: None }
    }

    fn of_body(report: &'a Report, body: &'a Body<'_>, line: u32) -> Self {
        let endpoint = body.endpoints.first().and_then(|index| report.endpoints.get(*index));
        Self { report, file: &body.source.path, line, within: body.name.as_str(), what: "", endpoint }
    }

    /// The application from which it is reached, or the only one.
    fn application(&self) -> Option<Arc<str>> {
        match (self.endpoint, self.report.applications.as_slice()) {
            (Some(endpoint), _) => Some(Arc::clone(&endpoint.application)),
            (None, [only]) => Some(Arc::clone(&only.name)),
            (None, _) => None,
        }
    }
}

impl Place<'_> {
    /// What the fingerprint is made of: subject, symbol, marked code.
    fn identity(&self) -> (Subject, &str, &str) {
        match self {
            Self::Endpoint(endpoint) => {
                let subject =
                    Subject::Endpoint { application: Arc::clone(&endpoint.application), id: endpoint.id().clone() };
                (subject, &endpoint.handler.name, "")
            }
            Self::Api(api) => {
                let subject = Subject::File(Arc::clone(&api.application.file));
                (subject, &api.application.name, "")
            }
            Self::Code(api, place) => (Subject::File(Arc::clone(&place.file)), &api.application.name, ""),
            Self::Spot(spot) => (Subject::File(Arc::clone(spot.file)), spot.within, spot.what),
            Self::Document(described, operation) => {
                let subject = Subject::File(Arc::clone(&described.document.file));
                (subject, &operation.path, operation.route.id().method().as_str())
            }
            Self::Suppression(one) => (Subject::File(Arc::clone(&one.file)), "", &one.text),
        }
    }

    fn application(&self) -> Option<Arc<str>> {
        match self {
            Self::Endpoint(endpoint) => Some(Arc::clone(&endpoint.application)),
            Self::Api(api) | Self::Code(api, _) => Some(Arc::clone(&api.application.name)),
            Self::Spot(spot) => spot.application(),
            Self::Document(described, _) => Some(Arc::clone(&described.application)),
            Self::Suppression(_) => None,
        }
    }
}

/// The lines of findings whose marked code, or a place on the way to it, is a secret: it is not shown.
pub(crate) fn lines_with_secrets(report: &Report) -> Vec<(Arc<str>, u32)> {
    const OF_SECRETS: &[&str] = &[
        literal_secret_key::RULE.name,
        literal_credential::RULE.name,
        known_password::RULE.name,
        literal_token_key::RULE.name,
    ];
    let about_secrets = report.findings.iter().filter(|finding| OF_SECRETS.contains(&&*finding.rule));
    let places = about_secrets.flat_map(|finding| {
        let marked = (Arc::clone(&finding.location.file), finding.location.line);
        let on_the_way = finding.trace.iter().map(|place| (Arc::clone(&place.file), place.line));
        std::iter::once(marked).chain(on_the_way)
    });
    places.collect()
}

fn checks() -> impl Iterator<Item = (&'static Rule, Check)> {
    let of = |rule: &'static Rule| rule.checks.iter().map(move |check| (rule, *check));
    RULES.iter().flat_map(of)
}

/// The uses of what clients write of which a rule tells.
#[cfg(test)]
pub(crate) fn uses() -> impl Iterator<Item = Use> {
    checks().filter_map(|(_, check)| match check {
        Check::Flow(used_as, _) => Some(used_as),
        _ => None,
    })
}

/// The text of a file of the project.
fn text_of<'p>(program: &'p Program, path: &str) -> Option<&'p str> {
    let is_own = !path.starts_with(STUBS);
    let file = program.at(path).filter(|_| is_own)?;
    Some(&program.file(file).text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_kebab_case_and_lead_to_a_whole_page() {
        let names: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        for rule in RULES {
            let lower = |b: u8| b.is_ascii_lowercase() || b == b'-';
            assert!(rule.name.bytes().all(lower), "{}", rule.name);
            assert!(!rule.summary.ends_with('.'), "{}", rule.name);
            for heading in ["What it does", "Why is this bad?", "Example", "Fix"] {
                let heading = format!("## {heading}\n");
                assert!(rule.page.contains(&heading), "{}: {heading}", rule.name);
            }
        }
    }

    #[test]
    fn questions_about_bodies_have_a_bit_each() {
        let of_bodies = checks().filter(|(_, check)| matches!(check, Check::Body(..) | Check::BodyWith(..)));
        assert!(of_bodies.count() <= bodies::SOUGHT_MAX);
    }
}
