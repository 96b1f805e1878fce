//! Objects of the run's own: made with the application's own endpoints, with a canary in them, so that nobody else's are
//! touched.

use std::sync::Arc;

use model::{Effect, Endpoint, EndpointId, IdProducer, ParameterRef, Place};
use serde_json::Value;

use crate::api::{self, Api, in_path};
use crate::calls::{self, Givens, pointer};
use crate::canary::Canary;
use crate::client::Answer;
use crate::evidence::{Capture, CaptureFrom, Role, Side};
use crate::journal::{State, Undo};
use crate::request::{Body, Given, Learned, Request};
use crate::run::{Caller, Level, Run, Trouble, obstacle};
use crate::session::unexpected;
use crate::values::Wish;

/// Objects that are needed to make an object, inside each other.
pub(crate) const NEEDS_DEPTH_MAX: usize = 3;

/// How many endpoints that make the same object are tried.
const CREATORS_MAX: usize = 2;

/// An object that the run made.
#[derive(Debug, Clone)]
pub(crate) struct Fixture {
    pub(crate) object: Arc<str>,
    pub(crate) owner: usize,
    pub(crate) key: Learned,
    /// Where the canary stands; none where the object has no free text.
    pub(crate) canary: Option<Canary>,
    /// The path parameters with which it was made: those of the objects it belongs to.
    pub(crate) above: Givens,
    /// The entry of the journal; none for an identity's own account.
    pub(crate) entry: Option<usize>,
    /// The endpoint that made it, and the exchange; none for an identity's own account.
    pub(crate) made: Option<(EndpointId, usize)>,
    /// Whether an attack used it up.
    pub(crate) is_spent: bool,
}

