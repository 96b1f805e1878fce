//! An application as rules ask about it: what is protected, and what stands around an endpoint.

use std::sync::Arc;

use indexmap::IndexMap;
use model::{
    Access, AccessVerdict, Application, Certainty, Converter, Endpoint, Method, ObjectModel, Origin, Place, Report,
    Schema, SchemaRef, Segment, Test, ValueType,
};

use openapi::{Document, Operation};

use python::code::{Function, FunctionBody};
use python::program::Program;
use python::source::SourceFile;

use super::precedence::Precedence;
use super::words::{self, Purpose};
use super::{fields, limits, secret_names};
use crate::bodies::holds;
use crate::documents::{Coverage, Described};
use crate::project::{Role, role_of};

/// An application is open throughout where at most one of so many endpoints turns anybody away.
const OPEN_THROUGHOUT: usize = 20;

/// An application with its endpoints.
pub(super) struct Api<'a> {
    pub(super) application: &'a Application,
    report: &'a Report,
    program: &'a Program,
    endpoints: Vec<Placed<'a>>,
    /// Of the project's own endpoints that may change something and are open, those apart whose path says why, the ones that
    /// one finding about the application tells of: all where it is open throughout, else those that a setting leaves open by its
    /// default. Empty where there are not at least two.
    pub(super) writes_together: Vec<&'a Endpoint>,
    /// The same of its own endpoints that only read.
    pub(super) reads_together: Vec<&'a Endpoint>,
    /// The OpenAPI documents that describe it.
    pub(super) documents: Vec<&'a Described<'a>>,
    /// What of it they cover.
    pub(super) coverage: Coverage<'a>,
    precedence: Precedence<'a>,
}

/// An endpoint with what its place among others is judged by.
struct Placed<'a> {
    endpoint: &'a Endpoint,
    resource: Vec<&'a str>,
    segments: Vec<&'a str>,
    version: Option<Version<'a>>,
}

/// The version that a path names, and the path without it, parameters without their names.
pub(super) type Version<'a> = (u32, Vec<&'a str>);

