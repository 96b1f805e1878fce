//! The one table of layers, read from top to bottom. A request enters them in this order; its answer leaves them in the
//! reverse one. A layer entered is a layer left, so a refusal still passes every layer above it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::Response;
use http::request::Parts;

use crate::body::{Body, Read};
use crate::downstream::{Connection, Upgrade};
use crate::exchange::{Answer, Client, Exchange};
use crate::obligation::Obligations;
use crate::refusal::{Reason, Refusal};
use crate::site::Site;
use crate::turn::turn;
use crate::upstream;

/// Declares the phases with their layers: each layer is the file of that name in `layers/`.
macro_rules! pipeline {
    ($( $(#[doc = $doc:literal])* $phase:ident $name:literal: $($layer:ident)* ; )*) => {
        /// A part of the way of a request. Phases without a layer are there, so that the order is one place.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Phase {
            $( $(#[doc = $doc])* $phase, )*
        }

        impl Phase {
            /// The phases, in order.
            pub const ALL: &'static [Self] = &[$(Self::$phase),*];

            /// The name, as the design has it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$phase => $name,)* }
            }
        }

        /// The phases with the names of their layers, in order.
        pub const TABLE: &[(Phase, &[&str])] = &[$((Phase::$phase, &[$(stringify!($layer)),*])),*];

        impl LayerName {
            /// The layers, in order, and what forwards.
            pub const ALL: &'static [Self] = &[$($(Self(stringify!($layer)),)*)* Self::RELAY];
        }

        impl Pipeline {
            /// The layers that have something to do for a site, in order.
            pub(crate) fn new(site: &Arc<Site>) -> Self {
                let layers = [$($(Option::<Box<dyn Layer>>::from(crate::layers::$layer::layer(site)).map(|layer| Placed {
                    phase: Phase::$phase,
                    name: LayerName(stringify!($layer)),
                    layer,
                }),)*)*];
                Self { layers: layers.into_iter().flatten().collect() }
            }
        }
    };
}

pipeline! {
    /// What is written about an exchange.
    Observe "observe": access_log audit trace;
    /// What every answer gets, or loses.
    Harden "harden": security_headers cors redact;
    /// What may be read at all.
    Accept "accept": client_address request_id normalize;
    /// Which endpoint is meant.
    Route "route": endpoint;
    /// What browsers ask beforehand, and what they do for pages of other sites.
    Preflight "preflight": cors_preflight cross_site;
    /// Who asks.
    Identify "identify": jwt api_key introspection client_certificate basic webhook forward_auth application revocation identified subject;
    /// What is read of the body.
    Body "body": ;
    /// What they may do.
    Authorize "authorize": scopes roles conditions learned ownership;
    /// How often.
    Quota "quota": limits;
    /// With which values. Behind it a request is admitted.
    Validate "validate": virtual_patch;
    /// To the application and back.
    Relay "relay": identity_headers;
}

impl Phase {
    /// Whether its refusals count in report mode, too: what cannot be read cannot be let through.
    pub fn is_always_enforced(self) -> bool {
        !matches!(self, Self::Route | Self::Preflight | Self::Identify | Self::Authorize | Self::Quota | Self::Validate)
    }
}

/// The name of a layer, as records and reports say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerName(&'static str);

impl LayerName {
    /// What forwards to the application.
    pub const RELAY: Self = Self("relay");
    pub(crate) const JWT: Self = Self("jwt");
    pub(crate) const API_KEY: Self = Self("api_key");
    pub(crate) const INTROSPECTION: Self = Self("introspection");
    pub(crate) const CLIENT_CERTIFICATE: Self = Self("client_certificate");
    pub(crate) const BASIC: Self = Self("basic");
    pub(crate) const WEBHOOK: Self = Self("webhook");
    pub(crate) const FORWARD_AUTH: Self = Self("forward_auth");
    pub(crate) const REVOCATION: Self = Self("revocation");
    pub(crate) const SUBJECT: Self = Self("subject");
    pub(crate) const APPLICATION: Self = Self("application");
    pub(crate) const CORS: Self = Self("cors");
    pub(crate) const LEARNED: Self = Self("learned");
    pub(crate) const LIMITS: Self = Self("limits");
    pub(crate) const OWNERSHIP: Self = Self("ownership");
    pub(crate) const REDACT: Self = Self("redact");

    /// The name.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether its refusals count in report mode, too.
    pub fn is_always_enforced(self) -> bool {
        let phase = TABLE.iter().find(|(_, names)| names.contains(&self.0)).map(|(phase, _)| *phase);
        phase.unwrap_or(Phase::Relay).is_always_enforced()
    }
}

impl fmt::Display for LayerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// One thing that is decided about a request, and about its answer.
pub(crate) trait Layer {
    /// What it needs of the body of this request.
    fn request_body(&self, _exchange: &Exchange) -> BodyNeed {
        BodyNeed::None
    }

    /// What it needs of the body of this answer.
    fn response_body(&self, _exchange: &Exchange) -> BodyNeed {
        BodyNeed::None
    }

    /// On the way to the application.
    fn request(&self, _exchange: &mut Exchange) -> Verdict {
        Verdict::Continue
    }

    /// On the way back; called for every layer that was entered.
    fn response(&self, _exchange: &mut Exchange) -> Verdict {
        Verdict::Continue
    }
}

/// A layer, if its site needs it: a request enters no other one.
pub(crate) fn needed(is_needed: bool, layer: impl Layer + 'static) -> Option<Box<dyn Layer>> {
    is_needed.then(|| Box::new(layer) as Box<dyn Layer>)
}

/// What a layer needs of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BodyNeed {
    /// Nothing: it streams.
    None,
    /// All of it, up to so many bytes.
    Buffer(usize),
}

/// What a layer decides.
pub(crate) enum Verdict {
    /// It goes on.
    Continue,
    /// It ends here.
    Refuse(Refusal),
    /// It is answered here.
    Answer(Box<Response<Body>>),
    /// Something must be waited for; what comes of it is applied to the exchange.
    Wait(Pin<Box<dyn Future<Output = Resume>>>),
}

/// What is done with an exchange after waiting.
pub(crate) type Resume = Box<dyn FnOnce(&mut Exchange) -> Verdict>;

/// Who looks on while a request enters the layers. For a running gateway that is nobody.
pub(crate) trait Onlooker {
    /// What is decided in the place of waiting; nothing: it is waited for.
    fn instead_of_waiting(&mut self, _: LayerName, _: &mut Exchange) -> Option<Verdict> {
        None
    }

    /// A layer was entered.
    fn entered(&mut self, _: LayerName, _: &Verdict, _: &Exchange) {}
}

/// Nobody looks on.
struct Nobody;

impl Onlooker for Nobody {}

/// A layer in its place.
struct Placed {
    phase: Phase,
    name: LayerName,
    layer: Box<dyn Layer>,
}

/// The layers of a worker.
pub(crate) struct Pipeline {
    layers: Vec<Placed>,
}

/// A request that passed every layer. Its only maker is the end of the pipeline, and what forwards takes nothing else:
/// going around the pipeline does not compile.
///
/// ```
/// use doorward_guard::pipeline::Admitted;
/// use doorward_guard::upstream::{Relay, forward};
/// async fn relayed(relay: &Relay, admitted: Admitted<'_>) {
///     let _ = forward(relay, admitted).await;
/// }
/// ```
///
/// ```compile_fail,E0451
/// use doorward_guard::pipeline::Admitted;
/// fn around(body: doorward_guard::Body) -> Admitted<'static> {
///     Admitted { body, ..todo!() }
/// }
/// ```
#[derive(Debug)]
pub struct Admitted<'e> {
    pub(crate) parts: &'e Parts,
    pub(crate) body: Body,
    pub(crate) connection: &'e Connection,
    /// Who asks, as the application is told it.
    pub(crate) client: &'e Client,
    /// The connection itself, where a WebSocket is asked for.
    pub(crate) upgrade: Option<Upgrade>,
    /// What was promised about the answer.
    pub(crate) obligations: Obligations,
    /// What it has in common with requests that go to the same server.
    pub(crate) affinity: Option<u64>,
    _sealed: Sealed,
}

