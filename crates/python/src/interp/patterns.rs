//! `re` and `fnmatch`: whether a pattern of the program matches a text, where both are known.

use std::rc::Rc;

use fancy_regex::{Regex, RegexBuilder};

use regex_syntax::hir::{Capture, Class, Hir, HirKind, Look};

use super::Interp;
use crate::intern::Symbol;
use crate::term::{Term, Test};
use crate::value::{Arguments, Labels, Unknown, Value};

/// Bytes of a pattern that is read.
const PATTERN_BYTES_MAX: usize = 2_000;
/// Bytes that a pattern may take once it is compiled.
const COMPILED_BYTES_MAX: usize = 1 << 20;
/// Steps of one match that goes back on itself.
const STEPS_MAX: usize = 10_000;
/// Compiled patterns that are kept.
const PATTERNS_KEPT_MAX: usize = 256;

/// What a match goes by that is not known, with its pattern.
const MATCHED_BY: &str = "re:";

/// Patterns that were compiled; none for those that only Python can read.
pub(super) type Patterns = rustc_hash::FxHashMap<(Rc<str>, i64), Option<Regex>>;

/// For which uses a text is clean that a pattern lets through, by how that is asked for.
pub(super) type ReadPatterns = std::cell::RefCell<rustc_hash::FxHashMap<(Symbol, Symbol), u32>>;

/// Whether a text matches a pattern.
#[derive(Debug, PartialEq, Eq)]
enum Match {
    /// It does, or not.
    Decided(bool),
    /// That depends on what stands in the holes of the text.
    Open,
}

