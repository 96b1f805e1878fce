//! A small HTTP/1.1 client: one connection for each request, no redirect is followed, everything that comes back is bounded.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, LOCATION, SET_COOKIE};
use hyper::{Response, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::fence::{FenceError, Target};
use crate::request::Request;

/// The most bytes of an answer's body that are read.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// The most bytes of an answer's head. Not below what `hyper` needs.
pub(crate) const HEAD_BYTES_MAX: usize = 64 << 10;

/// The field that each request carries, so that logs and gateways can tell.
pub(crate) const RUN_HEADER: &str = "x-probe-run";

/// A target that passed the fence.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    target: Target,
    address: SocketAddr,
}

impl Door {
    pub(crate) async fn open(target: &Target, allowed_hosts: &[String]) -> Result<Self, FenceError> {
        Ok(Self { target: target.clone(), address: target.admitted(allowed_hosts).await? })
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether there was more than is read.
    pub(crate) is_cut: bool,
    /// The body, where it is a JSON document.
    pub(crate) json: Option<Value>,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("{0}")]
    Unreachable(String),
    #[error("no answer within {0:?}")]
    Late(Duration),
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("the request cannot be written: {0}")]
    Unwritable(String),
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether it turns the caller away: 401 or 403 (RFC 9110 section 15.5).
    pub(crate) fn refuses(&self) -> bool {
        matches!(self.status, 401 | 403)
    }

    /// Whether it turns away a credential that is shown and is none: with 401 or 403, as malformed (400, 422), by hiding what it was shown
    /// for, or by sending the caller elsewhere. An answer that comes of too many requests, or of too slow ones, says nothing.
    pub(crate) fn turns_away(&self) -> bool {
        matches!(self.status, 301..=303 | 307 | 308 | 400 | 401 | 403 | 404 | 410 | 422)
    }

    /// Whether it says that there is no such thing.
    pub(crate) fn hides(&self) -> bool {
        matches!(self.status, 404 | 410)
    }

    pub(crate) fn redirects(&self) -> bool {
        (300..400).contains(&self.status)
    }

    pub(crate) fn is_server_failure(&self) -> bool {
        self.status >= 500
    }

    /// The media type without parameters, in lower case.
    pub(crate) fn media_type(&self) -> Option<String> {
        let whole = self.header(&CONTENT_TYPE)?;
        Some(whole.split(';').next().unwrap_or(whole).trim().to_ascii_lowercase())
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.header(&LOCATION)
    }

    /// The value of a cookie that the answer sets.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let pairs = self.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = pairs.filter_map(|value| value.split(';').next()?.split_once('='));
        pairs.find(|(given, _)| given.trim() == name).map(|(_, value)| value.trim().to_owned())
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Sends a request and reads the answer.
pub(crate) async fn send(door: &Door, request: &Request, run_id: &str, timeout: Duration) -> Result<Answer, NoAnswer> {
    let exchange = exchange(door, request, run_id);
    tokio::time::timeout(timeout, exchange).await.unwrap_or(Err(NoAnswer::Late(timeout)))
}

async fn exchange(door: &Door, request: &Request, run_id: &str) -> Result<Answer, NoAnswer> {
    let request = written(door, request, run_id)?;
    let stream = TcpStream::connect(door.address).await;
    let stream = stream.map_err(|error| NoAnswer::Unreachable(format!("{}: {error}", door.target)))?;
    let handshake =
        hyper::client::conn::http1::Builder::new().max_buf_size(HEAD_BYTES_MAX).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(|error| NoAnswer::Broken(error.to_string()))?;
    // The connection is driven beside the answer and goes with it: nothing is left running when time is up.
    let answer = async {
        let response = sender.send_request(request).await.map_err(|error| NoAnswer::Broken(error.to_string()))?;
        read(response).await
    };
    tokio::pin!(connection);
    tokio::pin!(answer);
    tokio::select! {
        answer = &mut answer => answer,
        ended = &mut connection => match answer.await {
            Ok(answer) => Ok(answer),
            Err(broken) => Err(ended.err().map_or(broken, |error| NoAnswer::Broken(error.to_string()))),
        },
    }
}

