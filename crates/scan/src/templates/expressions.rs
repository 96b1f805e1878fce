//! Expressions of templates: which parts of the context their values are made of, and what filters made of them. One reader for Jinja and
//! Django: a filter takes its arguments in parentheses or behind a colon.

use std::sync::Arc;

use super::{Call, ITEM, Names, Piece};

/// Expressions inside each other; what lies deeper prints nothing.
pub(super) const NESTING_MAX: usize = 32;
/// Parts of the context that one expression is made of.
pub(super) const PIECES_MAX: usize = 32;

/// What filters and functions give that holds no markup any more.
const CLEAN: &[&str] = &[
    "e",
    "escape",
    "forceescape",
    "force_escape",
    "escapejs",
    "tojson",
    "json_script",
    "urlencode",
    "iriencode",
    "int",
    "float",
    "length",
    "count",
    "wordcount",
    "length_is",
    "date",
    "time",
    "timesince",
    "timeuntil",
    "naturaltime",
    "naturalday",
    "strftime",
    "isoformat",
    "filesizeformat",
    "round",
    "floatformat",
    "intcomma",
    "intword",
    "abs",
    "sum",
    "slugify",
    "yesno",
    "pluralize",
    "divisibleby",
    "get_digit",
    "xmlattr",
    "bleach",
    "url_for",
    "url",
    "static",
    "csrf_token",
    "range",
    "len",
    "super",
    "caller",
    "isdigit",
    "startswith",
    "endswith",
    "index",
    "find",
    "ordinal",
    "apnumber",
    "boolean",
];
/// Filters and functions that say of a text that it is safe.
const SAFE: &[&str] = &["safe", "safeseq", "Markup", "mark_safe"];
/// Filters, functions and methods of texts and containers that give on what they are handed.
const GIVING_ON: &[&str] = &[
    "upper",
    "lower",
    "capitalize",
    "title",
    "trim",
    "strip",
    "lstrip",
    "rstrip",
    "replace",
    "default",
    "d",
    "default_if_none",
    "join",
    "first",
    "last",
    "random",
    "reverse",
    "sort",
    "list",
    "truncate",
    "truncatechars",
    "truncatewords",
    "truncatechars_html",
    "truncatewords_html",
    "wordwrap",
    "center",
    "ljust",
    "rjust",
    "indent",
    "string",
    "format",
    "add",
    "cut",
    "stringformat",
    "unique",
    "select",
    "selectattr",
    "reject",
    "rejectattr",
    "groupby",
    "batch",
    "slice",
    "dictsort",
    "items",
    "values",
    "addslashes",
    "make_list",
    "unordered_list",
    "_",
    "gettext",
    "ngettext",
    "trans",
    "str",
    "lang",
    "tuple",
    "dict",
    "enumerate",
    "sorted",
    "reversed",
    "zip",
];
/// Filters that escape what is not said to be safe, and give what is.
const ESCAPING: &[&str] = &["linebreaks", "linebreaksbr", "urlize", "urlizetrunc"];

/// A macro by the name that it goes by: the template that holds it, if that is another one, and its name there.
pub(super) type Known = (Arc<str>, Option<Arc<str>>, Arc<str>);

/// What a template knows where an expression stands.
pub(super) struct Around<'a> {
    /// Names with what they stand for, the innermost last.
    pub(super) names: &'a Names,
    /// Macros.
    pub(super) macros: &'a [Known],
    /// Names of templates whose macros are attributes.
    pub(super) modules: &'a [(Arc<str>, Arc<str>)],
}

/// What a text that begins with an expression is made of, with the calls of macros in it, and what stands behind.
pub(super) fn read<'t>(text: &'t str, around: &Around<'_>) -> (Vec<Piece>, Vec<Call>, &'t str) {
    let mut reader = Reader { rest: text, around, calls: Vec::new(), depth: 0 };
    let mut pieces = reader.expression();
    pieces.truncate(PIECES_MAX);
    (pieces, reader.calls, reader.rest)
}

/// A text that stands in a template at this place, and what stands behind.
pub(super) fn literal(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].split_once(quote)
}

/// A name at this place, and what stands behind.
pub(super) fn name(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let is_name = text.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    is_name.then(|| text.split_at(end))
}

/// Arguments of a call, with the names of parameters where they are written.
type Arguments = Vec<(Option<Arc<str>>, Vec<Piece>)>;

