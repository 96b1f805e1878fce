//! Bytes to a text, a tree and flat facts, and the bodies and graphs of its functions: nothing is evaluated.

#![no_main]

#[path = "../../crates/python/tests/driver/mod.rs"]
mod driver;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let bytes = bytes.to_vec();
    driver::on_stack(32 << 20, move || driver::lower(&bytes));
});
