//! What is raw beside the request: what third parties answer. Who controls them, or the way there, controls it; that is for auditors.

use super::{RAW, Use};
use python::value::Labels;

/// Calls that give what somebody else wrote, by qualified names.
const ANSWERS: &[&str] = &[
    "requests.get",
    "requests.post",
    "requests.put",
    "requests.request",
    "requests.Session.get",
    "requests.Session.post",
    "requests.Session.request",
    "httpx.get",
    "httpx.post",
    "httpx.request",
    "httpx.Client.get",
    "httpx.Client.post",
    "httpx.Client.request",
    "httpx.AsyncClient.get",
    "httpx.AsyncClient.post",
    "httpx.AsyncClient.request",
    "aiohttp.ClientSession.get",
    "aiohttp.ClientSession.post",
    "aiohttp.ClientSession.request",
    "urllib.request.urlopen",
];

/// The names, and what their results are raw for.
pub(super) fn giving() -> impl Iterator<Item = (&'static str, u32)> {
    let harmless = Use::Url.bits() | Use::Log.bits() | Use::Session.bits() | Use::Document.bits() | Use::Suffix.bits();
    ANSWERS.iter().map(move |name| (*name, RAW & !harmless | Labels::FAR))
}

/// Functions of libraries that read a file whose path they are given, or which is open.
pub(super) const READING: &[&str] = &[
    "tarfile.open",
    "tarfile.TarFile",
    "tarfile.TarFile.open",
    "zipfile.ZipFile",
    "shutil.unpack_archive",
    "docx.Document",
    "openpyxl.load_workbook",
    "pptx.Presentation",
    "lxml.etree.parse",
    "xml.etree.ElementTree.parse",
    "xml.sax.parse",
    "xml.dom.minidom.parse",
    "pandas.read_csv",
    "pandas.read_excel",
    "pandas.read_json",
    "pandas.read_pickle",
    "pickle.load",
    "dill.load",
    "cloudpickle.load",
    "joblib.load",
    "torch.load",
    "marshal.load",
    "json.load",
    "yaml.load",
    "yaml.load_all",
    "yaml.safe_load",
    "yaml.unsafe_load",
    "yaml.full_load",
    "tomllib.load",
    "csv.reader",
    "csv.DictReader",
];

/// Parts of archives that a client sent, and for what they are raw though what stands in a file is not: the names that it gave their members.
pub(super) const HOLDING: &[(&str, u32)] = &[
    ("zipfile.ZipFile.namelist", Use::Path.bits()),
    ("zipfile.ZipFile.filename", Use::Path.bits()),
    ("zipfile.ZipFile.orig_filename", Use::Path.bits()),
    ("tarfile.open.getnames", Use::Path.bits()),
    ("tarfile.open.name", Use::Path.bits()),
    ("tarfile.open.path", Use::Path.bits()),
    ("tarfile.TarFile.getnames", Use::Path.bits()),
    ("tarfile.TarFile.name", Use::Path.bits()),
    ("tarfile.TarFile.open.getnames", Use::Path.bits()),
    ("tarfile.TarFile.open.name", Use::Path.bits()),
    ("rarfile.RarFile.namelist", Use::Path.bits()),
    ("rarfile.RarFile.filename", Use::Path.bits()),
    ("py7zr.SevenZipFile.getnames", Use::Path.bits()),
];
