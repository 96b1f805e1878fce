//! Long inventories: counts by router, then only the endpoints that are open or not understood. `doorward routes` lists
//! the others.

use std::fmt::Write;

use model::{AccessVerdict, Endpoint, Origin, Report};

use super::inventory::{legend, routers, title};
use super::mounts;
use crate::output::access::Tally;
use crate::output::groups::{ApplicationGroup, RouterGroup, grouped};
use crate::output::look::Look;
use crate::output::palette::{FAINT, HEADING, paint};
use crate::output::text::{counted, padded, shortened, shown, width};

const COLUMNS: [&str; 4] = ["PUBLIC", "LOGIN", "RESTRICTED", "?"];
const TOTAL: &str = "ENDPOINTS";

/// The endpoints of a report that has many.
pub(super) fn endpoints(report: &Report, look: &Look) -> String {
    let mut sections = Vec::new();
    for group in grouped(report) {
        let mounts = mounts::of(&group, look);
        sections.push(title(&group, look) + &counts(&group, look) + &mounts);
        sections.extend(open(&group, look));
    }
    sections.join("\n") + &legend(report.endpoints.iter().filter(|one| is_open(one)))
}

/// How many endpoints each router has of each kind.
fn counts(group: &ApplicationGroup<'_>, look: &Look) -> String {
    let names: Vec<_> = group.routers.iter().map(|router| shown(&router.name)).collect();
    let numbers: usize = COLUMNS.iter().map(|column| column.len() + 2).sum();
    let room = look.width.saturating_sub(2 + TOTAL.len() + 2 + numbers).max(12);
    let widest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let name_width = widest.max("ROUTER".len()).min(room);
    let mut header = format!("  {}  {TOTAL}", padded("ROUTER", name_width));
    for column in COLUMNS {
        header.push_str("  ");
        header.push_str(column);
    }
    let mut out = paint(FAINT, header) + "\n";
    for (router, name) in group.routers.iter().zip(names) {
        let tally = Tally::of(router.endpoints.iter().copied());
        let name = padded(&shortened(&name, name_width, look), name_width);
        let mut line = format!("  {name}  {:>1$}", tally.total(), TOTAL.len());
        let counts = [tally.public, tally.login, tally.restricted, tally.unknown];
        for (column, count) in COLUMNS.iter().zip(counts) {
            let count = if count == 0 { look.nothing().to_owned() } else { count.to_string() };
            let _ = write!(line, "  {count:>0$}", column.len());
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// The endpoints that everybody may call, or of which that is not known.
fn open(group: &ApplicationGroup<'_>, look: &Look) -> Option<String> {
    let mut rest = 0;
    let mut found = Vec::new();
    for router in &group.routers {
        let (open, guarded): (Vec<&Endpoint>, Vec<&Endpoint>) =
            router.endpoints.iter().copied().partition(|one| is_open(one));
        rest += guarded.len();
        if !open.is_empty() {
            found.push(RouterGroup { name: router.name.clone(), file: router.file, endpoints: open });
        }
    }
    if found.is_empty() {
        return None;
    }
    let count: usize = found.iter().map(|router| router.endpoints.len()).sum();
    let heading = counted(
        count,
        "endpoint is open to everybody or not understood",
        "endpoints are open to everybody or not understood",
    );
    let others = format!("`doorward routes` lists the other {rest}");
    let gap = if width(&heading) + 2 + width(&others) <= look.width { "  " } else { "\n" };
    let mut heading = paint(HEADING, heading);
    if rest > 0 {
        let _ = write!(heading, "{gap}{}", paint(FAINT, others));
    }
    Some(format!("{heading}\n{}", routers(&found, *look)))
}

fn is_open(endpoint: &Endpoint) -> bool {
    let verdict = endpoint.access.verdict();
    endpoint.origin != Origin::Framework && matches!(verdict, AccessVerdict::Public | AccessVerdict::Unknown)
}