impl<'m> Run<'m> {
    /// An object of an identity, made if there is none yet. Boxed, because an object may need others first.
    pub(crate) fn fixture<'r>(
        &'r mut self,
        object: &'r Arc<str>,
        owner: usize,
        depth: usize,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<usize, Trouble>> + 'r>> {
        Box::pin(async move {
            let is_it = |one: &Fixture| one.object == *object && one.owner == owner && !one.is_spent;
            if let Some(index) = self.fixtures.iter().position(is_it) {
                return Ok(index);
            }
            if depth > NEEDS_DEPTH_MAX {
                return obstacle(format!("the `{object}` needs objects that need others, too deep"));
            }
            self.person(owner).await?;
            if self.api.principal_object() == Some(object) {
                return self.account_as_fixture(object, owner);
            }
            if self.options.level == Level::Read {
                return obstacle(format!("no `{object}` of its own: at the level `read` none is made"));
            }
            let creators = self.api.creators(object);
            let mut refused = None;
            for creator in creators.into_iter().take(CREATORS_MAX) {
                match self.made(object, owner, creator, depth).await {
                    Ok(fixture) => {
                        self.fixtures.push(fixture);
                        return Ok(self.fixtures.len() - 1);
                    }
                    Err(Trouble::Halt(halt)) => return Err(halt.into()),
                    // The first way is the likeliest: why it is closed says most.
                    Err(Trouble::Obstacle(reason)) => _ = refused.get_or_insert(reason),
                }
            }
            obstacle(match refused {
                Some(reason) => format!("no `{object}` of its own: {reason}"),
                None => format!("no endpoint of the model lets an identity make one (`{object}`)"),
            })
        })
    }

    fn account_as_fixture(&mut self, object: &Arc<str>, owner: usize) -> Result<usize, Trouble> {
        let person = self.known(owner).cloned();
        let Some((key, canary)) = person.and_then(|person| Some((person.id?, person.canary))) else {
            return obstacle(format!("no answer told the key of the identity's own `{object}`"));
        };
        let object = Arc::clone(object);
        let above = Givens::new();
        self.fixtures.push(Fixture { object, owner, key, canary, above, entry: None, made: None, is_spent: false });
        Ok(self.fixtures.len() - 1)
    }

    async fn made(
        &mut self,
        object: &Arc<str>,
        owner: usize,
        creator: &'m Endpoint,
        depth: usize,
    ) -> Result<Fixture, Trouble> {
        if let Some(reason) = self.unsendable(creator) {
            return obstacle(format!("`{}`: {reason}", creator.id()));
        }
        if let Some(reason) = self.lacks_role(creator, owner) {
            return obstacle(reason);
        }
        let Creation { request, above, canary } = self.creation(object, owner, creator, depth).await?;
        let caller = Caller::Person(owner);
        let sent = self.create(object, creator, &caller, request, &above, (Side::Direct, Role::Setup)).await?;
        let Created { answer, entry, key, number } = sent;
        if !answer.is_success() {
            return obstacle(unexpected(creator, &answer));
        }
        let Some(key) = key else {
            return obstacle(format!("the answer of `{}` does not name the key", creator.id()));
        };
        let made = Some((creator.id().clone(), number));
        Ok(Fixture { object: Arc::clone(object), owner, key, canary, above, entry: Some(entry), made, is_spent: false })
    }

    /// A request that makes an object with a new canary in it, and what it needs.
    pub(crate) async fn creation(
        &mut self,
        object: &Arc<str>,
        owner: usize,
        creator: &'m Endpoint,
        depth: usize,
    ) -> Result<Creation, Trouble> {
        let canary = self.canary();
        let above = self.path_givens(creator, owner, depth + 1).await?;
        let mut givens = above.clone();
        let extra = mark_field(&self.api, creator, object);
        let request = self.request(creator, &givens, Some(&canary), extra.as_deref(), 0)?;
        if let Body::Json(document, _) = &request.body {
            let needs = self.references(creator, document, object);
            givens.extend(self.referred(needs, owner, depth + 1).await?);
        }
        let request = self.request(creator, &givens, Some(&canary), extra.as_deref(), 0)?;
        let is_marked = matches!(&request.body, Body::Json(document, _) if canary.is_in(document));
        Ok(Creation { request, above, canary: is_marked.then_some(canary) })
    }

    /// Sends a request that makes an object: into the journal first, and how to take it away as soon as the key is known.
    pub(crate) async fn create(
        &mut self,
        object: &Arc<str>,
        creator: &Endpoint,
        caller: &Caller,
        request: Request,
        above: &Givens,
        way: (Side, Role),
    ) -> Result<Created, Trouble> {
        let entry = self.plan(object, None, creator.id())?;
        let (answer, number) = self.send_planned(entry, way, caller, request).await?;
        if !answer.is_success() {
            let state = match answer.is_server_failure() {
                true => State::Stays(format!("{} does not tell whether it was made", answer.status)),
                false => State::Gone,
            };
            self.settle(entry, None, state);
            return Ok(Created { answer, number, entry, key: None });
        }
        let key = self.key_in(object, &answer);
        if let Some(key) = &key {
            let from = CaptureFrom::Body(pointer(self.api.key_column(object)));
            self.capture(number, Capture { variable: Arc::clone(&key.name), from });
        }
        let state = match &key {
            Some(key) => self.undo_of(object, key, above, caller),
            None => State::Stays("the answer did not name its key".to_owned()),
        };
        self.settle(entry, key.as_ref().map(Learned::text), state);
        Ok(Created { answer, number, entry, key })
    }

    fn key_in(&self, object: &str, answer: &Answer) -> Option<Learned> {
        let value = answer.json.as_ref()?.pointer(&pointer(self.api.key_column(object)))?;
        let is_key = value.is_string() || value.is_number();
        let upper: String =
            object.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
        // Counted, so that two objects of a replay have two variables.
        let name = format!("{upper}_{}", self.exchanges.len()).into();
        is_key.then(|| Learned { name, value: value.clone(), is_secret: false })
    }

    /// What an attack made is taken away by somebody who may.
    pub(crate) fn taken_away_by(&mut self, entry: usize, object: &str, key: &Learned, above: &Givens, person: usize) {
        let state = self.undo_of(object, key, above, &Caller::Person(person));
        self.settle(entry, None, state);
    }

    fn undo_of(&mut self, object: &str, key: &Learned, above: &Givens, caller: &Caller) -> State {
        let Some(deleter) = self.api.deleter(object) else {
            return State::Stays(format!("no endpoint of the model deletes one (`{object}`)"));
        };
        let gone = deleter.effects.iter().find_map(|effect| match effect {
            Effect::Delete(gone) if *gone.object == *object => in_path(gone),
            _ => None,
        });
        let mut givens = above.clone();
        if let Some(name) = gone {
            givens.insert(ParameterRef::new(Place::Path, name), key.clone().into());
        }
        // Somebody without a name made it; an identity takes it away, since that may ask for one.
        let caller = match (caller, self.people.get(&0)) {
            (Caller::Nobody, Some(Ok(_))) => Caller::Person(0),
            (caller, _) => caller.clone(),
        };
        match self.request(deleter, &givens, None, None, 0) {
            Ok(request) => State::Made(Box::new(Undo { request, caller })),
            Err(Trouble::Obstacle(reason)) => State::Stays(reason),
            Err(Trouble::Halt(halt)) => State::Stays(halt.to_string()),
        }
    }

    /// A valid request to an endpoint.
    pub(crate) fn request(
        &mut self,
        endpoint: &Endpoint,
        givens: &Givens,
        canary: Option<&Canary>,
        extra: Option<&str>,
        variant: usize,
    ) -> Result<Request, Trouble> {
        let extra = extra.into_iter().collect();
        let mut wish = Wish { random: &mut self.random, canary, extra, variant };
        let made = calls::request(self.api.schemas, endpoint, givens, &mut wish);
        made.map_err(|reason| Trouble::Obstacle(format!("`{}`: {reason}", endpoint.id())))
    }

    /// The roles that registering gives, where that is known.
    pub(crate) fn roles(&self) -> Vec<String> {
        self.known(0).map(|person| person.roles.clone()).unwrap_or_default()
    }

    /// The roles of a caller, where they are known.
    fn roles_of(&self, caller: &Caller) -> Vec<String> {
        match caller {
            Caller::Person(index) => self.known(*index).map(|person| person.roles.clone()).unwrap_or_default(),
            Caller::Nobody | Caller::Bearer { .. } => Vec::new(),
        }
    }

    /// Why an identity is not admitted to an endpoint, as far as its roles are known.
    pub(crate) fn lacks_role(&self, endpoint: &Endpoint, person: usize) -> Option<String> {
        let roles = &self.known(person)?.roles;
        let lacking = self.api.lacking(endpoint, roles)?;
        let (id, wanted, given) = (endpoint.id(), lacking.join("` or `"), roles.join("`, `"));
        Some(format!("`{id}` asks for the role `{wanted}`, and registering gives `{given}`"))
    }

    /// Why an endpoint is not sent at this level.
    pub(crate) fn unsendable(&self, endpoint: &Endpoint) -> Option<String> {
        api::never_sent(endpoint).or_else(|| {
            let level = self.options.level;
            if level < Level::Full {
                let leaves = |effect: &&Effect| match effect {
                    Effect::OutboundHttp(_) => true,
                    Effect::File(_) => !endpoint.method().is_safe(),
                    _ => false,
                };
                let effect = endpoint.effects.iter().find(leaves)?;
                let call = effect.outside().map(|outside| outside.call.to_string()).unwrap_or_default();
                return Some(format!("it reaches outside the objects (`{call}`): sent at the level `full` only"));
            }
            None
        })
    }

    /// Values for the path parameters of an endpoint: keys of the identity's own objects.
    pub(crate) async fn path_givens(
        &mut self,
        endpoint: &'m Endpoint,
        owner: usize,
        depth: usize,
    ) -> Result<Givens, Trouble> {
        let mut givens = Givens::new();
        // From the last on: what belongs to something names that, too.
        let names: Vec<Arc<str>> = endpoint.route.pattern().parameters().map(|one| Arc::clone(&one.name)).collect();
        for name in names.into_iter().rev() {
            let parameter = ParameterRef::new(Place::Path, Arc::clone(&name));
            if givens.contains_key(&parameter) {
                continue;
            }
            let given = match self.object_named_by(endpoint, &parameter) {
                // What a new object belongs to may be there already.
                Some((object, true)) if makes_other(endpoint, &object) => self.existing(&object, owner, depth).await?,
                Some((object, true)) => match self.fixture(&object, owner, depth).await {
                    Ok(index) => {
                        let fixture = &self.fixtures[index];
                        givens.extend(fixture.above.clone());
                        fixture.key.clone().into()
                    }
                    // So may what is only read.
                    Err(Trouble::Obstacle(_)) if !writes(endpoint, &object) => {
                        self.existing(&object, owner, depth).await?
                    }
                    Err(trouble) => return Err(trouble),
                },
                Some((object, false)) => self.existing(&object, owner, depth).await?,
                None => return obstacle(format!("`{}`: which object `{name}` names is not known", endpoint.id())),
            };
            givens.insert(parameter, given);
        }
        Ok(givens)
    }

    /// The object model whose key a parameter takes, and whether the endpoint acts on that object.
    pub(crate) fn object_named_by(&self, endpoint: &Endpoint, parameter: &ParameterRef) -> Option<(Arc<str>, bool)> {
        let effects = || endpoint.effects.iter().filter_map(Effect::object);
        if let Some(effect) = effects().find(|effect| effect.key.as_ref() == Some(parameter)) {
            return Some((Arc::clone(&effect.object), true));
        }
        if let Some(producer) = endpoint.producers.iter().find(|one| one.parameter == *parameter)
            && let Some(object) = self.produced(producer)
        {
            return Some((object, false));
        }
        let nearest = effects().next().map(|effect| &*effect.object);
        let referred = self.api.referred_by(&parameter.name, nearest)?;
        Some((Arc::clone(referred), false))
    }

    /// The object model whose key an endpoint gives.
    fn produced(&self, producer: &IdProducer) -> Option<Arc<str>> {
        let endpoint = self.api.endpoint(&producer.endpoint)?;
        let created = endpoint.effects.iter().find_map(|effect| match effect {
            Effect::Create(made) => Some(Arc::clone(&made.object)),
            _ => None,
        });
        created.or_else(|| api::reads(endpoint).map(|read| Arc::clone(&read.object)).next())
    }

    /// The fields of a body that refer to other objects, by pointer.
    pub(crate) fn references(&self, endpoint: &Endpoint, document: &Value, object: &str) -> Vec<(String, Arc<str>)> {
        let mut found = Vec::new();
        collect(document, "", &mut |pointer, name, value| {
            if value.is_string() || value.is_number() {
                let parameter = ParameterRef::new(Place::Body, name);
                let by_pointer = ParameterRef::new(Place::Body, pointer);
                let keyed =
                    self.object_named_by(endpoint, &by_pointer).or_else(|| self.object_named_by(endpoint, &parameter));
                let referred = keyed.map(|(object, _)| object);
                if let Some(referred) = referred.or_else(|| self.api.referred_by(name, Some(object)).cloned()) {
                    found.push((pointer.to_owned(), referred));
                }
            }
        });
        found
    }

    /// Keys for the references of a body.
    pub(crate) async fn referred(
        &mut self,
        needs: Vec<(String, Arc<str>)>,
        owner: usize,
        depth: usize,
    ) -> Result<Givens, Trouble> {
        let mut givens = Givens::new();
        for (pointer, object) in needs {
            let given = self.existing(&object, owner, depth).await?;
            givens.insert(ParameterRef::new(Place::Body, pointer), given);
        }
        Ok(givens)
    }

    /// An object as somebody reads it, past any gateway: by its key, or in a list; none where it is not there.
    pub(crate) async fn look(
        &mut self,
        role: Role,
        caller: &Caller,
        object: &str,
        key: &Learned,
        above: &Givens,
    ) -> Result<Option<Value>, Trouble> {
        let roles = self.roles_of(caller);
        if let Some(reader) = self.api.reader(object, &roles) {
            let mut givens = Givens::new();
            for parameter in reader.route.pattern().parameters() {
                givens.insert(ParameterRef::new(Place::Path, Arc::clone(&parameter.name)), key.clone().into());
            }
            let request = self.request(reader, &givens, None, None, 0)?;
            let (answer, _) = self.send(Side::Direct, role, caller, request).await?;
            if answer.hides() {
                return Ok(None);
            }
            if answer.is_success() && answer.json.is_some() {
                return Ok(answer.json);
            }
        }
        let lister = self.api.lister(object, above, &roles).or_else(|| self.api.lister_by_schema(object, above));
        let Some(lister) = lister else {
            return obstacle(format!("nothing in the model reads the `{object}` back"));
        };
        let request = self.request(lister, above, None, None, 0)?;
        let (answer, _) = self.send(Side::Direct, role, caller, request).await?;
        if !answer.is_success() {
            return obstacle(unexpected(lister, &answer));
        }
        let document = answer.json.unwrap_or_default();
        Ok(with_key(&document, self.api.key_column(object), &key.value).cloned())
    }

    /// The key of some object that may be referred to: the identity's own, one of a list, or a new one.
    pub(crate) async fn existing(&mut self, object: &Arc<str>, owner: usize, depth: usize) -> Result<Given, Trouble> {
        let own = |one: &&Fixture| one.object == *object && one.owner == owner && !one.is_spent;
        if let Some(fixture) = self.fixtures.iter().find(own) {
            return Ok(fixture.key.clone().into());
        }
        if self.api.principal_object() == Some(object) {
            let index = self.fixture(object, owner, depth).await?;
            return Ok(self.fixtures[index].key.clone().into());
        }
        if let Some(value) = self.existing.get(object) {
            return Ok(value.clone().into());
        }
        if let Some(lister) = self.api.lister(object, &Givens::new(), &self.roles()) {
            let person = self.person(owner).await?;
            let request = self.request(lister, &Givens::new(), None, None, 0)?;
            let (answer, _) = self.send(Side::Direct, Role::Setup, &Caller::Person(person), request).await?;
            let listed = answer.json.as_ref().and_then(|document| first_key(document, self.api.key_column(object)));
            if let Some(value) = listed {
                self.existing.insert(Arc::clone(object), value.clone());
                return Ok(value.into());
            }
        }
        let index = self.fixture(object, owner, depth).await?;
        Ok(self.fixtures[index].key.clone().into())
    }
}

