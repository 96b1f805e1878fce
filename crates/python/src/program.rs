//! The module graph: which file an import means. Does no I/O: files come from a [`Loader`], on demand.
//!
//! Paths are relative to the scanned root, with `/`; a path that begins with `..` lies outside it and is read only when an
//! import of a file inside needs it (so that one folder, or one file, of a package can be scanned alone). Paths below
//! [`STUBS`] are our own descriptions of libraries, written in Python.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use model::Gap;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::code::{Code, Span};
use crate::intern::Symbol;
use crate::source::SourceFile;
use crate::standard::is_standard;

/// Where descriptions of libraries live; no real path begins like this.
pub const STUBS: &str = "<library>";

/// Packages inside packages around the scanned root.
const PACKAGE_DEPTH_MAX: usize = 16;

/// A file of the [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// What brings files that were not there from the start.
pub trait Loader {
    /// The bytes of a Python file, or none where there is no such file. The path is relative to the scanned root.
    fn read(&self, path: &str) -> Option<Vec<u8>>;

    /// The text of a file that is not Python, such as the `.env` that a settings class names.
    fn text(&self, path: &str) -> Option<String>;

    /// The name of a directory at or above the scanned root: `""`, `".."`, `"../.."`.
    fn directory_name(&self, path: &str) -> Option<String>;

    /// The entry points that the project's metadata declares: group, name, value.
    fn entry_points(&self) -> Vec<[String; 3]>;
}

/// Brings nothing: the program is the files that it was given.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Loader for NoFiles {
    fn read(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn text(&self, _: &str) -> Option<String> {
        None
    }

    fn directory_name(&self, _: &str) -> Option<String> {
        None
    }

    fn entry_points(&self) -> Vec<[String; 3]> {
        Vec::new()
    }
}

/// What an import means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Module {
    /// A file.
    File(FileId),
    /// A directory without `__init__.py`.
    Namespace(Rc<str>),
}

/// What a name means that is imported in a directory, and how many dots stand before it.
type Imports = FxHashMap<(Symbol, u32, Symbol), Option<Module>>;

/// All files, and what their imports mean.
pub struct Program {
    files: boxcar::Vec<SourceFile>,
    by_path: RefCell<FxHashMap<Arc<str>, Option<FileId>>>,
    directories: RefCell<FxHashSet<Rc<str>>>,
    /// The directory of each file.
    directory_of_file: RefCell<Vec<Symbol>>,
    roots: Vec<Rc<str>>,
    loader: Box<dyn Loader>,
    imports: RefCell<Imports>,
    bodies: RefCell<FxHashMap<(FileId, u32), Arc<Code>>>,
    gaps: RefCell<Vec<Gap>>,
    names: RefCell<FxHashMap<Box<str>, String>>,
    packages: RefCell<FxHashMap<Symbol, Package>>,
    /// Whether a directory has a module or package of a name.
    tops: RefCell<FxHashMap<(Symbol, Symbol), bool>>,
}

/// A directory as a package: from where it is imported, and its dotted name (none outside packages).
type Package = (Rc<str>, Rc<str>);

impl Program {
    /// A program of these files; `roots` are further directories to look for absolute imports in.
    pub fn new(files: Vec<SourceFile>, roots: Vec<String>, loader: Box<dyn Loader>) -> Self {
        let program = Self {
            files: boxcar::Vec::with_capacity(files.len()),
            by_path: RefCell::default(),
            directories: RefCell::default(),
            directory_of_file: RefCell::default(),
            roots: roots.into_iter().map(Rc::from).collect(),
            loader,
            imports: RefCell::default(),
            bodies: RefCell::default(),
            gaps: RefCell::default(),
            names: RefCell::default(),
            packages: RefCell::default(),
            tops: RefCell::default(),
        };
        for file in files {
            program.add(file);
        }
        program
    }