impl<'a> Api<'a> {
    pub(super) fn new(
        report: &'a Report,
        application: &'a Application,
        described: &'a [Described<'a>],
        program: &'a Program,
    ) -> Self {
        let all: Vec<&Endpoint> = report.endpoints_of(&application.name).collect();
        let endpoints: Vec<Placed<'a>> =
            all.iter().copied().filter(|one| !says_format_alone(one, &all)).map(Placed::of).collect();
        let open = || {
            let open = endpoints.iter().map(|placed| placed.endpoint);
            open.filter(|one| one.origin == Origin::Project && is_open(&one.access))
        };
        let documents: Vec<_> = described.iter().filter(|one| one.application == application.name).collect();
        let coverage = Coverage::of(endpoints.iter().map(|placed| placed.endpoint), &documents);
        let open_throughout = protected(&endpoints) * OPEN_THROUGHOUT <= endpoints.len();
        let told_together = |open: Vec<&'a Endpoint>| {
            let one_reason = |one: &&Endpoint| open_throughout || one.access.setting().is_some();
            let together: Vec<_> = open.into_iter().filter(one_reason).collect();
            if together.len() > 1 { together } else { Vec::new() }
        };
        Self {
            application,
            report,
            precedence: Precedence::of(application, endpoints.iter().map(|placed| placed.endpoint)),
            program,
            writes_together: told_together(open().filter(|one| is_unexpected_write(one)).collect()),
            reads_together: told_together(open().filter(|one| reads(one)).collect()),
            documents,
            coverage,
            endpoints,
        }
    }

    /// The endpoints of the project's own code.
    pub(super) fn own_endpoints(&self) -> impl Iterator<Item = &'a Endpoint> {
        let all = self.endpoints.iter().map(|placed| placed.endpoint);
        all.filter(|endpoint| endpoint.origin == Origin::Project)
    }

    /// Those of them that are about the same, as the path of this one says; itself, too.
    pub(super) fn own_endpoints_beside(&self, endpoint: &Endpoint) -> Vec<&'a Endpoint> {
        let own = resource(endpoint);
        let is_beside = |placed: &&Placed<'a>| placed.endpoint.origin == Origin::Project && placed.resource == own;
        let all = self.endpoints.iter().filter(|_| !own.is_empty());
        all.filter(is_beside).map(|placed| placed.endpoint).collect()
    }

    /// Endpoints of the framework and of libraries.
    pub(super) fn foreign_endpoints(&self) -> impl Iterator<Item = &'a Endpoint> {
        let all = self.endpoints.iter().map(|placed| placed.endpoint);
        all.filter(|endpoint| endpoint.origin != Origin::Project)
    }

    /// The endpoint for the same requests in the newest version of the API that is newer than its own.
    pub(super) fn newest_version_of(&self, endpoint: &Endpoint) -> Option<&'a Endpoint> {
        let own = self.endpoints.iter().find(|placed| std::ptr::eq(placed.endpoint, endpoint))?;
        let (version, path) = own.version.as_ref()?;
        let newer = |other: &&Placed<'a>| {
            let is_newer = |(number, rest): &Version<'_>| number > version && rest == path;
            other.version.as_ref().is_some_and(is_newer)
                && other.endpoint.origin == Origin::Project
                && other.endpoint.method() == endpoint.method()
        };
        let newest = self.endpoints.iter().filter(newer).max_by_key(|other| other.version.as_ref().map(|of| of.0))?;
        Some(newest.endpoint)
    }

    /// The object model of a name.
    pub(super) fn object(&self, name: &str) -> Option<&'a ObjectModel> {
        self.report.objects.iter().find(|model| *model.name == *name)
    }

    /// The object models of the project.
    pub(super) fn objects(&self) -> impl Iterator<Item = &'a ObjectModel> {
        self.report.objects.iter()
    }

    /// Whether a handler's own text speaks of refusing somebody who is known: what it asks on some of its ways is no requirement of the
    /// endpoint, and may be enough.
    pub(super) fn may_refuse_by_role(&self, endpoint: &Endpoint) -> bool {
        self.may_refuse_by_role_who_sets(endpoint, "")
    }

    /// The same of a handler that sets a column: that it names the column is no question, unless a condition reads it.
    pub(super) fn may_refuse_by_role_who_sets(&self, endpoint: &Endpoint, column: &str) -> bool {
        const REFUSES: &[&str] = &[
            "403",
            "FORBIDDEN",
            "Forbidden",
            "PermissionDenied",
            "PermissionError",
            "NotAuthorized",
            "Unauthorized",
            "is_admin",
            "is_superuser",
            "is_staff",
            "has_role",
            "has_perm",
        ];
        let text = self.text_of_handler(endpoint).unwrap_or_default();
        let asks = |word: &str| match word == column {
            true => text.lines().any(|line| reads_in_condition(line, word)),
            false => text.contains(word),
        };
        REFUSES.iter().any(|word| asks(word)) || self.has_guard_named_after_a_role(endpoint)
    }

    /// Whether a guard on the way to an endpoint has a name that speaks of a role which is not among what the endpoint is seen to ask for:
    /// what the guard asks may not have been seen through, and a finding that nobody asks would be about that.
    pub(super) fn has_guard_named_after_a_role(&self, endpoint: &Endpoint) -> bool {
        const ROLES: &[&str] = &[
            "admin",
            "admins",
            "administrator",
            "administrators",
            "superuser",
            "superusers",
            "super",
            "staff",
            "role",
            "roles",
            "permission",
            "permissions",
            "scope",
            "scopes",
            "owner",
            "moderator",
            "privileged",
            "acl",
            "rbac",
        ];
        if endpoint.access.verdict() != AccessVerdict::Authenticated {
            return false;
        }
        let names_a_role = |name: &str| secret_names::has_word(name, ROLES);
        let own = handler_name(endpoint);
        let of_evidence = endpoint.access.evidence().iter().flat_map(|one| one.what.split(' '));
        let head = head_of(self.program, endpoint).unwrap_or_default();
        of_evidence.chain(guards_in(head)).filter(|name| *name != own).any(names_a_role)
    }

    /// Whether a handler or what decorates it speaks of a limit of how often it may be called.
    pub(super) fn speaks_of_a_limit(&self, endpoint: &Endpoint) -> bool {
        let texts = [self.text_of_handler(endpoint), head_of(self.program, endpoint)];
        texts.into_iter().flatten().any(limits::speaks_of_one) || limits::has_throttles(self.program, endpoint)
    }

    /// Whether an endpoint that takes any method is seen to change something, or to look at the method or the body.
    pub(super) fn may_write_by_any_method(&self, endpoint: &Endpoint) -> bool {
        const LOOKS: &[&str] =
            &["POST", "PUT", "DELETE", "request.method", "request.body", "request.data", "request.FILES"];
        let text = self.text_of_handler(endpoint).unwrap_or_default();
        let changes = |effect: &model::Effect| {
            effect.writes() && !matches!(effect, model::Effect::File(_) | model::Effect::OutboundHttp(_))
        };
        endpoint.effects.iter().any(changes) || LOOKS.iter().any(|word| text.contains(word))
    }

    /// Whether the handler is a function that stands in the project's code.
    pub(super) fn is_written_out(&self, endpoint: &Endpoint) -> bool {
        self.text_of_handler(endpoint).is_some()
    }

    /// Whether the file of the handler speaks of Django REST framework.
    pub(super) fn is_rest_framework(&self, endpoint: &Endpoint) -> bool {
        let file = self.program.at(&endpoint.handler.file).map(|file| self.program.file(file));
        file.is_some_and(|file| memchr::memmem::find(file.text.as_bytes(), b"rest_framework").is_some())
    }

    /// Whether a file of the program's own that is no test holds one of some words.
    pub(super) fn speaks_of(&self, words: &[&str]) -> bool {
        speaks_of(self.program, words)
    }

    /// The text of the class that an object model is.
    pub(super) fn text_of_class(&self, model: &ObjectModel) -> &'a str {
        fields::text_of_class(self.program, model)
    }

    /// Whether the handler's own text takes a field of a name out of something: `data["role"]`, `data.get("role")`.
    pub(super) fn takes_by_name(&self, endpoint: &Endpoint, field: &str) -> bool {
        let text = self.text_of_handler(endpoint).unwrap_or_default();
        ["\"", "'"].iter().any(|quote| {
            let name = format!("{quote}{field}{quote}");
            text.match_indices(&name).any(|(at, _)| text[..at].ends_with('[') || text[..at].ends_with("get("))
        })
    }

    /// Whether a handler does nothing but show a page: `return render_template("about.html")`.
    pub(super) fn is_static_page(&self, endpoint: &Endpoint) -> bool {
        const SHOWS: &[&str] = &[
            "return render_template(",
            "return render(",
            "return FileResponse(",
            "return send_file(",
            "return templates.TemplateResponse(",
        ];
        let text = self.text_of_handler(endpoint).unwrap_or_default();
        let mut lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '"', '\'']));
        let is_def = lines.next().is_some_and(|line| line.ends_with(':'));
        let shows =
            lines.next().is_some_and(|line| SHOWS.iter().any(|begin| line.starts_with(begin)) && line.ends_with(')'));
        is_def && shows && lines.next().is_none() && endpoint.effects.is_empty()
    }

    pub(super) fn text_of_handler(&self, endpoint: &Endpoint) -> Option<&'a str> {
        let file = self.program.file(self.program.at(&endpoint.handler.file)?);
        let function = function_at(file, endpoint.handler.line)?;
        match function.body {
            FunctionBody::Deferred(span) => file.text.get(span.start as usize..span.end as usize),
            FunctionBody::Expression(_) => None,
        }
    }

    /// Whether an object model is that of the principals.
    pub(super) fn is_principal(&self, object: &str) -> bool {
        self.application.principals.iter().any(|principal| principal.object.as_deref() == Some(object))
    }

    /// The operations that documents have for an endpoint.
    pub(super) fn documented(&self, endpoint: &Endpoint) -> impl Iterator<Item = (&'a Document, &'a Operation)> {
        self.documents.iter().filter_map(|one| Some((one.document, one.operation(endpoint)?)))
    }

    /// The schemas of the report.
    pub(super) fn schemas(&self) -> &'a IndexMap<Arc<str>, Schema> {
        &self.report.schemas
    }

    /// The names of the fields of an endpoint's answer, as its schema says.
    pub(super) fn answered_fields(&self, endpoint: &Endpoint) -> Vec<String> {
        self.fields_of(endpoint.response.as_ref().and_then(|response| response.schema.as_ref()), true)
    }

    /// The names of the fields of the body that an endpoint takes, as its schema says.
    pub(super) fn taken_fields(&self, endpoint: &Endpoint) -> Vec<String> {
        self.fields_of(endpoint.request_body.as_ref().and_then(|body| body.schema.as_ref()), false)
    }

    /// What the schema of the body that an endpoint takes says of a field.
    pub(super) fn taken_field(&self, endpoint: &'a Endpoint, name: &str) -> Option<&'a serde_json::Value> {
        let schema = self.schema_of(endpoint.request_body.as_ref()?.schema.as_ref())?;
        schema.properties().find(|(own, _)| *own == name).map(|(_, schema)| schema)
    }

    /// The text of the class that declares the body of an endpoint.
    pub(super) fn text_of_body_class(&self, endpoint: &'a Endpoint) -> Option<&'a str> {
        let Some(SchemaRef::Named(name)) = endpoint.request_body.as_ref()?.schema.as_ref() else { return None };
        fields::text_of_class_named(self.program, name.rsplit('.').next().unwrap_or(name))
    }

    fn schema_of(&self, schema: Option<&'a SchemaRef>) -> Option<&'a Schema> {
        match schema? {
            SchemaRef::Named(name) => self.report.schemas.get(name),
            SchemaRef::Inline(schema) => Some(schema),
        }
    }

    fn fields_of(&self, schema: Option<&SchemaRef>, is_answer: bool) -> Vec<String> {
        let schema = match schema {
            Some(SchemaRef::Named(name)) => self.report.schemas.get(name),
            Some(SchemaRef::Inline(schema)) => Some(schema),
            None => None,
        };
        let own = schema.into_iter().flat_map(Schema::properties);
        // What is only taken is not answered.
        let is_kept = |schema: &serde_json::Value| schema.get("writeOnly") != Some(&serde_json::Value::Bool(true));
        own.filter(|(_, schema)| !is_answer || is_kept(schema)).map(|(name, _)| name.to_owned()).collect()
    }

    /// The claim that holds a column of the principals' model.
    pub(super) fn claim_of(&self, column: &str) -> Option<&'a str> {
        let claims = self.application.principals.iter().filter_map(|principal| principal.claim.as_ref()?.value());
        claims.filter(|binding| *binding.column == *column).map(|binding| &*binding.claim).next()
    }

    /// Whether the application asks nobody who they are, or hardly anybody: then that is said once, and not of each
    /// endpoint.
    pub(super) fn is_open_throughout(&self) -> bool {
        self.protected() * OPEN_THROUGHOUT <= self.endpoints.len()
    }

    /// How many endpoints turn somebody away.
    pub(super) fn protected(&self) -> usize {
        protected(&self.endpoints)
    }

    /// How many endpoints there are.
    pub(super) fn all(&self) -> usize {
        self.endpoints.len()
    }

    /// How many endpoints have a guard that was not understood.
    pub(super) fn not_understood(&self) -> usize {
        let unknown = |one: &Endpoint| one.access.verdict() == AccessVerdict::Unknown;
        self.own_endpoints().filter(|one| unknown(one)).count()
    }

    /// The setting that switches a check on at endpoints that are open by default.
    pub(super) fn setting(&self) -> Option<&'a str> {
        let mut open = self.writes_together.iter().chain(&self.reads_together);
        open.find_map(|one| one.access.setting())
    }

    /// The protected endpoint that says best how this one could be protected: of the same resource, of the same file, of
    /// the same kind.
    pub(super) fn nearest_protected(&self, endpoint: &'a Endpoint) -> Option<&'a Endpoint> {
        let this = Placed::of(endpoint);
        let protected = |other: &&Placed<'a>| is_protected(&other.endpoint.access);
        let others = self.endpoints.iter().filter(protected);
        let nearest = others.max_by(|a, b| {
            let nearness = this.nearness(a).cmp(&this.nearness(b));
            nearness.then_with(|| b.endpoint.id().cmp(a.endpoint.id()))
        });
        nearest.map(|placed| placed.endpoint)
    }

    /// The endpoint of the project that is registered before this one and takes all its requests.
    pub(super) fn registered_before(&self, endpoint: &Endpoint) -> Option<&'a Endpoint> {
        let before = self.endpoints[self.precedence.before(endpoint)?].endpoint;
        Some(before).filter(|before| before.handler != endpoint.handler)
    }

    /// The endpoints that read the same resource, itself included: `/users`, `/users/me` and `/users/{id}/contact` do.
    pub(super) fn reads_around(&self, endpoint: &Endpoint) -> Vec<&'a Endpoint> {
        let own = resource(endpoint);
        let is_around = |other: &&Placed<'a>| {
            let shorter = own.len().min(other.resource.len());
            let is_own = other.endpoint.origin == Origin::Project;
            let same = shorter > 0 && own[..shorter] == other.resource[..shorter];
            is_own && same && reads(other.endpoint)
        };
        let around = self.endpoints.iter().filter(is_around);
        around.map(|placed| placed.endpoint).collect()
    }
}

