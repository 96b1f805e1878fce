//! A whole policy: reading it from TOML, and its JSON Schema.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::answers::{Cors, CrossSite, Headers, Redact};
use crate::checks;
use crate::identity::{Identity, IdentityHeaders};
use crate::key::RouteKey;
use crate::limit::Limit;
use crate::mistake::{Mistake, Mistakes};
use crate::operation::{self, Layers, Log};
use crate::reading::{Field, Fields, Found, Value, keys_of, table_schema, unexpected, unknown_key};
use crate::roles::RoleHierarchy;
use crate::route::{RoutePolicy, RouteSettings};
pub use crate::router::{ConverterSettings, ConverterTable, DoubleSlash, RouterKind, RouterSettings, TrailingSlash};
use crate::settings::{Admin, Listen, Mode, Upstream};
use crate::store::Store;
use crate::value::Form;

/// Sections by name, in the order of the file.
pub type Named<T> = Vec<(String, T)>;

/// What a gateway admits. Made by [`Policy::parse`] and by `derive`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What happens to a request that is not admitted.
    pub mode: Mode,
    /// What becomes of writes that pages of other sites make with the cookie of their visitor; absent: they are refused.
    pub cross_site: Option<CrossSite>,
    /// Where the gateway listens; absent: the command line says it.
    pub listen: Option<Listen>,
    /// Where those ask who run it; absent: nowhere.
    pub admin: Option<Admin>,
    /// What is written of exchanges; absent: everything.
    pub log: Option<Log>,
    /// Layers that are run in a mode of their own.
    pub layers: Layers,
    /// What it forwards to; none: the command line says it.
    pub upstream: Named<Upstream>,
    /// Who is identified, and how.
    pub identity: Named<Identity>,
    /// Which roles include others; absent: none does.
    pub roles: RoleHierarchy,
    /// What the application is told of who asks; absent: nothing.
    pub identity_headers: Option<IdentityHeaders>,
    /// Where state is kept; absent: in the process.
    pub store: Option<Store>,
    /// The limits that routes may name.
    pub limits: Named<Limit>,
    /// Fields that protect those who read an answer; absent: the usual ones.
    pub headers: Option<Headers>,
    /// What answers must not tell; absent: the usual.
    pub redact: Option<Redact>,
    /// Which pages of other origins may read answers; absent: the application says it.
    pub cors: Option<Cors>,
    /// How the application's router picks an endpoint.
    pub router: RouterSettings,
    /// The routes in the order in which the application's router tries them.
    pub routes: Vec<RoutePolicy>,
}

/// The version of the format: the number 1, and nothing else yet.
pub(crate) struct Version;

impl Value for Version {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        match found.get_ref() {
            DeValue::Integer(number) if number.as_str() == "1" && number.radix() == 10 => Some(Self),
            DeValue::Integer(number) => {
                let message = format!("version `{}` is not known to this build", number.as_str());
                mistakes.push(Mistake::new(found.span(), message, "expected `version = 1`"));
                None
            }
            _ => {
                mistakes.push(unexpected(found, "`version = 1`"));
                None
            }
        }
    }

    fn text(&self) -> String {
        "1".to_owned()
    }
}

impl JsonSchema for Version {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": 1 })
    }
}

/// The sections of a policy file.
const SECTIONS: &[&str] = &[
    "version",
    "mode",
    "cross_site",
    "listen",
    "admin",
    "log",
    "layers",
    "upstream",
    "identity",
    "roles",
    "identity_headers",
    "store",
    "limits",
    "headers",
    "redact",
    "cors",
    "router",
    "routes",
];

impl Policy {
    /// An enforcing policy that admits nobody to anything.
    pub fn closed() -> Self {
        Self {
            mode: Mode::Enforce,
            cross_site: None,
            listen: None,
            admin: None,
            log: None,
            layers: Vec::new(),
            upstream: Vec::new(),
            identity: Vec::new(),
            roles: RoleHierarchy::default(),
            identity_headers: None,
            store: None,
            limits: Vec::new(),
            headers: None,
            redact: None,
            cors: None,
            router: RouterSettings::default(),
            routes: Vec::new(),
        }
    }

