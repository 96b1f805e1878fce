//! The application as attacks ask about it: which endpoint makes, lists, reads or deletes an object, and whom it admits.

use std::sync::Arc;

use model::{
    AccessVerdict, Application, Effect, Endpoint, EndpointId, EndpointKind, Method, ObjectEffect, ObjectModel, Origin,
    OwnerCheck, Parameter, ParameterRef, PathParameter, Place, Report, Test, TokenRecipe,
};

use crate::calls::Givens;
use crate::values::{Schemas, declared};

/// One application of a report.
#[derive(Clone)]
pub(crate) struct Api<'m> {
    pub(crate) report: &'m Report,
    pub(crate) application: &'m Application,
    pub(crate) schemas: Schemas<'m>,
    /// The project's own endpoints, in registration order.
    endpoints: Vec<&'m Endpoint>,
}

impl<'m> Api<'m> {
    pub(crate) fn new(report: &'m Report, application: &'m Application) -> Self {
        let of = |id: &EndpointId| report.endpoints_of(&application.name).find(|endpoint| endpoint.id() == id);
        let endpoints = application.endpoints.iter().filter_map(of).filter(|one| one.origin == Origin::Project);
        Self { report, application, schemas: Schemas::new(&report.schemas), endpoints: endpoints.collect() }
    }

    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &'m Endpoint> {
        self.endpoints.iter().copied()
    }

    pub(crate) fn endpoint(&self, id: &EndpointId) -> Option<&'m Endpoint> {
        self.endpoints().find(|endpoint| endpoint.id() == id)
    }

    pub(crate) fn object(&self, name: &str) -> Option<&'m ObjectModel> {
        self.report.objects.iter().find(|object| &*object.name == name)
    }

    /// The recipe by which identities are made: one that says how to log in or register, or else the first.
    pub(crate) fn recipe(&self) -> Option<&'m TokenRecipe> {
        let recipes = || self.application.tokens.iter();
        let whole = recipes().find(|one| one.login.is_some() && one.register.is_some());
        whole.or_else(|| recipes().find(|one| one.login.is_some())).or_else(|| recipes().next())
    }

    /// The object model that holds the principals of a recipe's tokens.
    pub(crate) fn principal_object(&self) -> Option<&'m Arc<str>> {
        let scheme = self.recipe().map(|recipe| &recipe.scheme);
        let principals = || self.application.principals.iter();
        let of_scheme = principals().find(|one| one.scheme.as_ref() == scheme && one.object.is_some());
        of_scheme.or_else(|| principals().find(|one| one.object.is_some()))?.object.as_ref()
    }

    /// The primary key of an object model, where it is one column; `id` where the model does not tell.
    pub(crate) fn key_column(&self, object: &str) -> &'m str {
        match self.object(object).map(|object| object.primary_key.as_slice()) {
            Some([column]) => column,
            _ => "id",
        }
    }

    /// The object model that a column of this name refers to.
    pub(crate) fn referred_by(&self, column: &str, nearest: Option<&str>) -> Option<&'m Arc<str>> {
        let own = self.report.objects.iter().filter(|object| nearest == Some(&*object.name));
        let all = own.chain(self.report.objects.iter());
        let mut keys = all.flat_map(|object| &object.foreign_keys);
        keys.find(|key| matches!(key.columns.as_slice(), [only] if **only == *column)).map(|key| &key.object)
    }

    /// Endpoints that make an object, those first that ask for least. One that asks for a role comes last: which role an
    /// identity gets by registering is not known.
    pub(crate) fn creators(&self, object: &str) -> Vec<&'m Endpoint> {
        let makes = |one: &&Endpoint| {
            let creates = |effect: &Effect| matches!(effect, Effect::Create(made) if *made.object == *object);
            one.effects.iter().any(creates) && matches!(one.method(), Method::Post | Method::Put)
        };
        let mut found: Vec<&Endpoint> = self.endpoints().filter(makes).collect();
        // What a collection makes, its own items take away; another way often does more than that.
        let deleter = self.deleter(object).map(|one| one.id().template().to_owned()).unwrap_or_default();
        let is_collection =
            |one: &Endpoint| deleter.strip_prefix(one.id().template()).is_some_and(|rest| rest == "/{}");
        found.sort_by_key(|one| {
            let asks = !self.admits_anyone(one);
            (asks, !is_collection(one), one.effects.len(), path_parameters(one), one.id().clone())
        });
        found
    }

    /// The first of [`listers`](Self::listers).
    pub(crate) fn lister(&self, object: &str, above: &Givens, roles: &[String]) -> Option<&'m Endpoint> {
        self.listers(object, above, roles).first().copied()
    }

    /// Endpoints that list objects and need nothing but an identity with these roles and these values for their path: those
    /// first that give their caller's own.
    pub(crate) fn listers(&self, object: &str, above: &Givens, roles: &[String]) -> Vec<&'m Endpoint> {
        let is_given = |one: &PathParameter| above.contains_key(&ParameterRef::new(Place::Path, Arc::clone(&one.name)));
        let lists = |one: &&Endpoint| {
            reads(one).any(|read| *read.object == *object && (read.many || read.key.is_none()))
                && one.route.pattern().parameters().all(is_given)
                && self.admits(one, roles)
                && one.parameters.iter().all(is_optional)
        };
        let mut found: Vec<&Endpoint> = self.safe().filter(lists).collect();
        // A list of the whole answer is surer than one that is part of something else.
        let is_own = |read: &ObjectEffect| *read.object == *object && read.owner_check == OwnerCheck::Proven;
        found.sort_by_key(|one| {
            let is_list = one.response.as_ref().is_some_and(|answer| answer.many);
            (!reads(one).any(is_own), !is_list, one.id().clone())
        });
        found
    }

    /// An endpoint that lists objects as far as its answer tells: a list through the schema that others show the object
    /// through. What it holds is looked at, and not taken for granted.
    pub(crate) fn lister_by_schema(&self, object: &str, above: &Givens) -> Option<&'m Endpoint> {
        let schema = |one: &'m Endpoint| one.response.as_ref().and_then(|answer| answer.schema.as_ref());
        let shows = |one: &&Endpoint| reads(one).any(|read| *read.object == *object && read.answered);
        let shown: Vec<_> = self.endpoints().filter(shows).filter_map(schema).collect();
        let is_given = |one: &PathParameter| above.contains_key(&ParameterRef::new(Place::Path, Arc::clone(&one.name)));
        let lists = |one: &&'m Endpoint| {
            one.response.as_ref().is_some_and(|answer| answer.many)
                && schema(one).is_some_and(|schema| shown.contains(&schema))
                && one.route.pattern().parameters().all(is_given)
                && self.admits_anyone(one)
                && one.parameters.iter().all(is_optional)
        };
        self.safe().find(lists)
    }

    /// An endpoint that reads an object by its key in the path.
    pub(crate) fn reader(&self, object: &str, roles: &[String]) -> Option<&'m Endpoint> {
        let by_key = |one: &&Endpoint| {
            let of_object = |read: &ObjectEffect| *read.object == *object && in_path(read).is_some();
            reads(one).any(of_object) && path_parameters(one) == 1 && self.admits(one, roles)
        };
        self.safe().filter(by_key).min_by_key(|one| (one.effects.len(), one.id().template().len()))
    }

    /// An endpoint that deletes an object by its key in the path; one that may ask for more than an identity only where
    /// there is no other: an owner is often admitted in ways that no requirement tells.
    pub(crate) fn deleter(&self, object: &str) -> Option<&'m Endpoint> {
        let by_key = |one: &&Endpoint| {
            let deletes = |effect: &Effect| matches!(effect, Effect::Delete(gone) if *gone.object == *object && in_path(gone).is_some());
            *one.method() == Method::Delete && one.effects.iter().any(deletes)
        };
        self.endpoints().filter(by_key).min_by_key(|one| (!self.admits_anyone(one), path_parameters(one)))
    }

    /// An endpoint by which a principal deletes itself: what it deletes is named by the credential alone. Where the model
    /// knows none, `DELETE` on the path that shows who asks, if nothing else is known of it; see [`mirrors`](Self::mirrors).
    pub(crate) fn leaver(&self) -> Option<&'m Endpoint> {
        let object = self.principal_object()?;
        let itself = |gone: &ObjectEffect| {
            let by_credential = |key: &model::ParameterRef| matches!(key.place, Place::Claim | Place::Session);
            gone.object == *object && gone.key.as_ref().is_none_or(by_credential)
        };
        let is_open = |one: &Endpoint| path_parameters(one) == 0 && self.admits_anyone(one);
        let leaves = |one: &&Endpoint| {
            let deletes = |effect: &Effect| matches!(effect, Effect::Delete(gone) if itself(gone));
            one.effects.iter().any(deletes) && is_open(one)
        };
        let likely = |one: &&Endpoint| {
            let deletes = *one.method() == Method::Delete && one.effects.is_empty();
            deletes && is_open(one) && self.mirrors(one.id().template())
        };
        self.endpoints().find(leaves).or_else(|| self.endpoints().find(likely))
    }

    /// Whether `GET` on a path answers whoever asks with columns of the principal's object model.
    fn mirrors(&self, template: &str) -> bool {
        let Some(principal) = self.principal_object().and_then(|object| self.object(object)) else { return false };
        self.safe().filter(|one| one.id().template() == template && self.admits_identified(one)).any(|one| {
            let answer = one.response.as_ref().filter(|answer| !answer.many);
            let schema = answer.and_then(|answer| self.schemas.of(answer.schema.as_ref()?)).unwrap_or_default();
            declared(&schema).filter(|name| principal.column(name).is_some()).count() > 1
        })
    }

    /// The `GET` on the path of an endpoint of which nothing is known: what that one did is looked at there.
    pub(crate) fn twin_of_unknown(&self, endpoint: &Endpoint) -> Option<&'m Endpoint> {
        let same = |one: &&Endpoint| endpoint.effects.is_empty() && one.id().template() == endpoint.id().template();
        self.safe().find(same)
    }

    /// The protected endpoint that is nearest to another one and can be asked without harm.
    pub(crate) fn protected_sibling(&self, endpoint: &Endpoint) -> Option<&'m Endpoint> {
        let own: Vec<&str> = endpoint.id().template().split('/').collect();
        let shared = |one: &Endpoint| {
            let its = one.id().template().split('/');
            its.zip(&own).take_while(|(a, b)| a == *b).count()
        };
        let askable = |one: &&Endpoint| {
            let protected = matches!(one.access.verdict(), AccessVerdict::Authenticated | AccessVerdict::Restricted);
            let simple = path_parameters(one) == 0 && one.parameters.iter().all(is_optional);
            protected && simple && one.effects.iter().all(|effect| !effect.writes())
        };
        // One that A may call as well is a better twin: then the same run shows that it admits the identified.
        self.safe().filter(askable).max_by_key(|one| (self.admits_identified(one), shared(one), one.id().clone()))
    }

    /// The nearest endpoint that asks for a role which none of these is, and can be asked without harm.
    pub(crate) fn sibling_with_role(&self, endpoint: &Endpoint, roles: &[String]) -> Option<&'m Endpoint> {
        let own: Vec<&str> = endpoint.id().template().split('/').collect();
        let shared = |one: &Endpoint| one.id().template().split('/').zip(&own).take_while(|(a, b)| a == *b).count();
        let asks = |one: &&Endpoint| {
            let is_simple = path_parameters(one) == 0 && one.parameters.iter().all(is_optional);
            let for_more = match roles {
                [] => !self.admits_anyone(one) && one.access.verdict() == AccessVerdict::Restricted,
                roles => self.lacking(one, roles).is_some(),
            };
            is_simple && for_more && one.effects.iter().all(|effect| !effect.writes())
        };
        self.safe().filter(asks).max_by_key(|one| (shared(one), one.id().clone()))
    }

    /// Whether an identity of the run is admitted: nothing is asked for, or only the credential that it has.
    pub(crate) fn admits_anyone(&self, endpoint: &Endpoint) -> bool {
        let Some(requirement) = endpoint.access.requirement() else { return true };
        let own = self.recipe().map(|recipe| &recipe.scheme);
        let has = |test: &Test| match test {
            Test::Scheme(scheme) => own.is_none_or(|own| own == scheme),
            Test::Ownership(_) | Test::Tenant(_) => true,
            Test::Scope(_) | Test::Role(_) | Test::Permission(_) => false,
        };
        requirement.alternatives().iter().any(|all| all.iter().all(|condition| has(&condition.test)))
    }

    /// Whether an identity with these roles is admitted, as far as they are known.
    fn admits(&self, endpoint: &Endpoint, roles: &[String]) -> bool {
        self.admits_anyone(endpoint) || (!roles.is_empty() && self.lacking(endpoint, roles).is_none())
    }

    /// The roles that an endpoint asks for and none of which is among these. None where it admits somebody with these
    /// roles, as far as they tell.
    pub(crate) fn lacking(&self, endpoint: &Endpoint, roles: &[String]) -> Option<Vec<String>> {
        if roles.is_empty() || self.admits_anyone(endpoint) {
            return None;
        }
        // `UserRole.CUSTOMER` in the code may well be `Customer` on the wire.
        let last = |role: &str| role.rsplit('.').next().unwrap_or(role).to_ascii_lowercase();
        let wanted: Vec<String> = endpoint
            .access
            .requirement()?
            .conditions()
            .filter_map(|condition| match &condition.test {
                Test::Role(role) => Some(role.to_string()),
                _ => None,
            })
            .collect();
        let has = |role: &String| roles.iter().any(|own| last(own) == last(role));
        (!wanted.is_empty() && !wanted.iter().any(has)).then_some(wanted)
    }

    /// Whether an identity is asked for, and any of the run's will do.
    pub(crate) fn admits_identified(&self, endpoint: &Endpoint) -> bool {
        endpoint.access.verdict() == AccessVerdict::Authenticated && self.admits_anyone(endpoint)
    }

    /// Endpoints that only read, over HTTP.
    fn safe(&self) -> impl Iterator<Item = &'m Endpoint> {
        self.endpoints().filter(|one| *one.method() == Method::Get && one.kind() == EndpointKind::Http)
    }
}

