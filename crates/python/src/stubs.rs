//! What the evaluator knows of the standard library, as Python: only what matters for putting a program together.

macro_rules! stubs {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../stubs/", $path)))),*]
    };
}

const STUBS: &[(&str, &str)] = stubs![
    "argparse.py",
    "asyncio.py",
    "builtins.py",
    "collections/__init__.py",
    "configparser.py",
    "contextlib.py",
    "contextvars.py",
    "dataclasses.py",
    "enum.py",
    "fnmatch.py",
    "functools.py",
    "glob.py",
    "hmac.py",
    "http/__init__.py",
    "http/server.py",
    "importlib/__init__.py",
    "importlib/metadata.py",
    "importlib/util.py",
    "importlib_metadata.py",
    "inspect.py",
    "io.py",
    "itertools.py",
    "os/__init__.py",
    "os/path.py",
    "pathlib.py",
    "pkg_resources.py",
    "pkgutil.py",
    "re.py",
    "secrets.py",
    "sys.py",
    "typing.py",
    "typing_extensions.py",
];

/// The text of a description of the standard library.
pub(crate) fn source(path: &str) -> Option<&'static str> {
    STUBS.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}