/// Keeps [`Admitted`] from being made anywhere else, this crate included.
#[derive(Debug)]
struct Sealed;

/// The end of the pipeline.
fn admit(exchange: &mut Exchange) -> Admitted<'_> {
    Admitted {
        affinity: exchange.worker.relay(exchange.route).affinity(exchange),
        body: exchange.body.take().unwrap_or_else(Body::empty),
        upgrade: exchange.upgrade.take(),
        obligations: std::mem::replace(&mut exchange.obligations, Obligations::none()),
        parts: &exchange.parts,
        connection: &exchange.connection,
        client: &exchange.client,
        _sealed: Sealed,
    }
}

impl Pipeline {
    /// Takes an exchange through the layers, to the application and back.
    pub(crate) async fn run(&self, mut exchange: Box<Exchange>) -> Response<Body> {
        let entered = self.enter(&mut exchange, &mut Nobody).await;
        if matches!(exchange.answer, Answer::None) {
            let relay = exchange.worker.relay(exchange.route);
            turn().await;
            match upstream::forward(&relay, admit(&mut exchange)).await {
                Ok(withheld) => exchange.answer = Answer::Withheld(withheld),
                Err(refusal) => _ = exchange.refuse(LayerName::RELAY, Phase::Relay, refusal),
            }
        }
        turn().await;
        self.leave(&mut exchange, entered).await;
        let released = match std::mem::replace(&mut exchange.answer, Answer::None) {
            Answer::Ours(response) => Ok(response),
            Answer::Withheld(withheld) => withheld.released().map(|response| {
                let id = exchange.ended();
                response.map(|body| body.telling(&exchange.worker, id))
            }),
            Answer::None => Err(Refusal::new(Reason::UpstreamDown, "nothing answered")),
        };
        let mut response = released.unwrap_or_else(|refusal| refusal.into_response(exchange.id()));
        exchange.worker.dates.fill(response.headers_mut(), exchange.now());
        response
    }

