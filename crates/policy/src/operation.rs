//! How a gateway is operated: what clients may hold of it, which layers only report, what is written of exchanges.

use std::num::NonZeroU32;

use schemars::{Schema, SchemaGenerator, json_schema};
use toml::de::DeTable;

use crate::mistake::Mistake;
use crate::policy::{Policy, sections};
use crate::reading::{Value, unknown_key};
use crate::route::RouteSettings;
use crate::settings::Mode;

table! {
    /// What clients may hold of the gateway. Proxies of `trusted_proxies` may hold as many connections as there are.
    pub struct ConnectionLimits {
        /// The most connections at once; more of them wait until one ends.
        pub all: Option<NonZeroU32>,
        /// The most connections of one address at once, of IPv6 of one /64; more of them are ended.
        pub per_address: Option<NonZeroU32>,
        /// The most requests of a connection; the answer to the last one says that it ends.
        pub requests: Option<NonZeroU32>,
    }
}

table! {
    /// What is written of exchanges.
    pub struct Log {
        /// Of the exchanges that went well, one of so many gets its access record; absent: each. What was refused, would have
        /// been, or failed always does, and no audit record is left out.
        pub access_one_in: Option<NonZeroU32>,
    }
}

words! {
    /// A layer whose decisions may only be said.
    pub enum ModeLayer {
        /// Whether the policy knows the endpoint.
        Endpoint = "endpoint",
        /// What browsers ask beforehand.
        CorsPreflight = "cors_preflight",
        /// Writes that pages of other sites make.
        CrossSite = "cross_site",
        /// Tokens.
        Jwt = "jwt",
        /// API keys.
        ApiKey = "api_key",
        /// Tokens of which the authorization server is asked.
        Introspection = "introspection",
        /// Names of client certificates.
        ClientCertificate = "client_certificate",
        /// Names and passwords.
        Basic = "basic",
        /// Signed webhooks.
        Webhook = "webhook",
        /// What a service says of a request.
        ForwardAuth = "forward_auth",
        /// Credentials that the application verifies.
        Application = "application",
        /// Tokens that were taken back.
        Revocation = "revocation",
        /// Who asks, as the application says it.
        Subject = "subject",
        /// Scopes.
        Scopes = "scopes",
        /// Roles and permissions.
        Roles = "roles",
        /// Conditions of grants.
        Conditions = "conditions",
        /// Ids that callers were given. It reports unless it is said here that it enforces.
        Learned = "learned",
        /// Owners and tenants.
        Ownership = "ownership",
        /// How often.
        Limits = "limits",
        /// Rules of shields for requests.
        VirtualPatch = "virtual_patch",
        /// Which other origins may read answers.
        Cors = "cors",
        /// What answers must not tell.
        Redact = "redact",
    }
}

impl ModeLayer {
    /// The layer of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|layer| layer.word() == name)
    }
}

table! {
    /// How one layer is run.
    pub struct LayerSettings {
        /// Whether it refuses, or only says what it would have refused.
        pub mode: Mode,
    }
}

/// Layers with what is said of each, in the order of the file.
pub type Layers = Vec<(ModeLayer, LayerSettings)>;

impl Policy {
    /// Whether a decision of a layer on a route counts, where `whole` is the mode of the policy as a whole. What route or layer
    /// say of themselves goes before it; of two that disagree, the one that only reports.
    pub fn mode_of(&self, whole: Mode, layer: Option<ModeLayer>, route: Option<&RouteSettings>) -> Mode {
        let of_layer = self.layers.iter().find(|(known, _)| Some(*known) == layer).map(|(_, settings)| settings.mode);
        let of_route = route.and_then(|route| route.mode);
        // What callers were given is known since the gateway runs: nobody is refused for it before somebody says so.
        let of_layer = of_layer.or_else(|| (layer == Some(ModeLayer::Learned)).then_some(Mode::Report));
        match (of_layer, of_route) {
            (Some(Mode::Report), _) | (_, Some(Mode::Report)) => Mode::Report,
            (Some(Mode::Enforce), _) | (_, Some(Mode::Enforce)) => Mode::Enforce,
            (None, None) => whole,
        }
    }

    /// Whether anything that it refuses counts, where `whole` is its mode as a whole.
    pub fn enforces_anything(&self, whole: Mode) -> bool {
        let of_layers = self.layers.iter().map(|(_, settings)| settings.mode);
        let of_routes = self.routes.iter().filter_map(|route| route.settings.mode);
        whole == Mode::Enforce || of_layers.chain(of_routes).any(|mode| mode == Mode::Enforce)
    }

    /// The same policy in one mode, whatever its layers and routes say.
    #[must_use]
    pub fn all_in(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self.layers.clear();
        for route in &mut self.routes {
            route.settings.mode = None;
        }
        self
    }
}

/// Reads the layers of a document; nothing where one could not be read.
pub(crate) fn layers(document: &DeTable<'_>, mistakes: &mut Vec<Mistake>) -> Option<Layers> {
    let mut read = Vec::new();
    for (key, found) in sections(document, "layers") {
        let settings = <LayerSettings as Value>::read(found, mistakes);
        match ModeLayer::named(key.get_ref()) {
            Some(layer) => read.push(settings.map(|settings| (layer, settings))),
            None => mistakes.push(unknown_key(key, ModeLayer::ALL.iter().map(|layer| layer.word()))),
        }
    }
    read.into_iter().collect()
}

/// The JSON Schema of the layers.
pub(crate) fn layers_schema(generator: &mut SchemaGenerator) -> Schema {
    let settings = generator.subschema_for::<LayerSettings>();
    let properties: serde_json::Map<String, serde_json::Value> =
        ModeLayer::ALL.iter().map(|layer| (layer.word().to_owned(), settings.clone().to_value())).collect();
    json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
}