fn written(door: &Door, request: &Request, run_id: &str) -> Result<hyper::Request<Full<Bytes>>, NoAnswer> {
    let path = format!("{}{}", door.target.base(), request.path.exposed());
    let mut builder = hyper::Request::builder()
        .method(request.method.as_str())
        .uri(path)
        .header(header::HOST, door.target.authority())
        .header(header::USER_AGENT, concat!("doorward-probe/", env!("CARGO_PKG_VERSION")))
        .header(header::ACCEPT, "application/json")
        .header(header::CONNECTION, "close")
        .header(RUN_HEADER, run_id);
    for (name, value) in &request.headers {
        builder = builder.header(name, value.exposed());
    }
    let mut bytes = Bytes::new();
    if let Some((media_type, payload)) = request.payload() {
        builder = builder.header(CONTENT_TYPE, media_type);
        bytes = payload.into();
    }
    builder.body(Full::new(bytes)).map_err(|error| NoAnswer::Unwritable(error.to_string()))
}

async fn read(response: Response<Incoming>) -> Result<Answer, NoAnswer> {
    let (head, mut incoming) = response.into_parts();
    let (mut body, mut is_cut) = (Vec::new(), false);
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| NoAnswer::Broken(error.to_string()))?;
        let Some(data) = frame.data_ref() else { continue };
        let room = BODY_BYTES_MAX - body.len();
        body.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            is_cut = true;
            break;
        }
    }
    let json = if is_cut { None } else { serde_json::from_slice(&body).ok() };
    Ok(Answer { status: head.status.as_u16(), headers: head.headers, body, is_cut, json })
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::request::{Body, Text};

    /// What comes back of a server that sends these bytes.
    async fn answered(bytes: Vec<u8>) -> Result<Answer, NoAnswer> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Target::of(listener.local_addr().unwrap());
        let serving = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await.unwrap();
            // Whoever has read enough hangs up.
            let _ = stream.write_all(&bytes).await;
        };
        let request = Request {
            endpoint: "GET /a".parse().unwrap(),
            method: "GET".to_owned(),
            path: Text::plain("/a"),
            headers: vec![],
            body: Body::None,
        };
        let door = Door::open(&target, &[]).await.unwrap();
        tokio::join!(send(&door, &request, "r", Duration::from_mins(1)), serving).0
    }

    fn response(fields: &str, body: usize) -> Vec<u8> {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {body}\r\n{fields}\r\n");
        [head.into_bytes(), vec![b'x'; body]].concat()
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_the_bound() {
        let whole = answered(response("", BODY_BYTES_MAX)).await.unwrap();
        assert_eq!((whole.body.len(), whole.is_cut), (BODY_BYTES_MAX, false));
        let cut = answered(response("", BODY_BYTES_MAX + 1)).await.unwrap();
        assert_eq!((cut.body.len(), cut.is_cut), (BODY_BYTES_MAX, true));
    }

    #[tokio::test]
    async fn a_head_beyond_the_bound_is_no_answer() {
        let field = |bytes: usize| format!("x-long: {}\r\n", "y".repeat(bytes));
        assert!(answered(response(&field(HEAD_BYTES_MAX / 2), 0)).await.is_ok());
        // hyper looks at the bound when it has read what came together.
        let refused = answered(response(&field(HEAD_BYTES_MAX * 4), 0)).await;
        assert!(matches!(refused, Err(NoAnswer::Broken(_))));
    }

    #[tokio::test]
    async fn what_is_no_http_is_no_answer() {
        let refused = answered(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()).await;
        assert!(matches!(refused, Err(NoAnswer::Broken(_))), "{refused:?}");
    }
}