/// A request that makes an object.
pub(crate) struct Creation {
    pub(crate) request: Request,
    /// The path parameters.
    pub(crate) above: Givens,
    /// The mark in it; none where it has no free text.
    pub(crate) canary: Option<Canary>,
}

/// Whether an endpoint makes an object of another model, and leaves those of this one as they are.
fn makes_other(endpoint: &Endpoint, object: &str) -> bool {
    let makes = |effect: &Effect| matches!(effect, Effect::Create(made) if *made.object != *object);
    endpoint.effects.iter().any(makes) && !writes(endpoint, object)
}

/// Whether an endpoint changes or deletes objects of a model that were there.
fn writes(endpoint: &Endpoint, object: &str) -> bool {
    endpoint.effects.iter().any(|effect| match effect {
        Effect::Update(written) | Effect::Delete(written) => *written.object == *object,
        _ => false,
    })
}

/// What came of making an object.
pub(crate) struct Created {
    pub(crate) answer: Answer,
    pub(crate) number: usize,
    pub(crate) entry: usize,
    pub(crate) key: Option<Learned>,
}

/// The optional field of a body that is filled for the canary's sake: none where a required one takes it.
pub(crate) fn mark_field(api: &Api<'_>, endpoint: &Endpoint, object: &str) -> Option<String> {
    let schema = endpoint.request_body.as_ref()?.schema.as_ref()?;
    let fields = api.schemas.free_texts(schema);
    if fields.iter().any(|(_, is_required)| *is_required) {
        return None;
    }
    let columns = api.object(object);
    // A field that the object keeps, and that gives its writer nothing.
    let is_plain = |name: &str| {
        let column = columns.and_then(|object| object.column(name));
        column.is_some_and(|column| !column.privileged && column.sensitivity != model::Sensitivity::Credential)
    };
    let mut kept = fields.iter().filter(|(name, _)| is_plain(name));
    kept.next().or(fields.first().filter(|_| columns.is_none())).map(|(name, _)| name.clone())
}

/// The key of the first object in a list, wherever the list stands.
fn first_key(document: &Value, column: &str) -> Option<Value> {
    match document {
        Value::Array(items) => items.first()?.get(column).filter(|key| !key.is_null()).cloned(),
        Value::Object(fields) => fields.values().find_map(|value| match value {
            Value::Array(_) => first_key(value, column),
            _ => None,
        }),
        _ => None,
    }
}

/// The object with this key in a list, wherever the list stands.
fn with_key<'d>(document: &'d Value, column: &str, key: &Value) -> Option<&'d Value> {
    match document {
        Value::Array(items) => items.iter().find_map(|item| with_key(item, column, key)),
        Value::Object(fields) if fields.get(column) == Some(key) => Some(document),
        Value::Object(fields) => {
            fields.values().filter(|value| value.is_array()).find_map(|value| with_key(value, column, key))
        }
        _ => None,
    }
}

/// Calls with each scalar of a document: its pointer, the name it stands under, its value.
fn collect(document: &Value, pointer: &str, found: &mut impl FnMut(&str, &str, &Value)) {
    match document {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                collect(value, &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        scalar => {
            let name = pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default().to_owned();
            found(pointer, &name, scalar);
        }
    }
}
