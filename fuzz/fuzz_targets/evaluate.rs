//! Bytes as a module that is run within small bounds; what it defines is called.

#![no_main]

#[path = "../../crates/python/tests/driver/mod.rs"]
mod driver;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let bytes = bytes.to_vec();
    driver::on_stack(32 << 20, move || driver::evaluate_within(&[("main.py", &bytes)], driver::TINY));
});