impl Interp<'_> {
    /// `__matches__(how, pattern, flags, text)`: whether it does. What is not known of a pattern, the caller does not choose.
    pub(super) fn pattern_matches(&mut self, arguments: &Arguments) -> Value {
        let labels = arguments.labels();
        match self.match_of(arguments) {
            Some(Match::Decided(answer)) => Value::Bool(answer),
            Some(Match::Open) => Value::unknown_with("whether a path that goes on with anything matches", labels),
            None => {
                let term = self.tested_by_pattern(arguments);
                Value::unknown_with("whether a pattern matches", labels.looked_up().of_decision()).standing_for(term)
            }
        }
    }

    /// What matches a pattern of the program's own holds no other characters than the pattern lets through.
    fn tested_by_pattern(&self, arguments: &Arguments) -> Option<Term> {
        let [how, pattern, _, subject] = arguments.positional.as_slice() else { return None };
        if subject.labels().raw == 0 || pattern.labels().raw != 0 {
            return None;
        }
        let uses = self.uses_behind_pattern(how.as_str()?, &text_of(pattern)?);
        let test = || Test { subject: subject.clone(), where_true: uses, where_false: 0 };
        (uses != 0).then(|| Term::Tested(Rc::new(test())))
    }

    /// The uses for which a text is clean that a pattern lets through.
    pub(super) fn uses_behind_pattern(&self, how: &str, pattern: &str) -> u32 {
        let key = (Symbol::new(how), Symbol::new(pattern));
        if let Some(known) = self.trails.read_patterns.borrow().get(&key) {
            return *known;
        }
        let uses = self.uses_behind_new_pattern(how, pattern);
        let mut known = self.trails.read_patterns.borrow_mut();
        if known.len() < PATTERNS_KEPT_MAX {
            known.insert(key, uses);
        }
        uses
    }

    fn uses_behind_new_pattern(&self, how: &str, pattern: &str) -> u32 {
        let read = Some(pattern).filter(|pattern| pattern.len() <= PATTERN_BYTES_MAX);
        let Some(read) = read.and_then(|pattern| regex_syntax::parse(&python_syntax(pattern)).ok()) else { return 0 };
        let (begins, ends) = (read.properties().look_set_prefix(), read.properties().look_set_suffix());
        let (is_begun, is_ended) = (begins.contains(Look::Start), ends.contains(Look::End));
        let is_whole = match how {
            "fullmatch" => true,
            "match" => is_ended,
            "search" => is_begun && is_ended,
            _ => false,
        };
        let mut characters = Vec::new();
        let is_read = is_whole && characters_of(&read, &mut characters);
        let may_hold = |c: char| characters.iter().any(|(from, to)| (*from..=*to).contains(&c));
        // `$` is also before a line feed at the end, which does harm where ends of lines alone do.
        let by_line = if is_ended { self.harmed_by_ends_of_lines() } else { 0 };
        if is_read { self.clean_without(may_hold) & !by_line } else { 0 }
    }

    /// `__found__(matches, match)`: the match if there is one; not known, and a part of what was searched, where that is not.
    pub(super) fn found_match(&mut self, arguments: &Arguments) -> Option<Value> {
        let [matches, found, text, pattern] = arguments.positional.as_slice() else { return None };
        match matches.plain() {
            Value::Bool(true) => Some(found.clone()),
            Value::Bool(false) => Some(Value::None),
            _ if text.labels().raw == 0 => Some(found.clone().or(Value::None)),
            _ => {
                let uses = match matches.term() {
                    Some(Term::Tested(tested)) => tested.where_true,
                    _ => 0,
                };
                let labels = text.labels().cleared(uses).and(matches.labels());
                let by = text_of(pattern).filter(|pattern| pattern.len() <= PATTERN_BYTES_MAX);
                let by = by.map(|pattern| Symbol::new(&format!("{MATCHED_BY}{pattern}")));
                let found = Value::instance_of(self.class_of(found), labels).of_library(by);
                Some(found.standing_for(matches.term().cloned()))
            }
        }
    }

    /// `__group__(match, text, group ...)`: what a group matched, which holds no other characters than it lets through; each of several; with
    /// `None` any of them.
    pub(super) fn group(&self, arguments: &Arguments) -> Option<Value> {
        let [found, text, groups @ ..] = arguments.positional.as_slice() else { return None };
        let pattern = match found.plain() {
            Value::Unknown(found) => pattern_of_match(found),
            _ => None,
        };
        let read = pattern.and_then(|pattern| regex_syntax::parse(&python_syntax(pattern)).ok());
        let of = |group: &Value| {
            let uses = read.as_ref().map_or(0, |read| self.uses_behind_group(read, group));
            Value::unknown_with("part of a text", text.labels().cleared(uses))
        };
        Some(match groups {
            [] => of(&Value::Int(0)),
            [group] => of(group),
            several => Value::Tuple(several.iter().map(of).collect::<Vec<_>>().into()),
        })
    }

    /// The uses for which a text is clean that a group of an expression matched; `None` is any group, 0 the whole.
    fn uses_behind_group(&self, read: &Hir, group: &Value) -> u32 {
        let mut groups = Vec::new();
        groups_of(read, &mut groups);
        let of = |hir: &Hir| {
            let mut characters = Vec::new();
            let is_read = characters_of(hir, &mut characters);
            let may_hold = |c: char| characters.iter().any(|(from, to)| (*from..=*to).contains(&c));
            if is_read { self.clean_without(may_hold) } else { 0 }
        };
        match group.plain() {
            Value::Int(0) => of(read),
            Value::None => groups.iter().map(|group| of(&group.sub)).reduce(|all, one| all & one).unwrap_or(0),
            wanted => {
                let is_it = |group: &&&Capture| match wanted {
                    Value::Int(index) => i64::from(group.index) == *index,
                    named => named.as_str().is_some_and(|name| group.name.as_deref() == Some(name)),
                };
                groups.iter().find(is_it).map_or(0, |group| of(&group.sub))
            }
        }
    }

    /// None where the pattern or the text is not known, or past the bounds.
    fn match_of(&mut self, arguments: &Arguments) -> Option<Match> {
        let [how, pattern, flags, text] = arguments.positional.as_slice() else { return None };
        let (how, pattern, text) = (how.as_str()?, text_of(pattern)?, text_of(text)?);
        let regular = match how {
            "search" => python_syntax(&pattern),
            "match" => format!(r"\A(?:{})", python_syntax(&pattern)),
            "fullmatch" => format!(r"\A(?:{})\z", python_syntax(&pattern)),
            "fnmatch" => format!(r"\A(?s:{})\z", shell_syntax(&pattern)),
            _ => return None,
        };
        let regex = self.compiled(&regular, flags.as_int()?)?;
        let answers: Option<Vec<bool>> = fillings(&text).iter().map(|text| regex.is_match(text).ok()).collect();
        let answers = answers?;
        let first = *answers.first()?;
        // What a hole for any path might hold, a pattern may match.
        let decided = answers.iter().all(|answer| *answer == first) && (first || open_head(&text).is_none());
        Some(if decided { Match::Decided(first) } else { Match::Open })
    }

    /// `__substituted__(pattern, flags, replacement, text)`, where all of them are known and no hole is in the text.
    pub(super) fn substituted(&mut self, arguments: &Arguments) -> Value {
        let made = self.substitution_of(arguments);
        made.unwrap_or_else(|| Value::unknown_with("part of a text", self.labels_behind_substitution(arguments)))
    }

    /// The labels of a text in which all characters of a class were replaced: `re.sub("[^a-z]", "", text)`.
    fn labels_behind_substitution(&self, arguments: &Arguments) -> Labels {
        let labels = arguments.labels();
        let [pattern, _, replacement, _] = arguments.positional.as_slice() else { return labels };
        let (Some(pattern), Some(by)) = (text_of(pattern).filter(|_| labels.raw != 0), text_of(replacement)) else {
            return labels;
        };
        let read = regex_syntax::parse(&python_syntax(&pattern)).ok().filter(|_| pattern.len() <= PATTERN_BYTES_MAX);
        let Some(gone) = read.and_then(|read| replaced_characters(&read)) else { return labels };
        let may_hold = |c: char| by.contains(c) || !gone.iter().any(|(from, to)| (*from..=*to).contains(&c));
        // A group in a replacement is what it matched.
        if by.contains('\\') { labels } else { labels.cleared(self.clean_without(may_hold)) }
    }

    fn substitution_of(&mut self, arguments: &Arguments) -> Option<Value> {
        let [pattern, flags, replacement, text] = arguments.positional.as_slice() else { return None };
        let (pattern, replacement, text) = (text_of(pattern)?, text_of(replacement)?, text_of(text)?);
        if text.contains('{') || replacement.len() > PATTERN_BYTES_MAX || text.len() > PATTERN_BYTES_MAX {
            return None;
        }
        let regex = self.compiled(&python_syntax(&pattern), flags.as_int()?)?;
        let made = regex.try_replacen(&text, 0, replacement_syntax(&replacement)?.as_str()).ok()?;
        Some(Value::str(&made).with(arguments.labels()))
    }

    fn compiled(&mut self, regular: &str, flags: i64) -> Option<Regex> {
        if regular.len() > PATTERN_BYTES_MAX {
            return None;
        }
        let key = (Rc::from(regular), flags);
        if let Some(known) = self.patterns.get(&key) {
            return known.clone();
        }
        let compiled = RegexBuilder::new(regular)
            .case_insensitive(flags & 2 != 0)
            .multi_line(flags & 8 != 0)
            .dot_matches_new_line(flags & 16 != 0)
            .ignore_whitespace(flags & 64 != 0)
            .delegate_size_limit(COMPILED_BYTES_MAX)
            .backtrack_limit(STEPS_MAX)
            .build()
            .ok();
        if self.patterns.len() >= PATTERNS_KEPT_MAX {
            self.patterns.clear();
        }
        self.patterns.insert(key, compiled.clone());
        compiled
    }
}

