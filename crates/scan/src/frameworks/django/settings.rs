//! Which module of a project holds the settings of a Django application: what its servers and `manage.py` name, or what looks like one.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use python::Symbol;
use python::program::{FileId, Module, Program};

use crate::project::{Role, role_of};

/// The variable that names the module.
const VARIABLE: &str = "DJANGO_SETTINGS_MODULE";
/// The setting that names the module of the routes.
pub(super) const ROUTES: &str = "ROOT_URLCONF";
/// How far behind the variable its value may stand, in bytes.
const VALUE_DISTANCE_MAX: usize = 40;
/// Files beside the code that may set the variable.
const CONFIGURATION: &[&str] = &["pytest.ini", "setup.cfg", "tox.ini", "pyproject.toml", "Dockerfile", ".env"];

static VARIABLE_FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(VARIABLE));
static ROUTES_FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(ROUTES));

/// The modules that may hold settings, the likeliest first: what a server runs with, then what `manage.py` does, then what others name,
/// then modules that say where the routes are.
pub(super) fn candidates(program: &Program) -> Vec<FileId> {
    let mut ranked: Vec<(u8, FileId)> = Vec::new();
    for (id, file) in program.files() {
        if program.is_stub(id) || role_of(&file.path) != Role::Source {
            continue;
        }
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        let rank = match name {
            "wsgi.py" => 0,
            "asgi.py" => 1,
            "manage.py" => 2,
            _ => 3,
        };
        let named = named_in(&file.text).into_iter().filter_map(|module| module_named(program, Some(id), module));
        ranked.extend(named.map(|module| (rank, module)));
        if ROUTES_FINDER.find(file.text.as_bytes()).is_some() && sets_routes(&file.text) {
            ranked.push((if speaks_of_other_places(name) { 6 } else { 5 }, id));
        }
    }
    let texts = CONFIGURATION.iter().filter_map(|path| program.text(path)).collect::<Vec<_>>();
    let named = texts.iter().flat_map(|text| named_in(text)).filter_map(|module| module_named(program, None, module));
    ranked.extend(named.map(|module| (4, module)));
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut found: Vec<FileId> = Vec::new();
    for (_, id) in ranked {
        if !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

/// Modules that hold routes, for projects without settings.
pub(super) fn with_routes(program: &Program) -> Vec<FileId> {
    let holds = |text: &str| {
        text.lines()
            .any(|line| line.strip_prefix("urlpatterns").is_some_and(|rest| rest.trim_start().starts_with(['=', ':'])))
    };
    let files = program.files().filter(|(id, file)| {
        !program.is_stub(*id)
            && role_of(&file.path) == Role::Source
            && speaks_of_django(&file.text)
            && holds(&file.text)
    });
    files.map(|(id, _)| id).collect()
}

fn speaks_of_django(text: &str) -> bool {
    static DJANGO: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("django"));
    DJANGO.find(text.as_bytes()).is_some()
}

/// Whether a module is called like the settings of another place than the one where the application serves.
fn speaks_of_other_places(name: &str) -> bool {
    ["test", "dev", "local", "ci", "example", "docs"]
        .iter()
        .any(|word| name.split(['.', '_', '-']).any(|part| part == *word))
}

/// Whether a module assigns the setting.
fn sets_routes(text: &str) -> bool {
    text.lines().any(|line| line.strip_prefix(ROUTES).is_some_and(|rest| rest.trim_start().starts_with(['=', ':'])))
}

/// The modules that a text sets the variable to.
fn named_in(text: &str) -> Vec<&str> {
    let found = VARIABLE_FINDER.find_iter(text.as_bytes());
    found.filter_map(|at| value_behind(&text[at + VARIABLE.len()..])).collect()
}

/// `"] = "app.settings"`, `", "app.settings")`, ` = app.settings`, `=app.settings`.
fn value_behind(text: &str) -> Option<&str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let start = text.find(|c: char| is_name(c) || c == '\n' || c == '{').filter(|at| *at <= VALUE_DISTANCE_MAX)?;
    let separates = text[..start].contains(['=', ',']);
    let value = &text[start..];
    let end = value.find(|c: char| !is_name(c)).unwrap_or(value.len());
    let is_quoted = text[..start].ends_with(['"', '\'']);
    // A call or an expression is not read, nor is an f-string.
    let is_closed = !value[end..].starts_with(['(', '[', '{']) && (is_quoted || !value[end..].starts_with(['"', '\'']));
    Some(&value[..end]).filter(|name| separates && is_closed && name.contains(|c: char| c.is_alphabetic()))
}

/// The file of a module, as a file of the project would import it, or whichever file has such a path.
fn module_named(program: &Program, from: Option<FileId>, name: &str) -> Option<FileId> {
    if let Some(Module::File(id)) = from.and_then(|from| program.resolve(from, Symbol::new(name))) {
        return Some(id).filter(|id| !program.is_stub(*id));
    }
    let relative = name.replace('.', "/");
    let (module, package) = (format!("{relative}.py"), format!("{relative}/__init__.py"));
    let is_at =
        |path: &str, end: &str| path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'));
    let found = program.files().filter(|(id, _)| !program.is_stub(*id));
    found.into_iter().find(|(_, file)| is_at(&file.path, &module) || is_at(&file.path, &package)).map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::named_in;

    #[test]
    fn the_value_of_the_variable() {
        let text = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'app.settings')\n\
                    os.environ[\"DJANGO_SETTINGS_MODULE\"] = \"b.settings\"\n\
                    DJANGO_SETTINGS_MODULE = c.settings\nENV DJANGO_SETTINGS_MODULE=d.settings\n\
                    x = os.environ.get('DJANGO_SETTINGS_MODULE')\n\
                    os.environ['DJANGO_SETTINGS_MODULE'] = f'{name}.settings'\n\
                    os.environ['DJANGO_SETTINGS_MODULE'] = pick(1)\n";
        assert_eq!(named_in(text), ["app.settings", "b.settings", "c.settings", "d.settings"]);
    }
}
