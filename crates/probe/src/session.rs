//! Identities: made with the application's own register and login handlers, as the model describes them. No configuration,
//! and never an account that was there before.

use std::sync::Arc;

use model::{CredentialExchange, Endpoint, ParameterRef, Place, SchemaRef, Secret, TokenCarrier, TokenRecipe};
use serde_json::Value;

use crate::api;
use crate::calls::{self, Givens, pointer};
use crate::canary::Canary;
use crate::client::{Answer, BODY_BYTES_MAX};
use crate::evidence::{Capture, CaptureFrom, Role, Side};
use crate::journal::{State, Undo};
use crate::request::{Learned, Request};
use crate::run::{Caller, Level, Run, Trouble, label, obstacle};
use crate::token;
use crate::values::{Wish, declared, password};

/// The word for what registering makes, where the model does not name the object.
pub(crate) const ACCOUNT: &str = "account";

/// The identity whose account an attack may change: none that other attacks need.
pub(crate) const THROW_AWAY: usize = 2;

/// The identity whose credential somebody gave to the run, and who may do more than others.
pub(crate) const ADMINISTRATOR: usize = 3;

/// The variable that holds that credential.
pub const ADMINISTRATOR_VARIABLE: &str = "DOORWARD_PROBE_TOKEN_ADMIN";

/// Somebody that the run may act as.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// What it logs in with; none where its credential was given.
    pub(crate) name: Option<String>,
    password: Option<Secret<String>>,
    /// The entry of the journal for its account; none where its credential was given.
    pub(crate) entry: Option<usize>,
    pub(crate) token: Learned,
    /// Its key in the principal's object model, where an answer told.
    pub(crate) id: Option<Learned>,
    /// The mark in its account.
    pub(crate) canary: Option<Canary>,
    /// Its roles, where an answer or its token told; empty where nothing did.
    pub(crate) roles: Vec<String>,
}

impl<'m> Run<'m> {
    /// The n-th identity, made when it is first asked for.
    pub(crate) async fn person(&mut self, index: usize) -> Result<usize, Trouble> {
        if !self.people.contains_key(&index) {
            let given = match index {
                ADMINISTRATOR => self.options.administrator.as_ref(),
                _ => self.options.tokens.get(index),
            };
            let made = match given {
                Some(given) => Ok(self.given_person(index, given.expose())),
                None if index == ADMINISTRATOR => {
                    Err(format!("no credential of an administrator: `{ADMINISTRATOR_VARIABLE}` is not set"))
                }
                None => match self.registered(index).await {
                    Err(Trouble::Halt(halt)) => return Err(halt.into()),
                    Err(Trouble::Obstacle(reason)) => Err(reason),
                    Ok(person) => Ok(person),
                },
            };
            self.people.insert(index, made);
        }
        match self.people.get(&index) {
            Some(Ok(_)) => Ok(index),
            Some(Err(reason)) => obstacle(reason.clone()),
            None => obstacle("no identity was made"),
        }
    }

    /// Somebody who was made before.
    pub(crate) fn known(&self, index: usize) -> Option<&Person> {
        self.people.get(&index)?.as_ref().ok()
    }

    async fn registered(&mut self, index: usize) -> Result<Person, Trouble> {
        if self.options.level == Level::Read {
            return obstacle("no identity: at the level `read` none is made");
        }
        let Some(recipe) = self.api.recipe() else {
            return obstacle("no identity: the model knows no login handler");
        };
        let Some(mut register) = recipe.register.clone() else {
            return obstacle("no identity: the model knows no register handler");
        };
        if let Some(name) = self.name_field(&register, recipe) {
            register.name = name;
        }
        let canary = self.canary();
        let credentials = Credentials::new(index, self, &register, &canary)?;
        let (answer, number, entry) = self.register(&register, &credentials, &canary).await?;
        let id = self.id_of(index, &answer);
        if let Some(id) = &id {
            let from = CaptureFrom::Body(pointer(self.key_of_principal()));
            self.capture(number, Capture { variable: Arc::clone(&id.name), from });
        }
        let token = match found_token(&register, recipe, &answer) {
            Some((value, from)) => self.kept_token(index, number, value, from),
            None => self.logged_in(index, recipe, &credentials).await?,
        };
        let id = id.or_else(|| self.id_in(index, &token));
        let roles = self.roles_in(answer.json.as_ref(), &token);
        let (name, password) = (Some(credentials.name), Some(Secret::new(credentials.password)));
        Ok(Person { name, password, entry: Some(entry), token, id, canary: Some(canary), roles })
    }

