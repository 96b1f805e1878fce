//! A small application: it says what it was asked, and answers as the test has it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as the application got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }
}

/// The running application.
pub(crate) struct Application {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Application {
    /// Answers every request with these bytes.
    pub(crate) fn answering(answer: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let (kept, answer) = (asked.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (kept.clone(), answer.clone());
                thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Self { address, asked }
    }

    /// Answers 200 with a little text.
    pub(crate) fn plain() -> Self {
        Self::answering(|_| response("200 OK", "text/plain", b"hello"))
    }

    /// Says that a request has arrived, and answers it with this text when it is told to, or when nobody can tell it any more.
    pub(crate) fn held(text: &'static str) -> (Self, Receiver<()>, Sender<()>) {
        let (arrived, arrivals) = channel();
        let (go_on, held) = channel::<()>();
        let (arrived, held) = (Mutex::new(arrived), Mutex::new(held));
        let application = Self::answering(move |_| {
            arrived.lock().unwrap().send(()).unwrap();
            let _ = held.lock().unwrap().recv();
            response("200 OK", "text/plain", text.as_bytes())
        });
        (application, arrivals, go_on)
    }

    /// What it was asked.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

pub(crate) fn response(status: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n", body.len())
        .into_bytes();
    out.extend_from_slice(body);
    out
}

pub(crate) fn json(body: &str) -> Vec<u8> {
    response("200 OK", "application/json", body.as_bytes())
}

fn serve(stream: TcpStream, kept: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Vec<u8>) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read(&mut reader) {
        let bytes = answer(&asked);
        kept.lock().unwrap().push(asked);
        if bytes.is_empty() || writer.write_all(&bytes).is_err() {
            return;
        }
        if bytes.starts_with(b"HTTP/1.1 101") {
            break;
        }
    }
    // What is no longer HTTP is sent back as it comes.
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        let Some(bytes) = buffer.get(..count) else { break };
        if writer.write_all(bytes).is_err() {
            break;
        }
    }
}

/// Reads one request, as an application would that trusts what is before it.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let mut fields = Vec::new();
    loop {
        let mut field = String::new();
        reader.read_line(&mut field).ok().filter(|count| *count > 0)?;
        match field.trim_end().split_once(':') {
            Some((name, value)) => fields.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let mut asked = Asked { line: line.trim_end().to_owned(), fields, body: Vec::new() };
    if asked.field("transfer-encoding").is_some() {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).ok()?;
            chunk.truncate(size);
            asked.body.extend(chunk);
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = asked.field("content-length").and_then(|length| length.parse().ok()) {
        asked.body = vec![0; length];
        reader.read_exact(&mut asked.body).ok()?;
    }
    Some(asked)
}
