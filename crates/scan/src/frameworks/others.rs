//! Frameworks that are not understood: a project that makes an application of one is told so by name, with the place. A client of the
//! same library (`aiohttp.ClientSession`) is none.

use std::sync::{Arc, LazyLock};

use memchr::memmem::Finder;
use model::{Gap, GapKind};
use python::code::{Code, Expr, ExprId, FunctionBody, Span, Stmt};
use python::program::{FileId, Program};
use python::{Symbol, source::SourceFile};
use rustc_hash::FxHashMap;

use crate::project::{Role, role_of};

/// Functions inside each other that are looked into.
const NESTING_MAX: usize = 8;

/// A framework, and what makes an application of it: calls and base classes by their qualified names.
struct Other {
    name: &'static str,
    makes: &'static [&'static str],
}

const fn other(name: &'static str, makes: &'static [&'static str]) -> Other {
    Other { name, makes }
}

const OTHERS: &[Other] = &[
    other("BlackSheep", &["blacksheep.Application", "blacksheep.server.Application"]),
    other(
        "Bottle",
        &["bottle.Bottle", "bottle.route", "bottle.get", "bottle.post", "bottle.run", "bottle.default_app"],
    ),
    other("CherryPy", &["cherrypy.quickstart", "cherrypy.tree.mount", "cherrypy.Application"]),
    other("Cyclone", &["cyclone.web.Application"]),
    other("Emmett", &["emmett.App", "emmett55.App"]),
    other("Falcon", &["falcon.App", "falcon.API", "falcon.asgi.App", "falcon.app.App"]),
    other("Hug", &["hug.API", "hug.get", "hug.post", "hug.put", "hug.delete", "hug.http"]),
    other("Klein", &["klein.Klein"]),
    other("Litestar", &["litestar.Litestar", "litestar.app.Litestar", "starlite.Starlite", "starlite.app.Starlite"]),
    other("Masonite", &["masonite.foundation.Application"]),
    other("Microdot", &["microdot.Microdot", "microdot.asgi.Microdot", "microdot.wsgi.Microdot"]),
    other("Molten", &["molten.App"]),
    other("Morepath", &["morepath.App"]),
    other("Muffin", &["muffin.Application", "muffin.App"]),
    other("Pecan", &["pecan.make_app", "pecan.Pecan"]),
    other("py4web", &["py4web.action"]),
    other("Pyramid", &["pyramid.config.Configurator", "pyramid.configuration.Configurator"]),
    other("Responder", &["responder.API"]),
    other("Robyn", &["robyn.Robyn", "robyn.SubRouter"]),
    other("Sanic", &["sanic.Sanic", "sanic.app.Sanic"]),
    other("Socketify", &["socketify.App"]),
    other("Tornado", &["tornado.web.Application"]),
    other("TurboGears", &["tg.AppConfig", "tg.MinimalApplicationConfigurator", "tg.FullStackApplicationConfigurator"]),
    other("web.py", &["web.application"]),
    other("web2py", &["gluon.main.wsgibase"]),
    other("Wheezy.web", &["wheezy.http.WSGIApplication"]),
];

/// What a project makes applications of that nobody here understands, once for each file and framework.
pub(crate) fn gaps(program: &Program) -> Vec<Gap> {
    let mut found = Vec::new();
    for (id, file) in program.files() {
        if program.is_stub(id) || role_of(&file.path) != Role::Source {
            continue;
        }
        let spoken = spoken_of(&file.text);
        if !spoken.is_empty() {
            let made = Made { program, file: id, source: file, spoken: &spoken, found: Vec::new() };
            found.extend(made.gaps());
        }
    }
    found
}

impl Other {
    /// The packages that hold it.
    fn roots(&self) -> impl Iterator<Item = &'static str> {
        self.makes.iter().filter_map(|name| name.split('.').next())
    }
}

/// How the imports of a file are found.
static WORDS: LazyLock<[Finder<'static>; 2]> = LazyLock::new(|| ["import ", "from "].map(Finder::new));

/// The frameworks by the packages that hold them.
static ROOTS: LazyLock<FxHashMap<&'static str, Vec<&'static Other>>> = LazyLock::new(|| {
    let mut roots: FxHashMap<_, Vec<&Other>> = FxHashMap::default();
    for other in OTHERS {
        for root in other.roots() {
            roots.entry(root).or_default().push(other);
        }
    }
    roots
});

/// The frameworks of which a text may import a package: only a hint at what is worth looking into.
fn spoken_of(text: &str) -> Vec<&'static Other> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut found: Vec<&'static Other> = Vec::new();
    for word in WORDS.iter() {
        for at in word.find_iter(text.as_bytes()) {
            let behind = &text[at + word.needle().len()..];
            let root = &behind[..behind.find(|c| !is_part(c)).unwrap_or(behind.len())];
            let others = ROOTS.get(root).map_or(&[][..], Vec::as_slice);
            found.extend(
                others
                    .iter()
                    .filter(|other| !found.iter().any(|one| one.name == other.name))
                    .copied()
                    .collect::<Vec<_>>(),
            );
        }
    }
    found
}

/// What names of a file are bound to by its imports.
type Imports = FxHashMap<Symbol, String>;

/// A file that is looked through.
struct Made<'p> {
    program: &'p Program,
    file: FileId,
    source: &'p SourceFile,
    spoken: &'p [&'p Other],
    found: Vec<(&'static str, Span)>,
}

