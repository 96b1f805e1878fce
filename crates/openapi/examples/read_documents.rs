//! Reads the documents named on stdin, one path a line, and says of each what is in it: to try the reader on many, and
//! to measure it.

use std::fs;
use std::io::{self, BufRead, Write};

use doorward_openapi::{Document, ReadError};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for path in io::stdin().lock().lines() {
        let path = path?;
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        match Document::read(&*path, &text) {
            Ok(document) => writeln!(
                out,
                "{path}: {:?}, {} bytes, {} operations, {} schemas, {} gaps",
                document.version,
                text.len(),
                document.operations.len(),
                document.schemas.len(),
                document.gaps.len(),
            )?,
            Err(ReadError::NoDocument) => writeln!(out, "{path}: no document")?,
            Err(error) => writeln!(out, "{path}: not read: {error}")?,
        }
    }
    Ok(())
}