    /// The field of the registration that is called as the login calls the name. Several fields may be looked up there, and
    /// only one of them is what one logs in with.
    fn name_field(&self, register: &CredentialExchange, recipe: &TokenRecipe) -> Option<ParameterRef> {
        let wanted = &recipe.login.as_ref()?.name.name;
        let body = self.api.endpoint(&register.endpoint)?.request_body.as_ref()?;
        let schema = self.api.schemas.of(body.schema.as_ref()?)?;
        let mut names = declared(&schema);
        names.any(|name| *name == **wanted).then(|| ParameterRef { name: Arc::clone(wanted), ..register.name.clone() })
    }

    async fn register(
        &mut self,
        register: &CredentialExchange,
        credentials: &Credentials,
        canary: &Canary,
    ) -> Result<(Answer, usize, usize), Trouble> {
        let endpoint = self.endpoint_of(register, "registers")?;
        if let Some(reason) = api::never_sent(endpoint) {
            return obstacle(format!("no identity: `{}` cannot be sent, {reason}", endpoint.id()));
        }
        let request = self.exchange_request(endpoint, register, credentials, Some(canary))?;
        let object = self.api.principal_object().cloned().unwrap_or_else(|| ACCOUNT.into());
        let entry = self.plan(&object, Some(credentials.name.clone()), endpoint.id())?;
        let way = (Side::Direct, Role::Setup);
        let (answer, number) = self.send_planned(entry, way, &Caller::Nobody, request).await?;
        if !answer.is_success() {
            self.settle(entry, None, State::Gone);
            return obstacle(format!("no identity: {}", unexpected(endpoint, &answer)));
        }
        let state = self.undo_of_account(credentials.index);
        self.settle(entry, None, state);
        Ok((answer, number, entry))
    }

    async fn logged_in(
        &mut self,
        index: usize,
        recipe: &TokenRecipe,
        credentials: &Credentials,
    ) -> Result<Learned, Trouble> {
        let Some(login) = &recipe.login else {
            return obstacle("no identity: the model knows no login handler");
        };
        let endpoint = self.endpoint_of(login, "logs in")?;
        let request = self.exchange_request(endpoint, login, credentials, None)?;
        let (answer, number) = self.send(Side::Direct, Role::Setup, &Caller::Nobody, request).await?;
        if !answer.is_success() {
            return obstacle(format!("no identity: {}", unexpected(endpoint, &answer)));
        }
        match found_token(login, recipe, &answer) {
            Some((value, from)) => Ok(self.kept_token(index, number, value, from)),
            None if answer.json.is_none() => obstacle(format!("no identity: {}", unexpected(endpoint, &answer))),
            None => obstacle(format!(
                "no identity: the answer of `{}` holds no token where the code puts it",
                endpoint.id()
            )),
        }
    }

    /// A login of somebody whom the run made: with the right password, or with another one.
    pub(crate) fn login_with(&mut self, index: usize, other: Option<String>) -> Result<Request, Trouble> {
        let login = self.api.recipe().and_then(|recipe| recipe.login.as_ref());
        let known = self.known(index).and_then(|person| Some((person.name.clone()?, person.password.clone()?)));
        let (Some(login), Some((name, password))) = (login, known) else {
            return obstacle("no login: the credential of the identity was given, and its password is not known");
        };
        let endpoint = self.endpoint_of(login, "logs in")?;
        let password = other.unwrap_or_else(|| password.expose().clone());
        self.exchange_request(endpoint, login, &Credentials { index, name, password }, None)
    }