impl<'a> Placed<'a> {
    fn of(endpoint: &'a Endpoint) -> Self {
        let segments = endpoint.id().template().split('/').collect();
        Self { endpoint, resource: resource(endpoint), segments, version: version_of(endpoint) }
    }

    /// How near another endpoint is; the greater, the nearer.
    fn nearness(&self, other: &Self) -> impl Ord + use<> {
        let (own, its) = (self.endpoint, other.endpoint);
        (
            shared(&self.resource, &other.resource),
            !asks_itself(its),
            shared(&self.segments, &other.segments),
            own.handler.file == its.handler.file,
            own.method().is_safe() == its.method().is_safe(),
            own.method() == its.method(),
        )
    }
}

/// How many endpoints turn somebody away.
fn protected(endpoints: &[Placed<'_>]) -> usize {
    endpoints.iter().filter(|placed| is_protected(&placed.endpoint.access)).count()
}

/// Whether one finding tells of all these endpoints, and this is one of them.
pub(super) fn is_among(together: &[&Endpoint], endpoint: &Endpoint) -> bool {
    together.iter().any(|one| std::ptr::eq(*one, endpoint))
}

/// Whether an endpoint only reads.
pub(super) fn reads(endpoint: &Endpoint) -> bool {
    *endpoint.method() == Method::Get
}

/// Whether an endpoint may change something.
pub(super) fn may_change(endpoint: &Endpoint) -> bool {
    let method = endpoint.method();
    !method.is_safe() && *method != Method::Connect
}

/// Whether it may, and its path does not say that everybody is meant to call it.
pub(super) fn is_unexpected_write(endpoint: &Endpoint) -> bool {
    may_change(endpoint) && !matches!(words::purpose(endpoint), Some((Purpose::Everybody, _)))
}

/// Whether an endpoint is protected by its handler's own code, so that no other can take the check over as it is.
pub(super) fn asks_itself(endpoint: &Endpoint) -> bool {
    let conditions = endpoint.access.requirement().into_iter();
    let mut conditions = conditions.flat_map(model::AuthRequirement::conditions);
    conditions
        .any(|condition| matches!(&condition.test, Test::Scheme(scheme) if **scheme == *crate::access::IN_HANDLER))
}

/// Whether a line decides by an attribute: `if not current_user.is_admin:`.
fn reads_in_condition(line: &str, attribute: &str) -> bool {
    let line = line.trim_start();
    let is_condition = ["if ", "elif ", "assert ", "while "].iter().any(|begin| line.starts_with(begin));
    is_condition && line.contains(&format!(".{attribute}"))
}

/// Whether an endpoint is another one's with the format of the answer in its path, as routers of Django REST framework add it:
/// `/orders.{format}/` beside `/orders/`. What is said of one holds for the other.
fn says_format_alone(endpoint: &Endpoint, all: &[&Endpoint]) -> bool {
    const FORMAT: &str = ".{format}";
    let path = endpoint.path();
    let Some((before, after)) = path.split_once(FORMAT) else { return false };
    let plain = format!("{before}{after}");
    all.iter().any(|other| {
        let is_same = other.handler == endpoint.handler && other.method() == endpoint.method();
        is_same && other.access == endpoint.access && other.path() == plain
    })
}

/// The last part of the handler's name.
pub(super) fn handler_name(endpoint: &Endpoint) -> &str {
    let name = &*endpoint.handler.name;
    name.rsplit('.').next().unwrap_or(name)
}

/// The function of a module whose name stands on a line.
fn function_at(file: &SourceFile, line: u32) -> Option<&Function> {
    let line = file.span_of_line(line);
    file.code.functions().iter().find(|function| holds(line, function.name_span))
}

/// What stands before the body of an endpoint's handler: decorators and parameters.
pub(super) fn head_of<'p>(program: &'p Program, endpoint: &Endpoint) -> Option<&'p str> {
    let file = program.file(program.at(&endpoint.handler.file)?);
    let function = function_at(file, endpoint.handler.line)?;
    let FunctionBody::Deferred(span) = function.body else { return None };
    let decorators = file.code.list(function.decorators);
    let begin = decorators.first().map_or(span.start, |first| file.code.expr_span(*first).start.min(span.start));
    // The `@` of the first decorator stands before it.
    let begin = file.text.get(..begin as usize)?.rfind('\n').map_or(0, |end| end + 1);
    let text = file.text.get(begin..span.end as usize)?;
    let end = text.find("):").or_else(|| text.find(") ->"));
    Some(end.map_or(text, |end| &text[..end]))
}

