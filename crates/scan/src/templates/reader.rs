//! Reading a template from its begin to its end: tags, names and the blocks in which they hold.

use std::sync::Arc;

use super::expressions::{self, Around, Known, literal, name};
use super::markup::Markup;
use super::{Call, ITEM, Macro, Names, PARAMETER, Part, Piece, Print, Template};

/// What of a template is kept of each kind: prints, parts, macros, calls.
const KEPT_MAX: usize = 500;
/// Names that tags give, and blocks inside each other.
const NAMES_MAX: usize = 200;
const BLOCKS_MAX: usize = 64;

/// Reads a template.
pub(crate) fn read(text: &str) -> Template {
    let mut reader = Reader { found: Template::default(), ..Reader::default() };
    let (mut at, mut line) = (0, 1);
    while let Some((token, end)) = next(text, at) {
        match token {
            Token::Text(text) => reader.markup.advance(text),
            Token::Output(expression) => reader.print(expression, line + lines(&text[at..end], expression)),
            Token::Tag(tag) => reader.tag(tag),
            Token::Comment => {}
        }
        line += text[at..end].matches('\n').count();
        at = end;
    }
    reader.end()
}

/// The lines of a text before the begin of a part of it.
fn lines(text: &str, part: &str) -> usize {
    let before = part.as_ptr() as usize - text.as_ptr() as usize;
    text[..before].matches('\n').count()
}

#[derive(Debug, PartialEq)]
enum Token<'t> {
    Text(&'t str),
    Output(&'t str),
    Tag(&'t str),
    Comment,
}

/// The token that begins at a place, and where it ends.
fn next(text: &str, at: usize) -> Option<(Token<'_>, usize)> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let begin = rest.match_indices('{').find(|(at, _)| matches!(rest.as_bytes().get(at + 1), Some(b'{' | b'%' | b'#')));
    let Some((begin, _)) = begin else { return Some((Token::Text(rest), text.len())) };
    if begin > 0 {
        return Some((Token::Text(&rest[..begin]), at + begin));
    }
    let close = match &rest[..2] {
        "{{" => "}}",
        "{%" => "%}",
        _ => "#}",
    };
    let Some(length) = end_of(&rest[2..], close) else { return Some((Token::Text(rest), text.len())) };
    let inner = rest[2..2 + length].trim_matches(|c: char| c == '-' || c == '+' || c.is_whitespace());
    let end = at + 2 + length + 2;
    Some(match close {
        "}}" => (Token::Output(inner), end),
        "%}" => match name(inner) {
            Some((tag @ ("raw" | "verbatim" | "comment"), _)) => (Token::Comment, behind(text, end, tag)),
            _ => (Token::Tag(inner), end),
        },
        _ => (Token::Comment, end),
    })
}

/// The end of what stands in braces: not in a text, nor in braces inside, if those are closed.
fn end_of(text: &str, close: &str) -> Option<usize> {
    let (mut quote, mut braces) = (None, 0_u32);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), '\n') => break,
            (None, '\'' | '"') if close != "#}" => quote = Some(c),
            (None, _) if braces == 0 && text[at..].starts_with(close) => return Some(at),
            (None, '{') => braces += 1,
            (None, '}') => braces = braces.saturating_sub(1),
            _ => {}
        }
    }
    text.find(close)
}

/// The place behind the end of a block whose content is no template.
fn behind(text: &str, at: usize, tag: &str) -> usize {
    let is_end = |(begin, _): &(usize, &str)| {
        let inner = text[at + begin + 2..].trim_start_matches(['-', '+']);
        name(inner).is_some_and(|(found, _)| found.strip_prefix("end") == Some(tag))
    };
    let end = text[at..].match_indices("{%").find(is_end).map(|(begin, _)| at + begin);
    end.and_then(|begin| Some(begin + text[begin..].find("%}")? + 2)).unwrap_or(text.len())
}

#[derive(Default)]
struct Reader {
    found: Template,
    markup: Markup,
    /// The names that tags gave, the innermost last.
    names: Names,
    /// How many there were where each block began.
    blocks: Vec<usize>,
    /// What blocks say of escaping.
    escaped: Vec<bool>,
    /// Names of macros: those of this template and of others.
    macros: Vec<Known>,
    modules: Vec<(Arc<str>, Arc<str>)>,
    /// The macro that is read.
    within: Option<usize>,
    extends: Option<Arc<str>>,
}