/// The pattern of a match that is not known.
pub(super) fn pattern_of_match(found: &Unknown) -> Option<&'static str> {
    found.library?.as_str().strip_prefix(MATCHED_BY)
}

/// The groups of an expression.
fn groups_of<'h>(of: &'h Hir, found: &mut Vec<&'h Capture>) {
    match of.kind() {
        HirKind::Capture(group) => {
            found.push(group);
            groups_of(&group.sub, found);
        }
        HirKind::Repetition(repeated) => groups_of(&repeated.sub, found),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| groups_of(part, found)),
        _ => {}
    }
}

/// The characters of an expression that matches each of them alone: `[^a-z]`, `[^a-z]+`.
fn replaced_characters(of: &Hir) -> Option<Vec<(char, char)>> {
    match of.kind() {
        HirKind::Repetition(repeated) if repeated.min <= 1 => replaced_characters(&repeated.sub),
        HirKind::Capture(group) => replaced_characters(&group.sub),
        HirKind::Class(Class::Unicode(class)) => {
            Some(class.ranges().iter().map(|range| (range.start(), range.end())).collect())
        }
        HirKind::Literal(literal) => {
            let mut letters = std::str::from_utf8(&literal.0).ok()?.chars();
            let only = letters.next().filter(|_| letters.next().is_none())?;
            Some(vec![(only, only)])
        }
        _ => None,
    }
}

