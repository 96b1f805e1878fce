//! Where the configuration of a scanned path stands: `doorward.toml`, or `[tool.doorward]` in `pyproject.toml`, in the
//! nearest folder from the path upwards.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::toml_file::{self, Reading};
use super::{Draft, diagnostics};
use crate::outcome::Failure;
use crate::output::look::Look;
use crate::streams::Streams;

const OWN_FILE: &str = "doorward.toml";
const PROJECT_FILE: &str = "pyproject.toml";

/// A configuration file that was found.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    /// As the user is told of it.
    name: String,
    /// The folder it stands in, absolute.
    folder: PathBuf,
    text: String,
    place: Place,
}

/// Where in a file the settings stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The whole file.
    File,
    /// The table `[tool.doorward]`.
    ToolTable,
}

/// The file that counts for a scanned path. A path that cannot be resolved has none: the scan will say why.
pub(super) fn nearest_file(path: &Path, streams: &Streams) -> Result<Option<ConfigFile>, Failure> {
    let current = std::env::current_dir().unwrap_or_default();
    let Ok(path) = path.canonicalize() else {
        return Ok(None);
    };
    for folder in folders(&path, &current) {
        let own = opened(folder, OWN_FILE, Place::File, &current)?;
        let project =
            opened(folder, PROJECT_FILE, Place::ToolTable, &current)?.filter(|file| file.has_settings(streams));
        if let (Some(own), Some(project)) = (&own, &project) {
            streams
                .remark(&format!("warning: `{}` counts; `[tool.doorward]` in `{}` does not", own.name, project.name));
        }
        if let Some(file) = own.or(project) {
            if streams.verbose {
                streams.remark(&format!("settings from `{}`", file.name));
            }
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// The folders to look in, the nearest first: up to the root of the repository; outside of one up to the current folder
/// where that is above, else only the scanned one. Further up there are other people's files.
fn folders<'a>(path: &'a Path, current: &Path) -> Vec<&'a Path> {
    let start = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let above: Vec<&Path> = start.ancestors().collect();
    let last = above
        .iter()
        .position(|folder| folder.join(".git").exists())
        .or_else(|| {
            let current = current.canonicalize().ok()?;
            above.iter().position(|folder| *folder == current)
        })
        .unwrap_or(0);
    above[..=last].to_vec()
}

fn opened(folder: &Path, name: &str, place: Place, current: &Path) -> Result<Option<ConfigFile>, Failure> {
    let path = folder.join(name);
    let shown = path.strip_prefix(current).unwrap_or(&path).display();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Failure::usage(format!("the configuration `{shown}` cannot be read: {error}")));
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(ConfigFile { name: shown.to_string(), folder: folder.to_owned(), text, place })),
        // Another tool's file may hold anything; only ours must be text.
        Err(_) if place == Place::ToolTable => Ok(None),
        Err(_) => Err(Failure::usage(format!("the configuration `{shown}` is not UTF-8 text"))),
    }
}

impl ConfigFile {
    /// The settings for a scanned path, or all mistakes.
    pub(super) fn read(&self, scanned: &Path, look: &Look) -> Result<Draft, Failure> {
        let mut draft = match toml_file::read(&self.text, self.place) {
            Ok(Reading::Settings(draft)) => draft,
            Ok(Reading::NoSettings | Reading::Broken) => Draft::default(),
            Err(mistakes) => {
                return Err(diagnostics::failure(&self.name, &self.text, mistakes, look));
            }
        };
        let below = scanned.canonicalize().ok().and_then(|scanned| {
            let folder = if scanned.is_dir() { Some(&*scanned) } else { scanned.parent() };
            folder?.strip_prefix(&self.folder).ok().map(Path::to_owned)
        });
        if let (Some(globs), Some(below)) = (&mut draft.exclude, below) {
            *globs = globs.iter().filter_map(|glob| rebased(glob, &below)).collect();
        }
        Ok(draft)
    }

    /// Whether a file that belongs to others has settings for us. One that cannot be parsed has none; that is said.
    fn has_settings(&self, streams: &Streams) -> bool {
        match toml_file::read(&self.text, self.place) {
            Ok(Reading::Settings(_)) | Err(_) => true,
            Ok(Reading::NoSettings) => false,
            Ok(Reading::Broken) => {
                streams
                    .remark(&format!("warning: `{}` is not valid TOML; settings are not looked for in it", self.name));
                false
            }
        }
    }
}

/// A glob of a file's folder as a glob of a folder below it; nothing where it can match nothing there. As in
/// `.gitignore`, only a glob with a slash before its end stands for a place.
fn rebased(glob: &str, below: &Path) -> Option<String> {
    let (negation, body) = match glob.strip_prefix('!') {
        Some(body) => ("!", body),
        None => ("", glob),
    };
    if !body.trim_end_matches('/').contains('/') {
        return Some(glob.to_owned());
    }
    let mut rest = body.trim_start_matches('/');
    for folder in below.iter().filter_map(|folder| folder.to_str()) {
        let (first, remaining) = rest.split_once('/').unwrap_or((rest, ""));
        if first == "**" {
            break;
        }
        if first != folder && !first.contains(['*', '?', '[', '\\']) {
            return None;
        }
        if remaining.is_empty() {
            // The glob names a folder above: all of this one is left out.
            rest = "**";
            break;
        }
        rest = remaining;
    }
    Some(format!("{negation}/{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_of_places_follow_the_folder() {
        let below = Path::new("backend/app");
        for (glob, expected) in [
            ("legacy", Some("legacy")),
            ("legacy/", Some("legacy/")),
            ("/backend/app/old", Some("/old")),
            ("backend/app/old/*.py", Some("/old/*.py")),
            ("!backend/app/old/", Some("!/old/")),
            ("frontend/app/old", None),
            ("/docs/x", None),
            ("*/app/x", Some("/x")),
            ("**/migrations/x", Some("/**/migrations/x")),
            ("backend/**/x", Some("/**/x")),
            ("/backend/app", Some("/**")),
        ] {
            assert_eq!(rebased(glob, below).as_deref(), expected, "{glob}");
        }
        assert_eq!(rebased("a/b", Path::new("")).as_deref(), Some("/a/b"));
    }

    #[test]
    fn the_search_ends_at_the_repository_or_where_the_user_stands() {
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().canonicalize().unwrap();
        let deep = root.join("repo/src/app");
        fs::create_dir_all(&deep).unwrap();
        let elsewhere = Path::new("/");
        assert_eq!(folders(&deep, Path::new("/nowhere")), [&*deep]);
        let below_current = folders(&deep, &root.join("repo"));
        assert_eq!(below_current.last(), Some(&&*root.join("repo")));
        fs::create_dir(root.join("repo/src/.git")).unwrap();
        assert_eq!(folders(&deep, elsewhere), [&*deep, &*root.join("repo/src")]);
    }
}
