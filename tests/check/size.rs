//! Budgets: how long a function and a file may be.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::{Source, Violation};

/// Lines from a function's signature to its closing brace, both counted.
const FUNCTION_LINES_MAX: usize = 70;

/// Lines of a file outside its tests.
const FILE_LINES_MAX: usize = 800;

/// Functions over the budget. In tests the inside of long strings (Python sources, expected output) is free.
pub(crate) fn long_functions(source: &Source) -> Vec<Violation> {
    let mut functions = Functions::default();
    if let Ok(file) = &source.syntax {
        functions.visit_file(file);
    }
    let tests = source.test_lines();
    let strings: Vec<(usize, usize)> =
        source.string_spans().into_iter().map(|span| (span.start().line, span.end().line)).collect();
    let free_lines = |function: &Function| -> usize {
        let is_test = source.is_test || tests.iter().any(|lines| lines.contains(&function.first));
        let inside = strings.iter().filter(|(first, last)| function.first <= *first && *last <= function.last);
        if is_test { inside.map(|(first, last)| last - first).sum() } else { 0 }
    };
    let mut found = Vec::new();
    for function in functions.found {
        let lines = function.last + 1 - function.first - free_lines(&function);
        if lines > FUNCTION_LINES_MAX {
            let what = format!("`{}` has {lines} lines, the budget is {FUNCTION_LINES_MAX}", function.name);
            found.push(source.violation(function.first, what));
        }
    }
    found
}

/// A file over the budget.
pub(crate) fn long_file(source: &Source) -> Vec<Violation> {
    if source.is_test {
        return Vec::new();
    }
    let tests = source.test_lines();
    let lines = (1..=source.text.lines().count()).filter(|line| !tests.iter().any(|test| test.contains(line))).count();
    if lines <= FILE_LINES_MAX {
        return Vec::new();
    }
    vec![source.violation(1, format!("the file has {lines} lines outside tests, the budget is {FILE_LINES_MAX}"))]
}

struct Function {
    name: String,
    first: usize,
    last: usize,
}

#[derive(Default)]
struct Functions {
    found: Vec<Function>,
}

impl Functions {
    fn add(&mut self, signature: &syn::Signature, body: Span) {
        let (first, last) = (signature.span().start().line, body.end().line);
        self.found.push(Function { name: signature.ident.to_string(), first, last });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, function.block.span());
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, function.block.span());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.add(&function.sig, body.span());
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(lines: usize) -> String {
        format!("fn a() {{\n{}}}\n", "    b();\n".repeat(lines - 2))
    }

    fn messages(text: &str) -> Vec<String> {
        long_functions(&Source::new("a.rs", "p", text, false)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_function_over_budget_is_found_wherever_it_stands() {
        let long = function(71);
        let expected = "a.rs:1: `a` has 71 lines, the budget is 70";
        assert_eq!(messages(&long), [expected]);
        assert_eq!(messages(&format!("impl A {{\n{long}}}\n")), [expected.replace(":1:", ":2:")]);
        assert_eq!(messages(&format!("trait A {{\n{long}}}\n")), [expected.replace(":1:", ":2:")]);
        assert_eq!(messages(&format!("fn b() {{}}\n\nmod c {{\n{long}}}\n")), [expected.replace(":1:", ":4:")]);
        assert_eq!(messages(&format!("#[cfg(test)]\nmod tests {{\n{long}}}\n")), [expected.replace(":1:", ":3:")]);
    }

    #[test]
    fn attributes_and_comments_before_a_function_are_free() {
        assert!(messages(&function(70)).is_empty());
        assert!(messages(&format!("/// One.\n/// Two.\n#[inline]\n{}", function(70))).is_empty());
    }

    #[test]
    fn long_strings_are_free_in_tests_alone() {
        let text = format!("fn a() {{\n    m!(r#\"\n{}\"#);\n}}\n", "x\n".repeat(100));
        assert_eq!(messages(&text).len(), 1);
        assert!(messages(&text.replace("fn a", "#[test]\nfn a")).is_empty());
    }

    #[test]
    fn a_file_over_budget_is_found_and_tests_are_free() {
        let text = "const A: u8 = 1;\n".repeat(801);
        let found = long_file(&Source::new("a.rs", "p", &text, false));
        assert_eq!(found[0].to_string(), "a.rs:1: the file has 801 lines outside tests, the budget is 800");
        let text = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", "// a\n".repeat(800), "// b\n".repeat(50));
        assert!(long_file(&Source::new("a.rs", "p", &text, false)).is_empty());
    }
}