/// The characters that may stand in what an expression matches; false where that may be any.
fn characters_of(of: &Hir, found: &mut Vec<(char, char)>) -> bool {
    match of.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => {
            let Ok(text) = std::str::from_utf8(&literal.0) else { return false };
            found.extend(text.chars().map(|c| (c, c)));
            true
        }
        HirKind::Class(Class::Unicode(class)) => {
            found.extend(class.ranges().iter().map(|range| (range.start(), range.end())));
            true
        }
        HirKind::Class(Class::Bytes(_)) => false,
        HirKind::Repetition(repeated) => characters_of(&repeated.sub, found),
        HirKind::Capture(group) => characters_of(&group.sub, found),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(|part| characters_of(part, found)),
    }
}

fn text_of(value: &Value) -> Option<Rc<str>> {
    match value.plain() {
        Value::Str(text) | Value::Bytes(text) => Some(Rc::clone(text)),
        _ => None,
    }
}

/// The end of a text is `\Z` in Python.
fn python_syntax(pattern: &str) -> String {
    pattern.replace(r"\Z", r"\z")
}

/// A replacement as the crate reads it: `\1` and `\g<1>` name groups. None for what else may follow a backslash.
fn replacement_syntax(replacement: &str) -> Option<String> {
    let mut parts = replacement.split('\\');
    let mut made = parts.next()?.replace('$', "$$");
    for part in parts {
        let (group, rest) = match part.strip_prefix("g<") {
            Some(named) => named.split_once('>')?,
            None => part.split_at(part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len())),
        };
        if group.is_empty() {
            return None;
        }
        made.extend(["${", group, "}", &rest.replace('$', "$$")]);
    }
    Some(made)
}

