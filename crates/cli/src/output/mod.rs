//! Reports as text: one file per format, and what the formats share.

pub(crate) mod access;
pub(crate) mod csv;
pub(crate) mod destination;
pub(crate) mod groups;
pub(crate) mod json;
pub(crate) mod look;
pub(crate) mod markdown;
pub(crate) mod palette;
pub(crate) mod proofs;
pub(crate) mod proven;
pub(crate) mod sarif;
pub(crate) mod terminal;
pub(crate) mod text;

#[cfg(test)]
pub(crate) mod samples;