    fn endpoint_of(&self, exchange: &CredentialExchange, does: &str) -> Result<&'m Endpoint, Trouble> {
        match self.api.endpoint(&exchange.endpoint) {
            Some(endpoint) => Ok(endpoint),
            None => obstacle(format!("no identity: `{}` {does} and is not among the endpoints", exchange.endpoint)),
        }
    }

    fn exchange_request(
        &mut self,
        endpoint: &Endpoint,
        exchange: &CredentialExchange,
        credentials: &Credentials,
        canary: Option<&Canary>,
    ) -> Result<Request, Trouble> {
        let letter = label(credentials.index);
        let learned = |name: &str, value: &str, is_secret| Learned {
            name: format!("{name}_{letter}").into(),
            value: Value::from(value),
            is_secret,
        };
        let mut givens = Givens::new();
        givens.insert(exchange.name.clone(), learned("NAME", &credentials.name, false).into());
        if let Some(parameter) = &exchange.password {
            givens.insert(parameter.clone(), learned("PASSWORD", &credentials.password, true).into());
        }
        let mut wish = Wish { random: &mut self.random, canary, extra: Vec::new(), variant: 0 };
        let made = calls::request(self.api.schemas, endpoint, &givens, &mut wish);
        made.map_err(|reason| Trouble::Obstacle(format!("no identity: `{}`: {reason}", endpoint.id())))
    }

    fn key_of_principal(&self) -> &str {
        self.api.principal_object().map_or("id", |object| self.api.key_column(object))
    }

    /// The key of the account in the answer that made it.
    fn id_of(&self, index: usize, answer: &Answer) -> Option<Learned> {
        let value = answer.json.as_ref()?.pointer(&pointer(self.key_of_principal()))?;
        let is_key = value.is_string() || value.is_number();
        is_key.then(|| Learned { name: format!("ID_{}", label(index)).into(), value: value.clone(), is_secret: false })
    }

    /// The key of the account in the claim of its token that holds it.
    fn id_in(&self, index: usize, token: &Learned) -> Option<Learned> {
        let claims = token::claims(&token.text())?;
        let mut principals = self.api.application.principals.iter();
        let binding = principals.find_map(|one| one.claim.as_ref()?.value())?;
        let is_key = *binding.column == *self.key_of_principal();
        let value = claims.get(&*binding.claim).filter(|_| is_key)?;
        Some(Learned { name: format!("ID_{}", label(index)).into(), value: value.clone(), is_secret: false })
    }

    /// What the fields that hold roles say, in the answer that made the account and in its token.
    fn roles_in(&self, answer: Option<&Value>, token: &Learned) -> Vec<String> {
        let claims = token::claims(&token.text()).unwrap_or_default();
        let fields = self.api.application.principals.iter().flat_map(|principal| &principal.roles);
        let values = fields.flat_map(|field| {
            let answered = answer.and_then(|document| document.get(&**field));
            [answered, claims.get(&**field)].into_iter().flatten()
        });
        let mut roles: Vec<String> = values.flat_map(texts).collect();
        roles.sort();
        roles.dedup();
        roles
    }

    /// Somebody whose credential was given: of the account no more is known than it says.
    fn given_person(&self, index: usize, token: &str) -> Person {
        let name = format!("TOKEN_{}", label(index)).into();
        let id = subject(index, token);
        let token = Learned { name, value: Value::from(token), is_secret: true };
        let roles = self.roles_in(None, &token);
        Person { name: None, password: None, entry: None, token, id, canary: None, roles }
    }

    fn kept_token(&mut self, index: usize, number: usize, value: String, from: CaptureFrom) -> Learned {
        let name: Arc<str> = format!("TOKEN_{}", label(index)).into();
        self.capture(number, Capture { variable: Arc::clone(&name), from });
        Learned { name, value: Value::from(value), is_secret: true }
    }

    fn undo_of_account(&mut self, index: usize) -> State {
        let Some(leaver) = self.api.leaver() else {
            return State::Stays("no endpoint of the model lets an account delete itself".to_owned());
        };
        let mut wish = Wish { random: &mut self.random, canary: None, extra: Vec::new(), variant: 0 };
        match calls::request(self.api.schemas, leaver, &Givens::new(), &mut wish) {
            Ok(request) => State::Made(Box::new(Undo { request, caller: Caller::Person(index) })),
            Err(reason) => State::Stays(reason),
        }
    }
}