/// The names in the head of a handler that guard it: what is given to `Depends` and `Security`, decorators without a path, types of
/// parameters that name an administrator.
fn guards_in(head: &str) -> impl Iterator<Item = &str> {
    const PEOPLE: &[&str] = &["admin", "administrator", "superuser", "staff", "moderator"];
    let is_end = |c: char| !c.is_alphanumeric() && c != '_' && c != '.';
    let name = move |rest: &str| rest.len() - rest.trim_start_matches(|c| !is_end(c)).len();
    let lines = head.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines.flat_map(move |line| {
        let given = ["Depends(", "Security("].into_iter().flat_map(move |call| {
            line.match_indices(call).map(move |(at, _)| {
                let rest = &line[at + call.len()..];
                &rest[..name(rest)]
            })
        });
        let decorator = line.strip_prefix('@').filter(|_| !line.contains(['"', '\'']));
        // Of a list of permission classes its members are guards, and not the list.
        let listed = decorator.and_then(|decorator| decorator.strip_prefix("permission_classes("));
        let members = listed.unwrap_or_default().split(is_end).filter_map(|name| name.rsplit('.').next());
        let members = members.filter(|name| !name.is_empty());
        let decorator = decorator.filter(|_| listed.is_none());
        let typed = line.split(": ").skip(1).map(move |rest| &rest[..name(rest)]);
        let typed = typed.filter(|name| secret_names::has_word(name, PEOPLE));
        given.chain(decorator).chain(members).chain(typed).collect::<Vec<_>>()
    })
}