    /// How many layers were entered; all, unless one of them refused or answered.
    pub(crate) async fn enter(&self, exchange: &mut Exchange, onlooker: &mut impl Onlooker) -> usize {
        for (index, placed) in self.layers.iter().enumerate() {
            // Who may do what everybody may is not asked who it is.
            if exchange.is_open && matches!(placed.phase, Phase::Identify | Phase::Authorize) {
                continue;
            }
            if let BodyNeed::Buffer(limit) = placed.layer.request_body(exchange)
                && let Err((phase, refusal)) = read_request_body(placed, limit, exchange).await
                && exchange.refuse(placed.name, phase, refusal)
            {
                return index;
            }
            let mut verdict = placed.layer.request(exchange);
            if matches!(verdict, Verdict::Wait(_)) {
                verdict = match onlooker.instead_of_waiting(placed.name, exchange) {
                    Some(instead) => instead,
                    None => settled(verdict, exchange).await,
                };
            }
            onlooker.entered(placed.name, &verdict, exchange);
            match verdict {
                Verdict::Continue | Verdict::Wait(_) => {}
                Verdict::Answer(response) => {
                    exchange.answer = Answer::Ours(*response);
                    return index + 1;
                }
                Verdict::Refuse(refusal) => {
                    if exchange.refuse(placed.name, placed.phase, refusal) {
                        return index + 1;
                    }
                }
            }
        }
        self.layers.len()
    }

    /// Back through the layers that were entered.
    async fn leave(&self, exchange: &mut Exchange, entered: usize) {
        let entered = self.layers.get(..entered).unwrap_or_default();
        let need = entered.iter().map(|placed| placed.layer.response_body(exchange)).max().unwrap_or(BodyNeed::None);
        if let BodyNeed::Buffer(limit) = need {
            read_answer(limit, exchange).await;
        }
        for placed in entered.iter().rev() {
            let mut verdict = placed.layer.response(exchange);
            if matches!(verdict, Verdict::Wait(_)) {
                verdict = settled(verdict, exchange).await;
            }
            match verdict {
                Verdict::Continue | Verdict::Wait(_) => {}
                Verdict::Answer(response) => exchange.answer = Answer::Ours(*response),
                Verdict::Refuse(refusal) => _ = exchange.refuse(placed.name, placed.phase, refusal),
            }
        }
    }
}

