//! Developer commands: `cargo xtask demo|test|ready|bench|corpus`.
fn main() {}
