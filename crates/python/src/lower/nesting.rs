//! The exact check of the bounds on nesting and runs of operators, on the tokens.

use ruff_python_ast::token::TokenKind as T;
use ruff_python_parser::Mode;

use crate::limits::{BRACKET_DEPTH_MAX, INDENT_DEPTH_MAX, OPERATOR_RUN_MAX};

/// Which bound a text exceeds, for a person. The lexer does not recurse.
pub(crate) fn nesting_exceeded(text: &str) -> Option<String> {
    let mut lexer = ruff_python_parser::lexer::lex(text, Mode::Module);
    let mut runs = vec![0u32];
    let mut indent = 0u32;
    loop {
        let kind = lexer.next_token();
        match kind {
            T::EndOfFile => return None,
            T::Indent => indent += 1,
            T::Dedent => indent = indent.saturating_sub(1),
            T::Lpar | T::Lsqb | T::Lbrace | T::FStringStart | T::TStringStart => {
                bump(&mut runs);
                runs.push(0);
            }
            T::Rpar | T::Rsqb | T::Rbrace | T::FStringEnd | T::TStringEnd => {
                if runs.len() > 1 {
                    runs.pop();
                }
            }
            T::Comma | T::Newline | T::Semi => *runs.last_mut()? = 0,
            T::Name | T::Int | T::Float | T::Complex | T::String | T::Comment | T::NonLogicalNewline => {}
            _ => bump(&mut runs),
        }
        if runs.len() > BRACKET_DEPTH_MAX as usize + 1 {
            return Some(format!("more than {BRACKET_DEPTH_MAX} brackets inside each other"));
        }
        if indent > INDENT_DEPTH_MAX {
            return Some(format!("more than {INDENT_DEPTH_MAX} blocks inside each other"));
        }
        if runs.last().is_some_and(|run| *run > OPERATOR_RUN_MAX + 1) {
            return Some(format!("more than {OPERATOR_RUN_MAX} operators in one expression"));
        }
    }
}

fn bump(runs: &mut [u32]) {
    if let Some(run) = runs.last_mut() {
        *run += 1;
    }
}
