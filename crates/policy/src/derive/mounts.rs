//! Mounts: what answers everything below a path and has no endpoints of its own that are known.

use model::{Application, Converter, Method, MountKind, MountPoint, Part, PathParameter, PathPattern, Route};

use super::{Counts, Draft};
use crate::key::RouteKey;
use crate::route::{RoutePolicy, RouteSettings};

/// Adds a refused route for each mount, before the first route that its path overlaps with: at worst too much is refused.
pub(super) fn add(application: &Application, drafts: &mut Vec<Draft>, counts: &mut Counts) {
    for mount in &application.mounts {
        let draft = refused(mount);
        if drafts.iter().any(|other| other.route.key.id() == draft.route.key.id()) {
            continue;
        }
        let prefix = format!("{}/", mount.path.trim_end_matches('/'));
        let overlaps = |other: &Draft| prefix.len() > 1 && other.route.key.pattern().erased().starts_with(&prefix);
        let at = drafts.iter().position(overlaps).unwrap_or(drafts.len());
        drafts.insert(at, draft);
        counts.mounts += 1;
    }
}

fn refused(mount: &MountPoint) -> Draft {
    let prefix = PathPattern::from_display(mount.path.trim_end_matches('/'));
    let rest: PathPattern =
        [Part::Literal("/".into()), Part::Parameter(PathParameter::new("path", Converter::Path))].into_iter().collect();
    let key = RouteKey::of_route(&Route::new(Method::Get, prefix.concat(&rest)));
    let (what, open) = match mount.kind {
        MountKind::Files => ("files of a directory", "to serve them to everybody: `access = \"public\"`"),
        MountKind::Unknown => {
            ("another application, whose endpoints are not known", "write a route for each endpoint it has")
        }
    };
    let place = &mount.evidence;
    let notes = vec![
        format!("{}:{}: {what}, mounted at `{}`", place.file, place.line, mount.path),
        format!("refused: nothing is known about who may read below; {open}"),
    ];
    let route = RoutePolicy { key, settings: RouteSettings::closed() };
    Draft { route, notes, refused: None, not_expressed: 0 }
}
