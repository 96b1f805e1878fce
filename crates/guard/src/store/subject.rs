//! What is counted apart: the limit, and for whom or what. In this process it is a hash with a secret; in a store that others
//! share, a digest that all of them make in the same way, so that neither addresses nor names of accounts stand there.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::quota::Rate;

/// How many bytes of the digest make a name.
const NAME_BYTES: usize = 16;

/// The start of a digest.
pub(crate) type Digested = [u8; NAME_BYTES];

/// A limit, and what it counts apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Subject {
    /// The name of the limit.
    pub(crate) limit: Arc<str>,
    pub(crate) of: Vec<Of>,
}

/// What a request is counted by.
#[derive(Debug, Clone, Hash, PartialEq, Eq)]
pub(crate) enum Of {
    Address(IpAddr),
    Principal(String, Option<String>),
    /// An identity, and the key that was shown of it.
    Key(String, Arc<str>),
    /// The same, by the quota that the key has of its own.
    OwnKey(String, Arc<str>),
    /// By its name, which outlives a reload.
    Route(Option<String>),
    Field(String),
    /// What was counted before this moment counts no more.
    Since(u64),
    /// The body does not show the field: all such bodies are counted together, so that a body nobody can read is no way around.
    NoField,
    /// The values of a header field; none where it is missing.
    Header(Vec<Vec<u8>>),
}

impl Subject {
    /// Its name in a store that others share. Another window, or another way to count, has another one: what was counted
    /// there says nothing here. In braces, because a cluster keeps together what is equal there.
    pub(crate) fn name(&self, prefix: &str, rate: &Rate) -> String {
        let mut digest = Sha256::new();
        part(&mut digest, self.limit.as_bytes());
        part(&mut digest, rate.counting.word().as_bytes());
        digest.update(rate.window.as_nanos().to_be_bytes());
        for of in &self.of {
            of.told(&mut digest);
        }
        named(prefix, &first(digest))
    }

    /// The start of its digest, whatever it is counted by: what is noted of it stands under that.
    pub(crate) fn digest(&self) -> Digested {
        let mut digest = Sha256::new();
        part(&mut digest, self.limit.as_bytes());
        for of in &self.of {
            of.told(&mut digest);
        }
        first(digest)
    }

    /// The name under which a store that others share has what is noted of it.
    pub(crate) fn note_name(&self, prefix: &str) -> String {
        named(&format!("{prefix}:note"), &self.digest())
    }
}

fn first(digest: Sha256) -> Digested {
    let mut first = [0; NAME_BYTES];
    for (to, from) in first.iter_mut().zip(digest.finalize()) {
        *to = from;
    }
    first
}

fn named(prefix: &str, digest: &Digested) -> String {
    let mut name = format!("{prefix}:{{");
    for byte in digest {
        // Into memory everything can be written.
        let _ = write!(name, "{byte:02x}");
    }
    name.push('}');
    name
}

/// A part with its length, so that no two lists of parts are one text.
fn part(digest: &mut Sha256, bytes: &[u8]) {
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}

impl Of {
    fn told(&self, digest: &mut Sha256) {
        let mut tag = |tag: u8, count: usize| digest.update([&[tag][..], &(count as u64).to_be_bytes()].concat());
        match self {
            Self::Address(IpAddr::V4(address)) => {
                tag(1, 1);
                part(digest, &address.octets());
            }
            Self::Address(IpAddr::V6(address)) => {
                tag(1, 1);
                part(digest, &address.octets());
            }
            Self::Principal(identity, subject) => {
                tag(2, 1 + usize::from(subject.is_some()));
                part(digest, identity.as_bytes());
                subject.iter().for_each(|subject| part(digest, subject.as_bytes()));
            }
            Self::Key(identity, key) | Self::OwnKey(identity, key) => {
                tag(if matches!(self, Self::Key(..)) { 3 } else { 9 }, 2);
                part(digest, identity.as_bytes());
                part(digest, key.as_bytes());
            }
            Self::Route(route) => {
                tag(4, usize::from(route.is_some()));
                route.iter().for_each(|route| part(digest, route.as_bytes()));
            }
            Self::Field(value) => {
                tag(5, 1);
                part(digest, value.as_bytes());
            }
            Self::Since(moment) => {
                tag(8, 1);
                part(digest, &moment.to_be_bytes());
            }
            Self::NoField => tag(6, 0),
            Self::Header(values) => {
                tag(7, values.len());
                values.iter().for_each(|value| part(digest, value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use policy::Counting;

    use super::*;

    #[test]
    fn what_is_counted_apart_has_names_of_its_own_and_the_same_one_everywhere() {
        let rate = |counting, window| Rate { quota: 1, window: Duration::from_secs(window), counting };
        let usual = rate(Counting::SlidingWindow, 60);
        let subject = |limit: &str, of: Vec<Of>| Subject { limit: limit.into(), of };
        let text = |text: &str| text.to_owned();
        let all = [
            subject("a", vec![Of::Field(text("x"))]),
            subject("ax", vec![Of::Field(text(""))]),
            subject("a", vec![Of::Field(text("x")), Of::NoField]),
            subject("a", vec![Of::NoField]),
            subject("a", vec![Of::Route(None)]),
            subject("a", vec![Of::Route(Some(text("x")))]),
            subject("a", vec![Of::Principal(text("x"), None)]),
            subject("a", vec![Of::Principal(text("x"), Some(text("y")))]),
            subject("a", vec![Of::Key(text("x"), "y".into())]),
            subject("a", vec![Of::OwnKey(text("x"), "y".into())]),
            subject("a", vec![Of::Address(IpAddr::from([192, 0, 2, 1]))]),
            subject("a", vec![Of::Header(vec![b"x".to_vec(), b"y".to_vec()])]),
            subject("a", vec![Of::Header(vec![b"x".to_vec()]), Of::Header(vec![b"y".to_vec()])]),
        ];
        let mut names: BTreeSet<String> = all.iter().map(|one| one.name("d", &usual)).collect();
        assert_eq!(names.len(), all.len());
        let first = &all[0];
        for other in [rate(Counting::Gcra, 60), rate(Counting::SlidingWindow, 61)] {
            assert!(names.insert(first.name("d", &other)));
        }
        // Another quota goes on with what was counted.
        assert!(!names.insert(first.name("d", &Rate { quota: 2, ..usual })));
        let name = first.name("d", &usual);
        assert!(name.starts_with("d:{") && name.ends_with('}') && name.len() == 3 + 2 * NAME_BYTES + 1, "{name}");
        assert_eq!(name, "d:{8e447394e461dcec38a3b9df8f5f3986}", "a gateway of another version finds it, too");
    }
}