    /// Reads a policy file, or tells every mistake in it.
    pub fn parse(text: &str) -> Result<Self, Mistakes> {
        let (document, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let told = |error: &toml::de::Error| {
                Mistake::new(error.span().unwrap_or(0..0), error.message(), "the file must be TOML")
            };
            return Err(Mistakes::new(text, errors.iter().map(told).collect()));
        }
        let mut mistakes = Vec::new();
        let read = read_document(document.get_ref(), &mut mistakes);
        match read {
            Some(policy) if mistakes.is_empty() => Ok(policy),
            _ => Err(Mistakes::new(text, mistakes)),
        }
    }

    /// The JSON Schema (2020-12) of a policy file.
    pub fn json_schema() -> Schema {
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Self>()
    }

    /// The identity of this name.
    pub fn identity_named(&self, name: &str) -> Option<&Identity> {
        self.identity.iter().find(|(known, _)| known == name).map(|(_, identity)| identity)
    }

    /// The limit of this name.
    pub fn limit_named(&self, name: &str) -> Option<&Limit> {
        self.limits.iter().find(|(known, _)| known == name).map(|(_, limit)| limit)
    }
}

fn read_document(document: &DeTable<'_>, mistakes: &mut Vec<Mistake>) -> Option<Policy> {
    for key in keys_of(document) {
        if !SECTIONS.contains(&&**key.get_ref()) {
            mistakes.push(unknown_key(key, SECTIONS.iter().copied()));
        }
    }
    let mut fields = Fields::of(document, 0..0, mistakes);
    let version = fields.field::<Version>("version");
    let mode = fields.field_or("mode", || Mode::Enforce);
    let cross_site = fields.field("cross_site");
    let listen = fields.field("listen");
    let admin = fields.field("admin");
    let log = fields.field("log");
    let roles = fields.field_or("roles", RoleHierarchy::default);
    let identity_headers = fields.field("identity_headers");
    let store = fields.field("store");
    let headers = fields.field("headers");
    let redact = fields.field("redact");
    let cors: Option<Option<Cors>> = fields.field("cors");
    let router: Option<RouterSettings> = fields.field_or("router", RouterSettings::default);
    must_be_table(document, "layers", mistakes);
    let layers = operation::layers(document, mistakes);
    let upstream = named(document, "upstream", mistakes);
    let identity = named(document, "identity", mistakes);
    let limits = named(document, "limits", mistakes);
    let routes = routes(document, mistakes);
    checks::contradictions(document, &upstream, &identity, &limits, router.as_ref(), &routes, mistakes);
    if let Some(Some(cors)) = &cors {
        cors.contradictions(document, mistakes);
    }
    let _: Version = version?;
    Some(Policy {
        mode: mode?,
        cross_site: cross_site?,
        listen: listen?,
        admin: admin?,
        log: log?,
        layers: layers?,
        upstream: all(upstream)?,
        identity: all(identity)?,
        roles: roles?,
        identity_headers: identity_headers?,
        store: store?,
        limits: all(limits)?,
        headers: headers?,
        redact: redact?,
        cors: cors?,
        router: router?,
        routes: routes
            .into_iter()
            .map(|(key, settings)| Some(RoutePolicy { key, settings: settings? }))
            .collect::<Option<_>>()?,
    })
}

/// Sections as far as they could be read.
pub(crate) type Partly<K, T> = Vec<(K, Option<T>)>;

fn all<T>(sections: Partly<String, T>) -> Option<Named<T>> {
    sections.into_iter().map(|(name, section)| Some((name, section?))).collect()
}

/// The sections below a key, in the order of the file, with what stands behind each.
pub(crate) fn sections<'t, 'i>(
    document: &'t DeTable<'i>,
    section: &str,
) -> Vec<(&'t Spanned<Cow<'i, str>>, Found<'t, 'i>)> {
    let table = document.get(section).and_then(|found| found.get_ref().as_table());
    let of_table = |table: &'t DeTable<'i>| {
        keys_of(table).into_iter().filter_map(|key| Some((key, table.get(&**key.get_ref())?))).collect()
    };
    table.map(of_table).unwrap_or_default()
}

