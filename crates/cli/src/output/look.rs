//! How text for people is laid out: the width, and whether it may go beyond ASCII.

use annotate_snippets::Renderer;
use annotate_snippets::renderer::DecorStyle;

use super::palette;

/// The width and the characters of the reader's terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Columns.
    pub(crate) width: usize,
    /// Whether characters beyond ASCII are shown.
    pub(crate) unicode: bool,
    /// Whether each endpoint keeps to one line, however long: for `grep` and its kin.
    pub(crate) unbroken: bool,
}

impl Look {
    /// Stands for what was left out.
    pub(crate) fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// Stands for nothing.
    pub(crate) fn nothing(&self) -> &'static str {
        if self.unicode { "–" } else { "-" }
    }

    /// Stands between two facts in a line.
    pub(crate) fn separator(&self) -> &'static str {
        if self.unicode { " · " } else { "; " }
    }

    /// A line across.
    pub(crate) fn rule(&self, width: usize) -> String {
        let line = if self.unicode { "─" } else { "-" };
        line.repeat(width)
    }

    /// What shows source with marks.
    pub(crate) fn renderer(&self) -> Renderer {
        let decor = if self.unicode { DecorStyle::Unicode } else { DecorStyle::Ascii };
        Renderer::styled().error(palette::ERROR).decor_style(decor).term_width(self.width)
    }
}
