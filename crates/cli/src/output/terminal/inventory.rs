//! Every endpoint with what protects it, by application and router.

use model::{Endpoint, Report};

use super::mounts;
use super::table::Table;
use crate::output::access::{ASSUMED, admitted};
use crate::output::groups::{ApplicationGroup, RouterGroup, grouped};
use crate::output::look::Look;
use crate::output::palette::{FAINT, HEADING, paint};
use crate::output::text::{counted, shortened_path, shown, width};

/// All endpoints.
pub(super) fn endpoints(report: &Report, look: &Look) -> String {
    let groups = grouped(report);
    let sections: Vec<String> = groups
        .iter()
        .map(|group| title(group, look) + &routers(&group.routers, *look) + &mounts::of(group, look))
        .collect();
    sections.join("\n") + &legend(report.endpoints.iter())
}

/// The name of an application and where it is made.
pub(super) fn title(group: &ApplicationGroup<'_>, look: &Look) -> String {
    let name = shown(group.name);
    let total = group.routers.iter().map(|router| router.endpoints.len()).sum();
    let count = counted(total, "endpoint", "endpoints");
    let separator = look.separator();
    let facts = match group.application {
        Some(application) => {
            let file = format!("{}:{}", application.file, application.line);
            let framework = shown(&application.framework);
            let used = width(&name) + 2 + width(&framework) + count.len() + 2 * width(separator);
            let room = look.width.saturating_sub(used).max(12);
            let file = shortened_path(&shown(&file), room, look);
            format!("{framework}{separator}{file}{separator}{count}")
        }
        None => count,
    };
    let across = (width(&name) + 2 + width(&facts)).min(look.width);
    let rule = paint(FAINT, look.rule(across));
    format!("{}  {}\n{rule}\n", paint(HEADING, &name), paint(FAINT, facts))
}

/// The endpoints of some routers of an application, each router under its heading; where only headings name files, under
/// one for each of its files.
pub(super) fn routers(routers: &[RouterGroup<'_>], look: Look) -> String {
    let all: Vec<&Endpoint> = routers.iter().flat_map(|router| router.endpoints.iter().copied()).collect();
    if all.is_empty() {
        return "no endpoints\n".to_owned();
    }
    let table = Table::fitting(&all, look);
    let mut out = table.header().map(|header| header + "\n").unwrap_or_default();
    for router in routers {
        if table.leaves_files_to_headings() {
            for part in router.by_file() {
                section(&mut out, &table, &part);
            }
        } else {
            section(&mut out, &table, router);
        }
    }
    out
}

fn section(out: &mut String, table: &Table, router: &RouterGroup<'_>) {
    out.push_str(&table.heading(&router.name, router.file));
    out.push('\n');
    for endpoint in &router.endpoints {
        out.push_str(&table.lines(endpoint));
    }
}

/// What the mark of assumptions means, if it was used.
pub(super) fn legend<'a>(mut endpoints: impl Iterator<Item = &'a Endpoint>) -> String {
    if endpoints.any(|endpoint| admitted(&endpoint.access).ends_with(ASSUMED)) {
        let text = format!("{ASSUMED} assumed, not proven: a default or a setting decides");
        format!("{}\n", paint(FAINT, text))
    } else {
        String::new()
    }
}