fn must_be_table(document: &DeTable<'_>, section: &str, mistakes: &mut Vec<Mistake>) {
    if let Some(found) = document.get(section)
        && found.get_ref().as_table().is_none()
    {
        mistakes.push(unexpected(found, &format!("tables: `[{section}.NAME]`")));
    }
}

fn named<T: Value>(document: &DeTable<'_>, section: &str, mistakes: &mut Vec<Mistake>) -> Partly<String, T> {
    must_be_table(document, section, mistakes);
    let mut read = Vec::new();
    for (key, found) in sections(document, section) {
        let name = key.get_ref().to_string();
        if name.is_empty() || name.contains(|c: char| crate::value::is_hidden(c) || c.is_whitespace()) {
            let message = format!("`{}` is no name", name.escape_debug());
            mistakes.push(Mistake::new(key.span(), message, "expected a word, such as `default`"));
        }
        read.push((name, <T as Value>::read(found, mistakes)));
    }
    read
}

fn routes(document: &DeTable<'_>, mistakes: &mut Vec<Mistake>) -> Partly<RouteKey, RouteSettings> {
    must_be_table(document, "routes", mistakes);
    let mut read = Vec::new();
    for (key, found) in sections(document, "routes") {
        let settings = <RouteSettings as Value>::read(found, mistakes);
        match RouteKey::parse(key.get_ref()) {
            Ok(key) => read.push((key, settings)),
            Err(why) => mistakes.push(Mistake::new(key.span(), why, format!("expected {}", RouteKey::EXPECTED))),
        }
    }
    read
}

impl JsonSchema for Policy {
    fn schema_name() -> Cow<'static, str> {
        "Policy".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let by_name = |what: Schema| json_schema!({ "type": "object", "additionalProperties": what });
        let upstream = by_name(generator.subschema_for::<Upstream>());
        let identity = by_name(generator.subschema_for::<Identity>());
        let limits = by_name(generator.subschema_for::<Limit>());
        let layers = operation::layers_schema(generator);
        let routes = json_schema!({
            "type": "object",
            "propertyNames": { "pattern": "^\\S+ [^/ ]*/\\S*( version=\\S+)?( variant=[0-9]+)?$" },
            "additionalProperties": generator.subschema_for::<RouteSettings>(),
        });
        table_schema(
            "What a gateway admits. What it does not name is refused.",
            vec![
                ("version", "The version of this format.", true, <Version as Field>::schema(generator)),
                ("mode", "What happens to a request that is not admitted.", false, <Mode as Field>::schema(generator)),
                (
                    "cross_site",
                    "What becomes of writes that pages of other sites make.",
                    false,
                    <CrossSite as Field>::schema(generator),
                ),
                ("listen", "Where the gateway listens.", false, <Listen as Field>::schema(generator)),
                ("admin", "Where those ask who run it.", false, <Admin as Field>::schema(generator)),
                ("log", "What is written of exchanges.", false, <Log as Field>::schema(generator)),
                ("layers", "Layers in a mode of their own.", false, layers),
                ("upstream", "What it forwards to, by name.", false, upstream),
                ("identity", "Who is identified and how, by name.", false, identity),
                ("roles", "Which roles include others.", false, <RoleHierarchy as Field>::schema(generator)),
                (
                    "identity_headers",
                    "What the application is told of who asks.",
                    false,
                    <IdentityHeaders as Field>::schema(generator),
                ),
                ("store", "Where state is kept.", false, <Store as Field>::schema(generator)),
                ("limits", "Limits that routes may name.", false, limits),
                ("headers", "Fields that answers get.", false, <Headers as Field>::schema(generator)),
                ("redact", "What answers must not tell.", false, <Redact as Field>::schema(generator)),
                ("cors", "Which other origins may read answers.", false, <Cors as Field>::schema(generator)),
                ("router", "How the router picks.", false, <RouterSettings as Field>::schema(generator)),
                ("routes", "Endpoints by method and path template, in the router's order.", false, routes),
            ],
        )
    }
}