/// The reads among an endpoint's effects.
pub(crate) fn reads(endpoint: &Endpoint) -> impl Iterator<Item = &ObjectEffect> {
    endpoint.effects.iter().filter_map(|effect| match effect {
        Effect::Read(read) => Some(read),
        _ => None,
    })
}

/// The path parameter that names the object.
pub(crate) fn in_path(effect: &ObjectEffect) -> Option<&str> {
    effect.key.as_ref().filter(|key| key.place == Place::Path).map(|key| &*key.name)
}

/// Whether an endpoint changes or deletes objects, whatever its method says.
pub(crate) fn changes(endpoint: &Endpoint) -> bool {
    endpoint.effects.iter().any(|effect| matches!(effect, Effect::Update(_) | Effect::Delete(_)))
}

/// Whether a request is valid without a parameter; those of the path are counted apart.
fn is_optional(parameter: &Parameter) -> bool {
    !parameter.required || parameter.place == Place::Path
}

/// How many path parameters there are.
pub(crate) fn path_parameters(endpoint: &Endpoint) -> usize {
    endpoint.route.pattern().parameters().count()
}

/// The reason why an endpoint is never sent at a level, if there is one.
pub(crate) fn never_sent(endpoint: &Endpoint) -> Option<String> {
    let effect = endpoint.effects.iter().find(|effect| effect.is_never_sent())?;
    let what = match effect {
        Effect::Process(_) => "starts a process",
        Effect::Mail(_) => "sends mail",
        Effect::Money(_) => "moves money",
        _ => "changes tables",
    };
    let call = effect.outside().map(|outside| outside.call.to_string()).unwrap_or_default();
    Some(format!("it {what} (`{call}`): that is never sent"))
}
