//! A text that matches a regular expression, for fields whose schema asks for one.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::random::Random;

/// Longer texts are not made: a pattern that asks for more is refused.
pub(crate) const TEXT_CHARS_MAX: usize = 1_024;

/// How often something is repeated that may be repeated so often: enough that two texts differ.
const REPEATED: u32 = 8;

/// A text that matches the pattern (the syntax of Python as far as Rust's agrees with it), or why there is none.
pub(crate) fn text(pattern: &str, random: &mut Random) -> Result<String, String> {
    let hir = regex_syntax::parse(pattern).map_err(|_| format!("the pattern `{pattern}` is not understood"))?;
    let mut made = String::new();
    write(&hir, random, &mut made).map_err(|Impossible| format!("no text was found for the pattern `{pattern}`"))?;
    Ok(made)
}

/// The pattern matches nothing, or only longer texts.
struct Impossible;

fn write(hir: &Hir, random: &mut Random, made: &mut String) -> Result<(), Impossible> {
    if made.chars().count() > TEXT_CHARS_MAX {
        return Err(Impossible);
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Ok(()),
        HirKind::Literal(literal) => {
            made.push_str(std::str::from_utf8(&literal.0).map_err(|_| Impossible)?);
            Ok(())
        }
        HirKind::Class(class) => {
            made.push(character(class, random).ok_or(Impossible)?);
            Ok(())
        }
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let count = REPEATED.clamp(repetition.min.min(most), most);
            (0..count).try_for_each(|_| write(&repetition.sub, random, made))
        }
        HirKind::Capture(capture) => write(&capture.sub, random, made),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, random, made)),
        HirKind::Alternation(parts) => write(parts.first().ok_or(Impossible)?, random, made),
    }
}

/// A character of a class: a letter or digit if it has one.
fn character(class: &Class, random: &mut Random) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    let is_in = |c: &char| ranges.iter().any(|(start, end)| start <= c && c <= end);
    let plain: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').filter(is_in).collect();
    if plain.is_empty() {
        return ranges.first().map(|(start, _)| *start);
    }
    let drawn = usize::from_str_radix(&random.hex(4), 16).unwrap_or(0);
    plain.get(drawn % plain.len()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(pattern: &str) -> Result<String, String> {
        text(pattern, &mut Random::new([5; 32]))
    }

    #[test]
    fn the_shape_is_that_of_the_pattern() {
        let country = made("^[A-Z]{2}$").unwrap();
        assert!(country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()));
        let code = made(r"^[A-Z0-9-]{3,40}$").unwrap();
        assert!(code.len() == 8 && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
        assert!(made(r"^\+?\d{3}(-|/)x+$").unwrap().ends_with("-xxxxxxxx"));
        assert_eq!(made("(?:draft|sent)").unwrap(), "draft");
        assert_eq!(made("[.]").unwrap(), ".");
    }

    #[test]
    fn what_cannot_be_made_is_refused_with_the_pattern() {
        assert_eq!(made("(?<=a)b").unwrap_err(), "the pattern `(?<=a)b` is not understood");
        assert!(made(&format!("a{{{TEXT_CHARS_MAX}}}")).is_ok());
        assert!(made(&format!("(?:ab){{{TEXT_CHARS_MAX}}}")).is_err());
        assert!(made("[^\\s\\S]").is_err());
    }
}