impl Reader {
    fn read<'t>(&mut self, text: &'t str) -> (Vec<Piece>, &'t str) {
        let around = Around { names: &self.names, macros: &self.macros, modules: &self.modules };
        let (pieces, calls, rest) = expressions::read(text, &around);
        let room = KEPT_MAX.saturating_sub(self.found.calls.len());
        // What a macro hands on is a part of its own parameters.
        let own = calls.into_iter().filter(|_| self.within.is_none());
        self.found.calls.extend(own.take(room));
        (pieces, rest)
    }

    fn print(&mut self, expression: &str, line: usize) {
        let place = self.markup.printed();
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let (pieces, _) = self.read(expression);
        let escaped = self.escaped.last().copied();
        let found = match self.within {
            Some(at) => &mut self.found.macros[at].prints,
            None => &mut self.found.prints,
        };
        let room = KEPT_MAX.saturating_sub(found.len());
        let kept = pieces.into_iter().filter(|piece| !piece.is_clean).take(room);
        found.extend(kept.map(|piece| Print { piece, line, escaped, place }));
    }

    fn tag(&mut self, tag: &str) {
        let Some((word, rest)) = name(tag) else { return };
        match word {
            "for" => self.begin(|reader| reader.loops(rest)),
            "with" | "blocktrans" | "blocktranslate" => self.begin(|reader| reader.with(rest)),
            "macro" => self.begin(|reader| reader.defines(rest)),
            "endfor" | "endwith" | "endblocktrans" | "endblocktranslate" => self.close(),
            "endmacro" => {
                self.within = None;
                self.close();
            }
            "autoescape" if self.escaped.len() < BLOCKS_MAX => {
                self.escaped.push(!matches!(rest.trim(), "off" | "false" | "False"));
            }
            "endautoescape" => drop(self.escaped.pop()),
            "set" => self.sets(rest),
            "include" => self.includes(rest),
            "extends" => self.extends = literal(rest).map(|(name, _)| name.into()),
            "import" => self.imports(rest),
            "from" => self.imports_from(rest),
            "call" => {
                let call = rest.trim_start();
                let call = if call.starts_with('(') { call.split_once(')').map_or("", |(_, call)| call) } else { call };
                self.read(call);
            }
            _ => {}
        }
    }

    fn begin(&mut self, read: impl FnOnce(&mut Self)) {
        if self.blocks.len() < BLOCKS_MAX {
            self.blocks.push(self.names.len());
        }
        read(self);
    }

    fn close(&mut self) {
        if let Some(names) = self.blocks.pop() {
            self.names.truncate(names);
        }
    }

    fn named(&mut self, name: &str, pieces: Vec<Piece>) {
        if self.names.len() < NAMES_MAX {
            self.names.push((name.into(), pieces));
        }
    }

    /// `for key, value in items`
    fn loops(&mut self, rest: &str) {
        let Some((targets, items)) = rest.split_once(" in ") else { return };
        let (mut pieces, _) = self.read(items);
        let names: Vec<&str> = targets.split(',').map(|name| name.trim_matches(['(', ')', ' '])).collect();
        pieces.iter_mut().for_each(|piece| piece.path.push(ITEM.into()));
        if names.len() > 1 {
            pieces.iter_mut().for_each(|piece| piece.path.push(ITEM.into()));
        }
        for name in names {
            self.named(name, pieces.clone());
        }
    }

    /// `with a = x, b = y`, `with a=x b=y`, `with x as a`
    fn with(&mut self, rest: &str) {
        for (name, pieces) in self.assigned(rest) {
            self.named(&name, pieces);
        }
    }

    fn assigned(&mut self, rest: &str) -> Names {
        let mut found = Names::new();
        let mut rest = rest.trim_start();
        while let Some((word, behind)) = name(rest).filter(|_| found.len() < NAMES_MAX) {
            if let Some(value) = behind.trim_start().strip_prefix('=') {
                let (pieces, left) = self.read(value);
                found.push((word.into(), pieces));
                rest = left;
            } else if matches!(word, "with" | "only" | "trimmed" | "count" | "and") {
                rest = behind;
            } else {
                let (pieces, left) = self.read(rest);
                let Some((name, left)) = name(left).filter(|(word, _)| *word == "as").and_then(|(_, left)| name(left))
                else {
                    break;
                };
                found.push((name.into(), pieces));
                rest = left;
            }
            rest = rest.trim_start().trim_start_matches(',').trim_start();
        }
        found
    }

    /// `set a = x`, and `set a` around what it is.
    fn sets(&mut self, rest: &str) {
        let Some((name, behind)) = name(rest) else { return };
        let value = behind.trim_start().strip_prefix('=');
        let pieces = value.map_or_else(Vec::new, |value| self.read(value).0);
        self.named(name, pieces);
    }

    fn includes(&mut self, rest: &str) {
        let names = match rest.trim_start().strip_prefix('[') {
            // One of several.
            Some(list) => list.split(',').filter_map(literal).map(|(name, _)| name).collect(),
            None => literal(rest).map(|(name, _)| name).into_iter().collect::<Vec<_>>(),
        };
        let behind = literal(rest).map_or("", |(_, behind)| behind);
        let handed = name(behind).filter(|(word, _)| *word == "with").map(|(_, handed)| handed);
        let handed = handed.map_or_else(Names::new, |handed| self.assigned(handed));
        let is_alone = behind.split_whitespace().any(|word| word == "only") || behind.contains("without context");
        let own = if is_alone { Names::new() } else { self.names.clone() };
        let names_of_part: Names = own.into_iter().chain(handed).collect();
        let escaped = self.escaped.last().copied();
        for name in names {
            self.part(Part { name: name.into(), names: names_of_part.clone(), is_alone, escaped });
        }
    }

    fn part(&mut self, part: Part) {
        if self.found.parts.len() < KEPT_MAX && self.within.is_none() {
            self.found.parts.push(part);
        }
    }

    /// `import "macros.html" as m`
    fn imports(&mut self, rest: &str) {
        let Some((from, behind)) = literal(rest) else { return };
        let alias = name(behind).filter(|(word, _)| *word == "as").and_then(|(_, behind)| name(behind));
        if let Some((alias, _)) = alias.filter(|_| self.modules.len() < NAMES_MAX) {
            self.modules.push((alias.into(), from.into()));
        }
    }

    /// `from "macros.html" import a, b as c`
    fn imports_from(&mut self, rest: &str) {
        let Some((from, behind)) = literal(rest) else { return };
        let Some((_, all)) = name(behind).filter(|(word, _)| *word == "import") else { return };
        for one in all.split(',') {
            let mut words = one.split_whitespace();
            let Some(own) = words.next() else { continue };
            let alias = if words.next() == Some("as") { words.next().unwrap_or(own) } else { own };
            self.knows(alias, Some(from.into()), own);
        }
    }

    fn knows(&mut self, alias: &str, from: Option<Arc<str>>, name: &str) {
        if self.macros.len() < NAMES_MAX {
            self.macros.push((alias.into(), from, name.into()));
        }
    }

    /// `macro name(a, b=1)`
    fn defines(&mut self, rest: &str) {
        let Some((own, behind)) = name(rest) else { return };
        let taken = behind.trim_start().strip_prefix('(').unwrap_or_default();
        let parameters: Vec<Arc<str>> =
            taken.split([',', ')']).filter_map(name).map(|(name, _)| name.into()).take(NAMES_MAX).collect();
        for parameter in &parameters {
            self.named(parameter, vec![Piece { path: vec![PARAMETER.into(), Arc::clone(parameter)], ..Piece::of("") }]);
        }
        if self.found.macros.len() < KEPT_MAX {
            self.within = Some(self.found.macros.len());
            self.found.macros.push(Macro { name: own.into(), parameters, prints: Vec::new() });
        }
        self.knows(own, None, own);
    }

    fn end(mut self) -> Template {
        if let Some(name) = self.extends.take() {
            // What a template sets is known to what it extends.
            let names = std::mem::take(&mut self.names);
            self.part(Part { name, names, is_alone: false, escaped: None });
        }
        self.found
    }
}