/// How many items two lists begin with in common.
fn shared<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Whether everybody is proven to be admitted.
pub(super) fn is_open(access: &Access) -> bool {
    access.verdict() == AccessVerdict::Public && access.certainty() == Certainty::Proven
}

/// Whether somebody is turned away.
pub(super) fn is_protected(access: &Access) -> bool {
    matches!(access.verdict(), AccessVerdict::Authenticated | AccessVerdict::Restricted)
}

/// What an endpoint is about: the literal segments before its first parameter, without those that only say that this is
/// an API and for which tenant. Empty for `/`, `/api/v1` and `/{anything}`.
pub(super) fn resource(endpoint: &Endpoint) -> Vec<&str> {
    let mut found = Vec::new();
    for segment in endpoint.route.pattern().segments() {
        match segment {
            Segment::Literal("") => {}
            Segment::Literal(text) if found.is_empty() && words::says_only_api(text) => {}
            Segment::Literal(text) => found.push(text),
            Segment::Parameter(parameter) if found.is_empty() && words::names_a_tenant(&parameter.name) => {}
            _ => break,
        }
    }
    found
}

/// The version that a path names, if it does.
fn version_of(endpoint: &Endpoint) -> Option<Version<'_>> {
    let mut version = None;
    let mut rest = Vec::new();
    for segment in endpoint.route.pattern().segments() {
        match segment {
            Segment::Literal(text) => match text.strip_prefix('v').and_then(|number| number.parse::<u32>().ok()) {
                Some(number) if version.is_none() => version = Some(number),
                _ => rest.push(text),
            },
            _ => rest.push("{}"),
        }
    }
    Some((version?, rest))
}

