//! Documents that the gateway reads of others, on its own behalf: what an issuer publishes. Whoever answers there may hang, lie
//! or send without end; all of it has a bound, and nobody is followed to another host.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONNECTION, CONTENT_ENCODING, HOST, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use policy::{KeysUrl, ServerUrl, Upstream};

use super::connect::{Connected, connect};
use super::http1::One;
use super::servers::{Servers, authority};
use super::tls::Connectors;
use crate::body::Body;
use crate::refusal::Refusal;
use crate::site::Keys;

/// The most bytes of a document.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 256 * 1024;
/// How long it may take until all of a document is there, redirects included.
pub(crate) const FETCH_TIME_MAX: Duration = Duration::from_secs(5);
/// How often it is followed to another path of the same host.
const REDIRECTS_MAX: usize = 3;

/// Fetches documents, over TLS from every host but this one.
pub(crate) struct Fetcher {
    connectors: Option<Connectors>,
}

/// Where a document is.
pub(crate) struct Place {
    pub(crate) server: ServerUrl,
    /// Path and query.
    pub(crate) path: String,
}

/// What was answered.
enum Answered {
    Document(Bytes),
    Elsewhere(String),
}

impl Fetcher {
    /// One that trusts the authorities that this system trusts. Where it is to read over TLS there must be some.
    pub(crate) fn of(url: &KeysUrl, keys: &dyn Keys) -> Result<Self, String> {
        let place = Place::of(url)?;
        let over_tls = ServerUrl { tls: true, ..place.server.clone() };
        match Connectors::of(&Upstream::of(vec![over_tls]), keys) {
            Ok(connectors) => Ok(Self { connectors }),
            Err(_) if !place.server.tls => Ok(Self { connectors: None }),
            // Of these settings nothing but the authorities can be missing.
            Err(_) => Err("it is read over TLS, and this system trusts no authorities".to_owned()),
        }
    }

    /// The document at an address; an error says what came instead, without any of it.
    pub(crate) async fn document(&self, url: &KeysUrl) -> Result<Bytes, String> {
        let fetched = tokio::time::timeout(FETCH_TIME_MAX, self.followed(Place::of(url)?)).await;
        fetched.unwrap_or_else(|_| Err(format!("not all of it was there within {} s", FETCH_TIME_MAX.as_secs())))
    }

    async fn followed(&self, mut place: Place) -> Result<Bytes, String> {
        for _ in 0..=REDIRECTS_MAX {
            match self.answered(&place).await? {
                Answered::Document(bytes) => return Ok(bytes),
                Answered::Elsewhere(location) => place = place.redirected(&location)?,
            }
        }
        Err(format!("it is sent on more than {REDIRECTS_MAX} times"))
    }

    async fn answered(&self, place: &Place) -> Result<Answered, String> {
        if place.server.tls && self.connectors.is_none() {
            return Err("this system trusts no authorities, so that nothing is read over TLS".to_owned());
        }
        let servers = Servers::other(place.server.clone(), self.connectors.clone());
        let server = servers.all().first().ok_or("there is no server")?;
        let text = |refusal: Refusal| format!("{}: {}", refusal.reason, refusal.detail);
        let Connected::One(mut one) = connect(&servers, server, true).await.map_err(text)? else {
            return Err("the server does not speak HTTP/1.1".to_owned());
        };
        let request = place.request()?;
        let response = one.ask(request, servers.settings.response_time_max).await.map_err(|error| error.to_string())?;
        let status = response.status();
        if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            return Ok(Answered::Elsewhere(location.ok_or("it is sent on to nowhere")?.to_owned()));
        }
        if status.as_u16() != 200 {
            return Err(format!("it answers {}", status.as_u16()));
        }
        whole(response.map(|()| one)).await.map(Answered::Document)
    }
}

/// All of an answer that is no longer than the bound.
async fn whole(response: Response<Box<One>>) -> Result<Bytes, String> {
    let encoding = response.headers().get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err("the answer is encoded, which was not asked for".to_owned());
    }
    match Limited::new(response.into_body(), DOCUMENT_BYTES_MAX).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(format!("the answer has more than {DOCUMENT_BYTES_MAX} bytes"))
        }
        Err(error) => Err(format!("the answer ended early: {error}")),
    }
}

impl Place {
    pub(crate) fn of(url: &KeysUrl) -> Result<Self, String> {
        let text = url.as_str().split('#').next().unwrap_or_default();
        let from = text.find("://").map_or(0, |at| at + 3);
        let ends = text.get(from..).and_then(|rest| rest.find(['/', '?'])).map_or(text.len(), |at| from + at);
        let (origin, path) = text.split_at_checked(ends).unwrap_or((text, ""));
        let server = origin.parse().map_err(|_| "it is no address".to_owned())?;
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self { server, path: format!("{slash}{path}") })
    }

    /// Another path of the same host; whoever answers for it may not name another one, who would then decide whom to trust.
    fn redirected(self, location: &str) -> Result<Self, String> {
        let to = |text: &str| cut(text);
        if location.starts_with('/') && !location.starts_with("//") {
            let path = location.split('#').next().unwrap_or_default().to_owned();
            return Ok(Self { path, ..self });
        }
        let url = location.parse::<KeysUrl>().map_err(|_| format!("it is sent on to `{}`", to(location)))?;
        let next = Self::of(&url)?;
        if next.server != self.server {
            return Err(format!("it is sent on to another host, `{}`: name that address if it is right", to(location)));
        }
        Ok(next)
    }

    fn request(&self) -> Result<Request<Body>, String> {
        let mut headers = HeaderMap::new();
        let host = HeaderValue::try_from(authority(&self.server)).map_err(|error| error.to_string())?;
        headers.insert(HOST, host);
        headers.insert(USER_AGENT, HeaderValue::from_static("doorward"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = self.path.parse::<Uri>().map_err(|_| "its path cannot be asked for".to_owned())?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// An address as it is told.
fn cut(text: &str) -> String {
    const BYTES_MAX: usize = 128;
    crate::record::cut(text.escape_debug().to_string(), BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str) -> (String, String) {
        let place = Place::of(&url.parse().unwrap()).unwrap();
        (place.server.to_string(), place.path)
    }

    #[test]
    fn an_address_is_a_server_and_a_path() {
        for (url, server, path) in [
            ("https://id.example/keys", "https://id.example:443", "/keys"),
            ("https://id.example", "https://id.example:443", "/"),
            ("https://id.example?a=b", "https://id.example:443", "/?a=b"),
            ("https://id.example:8443/a/b?c=d#e", "https://id.example:8443", "/a/b?c=d"),
            ("http://[::1]:8080/keys", "http://[::1]:8080", "/keys"),
        ] {
            assert_eq!(place(url), (server.to_owned(), path.to_owned()), "{url}");
        }
    }

    #[test]
    fn nobody_is_followed_to_another_host() {
        let from = || Place::of(&"https://id.example/keys".parse().unwrap()).unwrap();
        let to = |location: &str| from().redirected(location).map(|place| place.path);
        assert_eq!(to("/other?a=b#c"), Ok("/other?a=b".to_owned()));
        assert_eq!(to("https://id.example/other"), Ok("/other".to_owned()));
        assert_eq!(to("https://id.example:443/other"), Ok("/other".to_owned()));
        for location in [
            "https://other.example/keys",
            "https://id.example:8443/keys",
            "//other.example/keys",
            "http://id.example/keys",
            "http://127.0.0.1/keys",
            "file:///etc/passwd",
            "other",
            "",
        ] {
            assert!(to(location).is_err(), "{location}");
        }
    }
}
