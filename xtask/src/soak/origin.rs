//! The application behind the gateway while it is soaked: what it answers depends on the path, and some paths break.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::Result;

/// The bytes of a large answer.
const LARGE: usize = 512 * 1024;

/// Serves until the program ends.
pub(super) fn start() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    Ok(address)
}

/// Answers until the connection ends, whoever ends it.
fn serve(stream: TcpStream) {
    let Ok(mut writer) = stream.try_clone() else { return };
    let mut reader = BufReader::new(stream);
    while let Some(path) = asked(&mut reader) {
        let is_whole = match path.as_str() {
            "/large" => large(&mut writer),
            "/chunks" => writer
                .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
                .is_ok(),
            "/slow" => {
                thread::sleep(Duration::from_millis(30));
                hello(&mut writer)
            }
            // Ends in the middle of the head, of the body, or without a word.
            "/half-a-head" => ends_with(&mut writer, b"HTTP/1.1 200 OK\r\nConte"),
            "/half-a-body" => ends_with(&mut writer, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello"),
            "/nothing" => false,
            "/nonsense" => ends_with(&mut writer, b"no HTTP at all\r\n\r\n"),
            _ => hello(&mut writer),
        };
        if !is_whole {
            return;
        }
    }
}

fn hello(writer: &mut TcpStream) -> bool {
    writer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").is_ok()
}

fn large(writer: &mut TcpStream) -> bool {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LARGE}\r\n\r\n");
    writer.write_all(head.as_bytes()).is_ok() && writer.write_all(&vec![b'a'; LARGE]).is_ok()
}

/// Writes this, and is at its end.
fn ends_with(writer: &mut TcpStream, bytes: &[u8]) -> bool {
    // Whoever is gone by now does not read it.
    let _ = writer.write_all(bytes);
    false
}

/// The path of the next request, once its body was read; nothing where there is none.
fn asked(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut length, mut is_chunked) = (0_u64, false);
    loop {
        let mut field = String::new();
        reader.read_line(&mut field).ok().filter(|count| *count > 0)?;
        match field.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok()?,
            Some((name, _)) if name.eq_ignore_ascii_case("transfer-encoding") => is_chunked = true,
            Some(_) => {}
            None => break,
        }
    }
    if is_chunked {
        return chunks(reader).map(|()| path);
    }
    let read = std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink()).ok()?;
    (read == length).then_some(path)
}

/// Reads a body in chunks to its end.
fn chunks(reader: &mut BufReader<TcpStream>) -> Option<()> {
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let length = u64::from_str_radix(size.trim(), 16).ok()?;
        std::io::copy(&mut reader.by_ref().take(length + 2), &mut std::io::sink()).ok()?;
        if length == 0 {
            return Some(());
        }
    }
}