    fn add(&self, file: SourceFile) -> FileId {
        let path = Arc::clone(&file.path);
        let mut directory = parent(&path);
        self.directory_of_file.borrow_mut().push(Symbol::new(directory.as_deref().unwrap_or("")));
        while let Some(dir) = directory {
            if !self.directories.borrow_mut().insert(Rc::from(dir.as_str())) {
                break;
            }
            directory = if dir.is_empty() || dir.ends_with("..") { None } else { parent(&dir) };
        }
        let id = FileId(u32::try_from(self.files.push(file)).unwrap_or(u32::MAX));
        self.by_path.borrow_mut().insert(path, Some(id));
        id
    }

    /// A file.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files, those loaded on demand last.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().map(|(index, file)| (FileId(u32::try_from(index).unwrap_or(u32::MAX)), file))
    }

    /// All files, when nothing else of the program is needed any more.
    pub fn into_files(self) -> impl Iterator<Item = SourceFile> {
        self.files.into_iter()
    }

    /// Whether a file is a description of a library.
    pub fn is_stub(&self, id: FileId) -> bool {
        self.file(id).is_stub
    }

    /// What could not be read of files loaded on demand.
    pub fn take_gaps(&self) -> Vec<Gap> {
        std::mem::take(&mut self.gaps.borrow_mut())
    }

    /// The code of the function at `span`, lowered the first time somebody asks.
    pub fn body(&self, file: FileId, span: Span) -> Arc<Code> {
        if let Some(code) = self.bodies.borrow().get(&(file, span.start)) {
            return Arc::clone(code);
        }
        let code = self.file(file).body(span);
        self.bodies.borrow_mut().insert((file, span.start), Arc::clone(&code));
        code
    }

    /// The same for one look: nothing is kept that nobody runs.
    pub fn body_for_a_look(&self, file: FileId, span: Span) -> Arc<Code> {
        let kept = self.bodies.borrow().get(&(file, span.start)).cloned();
        kept.unwrap_or_else(|| self.file(file).body(span))
    }

    /// The file at a path, loaded if need be.
    pub fn at(&self, path: &str) -> Option<FileId> {
        let path = &*self.inside(path);
        if let Some(known) = self.by_path.borrow().get(path) {
            return *known;
        }
        let Some(bytes) = self.load(path) else {
            self.by_path.borrow_mut().insert(path.into(), None);
            return None;
        };
        let (file, gaps) = SourceFile::new(path.into(), bytes);
        self.gaps.borrow_mut().extend(gaps);
        Some(self.add(file))
    }

    /// `../app/x.py` seen from inside `app` is `x.py`.
    fn inside<'a>(&self, path: &'a str) -> Cow<'a, str> {
        let mut path = Cow::Borrowed(path);
        while path.starts_with("../") {
            let ups = path.split('/').take_while(|part| *part == "..").count();
            let rest = &path[ups * 3..];
            let directory = vec![".."; ups - 1].join("/");
            let name = self.directory_name(&directory);
            let Some(below) = rest.strip_prefix(&format!("{name}/")).filter(|_| !name.is_empty()) else {
                break;
            };
            path = Cow::Owned(join(&directory, below));
        }
        path
    }

    /// The text of a file that is not Python; the path is relative to the scanned root.
    pub fn text(&self, path: &str) -> Option<String> {
        self.loader.text(path)
    }

    /// The entry points that the project's metadata declares: group, name, value.
    pub fn entry_points(&self) -> Vec<[String; 3]> {
        self.loader.entry_points()
    }

    fn load(&self, path: &str) -> Option<Vec<u8>> {
        let own = path.strip_prefix(STUBS).and_then(|p| crate::stubs::source(p.trim_start_matches('/')));
        own.map(|text| text.as_bytes().to_vec()).or_else(|| self.loader.read(path))
    }

    /// The directory from which the package of a file is imported, and its dotted name.
    pub fn name_of(&self, id: FileId) -> (Rc<str>, String) {
        let path = &self.file(id).path;
        let stem = path.strip_suffix(".py").unwrap_or(path);
        let last = stem.rsplit('/').next().unwrap_or(stem);
        let (root, package) = self.package_of(self.directory_of_file(id));
        let name = match (last, &*package) {
            ("__init__", package) => package.to_owned(),
            (module, "") => module.to_owned(),
            (module, package) => format!("{package}.{module}"),
        };
        (root, name)
    }

    fn directory_of_file(&self, id: FileId) -> Symbol {
        self.directory_of_file.borrow()[id.0 as usize]
    }

    fn package_of(&self, of: Symbol) -> Package {
        if let Some((root, name)) = self.packages.borrow().get(&of) {
            return (Rc::clone(root), Rc::clone(name));
        }
        let mut directory = of.as_str().to_owned();
        let mut parts = Vec::new();
        while self.at(&join(&directory, "__init__.py")).is_some() {
            let Some(above) = parent(&directory) else {
                break;
            };
            parts.push(self.directory_name(&directory));
            directory = above;
        }
        parts.reverse();
        let package: Package = (directory.into(), parts.join(".").into());
        self.packages.borrow_mut().insert(of, (Rc::clone(&package.0), Rc::clone(&package.1)));
        package
    }

    /// The last component of a directory; directories above the root have none in their relative path.
    fn directory_name(&self, directory: &str) -> String {
        match directory.rsplit('/').next() {
            Some("" | "..") | None => self
                .names
                .borrow_mut()
                .entry(directory.into())
                .or_insert_with(|| self.loader.directory_name(directory).unwrap_or_default())
                .clone(),
            Some(name) => name.to_owned(),
        }
    }

    /// What `import name` means in a file.
    pub fn resolve(&self, from: FileId, name: Symbol) -> Option<Module> {
        let directory = self.directory_of_file(from);
        if let Some(known) = self.imports.borrow().get(&(directory, 0, name)) {
            return known.clone();
        }
        let found = self.resolve_new(from, directory.as_str(), name.as_str());
        self.imports.borrow_mut().insert((directory, 0, name), found.clone());
        found
    }

    fn resolve_new(&self, from: FileId, directory: &str, name: &str) -> Option<Module> {
        let relative = name.replace('.', "/");
        let top = name.split('.').next().unwrap_or(name);
        let described = || self.below_with(STUBS, top, &relative);
        if is_standard(top) || self.is_stub(from) {
            return described();
        }
        let (root, own_name) = self.name_of(from);
        let own_top = own_name.split('.').next().unwrap_or("");
        let mut roots: Vec<String> = vec![root.to_string()];
        roots.extend(ancestors(&root));
        roots.extend(self.roots.iter().map(ToString::to_string));
        // Outside the scanned root only the package that the file itself belongs to is read.
        roots.retain(|r| !r.starts_with("..") || top == own_top);
        let mut namespace = None;
        for root in &roots {
            match self.below_with(root, top, &relative) {
                Some(Module::File(id)) => return Some(Module::File(id)),
                found => namespace = namespace.or(found),
            }
        }
        // A file of a package is sometimes run as a script, from its own directory. A library of the name of a module in it (often the
        // module that wraps the library) is meant more often.
        let beside = || own_name.contains('.').then(|| self.below_with(directory, top, &relative)).flatten();
        let file_beside = || beside().filter(|found| matches!(found, Module::File(_)));
        described().or_else(file_beside).or(namespace).or_else(beside).or_else(|| self.around_root(name))
    }

    /// `import server.x` from a file in the folder `server` (or in a folder of it without `__init__.py`) when that folder is the
    /// scanned root, or inside it.
    fn around_root(&self, name: &str) -> Option<Module> {
        let mut directory = String::new();
        let mut parts: Vec<&str> = name.split('.').collect();
        let mut names = vec![self.directory_name(&directory)];
        while self.at(&join(&directory, "__init__.py")).is_some() && names.len() < PACKAGE_DEPTH_MAX {
            directory = parent(&directory)?;
            names.push(self.directory_name(&directory));
        }
        if directory.is_empty() {
            parts = (parts[0] == names[0]).then(|| parts.split_off(1))?;
        } else if parts[0] != names[names.len() - 2] {
            return None;
        }
        if parts.is_empty() { self.package(&directory) } else { self.below(&directory, &parts.join("/")) }
    }

    /// What `from ..name import x` means in a file; `level` counts the dots.
    pub fn resolve_relative(&self, from: FileId, level: u32, name: Symbol) -> Option<Module> {
        let key = (self.directory_of_file(from), level, name);
        if let Some(known) = self.imports.borrow().get(&key) {
            return known.clone();
        }
        let found = self.resolve_relative_new(from, level, name.as_str());
        self.imports.borrow_mut().insert(key, found.clone());
        found
    }

    fn resolve_relative_new(&self, from: FileId, level: u32, name: &str) -> Option<Module> {
        let mut directory = parent(&self.file(from).path)?;
        for _ in 1..level {
            directory = parent(&directory)?;
        }
        if name.is_empty() {
            return self.package(&directory);
        }
        self.below(&directory, &name.replace('.', "/"))
    }

    /// A module inside a package.
    pub fn submodule(&self, package: &Module, name: &str) -> Option<Module> {
        let directory = self.directory_of(package)?;
        self.below(&directory, name)
    }

    /// The directory of a package; none for a plain module.
    pub fn directory_of(&self, package: &Module) -> Option<String> {
        match package {
            Module::Namespace(directory) => Some(directory.to_string()),
            Module::File(id) => {
                let path = &self.file(*id).path;
                (path.ends_with("/__init__.py") || &**path == "__init__.py").then(|| parent(path)).flatten()
            }
        }
    }

    /// The modules and packages directly in a directory, sorted by name: what `pkgutil.iter_modules` yields.
    pub fn modules_in(&self, directory: &str) -> Vec<(String, bool)> {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let mut found: Vec<(String, bool)> = Vec::new();
        for (path, id) in self.by_path.borrow().iter() {
            let Some(rest) = id.and(path.strip_prefix(prefix.as_str())) else {
                continue;
            };
            match rest.split_once('/') {
                None if rest != "__init__.py" => found.extend(rest.strip_suffix(".py").map(|m| (m.to_owned(), false))),
                Some((package, "__init__.py")) => found.push((package.to_owned(), true)),
                _ => {}
            }
        }
        found.sort();
        found
    }

    fn package(&self, directory: &str) -> Option<Module> {
        if let Some(id) = self.at(&join(directory, "__init__.py")) {
            return Some(Module::File(id));
        }
        self.directories.borrow().get(directory).map(|d| Module::Namespace(Rc::clone(d)))
    }

    /// The same where `top` is the first part of the path. Most roots have nothing of that name: asked once.
    fn below_with(&self, root: &str, top: &str, relative: &str) -> Option<Module> {
        let key = (Symbol::new(root), Symbol::new(top));
        let known = self.tops.borrow().get(&key).copied();
        let has = known.unwrap_or_else(|| self.below(root, top).is_some());
        self.tops.borrow_mut().insert(key, has);
        // Above the scanned root, directories are not known until a file in them is read.
        (has || root.starts_with("..")).then(|| self.below(root, relative)).flatten()
    }

    fn below(&self, root: &str, relative: &str) -> Option<Module> {
        let base = join(root, relative);
        if let Some(id) = self.at(&join(&base, "__init__.py")) {
            return Some(Module::File(id));
        }
        if let Some(id) = self.at(&format!("{base}.py")) {
            return Some(Module::File(id));
        }
        self.directories.borrow().get(base.as_str()).map(|d| Module::Namespace(Rc::clone(d)))
    }
}

/// The directory of a path; above the root it is `..`. None above a description of a library.
pub fn parent(path: &str) -> Option<String> {
    match path.rsplit_once('/') {
        _ if path == STUBS => None,
        _ if path.is_empty() => Some("..".to_owned()),
        _ if path == ".." || path.ends_with("/..") => Some(format!("{path}/..")),
        Some((directory, _)) => Some(directory.to_owned()),
        None => Some(String::new()),
    }
}

/// Joins a directory and a relative path.
pub fn join(directory: &str, relative: &str) -> String {
    if directory.is_empty() { relative.to_owned() } else { format!("{directory}/{relative}") }
}

/// The directories above one, up to the scanned root.
fn ancestors(directory: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut current = directory.to_owned();
    while !current.is_empty() && !current.starts_with("..") {
        let Some(above) = parent(&current) else { break };
        found.push(above.clone());
        current = above;
    }
    found
}
