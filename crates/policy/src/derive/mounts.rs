//! Mounts: what answers everything below a path and has no endpoints of its own that are known.

use model::{Application, Converter, Method, MountKind, MountPoint, Part, PathParameter, PathPattern, Route};

use super::{Counts, Draft};
use crate::key::RouteKey;
use crate::policy::RouterKind;
use crate::route::{Admits, RoutePolicy, RouteSettings};

/// Adds refused routes for each mount. They stand before all others, since any of these may match below the mount's path as
/// well; at worst too much is refused. What is mounted at the root comes last.
pub(super) fn add(application: &Application, kind: RouterKind, drafts: &mut Vec<Draft>, counts: &mut Counts) {
    let mut front = 0;
    for mount in &application.mounts {
        let prefix = format!("{}/", mount.path.trim_end_matches('/'));
        let is_root = prefix.len() == 1;
        if kind == RouterKind::Werkzeug && !is_root {
            close_below(&prefix, drafts);
        }
        for draft in refused(mount, kind) {
            if drafts.iter().any(|other| other.route.key.id() == draft.route.key.id()) {
                continue;
            }
            let at = if is_root { drafts.len() } else { front };
            front += usize::from(!is_root);
            drafts.insert(at, draft);
        }
        counts.mounts += 1;
    }
}

/// Werkzeug takes the most specific of its rules, and does not know of what is mounted before it.
fn close_below(prefix: &str, drafts: &mut [Draft]) {
    for draft in drafts {
        let path = format!("{}/", draft.route.key.pattern().erased().trim_end_matches('/'));
        if path.starts_with(prefix) && draft.route.settings.admits() != Admits::Nobody {
            draft.route.settings = RouteSettings::closed();
            draft.refuse(true, "what is mounted above its path may answer instead");
        }
    }
}

fn refused(mount: &MountPoint, kind: RouterKind) -> Vec<Draft> {
    let prefix = PathPattern::from_display(mount.path.trim_end_matches('/'));
    let with = |tail: Vec<Part>| prefix.concat(&tail.into_iter().collect());
    let slash = || Part::Literal("/".into());
    let rest = with(vec![slash(), Part::Parameter(PathParameter::new("path", Converter::Path))]);
    // Elsewhere the rest of a path is never empty.
    let patterns = match kind {
        RouterKind::Starlette => vec![rest],
        RouterKind::Werkzeug | RouterKind::Django if prefix.is_empty() => vec![with(vec![slash()]), rest],
        RouterKind::Werkzeug | RouterKind::Django => vec![prefix.clone(), with(vec![slash()]), rest],
    };
    let (method, what, open) = match mount.kind {
        MountKind::Files => (Method::Get, "files of a directory", "to serve them to everybody: `access = \"public\"`"),
        MountKind::Unknown => (
            Method::Any,
            "another application, whose endpoints are not known",
            "write a route for each endpoint it has",
        ),
    };
    let place = &mount.evidence;
    let notes = vec![
        format!("{}:{}: {what}, mounted at `{}`", place.file, place.line, mount.path),
        format!("refused: nothing is known about who may read below; {open}"),
    ];
    let draft = |pattern| {
        let key = RouteKey::of_route(&Route::new(method.clone(), pattern));
        let route = RoutePolicy { key, settings: RouteSettings::closed() };
        Draft { route, notes: notes.clone(), refused: None, not_expressed: 0 }
    };
    patterns.into_iter().map(draft).collect()
}