/// Whether the path names an object by an id that can be counted or guessed. What is called `token` or `slug` is not one.
pub(super) fn takes_id(endpoint: &Endpoint) -> bool {
    let by_type = |name: &str| {
        endpoint.parameters.iter().any(|parameter| {
            parameter.place == Place::Path
                && &*parameter.name == name
                && matches!(parameter.value_type, ValueType::Integer | ValueType::Uuid)
        })
    };
    endpoint.route.pattern().parameters().any(|parameter| {
        let converted = matches!(parameter.converter, Converter::Integer | Converter::Uuid);
        let named = words::names_an_id(&parameter.name) && !words::names_a_tenant(&parameter.name);
        converted || named || by_type(&parameter.name)
    })
}

/// Whether a file of the program's own that is no test holds one of some words.
pub(super) fn speaks_of(program: &Program, words: &[&str]) -> bool {
    let is_own = |id, path| !program.is_stub(id) && role_of(path) == Role::Source;
    let mut files = program.files().filter(|(id, file)| is_own(*id, &file.path));
    files
        .any(|(_, file)| words.iter().any(|word| memchr::memmem::find(file.text.as_bytes(), word.as_bytes()).is_some()))
}

#[cfg(test)]
pub(super) mod tests {
    use model::{Handler, PathPattern, Route};

