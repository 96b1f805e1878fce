//! Templates beside the code: which files may be one, by their paths, and reading those that something renders, each once.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::templates::{self, Template};

/// The most files that may be templates.
const CANDIDATES_MAX: usize = 20_000;
/// Templates of a project that are read, and bytes of one.
const TEMPLATES_MAX: usize = 2_000;
const BYTES_MAX: u64 = 512 * 1024;

/// How templates are named at their end.
const ENDS: &[&str] =
    &[".html", ".htm", ".xhtml", ".xml", ".svg", ".txt", ".jinja", ".jinja2", ".j2", ".djhtml", ".tpl", ".tmpl", ".md"];

/// Whether a file may be a template, by its path.
pub(super) fn is_candidate(path: &str) -> bool {
    ENDS.iter().any(|end| path.ends_with(end))
}

/// Files that may be templates.
#[derive(Default)]
pub(crate) struct Templates {
    base: PathBuf,
    /// Those of each name.
    files: FxHashMap<String, Vec<Arc<str>>>,
    read: RefCell<FxHashMap<Arc<str>, Option<Read>>>,
}

/// A template with its text.
#[derive(Clone)]
struct Read {
    template: Rc<Template>,
    text: Rc<str>,
}

impl Templates {
    pub(super) fn new(base: PathBuf, files: Vec<String>) -> Self {
        let mut by_name: FxHashMap<String, Vec<Arc<str>>> = FxHashMap::default();
        for path in files.into_iter().take(CANDIDATES_MAX) {
            let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
            by_name.entry(name).or_default().push(path.into());
        }
        Self { base, files: by_name, read: RefCell::default() }
    }

    /// The file that is meant by the name of a template in a file of the program: the one in a folder of templates, and of several that one
    /// that is the nearest.
    pub(crate) fn named(&self, name: &str, near: &str) -> Option<Arc<str>> {
        let name = name.trim_start_matches("./").trim_start_matches('/');
        let last = name.rsplit('/').next()?;
        let folder = |path: &str| {
            path.strip_suffix(name).filter(|folder| folder.is_empty() || folder.ends_with('/')).map(str::len)
        };
        let all = self.files.get(last)?.iter().filter_map(|path| Some((path, &path[..folder(path)?])));
        let is_of_templates =
            |folder: &str| folder.split('/').any(|part| part.contains("template") || part.contains("view"));
        let shared = |folder: &str| {
            let pairs = folder.split('/').zip(near.split('/'));
            pairs.take_while(|(one, other)| one == other).count()
        };
        // The first of those that are alike.
        let place = |(path, folder): &(&Arc<str>, &str)| {
            (!is_of_templates(folder), usize::MAX - shared(folder), folder.len(), Arc::clone(path))
        };
        all.min_by_key(place).map(|(path, _)| Arc::clone(path))
    }

    /// A template, which is read when somebody asks first.
    pub(crate) fn read(&self, path: &Arc<str>) -> Option<Rc<Template>> {
        if let Some(known) = self.read.borrow().get(path) {
            return known.as_ref().map(|read| Rc::clone(&read.template));
        }
        if self.read.borrow().len() >= TEMPLATES_MAX {
            return None;
        }
        let found = self.text(path).map(|text| Read { template: Rc::new(templates::read(&text)), text: text.into() });
        self.read.borrow_mut().insert(Arc::clone(path), found.clone());
        found.map(|read| read.template)
    }

    fn text(&self, path: &str) -> Option<String> {
        let full = self.base.join(path);
        let metadata = fs::metadata(&full).ok()?;
        let fits = metadata.is_file() && metadata.len() <= BYTES_MAX;
        fits.then(|| fs::read(full).ok()).flatten().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The texts of those that were read.
    pub(super) fn into_texts(self) -> impl Iterator<Item = (Arc<str>, Box<str>)> {
        self.read.into_inner().into_iter().filter_map(|(path, read)| Some((path, Box::from(&*read?.text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn templates(paths: &[&str]) -> Templates {
        Templates::new(PathBuf::new(), paths.iter().map(|path| (*path).to_owned()).collect())
    }

    #[test]
    fn a_name_means_the_file_in_the_nearest_folder_of_templates() {
        let found = templates(&[
            "static/index.html",
            "templates/index.html",
            "blog/templates/index.html",
            "blog/templates/blog/index.html",
            "pages/about.html",
        ]);
        let named = |name: &str, near: &str| found.named(name, near).map(|path| path.to_string());
        assert_eq!(named("index.html", "app.py").as_deref(), Some("templates/index.html"));
        assert_eq!(named("index.html", "blog/views.py").as_deref(), Some("blog/templates/index.html"));
        assert_eq!(named("blog/index.html", "app.py").as_deref(), Some("blog/templates/blog/index.html"));
        assert_eq!(named("about.html", "app.py").as_deref(), Some("pages/about.html"));
        assert_eq!(named("bout.html", "app.py"), None);
        assert_eq!(named("other.html", "app.py"), None);
    }

    #[test]
    fn candidates_have_a_bound() {
        let known = |index: usize| {
            let files = (0..=index).map(|at| format!("templates/{at}.html")).collect();
            Templates::new(PathBuf::new(), files).named(&format!("{index}.html"), "").is_some()
        };
        assert!(known(CANDIDATES_MAX - 1));
        assert!(!known(CANDIDATES_MAX));
    }

    #[test]
    fn a_template_has_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str, bytes: u64| {
            let text = "{{ x }}".to_owned() + &" ".repeat(usize::try_from(bytes).unwrap() - 7);
            fs::write(folder.path().join(name), text).unwrap();
            let found = Templates::new(folder.path().to_owned(), vec![name.to_owned()]);
            found.read(&name.into()).is_some()
        };
        assert!(read("a.html", BYTES_MAX));
        assert!(!read("b.html", BYTES_MAX + 1));
    }

    #[test]
    fn templates_that_are_read_have_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..=TEMPLATES_MAX).map(|at| format!("{at}.html")).collect();
        for name in &names {
            fs::write(folder.path().join(name), "{{ x }}").unwrap();
        }
        let found = Templates::new(folder.path().to_owned(), names.clone());
        let read = names.iter().filter(|name| found.read(&Arc::from(name.as_str())).is_some()).count();
        assert_eq!(read, TEMPLATES_MAX);
        assert!(found.read(&Arc::from("0.html")).is_some(), "what was read is known");
    }
}