struct Reader<'t, 'a> {
    rest: &'t str,
    around: &'a Around<'a>,
    calls: Vec<Call>,
    depth: usize,
}

impl<'t> Reader<'t, '_> {
    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(token);
        rest.inspect(|rest| self.rest = rest).is_some()
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let behind = name(self.rest).filter(|(found, _)| *found == word);
        behind.inspect(|(_, rest)| self.rest = rest).is_some()
    }

    fn peek(&self) -> Option<char> {
        self.rest.trim_start().chars().next()
    }

    fn expression(&mut self) -> Vec<Piece> {
        if self.depth == NESTING_MAX {
            self.rest = "";
            return Vec::new();
        }
        self.depth += 1;
        let mut found = self.connected();
        if self.eat_word("if") {
            self.connected();
            if self.eat_word("else") {
                found.extend(self.expression());
            }
        }
        self.depth -= 1;
        found
    }

    /// `a or b`: either is printed.
    fn connected(&mut self) -> Vec<Piece> {
        let mut found = self.compared();
        while self.eat_word("or") || self.eat_word("and") {
            found.extend(self.compared());
        }
        found
    }

    /// A comparison prints whether it holds.
    fn compared(&mut self) -> Vec<Piece> {
        let negated = self.eat_word("not");
        let found = self.joined();
        let mut is_compared = negated;
        loop {
            let symbol = ["==", "!=", "<=", ">=", "<", ">"].iter().any(|op| self.eat(op));
            if self.eat_word("is") {
                self.eat_word("not");
                self.joined();
            } else if symbol || self.eat_word("in") || (self.eat_word("not") && self.eat_word("in")) {
                self.joined();
            } else {
                break;
            }
            is_compared = true;
        }
        if is_compared { Vec::new() } else { found }
    }

    /// Texts that are joined; of a calculation nothing is printed that somebody wrote.
    fn joined(&mut self) -> Vec<Piece> {
        let mut found = self.factor();
        loop {
            if self.eat("~") || self.eat("+") {
                found.extend(self.factor());
            } else if self.peek() == Some('%') && !self.rest.trim_start().starts_with("%}") {
                self.eat("%");
                found.extend(self.factor());
            } else if ["-", "**", "*", "//", "/"].iter().any(|op| self.eat(op)) {
                self.factor();
                found.clear();
            } else {
                return found;
            }
        }
    }

    fn factor(&mut self) -> Vec<Piece> {
        if self.eat("-") {
            self.factor();
            return Vec::new();
        }
        let (mut pieces, mut called) = self.primary();
        loop {
            if self.rest.starts_with('.') || self.peek() == Some('.') {
                self.eat(".");
                let Some((part, rest)) = self.part() else { return pieces };
                self.rest = rest;
                pieces.iter_mut().for_each(|piece| piece.path.push(part.into()));
                called.push(part);
            } else if self.eat("[") {
                let key = literal(self.rest).filter(|(_, rest)| rest.trim_start().starts_with(']'));
                let key = key.map_or(ITEM, |(key, _)| key);
                self.arguments("]");
                pieces.iter_mut().for_each(|piece| piece.path.push(key.into()));
                called.clear();
            } else if self.eat("(") {
                let key = literal(self.rest).map(|(key, _)| key);
                let arguments = self.arguments(")");
                pieces = self.called(&called, key, pieces, arguments);
                called.clear();
            } else if !self.rest.trim_start().starts_with("||") && self.eat("|") {
                pieces = self.filtered(pieces);
                called.clear();
            } else {
                return pieces;
            }
        }
    }

    /// An attribute, or an index as Django writes it.
    fn part(&self) -> Option<(&'t str, &'t str)> {
        let digits = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let index = (digits > 0).then(|| (ITEM, &self.rest[digits..]));
        index.or_else(|| name(self.rest))
    }

    /// A name, a constant, or what stands in brackets; the name, where it is one.
    fn primary(&mut self) -> (Vec<Piece>, Vec<&'t str>) {
        if let Some((_, rest)) = literal(self.rest) {
            self.rest = rest;
            return Default::default();
        }
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}")] {
            if self.eat(open) {
                return (self.arguments(close).into_iter().flat_map(|(_, pieces)| pieces).collect(), Vec::new());
            }
        }
        if let Some((found, rest)) = name(self.rest) {
            self.rest = rest;
            if matches!(found, "True" | "False" | "None" | "true" | "false" | "none") {
                return Default::default();
            }
            // Django calls a translation like that.
            if found == "_" || self.around.is_macro(found) {
                return (Vec::new(), vec![found]);
            }
            let known = self.around.names.iter().rev().find(|(name, _)| &**name == found);
            return (known.map_or_else(|| vec![Piece::of(found)], |(_, pieces)| pieces.clone()), vec![found]);
        }
        let rest = self.rest.trim_start();
        let number = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        // What is none of these ends the expression.
        self.rest = if number == 0 && !rest.is_empty() { "" } else { &rest[number..] };
        Default::default()
    }

    /// Expressions up to a bracket, which is taken, too.
    fn arguments(&mut self, close: &str) -> Arguments {
        let mut found = Vec::new();
        while !self.rest.trim_start().is_empty() && !self.eat(close) {
            let named = name(self.rest).and_then(|(name, rest)| {
                let value = rest.trim_start().strip_prefix('=').filter(|value| !value.starts_with('='))?;
                Some((name, value))
            });
            if let Some((_, value)) = named {
                self.rest = value;
            }
            while self.eat("*") {}
            found.push((named.map(|(name, _)| name.into()), self.expression()));
            if !self.eat(",") && !self.eat(":") && !self.rest.trim_start().starts_with(close) {
                // Something that is not understood stands here: one character of it at a time.
                let mut rest = self.rest.chars();
                rest.next();
                self.rest = rest.as_str();
            }
        }
        found
    }

    /// What a filter makes.
    fn filtered(&mut self, pieces: Vec<Piece>) -> Vec<Piece> {
        let Some((filter, rest)) = name(self.rest) else { return pieces };
        self.rest = rest;
        let mut all = pieces;
        if self.rest.starts_with('(') {
            self.eat("(");
            all.extend(self.arguments(")").into_iter().flat_map(|(_, pieces)| pieces));
        } else if self.rest.starts_with(':') {
            self.eat(":");
            let (argument, called) = self.primary();
            all.extend(argument);
            if !called.is_empty() {
                while self.rest.starts_with('.') {
                    self.eat(".");
                    let Some((part, rest)) = self.part() else { break };
                    self.rest = rest;
                    if let Some(last) = all.last_mut() {
                        last.path.push(part.into());
                    }
                }
            }
        }
        all.iter_mut().for_each(|piece| piece.made_by(filter));
        all
    }

    /// What a call gives of what it is called on, and of what it is handed.
    fn called(&mut self, called: &[&str], key: Option<&str>, of: Vec<Piece>, arguments: Arguments) -> Vec<Piece> {
        let [.., function] = called else { return of };
        if let Some((from, name)) = self.around.macro_of(called) {
            self.calls.push(Call { from, name, arguments });
            return Vec::new();
        }
        let is_method = called.len() > 1;
        let handed = arguments.into_iter().flat_map(|(_, pieces)| pieces);
        let mut all: Vec<Piece> = handed.collect();
        if is_method {
            let own = of.into_iter().map(|mut piece| {
                piece.path.pop();
                if let (true, Some(key)) = (matches!(*function, "get" | "getlist" | "pop"), key) {
                    piece.path.push(key.into());
                }
                piece
            });
            all.extend(own);
        }
        if !(is_method && matches!(*function, "get" | "getlist" | "pop")) {
            all.iter_mut().for_each(|piece| piece.made_by(function));
        }
        all
    }
}

