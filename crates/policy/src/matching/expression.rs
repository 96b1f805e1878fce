//! Expressions of an application's converters and of Django's `re_path`: those that Python's `re` and the crate `regex` read
//! in the same way, so that they can be matched here in linear time.

use regex::Regex;
use regex_syntax::ast::{self, AssertionKind, Ast, ClassSetItem, Flag, FlagsItemKind, GroupKind, LiteralKind, Visitor};
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::value::{Form, forms};

/// Bytes of an expression.
const EXPRESSION_BYTES_MAX: usize = 1_000;

/// A regular expression that means the same in Python's `re` and here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expression {
    text: String,
    /// Whether it says the same only about ASCII: which other characters `\d`, `\w`, `\s` and `(?i)` match differs.
    is_ascii: bool,
}

impl Expression {
    /// The expression.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether both engines say the same about this text.
    pub(super) fn is_certain_about(&self, text: &str) -> bool {
        !self.is_ascii || text.is_ascii()
    }

    /// A text that it matches, as far as one is easily found.
    pub(crate) fn example(&self) -> String {
        let mut out = String::new();
        if let Ok(hir) = regex_syntax::parse(&self.text) {
            exemplify(&hir, &mut out);
        }
        out
    }
}

impl Form for Expression {
    const EXPECTED: &'static str = "an expression for the whole value that Python's `re` and the crate `regex` read in the same way, \
                                    such as \"[a-z]{2}\"";

    fn parse(text: &str) -> Result<Self, String> {
        if text.len() > EXPRESSION_BYTES_MAX {
            return Err(format!("the expression has more than {EXPRESSION_BYTES_MAX} bytes"));
        }
        let parsed = ast::parse::Parser::new()
            .parse(text)
            .map_err(|error| format!("the gateway cannot read this expression: {}", error.kind()))?;
        let is_ascii = ast::visit(&parsed, Common { is_ascii: false })
            .map_err(|what| format!("Python and the gateway may read this expression differently: {what}"))?;
        if Regex::new(text).is_err() {
            return Err("the expression is too large when compiled".to_owned());
        }
        Ok(Self { text: text.to_owned(), is_ascii })
    }

    fn form(&self) -> String {
        self.text.clone()
    }
}

forms!(Expression);

/// Looks for what only one of the two engines knows, or reads in another way.
struct Common {
    is_ascii: bool,
}

impl Visitor for Common {
    type Output = bool;
    type Err = &'static str;

    fn finish(self) -> Result<bool, &'static str> {
        Ok(self.is_ascii)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), &'static str> {
        match ast {
            Ast::Flags(flags) => self.flags(&flags.flags),
            Ast::Group(group) => match &group.kind {
                GroupKind::NonCapturing(flags) => self.flags(flags),
                GroupKind::CaptureIndex(_) | GroupKind::CaptureName { .. } => Ok(()),
            },
            // `a++` is possessive in Python.
            Ast::Repetition(repetition) if matches!(*repetition.ast, Ast::Repetition(_)) => {
                Err("a repetition of a repetition")
            }
            Ast::ClassPerl(_) => {
                self.is_ascii = true;
                Ok(())
            }
            Ast::ClassUnicode(_) => Err("a class of Unicode"),
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::StartLine | AssertionKind::EndLine | AssertionKind::StartText => Ok(()),
                AssertionKind::WordBoundary | AssertionKind::NotWordBoundary => {
                    self.is_ascii = true;
                    Ok(())
                }
                // `\<` is the character in Python, and `\z` is new there.
                _ => Err("an assertion that Python does not know"),
            },
            Ast::Literal(literal) => self::literal(&literal.kind),
            _ => Ok(()),
        }
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), &'static str> {
        match item {
            ClassSetItem::Ascii(_) | ClassSetItem::Bracketed(_) => Err("a class inside a class"),
            ClassSetItem::Unicode(_) => Err("a class of Unicode"),
            ClassSetItem::Perl(_) => {
                self.is_ascii = true;
                Ok(())
            }
            ClassSetItem::Literal(literal) => self::literal(&literal.kind),
            _ => Ok(()),
        }
    }

    fn visit_class_set_binary_op_pre(&mut self, _: &ast::ClassSetBinaryOp) -> Result<(), &'static str> {
        Err("an operation on classes")
    }
}

impl Common {
    fn flags(&mut self, flags: &ast::Flags) -> Result<(), &'static str> {
        for item in &flags.items {
            match item.kind {
                FlagsItemKind::Flag(Flag::CaseInsensitive) => self.is_ascii = true,
                _ => return Err("a flag other than `i`"),
            }
        }
        Ok(())
    }
}

/// Octal is off; of the hexadecimal forms Python does not know the ones with braces.
fn literal(kind: &LiteralKind) -> Result<(), &'static str> {
    match kind {
        LiteralKind::Octal | LiteralKind::HexBrace(_) => Err("a number of a character in braces"),
        _ => Ok(()),
    }
}

/// Appends a text that is matched.
fn exemplify(hir: &Hir, out: &mut String) {
    match hir.kind() {
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(Class::Unicode(class)) => {
            let liked = ('a'..='z').chain('0'..='9').find(|c| class.iter().any(|r| r.start() <= *c && *c <= r.end()));
            out.extend(liked.or_else(|| class.iter().next().map(regex_syntax::hir::ClassUnicodeRange::start)));
        }
        HirKind::Repetition(repetition) => {
            let times = repetition.min.max(u32::from(repetition.max != Some(0)));
            (0..times).for_each(|_| exemplify(&repetition.sub, out));
        }
        HirKind::Capture(capture) => exemplify(&capture.sub, out),
        HirKind::Concat(all) => all.iter().for_each(|one| exemplify(one, out)),
        HirKind::Alternation(ways) => {
            if let Some(first) = ways.first() {
                exemplify(first, out);
            }
        }
        HirKind::Class(Class::Bytes(_)) | HirKind::Look(_) | HirKind::Empty => {}
    }
}