/// What a throw-away account logs in with.
struct Credentials {
    index: usize,
    name: String,
    password: String,
}

impl Credentials {
    fn new(index: usize, run: &mut Run<'_>, register: &CredentialExchange, canary: &Canary) -> Result<Self, Trouble> {
        let endpoint = run.endpoint_of(register, "registers")?;
        let mut wish = Wish { random: &mut run.random, canary: Some(canary), extra: Vec::new(), variant: 0 };
        let sampled = match &register.name.place {
            Place::Query => {
                let parameter = endpoint.parameters.iter().find(|one| one.reference() == register.name);
                parameter.and_then(|one| run.api.schemas.sample_parameter(one, &mut wish).ok())
            }
            _ => sampled_field(run.api.schemas, endpoint, &register.name, &mut wish),
        };
        let sampled = sampled.as_ref().and_then(Value::as_str).map(|name| name.replace(' ', "-"));
        let name = sampled.unwrap_or_else(|| format!("dw{canary}"));
        let field = register.password.as_ref();
        let password_field = field.and_then(|one| sampled_field(run.api.schemas, endpoint, one, &mut wish));
        let fitting = password_field.as_ref().and_then(Value::as_str).map(str::to_owned);
        let password = fitting.unwrap_or_else(|| password(&mut run.random));
        Ok(Self { index, name, password })
    }
}

/// The texts of a value: a role, or a list of them.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// What the schema of a body would take in one of its fields.
fn sampled_field(
    schemas: crate::values::Schemas<'_>,
    endpoint: &Endpoint,
    field: &ParameterRef,
    wish: &mut Wish<'_>,
) -> Option<Value> {
    let schema: &SchemaRef = endpoint.request_body.as_ref()?.schema.as_ref()?;
    let document = schemas.sample(schema, wish).ok()?;
    document.pointer(&pointer(&field.name)).cloned()
}

/// Who a given token says that it is for: there is no account of which more is known.
fn subject(index: usize, token: &str) -> Option<Learned> {
    let value = token::claims(token)?.get("sub")?.clone();
    Some(Learned { name: format!("ID_{}", label(index)).into(), value, is_secret: false })
}

/// The token in an answer, where the code puts it: a place in the body, or the cookie that carries it.
fn found_token(exchange: &CredentialExchange, recipe: &TokenRecipe, answer: &Answer) -> Option<(String, CaptureFrom)> {
    if let Some(place) = &exchange.token {
        let text = answer.json.as_ref()?.pointer(place)?.as_str()?;
        return Some((text.to_owned(), CaptureFrom::Body(place.to_string())));
    }
    let TokenCarrier { parameter, .. } = recipe.carried.as_ref().filter(|one| one.parameter.place == Place::Cookie)?;
    let value = answer.cookie(&parameter.name)?;
    Some((value, CaptureFrom::Cookie(parameter.name.to_string())))
}

/// What is wrong with an answer, as far as it tells.
pub(crate) fn unexpected(endpoint: &Endpoint, answer: &Answer) -> String {
    let id = endpoint.id();
    let media_type = answer.media_type().unwrap_or_default();
    match answer.status {
        404 | 405 => format!(
            "`{id}` answers {}, and the code has it: another version runs there, or the base address lacks a path",
            answer.status
        ),
        200..300 if answer.is_cut => {
            format!("`{id}` answers with more than {BODY_BYTES_MAX} bytes, which are not read")
        }
        200..300 if answer.json.is_none() => {
            format!("`{id}` answers `{media_type}` where the code answers JSON: is this the API?")
        }
        300..400 => {
            format!("`{id}` redirects to `{}`, and redirects are not followed", answer.location().unwrap_or(""))
        }
        status => format!("`{id}` answers {status}"),
    }
}
