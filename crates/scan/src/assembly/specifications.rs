//! Applications that an OpenAPI document makes (Connexion): it is read once the program has run, and handed to the description of the
//! library, which finds the handlers that it names.

use model::{Gap, GapKind};
use python::interp::Interp;
use python::program::{join, parent};
use python::value::{Arguments, Kind, Obj, Site, Value};

use crate::frameworks::{attribute, gap_at, why};

/// The class of a document that an application was told to serve.
const API: &str = "connexion.apps.flask.FlaskApi";
/// Documents of a project that are handed on.
const DOCUMENTS_MAX: usize = 64;
/// Keys whose values tell people something, and the application nothing.
const FOR_PEOPLE: &[&str] = &["description", "example", "examples", "summary"];

/// Hands each application its documents: texts that are read, or dicts of the program's own.
pub(super) fn load(interp: &mut Interp<'_>, gaps: &mut Vec<Gap>) {
    for api in waiting(interp).into_iter().take(DOCUMENTS_MAX) {
        interp.refill();
        let site = interp.object(api).made_by.unwrap_or(interp.object(api).site);
        match document(interp, api, site) {
            Ok(tree) => {
                let Some(load) = interp.attribute_of(&Value::Object(api), "load", site) else { continue };
                if interp.call_outcome(&load, Arguments::of([tree]), site).limited {
                    let reason = "what this document adds takes more steps than are evaluated".to_owned();
                    gaps.push(gap_at(interp, GapKind::EvaluationLimit, site, reason));
                }
            }
            Err(reason) => gaps.push(gap_at(interp, GapKind::UnresolvedRouter, site, reason)),
        }
    }
}

/// The documents that were named and not read.
fn waiting(interp: &Interp<'_>) -> Vec<Obj> {
    let is_waiting = |obj: Obj| {
        let loaded = attribute(interp, &Value::Object(obj), "is_loaded");
        loaded.is_some_and(|loaded| matches!(loaded.plain(), Value::Bool(false)))
    };
    let instances = interp.objects().filter_map(|(obj, object)| match &object.kind {
        Kind::Instance { class } if interp.derives_from(class, API) => Some(obj),
        _ => None,
    });
    instances.filter(|obj| is_waiting(*obj)).collect()
}

/// The tree of a document, or why there is none.
fn document(interp: &mut Interp<'_>, api: Obj, site: Site) -> Result<Value, String> {
    let api = Value::Object(api);
    let named = attribute(interp, &api, "specification").unwrap_or(Value::None);
    if named.as_object().is_some_and(|obj| matches!(interp.object(obj).kind, Kind::Dict { .. })) {
        return Ok(named);
    }
    let Some(name) = named.as_str() else {
        return Err(format!("a document of an API that is not known: {}", why(interp, &named)));
    };
    let folder = attribute(interp, &api, "specification_dir").and_then(|dir| dir.as_str().map(str::to_owned));
    let text = directories(interp, &api)
        .into_iter()
        .find_map(|directory| {
            let inside = folder.as_deref().map_or_else(|| directory.clone(), |folder| below(&directory, folder));
            interp.program().text(&below(&inside, name))
        })
        .ok_or_else(|| format!("the document `{name}` of an API is not found"))?;
    let tree = openapi::tree(&text);
    let tree = tree.map_err(|error| format!("the document `{name}` of an API is not read: {error}"))?;
    Ok(value_of(interp, &tree, site))
}

/// Where the folder of documents may lie: beside the module that makes the application, or above it.
fn directories(interp: &Interp<'_>, api: &Value) -> Vec<String> {
    let app = attribute(interp, api, "app").and_then(|app| app.as_object());
    let site = app.map(|app| interp.object(app).site);
    let path = site.map(|site| interp.program().file(site.file).path.to_string()).unwrap_or_default();
    let mut found = Vec::new();
    let mut current = parent(&path);
    while let Some(directory) = current {
        if directory.starts_with("..") {
            break;
        }
        current = parent(&directory);
        found.push(directory);
    }
    found
}

/// A path below a directory, without `./` and `../` where these can be taken away.
fn below(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    join("", &parts.join("/"))
}

/// A tree as the values of a program.
fn value_of(interp: &mut Interp<'_>, tree: &serde_json::Value, site: Site) -> Value {
    match tree {
        serde_json::Value::Null => Value::None,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| Value::unknown("a number of a document"), Value::Int)
        }
        serde_json::Value::String(text) => Value::str(text),
        serde_json::Value::Array(items) => {
            let items = items.iter().map(|item| value_of(interp, item, site)).collect();
            interp.make(Kind::List { items, open: false, set: false }, site)
        }
        serde_json::Value::Object(map) => {
            let told = map.iter().filter(|(key, _)| !FOR_PEOPLE.contains(&key.as_str()));
            let entries = told.map(|(key, item)| (Value::str(key), value_of(interp, item, site))).collect();
            interp.make(Kind::Dict { entries, open: false }, site)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn paths_are_joined_without_detours() {
        assert_eq!(below("", "./specs/api.yml"), "specs/api.yml");
        assert_eq!(below("app/web", "../specs/./api.yml"), "app/specs/api.yml");
        assert_eq!(below("app", "../../api.yml"), "../api.yml");
    }
}
