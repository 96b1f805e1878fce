//! Evaluates the modules of a project and prints what one of them binds: `eval ROOT FILE`.
fn main() {
    let root = std::env::args().nth(1).unwrap();
    let file = std::env::args().nth(2).unwrap();
    doorward_scan::debug_eval(root.into(), &file);
}