    use super::*;

    pub(in crate::rules) fn endpoint(method: &str, path: &str) -> Endpoint {
        let route = Route::new(method.parse().unwrap(), PathPattern::from_starlette(path));
        let handler = Handler::new("app.py", 1, "app.handler");
        Endpoint::new(route, "app:app", "fastapi", handler, Access::public(vec![]))
    }

    #[test]
    fn a_condition_reads_an_attribute() {
        assert!(reads_in_condition("    if not current_user.is_admin:", "is_admin"));
        assert!(!reads_in_condition("if \"is_admin\" in data:", "is_admin"), "a field of the request");
        assert!(!reads_in_condition("user.is_admin = data[\"is_admin\"]", "is_admin"), "what is set");
    }

    #[test]
    fn guards_by_the_names_that_stand_around_a_handler() {
        let guards = |head| guards_in(head).collect::<Vec<_>>();
        assert_eq!(guards("@admin_required\ndef change(pk"), ["admin_required"]);
        assert_eq!(guards("def change(user=Depends(deps.admin), at=Depends(clock)"), ["deps.admin", "clock"]);
        let listed = "@api_view()\n@permission_classes([permissions.IsAuthenticated, IsOwner])\ndef change(request";
        assert_eq!(guards(listed), ["api_view()", "IsAuthenticated", "IsOwner"]);
    }

    #[test]
    fn a_resource_is_named_by_the_words_before_the_first_parameter() {
        for (path, words) in [
            ("/", vec![]),
            ("/api/v1", vec![]),
            ("/{item_id}", vec![]),
            ("/api/v1/users/{user_id}/contact", vec!["users"]),
            ("/api/v1/{organization}/users/me/", vec!["users", "me"]),
            ("/v2/admin/banners", vec!["admin", "banners"]),
        ] {
            assert_eq!(resource(&endpoint("GET", path)), words, "{path}");
        }
    }

    #[test]
    fn ids_are_what_can_be_counted() {
        for path in ["/a/{id}", "/a/{order_id}", "/a/{n:int}", "/a/{orderId}"] {
            assert!(takes_id(&endpoint("GET", path)), "{path}");
        }
        for path in ["/a", "/a/{token}", "/a/{slug}", "/a/{void}", "/{tenant_id}/a"] {
            assert!(!takes_id(&endpoint("GET", path)), "{path}");
        }
    }
}