impl Made<'_> {
    fn gaps(mut self) -> Vec<Gap> {
        let code = Arc::clone(&self.source.code);
        self.look_into(&code, &Imports::default(), 0);
        self.found.sort_by_key(|(_, span)| span.start);
        let mut told: Vec<&str> = Vec::new();
        self.found.retain(|(name, _)| {
            !told.contains(name) && {
                told.push(name);
                true
            }
        });
        let gap = |(name, span): &(&str, Span)| Gap {
            kind: GapKind::UnknownFramework,
            file: Arc::clone(&self.source.path),
            line: Some(self.source.line(span.start)),
            reason: format!("{name} found; not understood yet: its endpoints are not listed"),
        };
        self.found.iter().map(gap).collect()
    }

    /// Calls and base classes of a body, and of the functions in it.
    fn look_into(&mut self, code: &Code, outer: &Imports, depth: usize) {
        let mut imports = outer.clone();
        add_imports(code, &mut imports);
        for (id, expr) in code.exprs() {
            if let Expr::Call { function, .. } = expr {
                self.note(code, function, code.expr_span(id), &imports);
            }
        }
        for class in code.classes() {
            for base in code.call_arguments(class.arguments) {
                self.note(code, base.value, class.name_span, &imports);
            }
        }
        for function in code.functions() {
            if let (FunctionBody::Deferred(span), true) = (function.body, depth < NESTING_MAX) {
                let body = self.program.body_for_a_look(self.file, span);
                self.look_into(&body, &imports, depth + 1);
            }
        }
    }

    fn note(&mut self, code: &Code, of: ExprId, span: Span, imports: &Imports) {
        let Some(name) = qualified(code, of, imports) else { return };
        let makes = |other: &&&Other| other.makes.contains(&&*name);
        let Some(other) = self.spoken.iter().find(makes) else { return };
        // A module of the project's own may have the same name.
        let root = name.split('.').next().unwrap_or(&name);
        if self.program.resolve(self.file, Symbol::new(root)).is_none() {
            self.found.push((other.name, span));
        }
    }
}

/// What the imports of a body bind.
fn add_imports(code: &Code, imports: &mut Imports) {
    for stmt in code.stmts() {
        match stmt {
            Stmt::Import(names) => {
                for alias in code.import(*names) {
                    let name = alias.name.as_str();
                    let root = name.split('.').next().unwrap_or(name);
                    let (bound, to) = alias.asname.map_or((Symbol::new(root), root), |asname| (asname, name));
                    imports.insert(bound, to.to_owned());
                }
            }
            Stmt::ImportFrom { module: Some(module), level: 0, names } => {
                for alias in code.import(*names) {
                    let bound = alias.asname.unwrap_or(alias.name);
                    imports.insert(bound, format!("{module}.{}", alias.name));
                }
            }
            _ => {}
        }
    }
}

/// The qualified name of a name or of a chain of attributes that begins with an import.
fn qualified(code: &Code, of: ExprId, imports: &Imports) -> Option<String> {
    let mut attributes = Vec::new();
    let mut current = of;
    loop {
        match code.expr(current) {
            Expr::Attribute(inner, name) => {
                attributes.push(name.as_str());
                current = inner;
            }
            Expr::Name(name) => {
                let mut qualified = imports.get(&name)?.clone();
                for attribute in attributes.iter().rev() {
                    qualified.push('.');
                    qualified.push_str(attribute);
                }
                return Some(qualified);
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use python::program::NoFiles;

    use super::*;

    fn found(text: &str) -> Vec<(String, Option<u32>)> {
        let (file, gaps) = SourceFile::new("app.py".into(), text.as_bytes().to_vec());
        assert_eq!(gaps, []);
        let program = Program::new(vec![file], Vec::new(), Box::new(NoFiles));
        gaps_of(&program)
    }

    fn gaps_of(program: &Program) -> Vec<(String, Option<u32>)> {
        let name = |gap: &Gap| gap.reason.split(" found").next().unwrap_or_default().to_owned();
        gaps(program).iter().map(|gap| (name(gap), gap.line)).collect()
    }

    #[test]
    fn functions_inside_functions_are_looked_into_up_to_a_bound() {
        let nested = |depth: usize| {
            let heads: String = (0..depth).map(|at| format!("{}def f{at}():\n", " ".repeat(at))).collect();
            format!("from sanic import Sanic\n{heads}{}app = Sanic('x')\n", " ".repeat(depth))
        };
        let line = u32::try_from(NESTING_MAX).unwrap() + 2;
        assert_eq!(found(&nested(NESTING_MAX)), [("Sanic".to_owned(), Some(line))]);
        assert_eq!(found(&nested(NESTING_MAX + 1)), []);
    }

    #[test]
    fn each_framework_is_told_once_for_a_file() {
        let text = "from sanic import Sanic\nimport falcon\na = Sanic('a')\nb = Sanic('b')\nc = falcon.App()\n";
        assert_eq!(found(text), [("Sanic".to_owned(), Some(3)), ("Falcon".to_owned(), Some(5))]);
    }

    #[test]
    fn names_are_sorted_and_qualified() {
        assert!(OTHERS.is_sorted_by_key(|other| other.name.to_lowercase()));
        assert!(OTHERS.iter().flat_map(|other| other.makes).all(|name| name.contains('.')));
    }
}
