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