impl Around<'_> {
    fn is_macro(&self, name: &str) -> bool {
        self.macros.iter().any(|(own, ..)| &**own == name)
    }

    /// The macro that is called, and the template that holds it.
    fn macro_of(&self, called: &[&str]) -> Option<(Option<Arc<str>>, Arc<str>)> {
        match called {
            [name] => {
                let found = self.macros.iter().find(|(own, ..)| &**own == *name)?;
                Some((found.1.clone(), Arc::clone(&found.2)))
            }
            [module, name] => {
                let (_, from) = self.modules.iter().find(|(own, _)| &**own == *module)?;
                Some((Some(Arc::clone(from)), (*name).into()))
            }
            _ => None,
        }
    }
}

impl Piece {
    /// What a filter, a function or a method makes of it.
    fn made_by(&mut self, name: &str) {
        // To escape what is said to be safe changes nothing.
        let is_escaped = CLEAN.contains(&name) && (name.starts_with("force") || !self.is_safe || !is_escaping(name));
        if is_escaped || (ESCAPING.contains(&name) && !self.is_safe) {
            self.is_clean = true;
        } else if SAFE.contains(&name) {
            self.is_safe = true;
        } else if !is_known(name) {
            self.is_far = true;
        }
    }
}

fn is_escaping(name: &str) -> bool {
    matches!(name, "e" | "escape")
}

