//! One Rust source file as the checks see it, and the violation that a check reports.

use std::fmt;
use std::ops::RangeInclusive;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// One source file of the workspace.
pub(crate) struct Source {
    /// Relative to the root of the workspace, with `/`.
    pub(crate) path: String,
    /// The package that it belongs to.
    pub(crate) package: String,
    /// What it holds.
    pub(crate) text: String,
    /// Whether the whole file is test, example or build code.
    pub(crate) is_test: bool,
    /// The syntax tree, or what the parser said and on which line.
    pub(crate) syntax: Result<syn::File, Violation>,
}

/// One breach of a rule: where it is, what it is, and the budget or rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

impl Source {
    /// Reads a source from its text.
    pub(crate) fn new(path: &str, package: &str, text: &str, is_test: bool) -> Self {
        let syntax = syn::parse_file(text).map_err(|error| Violation {
            file: path.to_owned(),
            line: error.span().start().line,
            what: format!("does not parse: {error}"),
        });
        Self { path: path.to_owned(), package: package.to_owned(), text: text.to_owned(), is_test, syntax }
    }

    /// A breach in this file.
    pub(crate) fn violation(&self, line: usize, what: impl Into<String>) -> Violation {
        Violation { file: self.path.clone(), line, what: what.into() }
    }

    /// The lines of items that only tests compile.
    pub(crate) fn test_lines(&self) -> Vec<RangeInclusive<usize>> {
        let mut found = TestItems::default();
        if let Ok(file) = &self.syntax {
            found.visit_file(file);
        }
        found.lines
    }

    /// The tokens that the product compiles, macros' arguments included, tests left out.
    pub(crate) fn product_tokens(&self) -> Vec<Token> {
        let tests = self.test_lines();
        let mut tokens = self.tokens();
        tokens.retain(|token| !self.is_test && !tests.iter().any(|lines| lines.contains(&token.line)));
        tokens
    }

    /// Where the string literals of the file stand; documentation comments are none.
    pub(crate) fn string_spans(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        if let Ok(file) = &self.syntax {
            literals(file.to_token_stream(), &mut spans);
        }
        let lines: Vec<&str> = self.text.lines().collect();
        let starts_string = |span: &Span| {
            let start = span.start();
            let first = lines.get(start.line - 1).and_then(|line| line.chars().nth(start.column));
            first.is_some_and(|first| matches!(first, '"' | 'r' | 'b' | 'c'))
        };
        spans.retain(starts_string);
        spans
    }

    /// All tokens of the file in reading order, groups opened.
    pub(crate) fn tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::new();
        if let Ok(file) = &self.syntax {
            flatten(file.to_token_stream(), &mut tokens);
        }
        tokens
    }
}

/// What the parser could not read: every other check would be blind there.
pub(crate) fn syntax_errors(source: &Source) -> Vec<Violation> {
    source.syntax.as_ref().err().cloned().into_iter().collect()
}

/// A token without its place in the tree: enough to recognise paths and macro calls anywhere.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

fn flatten(stream: TokenStream, into: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = delimiters(group.delimiter());
                into.push(Token { text: open.to_owned(), line });
                flatten(group.stream(), into);
                into.push(Token { text: close.to_owned(), line: group.span_close().end().line });
            }
            other => into.push(Token { text: other.to_string(), line }),
        }
    }
}

fn literals(stream: TokenStream, into: &mut Vec<Span>) {
    for tree in stream {
        match tree {
            TokenTree::Group(group) => literals(group.stream(), into),
            TokenTree::Literal(literal) => into.push(literal.span()),
            _ => {}
        }
    }
}

fn delimiters(delimiter: proc_macro2::Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        proc_macro2::Delimiter::Parenthesis => ("(", ")"),
        proc_macro2::Delimiter::Brace => ("{", "}"),
        proc_macro2::Delimiter::Bracket => ("[", "]"),
        proc_macro2::Delimiter::None => ("", ""),
    }
}

#[derive(Default)]
struct TestItems {
    lines: Vec<RangeInclusive<usize>>,
}

impl<'ast> Visit<'ast> for TestItems {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_test_only(attributes(item)) {
            let span = item.span();
            self.lines.push(span.start().line..=span.end().line);
        } else {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if is_test_only(&function.attrs) {
            let span = function.span();
            self.lines.push(span.start().line..=span.end().line);
        }
    }
}

/// Whether the attributes hold `#[test]` or a `#[cfg(...)]` that asks for `test`.
pub(crate) fn is_test_only(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("cfg") => asks_for_test(list.tokens.clone()),
        _ => false,
    })
}

fn asks_for_test(condition: TokenStream) -> bool {
    let mut tokens = Vec::new();
    flatten(condition, &mut tokens);
    let negated = tokens.iter().any(|token| token.text == "not" || token.text == "any");
    !negated && tokens.iter().any(|token| token.text == "test")
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_left_out_of_the_product() {
        let text = "fn a() { b!(c::d()); }\n#[cfg(test)]\nmod tests {\n fn x() {}\n}\n#[cfg(not(test))]\nfn y() {}\n";
        let source = Source::new("a.rs", "p", text, false);
        assert_eq!(source.test_lines(), [2..=5]);
        let words: Vec<String> = source.product_tokens().into_iter().map(|token| token.text).collect();
        assert!(words.contains(&"d".to_owned()), "{words:?}");
        assert!(!words.contains(&"x".to_owned()), "{words:?}");
        assert!(words.contains(&"y".to_owned()), "{words:?}");
    }

    #[test]
    fn an_unreadable_source_is_reported() {
        let source = Source::new("a.rs", "p", "fn a() {\n  let = 1;\n}\n", false);
        let errors = syntax_errors(&source);
        assert_eq!((errors.len(), errors[0].line), (1, 2), "{errors:?}");
    }
}
