//! Mistakes in a configuration file, shown in it.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Snippet};

use crate::outcome::{Exit, Failure};
use crate::output::look::Look;
use crate::output::text::{excerpted, shown};

/// A mistake at a place of the file.
#[derive(Debug)]
pub(super) struct Mistake {
    span: Range<usize>,
    message: String,
    label: String,
}

impl Mistake {
    /// A mistake, and beside the place what to do about it.
    pub(super) fn new(span: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { span, message: message.into(), label: label.into() }
    }
}

/// All mistakes of a file, in the order in which they stand there.
pub(super) fn failure(file: &str, text: &str, mut mistakes: Vec<Mistake>, look: &Look) -> Failure {
    mistakes.sort_by_key(|mistake| mistake.span.start);
    let shown: Vec<String> = mistakes.iter().map(|mistake| rendered(file, text, mistake, look)).collect();
    Failure::rendered(Exit::Usage, shown.join("\n\n"))
}

fn rendered(file: &str, text: &str, mistake: &Mistake, look: &Look) -> String {
    let end = mistake.span.end.min(text.len());
    let span = mistake.span.start.min(end)..end;
    let mut annotation = AnnotationKind::Primary.span(span);
    if !mistake.label.is_empty() {
        annotation = annotation.label(shown(&mistake.label));
    }
    let snippet = Snippet::source(excerpted(text)).path(shown(file)).annotation(annotation);
    let title = Level::ERROR.primary_title(shown(&mistake.message));
    look.renderer().render(&[title.element(snippet)])
}
