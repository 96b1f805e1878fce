//! Names, passwords, canaries: all from one seed, so that a run with the same seed sends the same values.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// SHA-256 in counter mode over the seed: nobody who does not know the seed can tell the next value.
#[derive(Debug)]
pub(crate) struct Random {
    seed: [u8; 32],
    drawn: u64,
}

impl Random {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self { seed, drawn: 0 }
    }

    /// So many hexadecimal digits, at most 64.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.block() {
            let _ = write!(text, "{byte:02x}");
        }
        text.truncate(digits);
        text
    }

    /// The bytes of a version 4 UUID (RFC 9562 section 5.4), as text.
    pub(crate) fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    fn block(&mut self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.seed);
        hasher.update(self.drawn.to_be_bytes());
        self.drawn += 1;
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_values_and_no_value_twice() {
        let (mut one, mut same, mut other) = (Random::new([7; 32]), Random::new([7; 32]), Random::new([8; 32]));
        let drawn = one.hex(10);
        assert_eq!(drawn.len(), 10);
        assert!(drawn.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_eq!(same.hex(10), drawn);
        assert_ne!(one.hex(10), drawn);
        assert_ne!(other.hex(10), drawn);
    }

    #[test]
    fn a_uuid_is_of_version_4() {
        let uuid = Random::new([1; 32]).uuid();
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&uuid[14..15], "4");
        assert_eq!(&uuid[19..20], "8");
    }
}
