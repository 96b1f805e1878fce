//! The text of a statement with numbered holes, and the texts that it is read as.

/// What stands for a hole where it is read: `hole` followed by its number and this.
const MARK: &str = "__hole";

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// What stands in the code.
    Known(String),
    /// What is not known.
    Hole,
}

/// A text of which parts are not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pieces: Vec<Piece>,
}

impl Text {
    pub(crate) fn new(pieces: Vec<Piece>) -> Self {
        Self { pieces }
    }

    /// The text with `{}` for each hole.
    #[cfg(test)]
    pub(super) fn with_holes(text: &str) -> Self {
        let mut pieces = Vec::new();
        for (index, part) in text.split("{}").enumerate() {
            if index > 0 {
                pieces.push(Piece::Hole);
            }
            pieces.push(Piece::Known(part.to_owned()));
        }
        Self { pieces }
    }

    pub(crate) fn into_pieces(self) -> Vec<Piece> {
        self.pieces
    }

    pub(crate) fn len(&self) -> usize {
        self.pieces.iter().map(|p| if let Piece::Known(text) = p { text.len() } else { 0 }).sum()
    }

    /// Whether no part of it is a hole.
    pub(crate) fn is_known(&self) -> bool {
        !self.pieces.contains(&Piece::Hole)
    }

    /// What is shown: `{}` for each hole.
    pub(crate) fn shown(&self) -> String {
        self.pieces.iter().map(|p| if let Piece::Known(text) = p { text.as_str() } else { "{}" }).collect()
    }

    /// Whether it begins as a statement does.
    pub(crate) fn is_statement(&self) -> bool {
        const VERBS: &[&str] =
            &["select", "insert", "update", "delete", "create", "drop", "alter", "with", "replace", "truncate"];
        let Some(Piece::Known(text)) = self.pieces.first() else { return false };
        let first =
            text.trim_start_matches(|c: char| c.is_whitespace() || c == '(').split(|c: char| !c.is_ascii_alphabetic());
        first.into_iter().next().is_some_and(|word| VERBS.contains(&word.to_lowercase().as_str()))
    }

    /// As what it may be read, the likeliest first: each hole is a name or a value; what is written; nothing.
    pub(super) fn readings(&self) -> impl Iterator<Item = String> {
        let holes: Vec<usize> = (0..self.pieces.iter().filter(|p| **p == Piece::Hole).count()).collect();
        let as_value = std::iter::once(self.read(&[], &[]));
        let assigned: Vec<usize> = holes.iter().copied().filter(|at| self.is_assignment(*at)).collect();
        let as_assignment = (!assigned.is_empty()).then(|| self.read(&[], &assigned));
        let last = holes.last().map(|at| self.read(&[*at], &[]));
        let last_two = (holes.len() > 1).then(|| self.read(&holes[holes.len() - 2..], &[]));
        let first = (holes.len() > 1).then(|| self.read(&holes[..1], &[]));
        let none = (holes.len() > 2).then(|| self.read(&holes, &[]));
        as_value.chain(as_assignment).chain(last).chain(last_two).chain(first).chain(none)
    }

    /// Whether a hole stands where a column is set, with its value in it: `UPDATE users SET {} WHERE`, `SET {} = ?, {} WHERE`.
    fn is_assignment(&self, hole: usize) -> bool {
        let mut holes = self.pieces.iter().enumerate().filter(|(_, piece)| **piece == Piece::Hole);
        let Some((at, _)) = holes.nth(hole) else { return false };
        let known = |at: Option<usize>| match at.and_then(|at| self.pieces.get(at)) {
            Some(Piece::Known(text)) => text.trim().to_lowercase(),
            _ => String::new(),
        };
        let (before, after) = (known(at.checked_sub(1)), known(Some(at + 1)));
        let is_list = before.ends_with(" set") || before.ends_with(',') && self.is_update();
        is_list && !after.starts_with('=') && !after.starts_with(',')
    }

    fn is_update(&self) -> bool {
        matches!(self.pieces.first(), Some(Piece::Known(text)) if text.trim_start().to_lowercase().starts_with("update"))
    }

    /// The text with what stands for its holes, and bound parameters as the parser knows them.
    fn read(&self, left_out: &[usize], assigned: &[usize]) -> String {
        let mut text = String::new();
        let (mut hole, mut quote) = (0usize, None);
        for piece in &self.pieces {
            match piece {
                Piece::Known(known) => add_known(&mut text, known, &mut quote),
                Piece::Hole => {
                    let name = format!("{MARK}{hole}__");
                    if assigned.contains(&hole) {
                        text.extend([" ", &name, " = 1 "]);
                    } else if quote.is_some() || !left_out.contains(&hole) {
                        text.push_str(&name);
                    }
                    hole += 1;
                }
            }
        }
        text
    }
}

/// `%s` and `%(name)s` outside quotes become `?` and `:name`.
fn add_known(text: &mut String, known: &str, quote: &mut Option<char>) {
    let mut rest = known;
    while let Some(c) = rest.chars().next() {
        if quote.is_none() {
            if let Some(after) = rest.strip_prefix("%s") {
                text.push('?');
                rest = after;
                continue;
            }
            let named = rest.strip_prefix("%(").and_then(|r| r.split_once(")s"));
            if let Some((name, after)) = named.filter(|(name, _)| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
            {
                text.push(':');
                text.push_str(name);
                rest = after;
                continue;
            }
        }
        match *quote {
            Some(open) if open == c => *quote = None,
            None if matches!(c, '\'' | '"' | '`') => *quote = Some(c),
            _ => {}
        }
        text.push(c);
        rest = &rest[c.len_utf8()..];
    }
}

/// The first hole that a name or a value holds.
pub(super) fn hole_in(text: &str) -> Option<usize> {
    let (_, rest) = text.split_once(MARK)?;
    rest.split_once("__")?.0.parse().ok()
}
