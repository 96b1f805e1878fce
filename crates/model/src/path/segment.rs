//! A path template cut at its slashes, for those who match segment by segment.

use super::{Part, PathParameter, RegexPart};

/// What stands between two slashes of a path template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Text that stands for itself; empty after a trailing slash and between two slashes.
    Literal(&'a str),
    /// One parameter alone: `{id}`.
    Parameter(&'a PathParameter),
    /// One parameter alone that may contain slashes: `{rest:path}`.
    Rest(&'a PathParameter),
    /// One regular expression alone.
    Regex(&'a RegexPart),
    /// Several pieces: `{name}.{ext}`.
    Mixed(Vec<Piece<'a>>),
}

/// A piece of a mixed segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text without a slash.
    Literal(&'a str),
    /// A parameter.
    Parameter(&'a PathParameter),
    /// A regular expression.
    Regex(&'a RegexPart),
}

/// Cuts parts at the slashes of their literals. A leading slash opens the first segment.
pub(super) fn split(parts: &[Part]) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let mut pieces = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Literal(literal) => {
                let literal = match index {
                    0 => literal.strip_prefix('/').unwrap_or(literal),
                    _ => literal,
                };
                split_literal(literal, &mut pieces, &mut segments);
            }
            Part::Parameter(parameter) => pieces.push(Piece::Parameter(parameter)),
            Part::Regex(regex) => pieces.push(Piece::Regex(regex)),
        }
    }
    if !parts.is_empty() {
        segments.push(close(pieces));
    }
    segments
}

fn split_literal<'a>(literal: &'a str, pieces: &mut Vec<Piece<'a>>, segments: &mut Vec<Segment<'a>>) {
    for (index, text) in literal.split('/').enumerate() {
        if index > 0 {
            segments.push(close(std::mem::take(pieces)));
        }
        if !text.is_empty() {
            pieces.push(Piece::Literal(text));
        }
    }
}

fn close(pieces: Vec<Piece<'_>>) -> Segment<'_> {
    match pieces.as_slice() {
        [] => Segment::Literal(""),
        [Piece::Literal(text)] => Segment::Literal(text),
        [Piece::Parameter(parameter)] if parameter.rest => Segment::Rest(parameter),
        [Piece::Parameter(parameter)] => Segment::Parameter(parameter),
        [Piece::Regex(regex)] => Segment::Regex(regex),
        _ => Segment::Mixed(pieces),
    }
}
