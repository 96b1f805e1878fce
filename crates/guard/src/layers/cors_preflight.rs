//! What browsers ask beforehand (Fetch, CORS-preflight request), answered here where the policy has `[cors]`: it carries no credential, so
//! the application need not see it. `endpoint` has found what the path takes; here it is said whether pages of the origin may
//! send it. An origin that the policy does not name is refused, and so is a field that it does not.

use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    HeaderValue,
};
use http::{HeaderMap, Response, StatusCode};
use policy::{Cors, Policy};

use super::cors::allowed;
use crate::body::Body;
use crate::exchange::Exchange;
use crate::pipeline::{Layer, Verdict};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;

/// How long a browser may remember the answer, unless the policy says so.
const AGE_S_USUAL: u32 = 600;
/// Fields that pages may set without asking, some of them with a few values only.
const USUAL: [&str; 5] = ["accept", "accept-language", "content-language", "content-type", "range"];

/// Answers what browsers ask beforehand.
struct Preflight {
    cors: Cors,
    /// In lower case.
    names: Vec<String>,
    named: HeaderValue,
    age: HeaderValue,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    Some(Box::new(Preflight::of(site.policy.as_ref()?)?))
}

impl Preflight {
    fn of(policy: &Policy) -> Option<Self> {
        let cors = policy.cors.clone()?;
        let mut names: Vec<String> = cors.headers.iter().map(|name| name.as_str().to_ascii_lowercase()).collect();
        if names.is_empty() {
            names.push("authorization".to_owned());
            let carriers = policy.identity.iter().filter_map(|(_, identity)| identity.header());
            names.extend(carriers.map(|name| name.as_str().to_ascii_lowercase()));
        }
        names.extend(USUAL.map(str::to_owned));
        names.sort();
        names.dedup();
        let age = cors.max_age_s.unwrap_or(AGE_S_USUAL);
        Some(Self { named: HeaderValue::try_from(names.join(", ")).ok()?, age: HeaderValue::from(age), names, cors })
    }

    /// Why pages of the origin may not send what they ask for.
    fn refused(&self, headers: &HeaderMap) -> Option<String> {
        if allowed(&self.cors, headers).is_none() {
            return Some("the origin is none of `cors.origins`".to_owned());
        }
        let fields = headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter();
        let mut asked = fields.flat_map(|field| field.as_bytes().split(|byte| *byte == b','));
        let is_known = |name: &[u8]| {
            let name = name.trim_ascii();
            name.is_empty() || self.names.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name))
        };
        let unknown = asked.find(|name| !is_known(name))?;
        Some(format!("the field `{}` is none of `cors.headers`", String::from_utf8_lossy(unknown).trim()))
    }
}

impl Layer for Preflight {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let Some(methods) = &exchange.preflight else {
            return Verdict::Continue;
        };
        if let Some(why) = self.refused(&exchange.parts.headers) {
            return Verdict::Refuse(Refusal::new(Reason::CrossOrigin, why));
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        if let Ok(methods) = HeaderValue::try_from(methods) {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        }
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, self.named.clone());
        headers.insert(ACCESS_CONTROL_MAX_AGE, self.age.clone());
        Verdict::Answer(Box::new(response))
    }
}
