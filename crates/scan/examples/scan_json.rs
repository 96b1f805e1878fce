//! Scans a path and prints the report.
fn main() {
    let root = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let tool = model::Tool { name: "doorward".into(), version: "0".into() };
    let options = doorward_scan::Options { root: root.into(), ..Default::default() };
    let scan = doorward_scan::scan(&options, tool, &doorward_scan::Silent).unwrap();
    println!("{}", serde_json::to_string_pretty(&scan.report).unwrap());
}