/// Waits as long as a layer asks for it.
async fn settled(mut verdict: Verdict, exchange: &mut Exchange) -> Verdict {
    while let Verdict::Wait(future) = verdict {
        verdict = future.await(exchange);
    }
    verdict
}

/// Reads the body of an answer of the application for the layers that need all of it.
async fn read_answer(limit: usize, exchange: &mut Exchange) {
    match std::mem::replace(&mut exchange.answer, Answer::None) {
        Answer::Withheld(withheld) => match withheld.read_up_to(limit).await {
            Ok(withheld) => exchange.answer = Answer::Withheld(withheld),
            Err(refusal) => _ = exchange.refuse(LayerName::RELAY, Phase::Relay, refusal),
        },
        other => exchange.answer = other,
    }
}

/// Reads the body for a layer that needs all of it. One that is longer than the layer reads is refused as the layer would refuse
/// it, and goes on whole where that is only said; one that breaks off is refused in every mode.
async fn read_request_body(placed: &Placed, limit: usize, exchange: &mut Exchange) -> Result<(), (Phase, Refusal)> {
    let body = exchange.body.take().unwrap_or_else(Body::empty);
    match body.read_up_to(limit).await {
        Ok(Read::Whole(bytes)) => {
            exchange.body = Some(Body::from(bytes));
            Ok(())
        }
        Ok(Read::Longer(body)) => {
            exchange.body = Some(body);
            Err((placed.phase, Refusal::new(Reason::BodyTooLarge, format!("more than {limit} bytes"))))
        }
        Err(error) => Err((Phase::Body, error.into_refusal(Reason::RequestLine))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_order_of_the_design() {
        let phases: Vec<&str> = Phase::ALL.iter().map(|phase| phase.name()).collect();
        let expected = [
            "observe",
            "harden",
            "accept",
            "route",
            "preflight",
            "identify",
            "body",
            "authorize",
            "quota",
            "validate",
            "relay",
        ];
        assert_eq!(phases, expected);
        let pipeline = Pipeline::new(&Arc::new(Site::without_policy()));
        let placed: Vec<(Phase, LayerName)> = pipeline.layers.iter().map(|one| (one.phase, one.name)).collect();
        let listed = TABLE.iter().flat_map(|(phase, names)| names.iter().map(|name| (*phase, LayerName(name))));
        // Without a policy nobody is asked who it is, and a request enters what it passes through alone.
        let needed = |(phase, name): &(Phase, LayerName)| {
            phase.is_always_enforced()
                && ![LayerName::CORS.as_str(), "client_address", "identity_headers"].contains(&name.0)
                || *phase == Phase::Route
        };
        assert_eq!(placed, listed.filter(needed).collect::<Vec<_>>());
        assert!(placed.is_sorted_by_key(|(phase, _)| *phase));
        for name in [
            LayerName::JWT,
            LayerName::API_KEY,
            LayerName::INTROSPECTION,
            LayerName::CLIENT_CERTIFICATE,
            LayerName::BASIC,
            LayerName::WEBHOOK,
            LayerName::FORWARD_AUTH,
            LayerName::REVOCATION,
            LayerName::SUBJECT,
            LayerName::APPLICATION,
            LayerName::LIMITS,
            LayerName::OWNERSHIP,
            LayerName::REDACT,
            LayerName::CORS,
            LayerName::RELAY,
        ] {
            assert!(LayerName::ALL.contains(&name), "{name}");
        }
    }

    #[test]
    fn report_mode_is_about_who_is_admitted() {
        let always: Vec<&str> =
            Phase::ALL.iter().filter(|phase| phase.is_always_enforced()).map(|phase| phase.name()).collect();
        assert_eq!(always, ["observe", "harden", "accept", "body", "relay"]);
    }

    /// A connection that waits for its answer holds this, and it is written anew for each request.
    #[test]
    fn what_is_held_of_a_request_under_way_is_small() {
        fn held<A, B, F>(_: impl FnOnce(A, B) -> F) -> usize {
            size_of::<F>()
        }
        let bytes = held(|pipeline: &Pipeline, exchange: Box<Exchange>| pipeline.run(exchange));
        assert!(bytes <= 2 * 1024, "{bytes}");
        assert!(size_of::<Exchange>() <= 1536, "{}", size_of::<Exchange>());
    }
}