impl Call {
    /// What a parameter of a macro is handed.
    pub(crate) fn handed<'c>(&'c self, of: &Macro, parameter: &str) -> Option<&'c [Piece]> {
        let at = of.parameters.iter().position(|name| **name == *parameter)?;
        let by_name = self.arguments.iter().find(|(name, _)| name.as_deref() == Some(parameter));
        let by_place = || self.arguments.get(at).filter(|(name, _)| name.is_none());
        by_name.or_else(by_place).map(|(_, pieces)| pieces.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Place;
    use super::*;

    /// What a template prints, as `line path`, with `!` where it is said to be safe, and what blocks and places say.
    fn printed(text: &str) -> Vec<String> {
        let shown = |print: &Print| {
            let place = if print.place == Place::Text { String::new() } else { format!(" {:?}", print.place) };
            let block = print.escaped.map_or("", |escaped| if escaped { " on" } else { " off" });
            let mark = if print.piece.is_safe { "!" } else { "" };
            format!("{} {}{mark}{block}{place}", print.line, print.piece.path.join("."))
        };
        read(text).prints.iter().map(shown).collect()
    }

    #[test]
    fn names_of_blocks() {
        let text = "{% for p in posts %}\n{{ p.body|safe }}{% endfor %}{{ p }}\n{% set t = x %}{{- t -}}\n{% with a=y.b, c = z %}{{ a }}{{ c }}{% endwith %}";
        assert_eq!(printed(text), ["2 posts.*.body!", "2 p", "3 x", "4 y.b", "4 z"]);
        assert_eq!(printed("{% with x.y as z %}{{ z.a }}{% endwith %}{{ z }}"), ["1 x.y.a", "1 z"]);
        assert_eq!(printed("{% for k, v in d.items() %}{{ v|safe }}{% endfor %}"), ["1 d.*.*!"]);
    }

    #[test]
    fn what_is_no_template() {
        let text = "{# {{ a }} #}{% raw %}{{ b }}{% endraw %}{% comment %}{{ c }}{%- endcomment %}{{ d }}{{ '}}' }}{{ e\n}}{{ {'a': {'b': f}} }}{{";
        assert_eq!(printed(text), ["1 d", "1 e", "2 f"]);
    }

    #[test]
    fn what_blocks_say_of_escaping() {
        let text =
            "{% autoescape off %}{{ a }}{% autoescape true %}{{ b }}{% endautoescape %}{% endautoescape %}{{ c }}";
        assert_eq!(printed(text), ["1 a off", "1 b on", "1 c"]);
        assert_eq!(printed("{% autoescape false %}{{ a }}"), ["1 a off"]);
    }

    #[test]
    fn places() {
        assert_eq!(printed("<a href=\"{{ a }}\" class={{ b }}>{{ c }}"), ["1 a Address", "1 b Unquoted", "1 c"]);
    }

    #[test]
    fn other_templates() {
        let text = "{% extends 'base.html' %}{% set title = x %}{% for p in posts %}{% include \"p.html\" with a=p.b only %}{% endfor %}";
        let found = read(text).parts;
        let shown: Vec<_> = found.iter().map(|part| (&*part.name, part.names.len(), part.is_alone)).collect();
        assert_eq!(shown, [("p.html", 1, true), ("base.html", 1, false)]);
        assert_eq!(&*found[0].names[0].0, "a");
        assert_eq!(found[0].names[0].1[0].path.join("."), "posts.*.b");
    }

    #[test]
    fn macros() {
        let text = "{% from 'm.html' import f, g as h %}{% macro own(a, b='x') %}{{ b|safe }}{% endmacro %}{{ own(1, b=x) }}{{ h(y) }}";
        let found = read(text);
        assert_eq!(found.prints, []);
        let [own] = found.macros.as_slice() else { panic!("{found:?}") };
        assert_eq!(own.prints[0].piece.path.join("."), "@.b");
        let [first, second] = found.calls.as_slice() else { panic!("{found:?}") };
        assert_eq!(first.handed(own, "b").map(|pieces| pieces[0].path.join(".")), Some("x".to_owned()));
        assert_eq!((second.from.as_deref(), &*second.name), (Some("m.html"), "g"));
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        assert_eq!(printed(&"{{ x }}".repeat(KEPT_MAX)).len(), KEPT_MAX);
        assert_eq!(printed(&"{{ x }}".repeat(KEPT_MAX + 1)).len(), KEPT_MAX);
    }

    #[test]
    fn names_and_blocks_have_bounds() {
        let named = |count: usize| (0..count).map(|at| format!("{{% set n{at} = x %}}")).collect::<String>();
        assert_eq!(printed(&format!("{}{{{{ n{} }}}}", named(NAMES_MAX), NAMES_MAX - 1)), ["1 x"]);
        assert_eq!(printed(&format!("{}{{{{ n{NAMES_MAX} }}}}", named(NAMES_MAX + 1))), [format!("1 n{NAMES_MAX}")]);
        // A block that is one too many ends the one around it.
        let nested = |depth: usize| {
            let inner = "{% with b=y %}{% with a=x %}{% endwith %}{{ b }}";
            format!("{}{inner}", "{% with %}".repeat(depth - 2))
        };
        assert_eq!(printed(&nested(BLOCKS_MAX)), ["1 y"]);
        assert_eq!(printed(&nested(BLOCKS_MAX + 1)), ["1 b"]);
    }
}