fn is_known(name: &str) -> bool {
    GIVING_ON.contains(&name) || CLEAN.contains(&name) || ESCAPING.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an expression prints: `!` is said to be safe, `?` far; what is clean is not told.
    fn printed(text: &str) -> Vec<String> {
        let names =
            vec![("post".into(), vec![Piece { path: vec!["posts".into(), ITEM.into()], ..Piece::of("posts") }])];
        let macros = [("field".into(), None, "field".into())];
        let around = Around { names: &names, macros: &macros, modules: &[("m".into(), "macros.html".into())] };
        let (pieces, calls, rest) = read(text, &around);
        assert_eq!(rest.trim(), "", "{text}");
        let shown = |piece: &Piece| {
            let marks = [(piece.is_safe, "!"), (piece.is_far, "?")];
            let marks = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark);
            format!("{}{}", piece.path.join("."), marks.collect::<String>())
        };
        let calls = calls.iter().map(|call| format!("{}()", call.name));
        pieces.iter().filter(|piece| !piece.is_clean).map(shown).chain(calls).collect()
    }

    #[test]
    fn what_is_printed() {
        for (text, expected) in [
            ("x", &["x"][..]),
            ("x|safe", &["x!"]),
            ("x | default('', true) | safe", &["x!"]),
            ("x.y['z'].items|safe", &["x.y.z.items!"]),
            ("post.body|safe", &["posts.*.body!"]),
            ("x[0].y", &["x.*.y"]),
            ("x.0.y", &["x.*.y"]),
            ("Markup(x)", &["x!"]),
            ("('<b>' ~ x ~ '</b>')|safe", &["x!"]),
            ("'<b>' ~ x ~ '</b>'|safe", &["x"]),
            ("x if y else z|safe", &["x", "z!"]),
            ("x or y", &["x", "y"]),
            ("x == y", &[]),
            ("not x", &[]),
            ("x is defined", &[]),
            ("a - b", &[]),
            ("'%s' % x", &["x"]),
            ("x|e|safe", &[]),
            ("x|safe|e", &["x!"]),
            ("x|safe|force_escape", &[]),
            ("x|tojson|safe", &[]),
            ("x|length", &[]),
            ("x|linebreaks", &[]),
            ("x|safe|linebreaks", &["x!"]),
            ("x|default:y|safe", &["x!", "y!"]),
            ("x|default:y.z", &["x", "y.z"]),
            ("x|date:'Y-m-d'", &[]),
            ("x|markdown|safe", &["x!?"]),
            ("x|truncatewords:30|safe", &["x!"]),
            ("markdown(x)|safe", &["x!?"]),
            ("request.args.get('q')|safe", &["request.args.q!"]),
            ("x.strip()|safe", &["x!"]),
            ("user.html()|safe", &["user!?"]),
            ("x.strftime('%d')", &[]),
            ("url_for('a', b=x)", &[]),
            ("_('Hello %(n)s', n=x)|safe", &["x!"]),
            ("field(x, label=y)", &["field()"]),
            ("m.field(x)", &["field()"]),
            ("{'a': x, 'b': [y]}|tojson", &[]),
            ("[x, y]|join(', ')|safe", &["x!", "y!"]),
        ] {
            let expected: Vec<String> = expected.iter().map(|one| (*one).to_owned()).collect();
            assert_eq!(printed(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_ends_an_expression() {
        for text in ["", "(", "x(", "x|", "x.", "x[", "§", "(§)", "x if", "'", "x|f:", "x|f(", "%", "{", "a.b(c.d("] {
            let around = Around { names: &Vec::new(), macros: &[], modules: &[] };
            read(text, &around);
        }
    }

    #[test]
    fn expressions_have_bounds() {
        let nested = |depth: usize| format!("{}x{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(printed(&nested(NESTING_MAX - 1)), ["x"]);
        assert_eq!(printed(&nested(NESTING_MAX)), [""; 0]);
        let many = |count: usize| vec!["x"; count].join(" ~ ");
        assert_eq!(printed(&many(PIECES_MAX)).len(), PIECES_MAX);
        assert_eq!(printed(&many(PIECES_MAX + 1)).len(), PIECES_MAX);
    }
}
