//! The yardstick of `cargo xtask bench`: parses the files named on stdin, one path a line, with the parser and the
//! settings of the scanner, and does nothing with the trees.

use std::fs;
use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use ruff_python_ast::PythonVersion;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

/// Deep sources need deep stacks, here as in the scanner.
const STACK_BYTES: usize = 256 << 20;

fn main() -> io::Result<()> {
    let paths: Vec<String> = io::stdin().lock().lines().collect::<io::Result<_>>()?;
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build().map_err(io::Error::other)?;
    let (bytes, errors) = (AtomicUsize::new(0), AtomicUsize::new(0));
    pool.install(|| {
        paths.par_iter().for_each(|path| {
            let Ok(source) = fs::read(path) else { return };
            let source = String::from_utf8_lossy(&source);
            let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::latest_preview());
            let parsed = parse_unchecked(&source, options);
            bytes.fetch_add(source.len(), Ordering::Relaxed);
            errors.fetch_add(parsed.errors().len(), Ordering::Relaxed);
        });
    });
    writeln!(io::stdout(), "{} files, {bytes:?} bytes, {errors:?} syntax errors", paths.len())
}