/// A shell pattern as a regular expression: `*` and `?` match any character.
fn shell_syntax(pattern: &str) -> String {
    let mut regular = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match (c, rest.find(']')) {
            ('*', _) => regular.push_str(".*"),
            ('?', _) => regular.push('.'),
            ('[', Some(end)) if end > 0 => {
                let (set, after) = (&rest[..end], &rest[end + 1..]);
                let (not, set) = set.strip_prefix('!').map_or(("", set), |set| ("^", set));
                let set = set.replace('\\', r"\\").replace('[', r"\[");
                regular.extend(["[", not, &set, "]"]);
                rest = after;
            }
            _ => regular.push_str(&fancy_regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    regular
}

/// The beginning of the path of a route that goes on with anything: what stands before `{name:path}`.
pub(super) fn open_head(path: &str) -> Option<&str> {
    let head = &path[..path.find(":path}")?];
    head.rfind('{').map(|at| &head[..at])
}

/// What stands in the holes of a path (`/items/{id}`) when it is requested: numbers, words, identifiers.
const IN_HOLES: &[&str] = &["1", "a", "a-1", "123e4567-e89b-12d3-a456-426614174000"];

/// A text with its holes filled in several ways; itself, where it has none.
fn fillings(text: &str) -> Vec<String> {
    if !text.contains('{') {
        return vec![text.to_owned()];
    }
    let fill = |with: &&str| {
        let mut parts = text.split('{');
        let first = parts.next().unwrap_or("").to_owned();
        parts.fold(first, |filled, part| filled + with + part.split_once('}').map_or("", |(_, after)| after))
    };
    IN_HOLES.iter().map(fill).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::*;
    use crate::program::{NoFiles, Program};

    fn matches(how: &str, pattern: &str, text: &str) -> Option<Match> {
        let program = Program::new(Vec::new(), Vec::new(), Box::new(NoFiles));
        let mut interp = Interp::new(&program, Limits::default());
        let [how, pattern, text] = [how, pattern, text].map(Value::str);
        interp.match_of(&Arguments::of([how, pattern, Value::Int(0), text]))
    }

    const YES: Option<Match> = Some(Match::Decided(true));
    const NO: Option<Match> = Some(Match::Decided(false));

    #[test]
    fn each_way_to_match_begins_and_ends_as_in_python() {
        assert_eq!(matches("search", "b", "abc"), YES);
        assert_eq!(matches("fullmatch", "a|abc", "abc"), YES);
        assert_eq!(matches("match", "b|c", "abc"), NO);
        assert_eq!(matches("match", r"a.c\Z", "abc"), YES);
        assert_eq!(matches("match", "/(?!admin)", "/admin"), NO);
        assert_eq!(matches("match", "/(?!admin)", "/items"), YES);
    }

    #[test]
    fn a_shell_pattern_matches_as_fnmatch_does() {
        assert_eq!(matches("fnmatch", "/public/*.[!x]s", "/public/a/b.js"), YES);
        assert_eq!(matches("fnmatch", "/public/?", "/public/ab"), NO);
        assert_eq!(matches("fnmatch", "a[b", "a[b"), YES);
    }

    #[test]
    fn a_hole_of_a_path_stands_for_what_is_requested() {
        assert_eq!(matches("match", "/items/[^/]+$", "/items/{id}"), YES);
        assert_eq!(matches("match", r"/items/\d+$", "/items/{id}"), Some(Match::Open));
        assert_eq!(matches("match", "/public", "/items/{id}"), NO);
        assert_eq!(matches("match", "/public", "/{tail:path}"), Some(Match::Open));
        assert_eq!(matches("match", "/files/.+", "/files/{tail:path}"), YES);
    }

    #[test]
    fn a_pattern_is_read_up_to_its_bounds() {
        let longest = "a".repeat(PATTERN_BYTES_MAX);
        assert_eq!(matches("search", &longest, &longest), YES);
        assert_eq!(matches("search", &format!("{longest}a"), &longest), None);
        assert_eq!(matches("search", "(", "("), None);
        assert_eq!(matches("search", "(a{1,100}){1,1000}", "a"), None, "past COMPILED_BYTES_MAX");
        let steps = |n: usize| matches("search", r"^(a|aa)+\1$", &format!("{}b", "a".repeat(n)));
        assert_eq!((steps(4), steps(400)), (NO, None), "past STEPS_MAX");
    }

    #[test]
    fn no_more_patterns_are_kept_than_the_bound() {
        let program = Program::new(Vec::new(), Vec::new(), Box::new(NoFiles));
        let mut interp = Interp::new(&program, Limits::default());
        for i in 0..PATTERNS_KEPT_MAX {
            interp.compiled(&i.to_string(), 0);
        }
        assert_eq!(interp.patterns.len(), PATTERNS_KEPT_MAX);
        interp.compiled("one more", 0);
        assert_eq!(interp.patterns.len(), 1);
    }
}
