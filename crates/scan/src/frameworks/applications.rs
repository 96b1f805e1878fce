//! Which objects are applications, and what they are called.

use std::sync::Arc;

use python::interp::Interp;
use python::source::SourceFile;
use python::value::{Kind, Obj, Site, Value};
use rustc_hash::FxHashMap;

use super::fastapi::wrappers;
use super::{App, Framework, aiohttp, attribute, django, flask};
use crate::project::{Role, role_of};

/// The applications that are not part of another one. One place in the code makes one application, however often it is run.
pub(crate) fn applications(interp: &mut Interp<'_>) -> Vec<App> {
    let mut by_site: FxHashMap<Site, Vec<Obj>> = FxHashMap::default();
    for (obj, object) in interp.objects() {
        let Kind::Instance { class } = &object.kind else {
            continue;
        };
        let program = interp.program();
        let is_application = !program.is_stub(object.site.file) && Framework::of(interp, class).is_some();
        if is_application && role_of(&program.file(object.site.file).path) != Role::Test {
            by_site.entry(object.site).or_default().push(obj);
        }
    }
    if by_site.is_empty() {
        return Vec::new();
    }
    let mut mounted = mounted(interp);
    mounted.extend(flask::mounted(interp));
    mounted.extend(aiohttp::mounted(interp));
    let names = interp.module_names(wrappers::instances);
    let mut apps: Vec<App> = Vec::new();
    for (site, objects) in by_site {
        if objects.iter().any(|o| mounted.contains(o)) {
            continue;
        }
        // The one that a module names, else the one with the most routes.
        let serves = |o: Obj| std::iter::once(o).chain(wrappers::around(interp, o));
        let named = objects
            .iter()
            .find(|o| serves(**o).any(|served| names.iter().any(|(_, _, value)| value.as_object() == Some(served))));
        let fullest = objects.iter().max_by_key(|o| size(interp, **o));
        let Some(object) = named.or(fullest).copied() else {
            continue;
        };
        let Some(framework) = Framework::of(interp, &interp.class_of(&Value::Object(object))) else { continue };
        let name = match framework {
            Framework::Django => django::name_of(interp, object, site),
            _ => name_of(interp, object, site, &names),
        };
        apps.push(App { object, name, framework, site });
    }
    apps.sort_by(|a, b| (a.site, &a.name).cmp(&(b.site, &b.name)));
    tell_apart(&mut apps, |app| interp.program().file(app.site.file));
    apps
}

/// Applications of one name, in scripts that are called the same, are told apart by where they stand: `api/main:app`; in one file, by their
/// lines.
fn tell_apart<'p>(apps: &mut [App], file_of: impl Fn(&App) -> &'p SourceFile) {
    let ways: [fn(&App, &SourceFile) -> String; 2] = [
        |app, file| match file.path.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{}", app.name),
            None => app.name.to_string(),
        },
        |app, file| format!("{}:{}", app.name, file.line(app.site.span.start)),
    ];
    for way in ways {
        let names: Vec<Arc<str>> = apps.iter().map(|app| Arc::clone(&app.name)).collect();
        for app in apps.iter_mut() {
            if names.iter().filter(|name| **name == app.name).count() > 1 {
                app.name = way(app, file_of(app)).into();
            }
        }
    }
}

fn size(interp: &Interp<'_>, app: Obj) -> usize {
    let held = [("router", "routes"), ("url_map", "rules"), ("router", "_resources")].into_iter().find_map(
        |(router, routes)| {
            let router = attribute(interp, &Value::Object(app), router)?;
            attribute(interp, &router, routes)
        },
    );
    held.map_or(0, |routes| interp.partly_known_items(&routes).len())
}

/// Applications that are mounted into another one.
fn mounted(interp: &Interp<'_>) -> Vec<Obj> {
    let mut found = Vec::new();
    for (_, object) in interp.objects() {
        let Kind::Instance { class } = &object.kind else {
            continue;
        };
        if interp.derives_from(class, "starlette.routing.Mount") || interp.derives_from(class, "starlette.routing.Host")
        {
            let app = object.attributes.get(python::Symbol::new("app"));
            for obj in app.into_iter().flat_map(Value::alternatives).filter_map(Value::as_object) {
                // What is mounted may be a wrapper around the application.
                found.push(obj);
                found.extend(interp.object(obj).attributes.iter().filter_map(|(_, held)| held.as_object()));
            }
        }
    }
    found
}

fn name_of(
    interp: &Interp<'_>,
    app: Obj,
    site: Site,
    names: &[(python::program::FileId, python::Symbol, Value)],
) -> Arc<str> {
    let program = interp.program();
    // A server runs what stands around it.
    let served = wrappers::around(interp, app).into_iter().chain([app]);
    let bound: Vec<_> = served
        .map(|o| names.iter().filter(|(_, _, v)| v.as_object() == Some(o)).collect::<Vec<_>>())
        .find(|bound| !bound.is_empty())
        .unwrap_or_default();
    // Where it is made, if that module names it; otherwise the first that does.
    if let Some((file, name, _)) = bound.iter().find(|(f, _, _)| *f == site.file).or_else(|| bound.first()) {
        return format!("{}:{name}", program.name_of(*file).1).into();
    }
    let file = program.file(site.file);
    let enclosing = interp.objects().filter_map(|(_, o)| match &o.kind {
        Kind::Function(f) if f.file == site.file => match f.code.function(f.id).body {
            python::code::FunctionBody::Deferred(span)
                if span.start <= site.span.start && site.span.end <= span.end =>
            {
                Some((span.start, f.code.function(f.id).name))
            }
            _ => None,
        },
        _ => None,
    });
    match enclosing.max() {
        Some((_, function)) => format!("{}:{function}()", program.name_of(site.file).1).into(),
        None => format!("{}:{}", program.name_of(site.file).1, file.line(site.span.start)).into(),
    }
}
