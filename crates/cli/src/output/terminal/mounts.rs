//! What an application serves below a path without endpoints that are known: files, and applications that were not
//! understood. Nothing says here what protects them, so they are never left out.

use std::fmt::Write;

use model::{MountKind, MountPoint};

use crate::output::groups::ApplicationGroup;
use crate::output::look::Look;
use crate::output::palette::{FAINT, HEADING, UNSURE, paint};
use crate::output::text::{padded, shortened_path, shown, width};

/// The mounts of an application, a line each; nothing where there are none.
pub(super) fn of(group: &ApplicationGroup<'_>, look: &Look) -> String {
    let mounts = group.application.map_or(&[][..], |one| &one.mounts);
    if mounts.is_empty() {
        return String::new();
    }
    let widest = mounts.iter().map(|mount| width(&path(mount))).max();
    let mut out = format!("{}\n", paint(HEADING, "mounted"));
    for mount in mounts {
        let path = padded(&path(mount), widest.unwrap_or(0).min(look.width / 2));
        let (what, style) = match mount.kind {
            MountKind::Files => ("files", FAINT),
            MountKind::Unknown => ("application not understood", UNSURE),
        };
        let place = format!("{}:{}", mount.evidence.file, mount.evidence.line);
        let used = 2 + width(&path) + 2 + width(what) + 2;
        let room = look.width.saturating_sub(used).max(12);
        let place = paint(FAINT, shortened_path(&shown(&place), room, look));
        let _ = writeln!(out, "  {path}  {}  {place}", paint(style, what));
    }
    out
}

/// All below a path.
fn path(mount: &MountPoint) -> String {
    format!("{}/*", shown(mount.path.trim_end_matches('/')))
}
