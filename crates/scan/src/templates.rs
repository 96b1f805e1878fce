//! Templates of Jinja and Django as data: what of its context a template prints, where on the page, and how that is escaped. Nothing is rendered.

mod expressions;
mod markup;
mod reader;

use std::sync::Arc;

pub(crate) use markup::Place;
pub(crate) use reader::read;

/// A template.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Template {
    /// What is printed, in order.
    pub(crate) prints: Vec<Print>,
    /// Other templates that are part of the page.
    pub(crate) parts: Vec<Part>,
    /// Macros, by their names.
    pub(crate) macros: Vec<Macro>,
    /// Calls of macros.
    pub(crate) calls: Vec<Call>,
}

/// Something that is printed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Print {
    /// What.
    pub(crate) piece: Piece,
    /// The line, counted from 1.
    pub(crate) line: u32,
    /// What a block around it says of escaping.
    pub(crate) escaped: Option<bool>,
    /// Where on the page.
    pub(crate) place: Place,
}

/// A part of the context, and what was made of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    /// The name in the context, and the attributes and keys behind it; [`ITEM`] is any item.
    pub(crate) path: Vec<Arc<str>>,
    /// Whether nothing in it is markup any more.
    pub(crate) is_clean: bool,
    /// Whether it is said to be markup that is safe.
    pub(crate) is_safe: bool,
    /// Whether a filter or a function that is not known made something of it.
    pub(crate) is_far: bool,
}

/// Any item of something.
pub(crate) const ITEM: &str = "*";

/// Names of a template with what they stand for.
pub(crate) type Names = Vec<(Arc<str>, Vec<Piece>)>;

/// Another template of the same page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// Its name.
    pub(crate) name: Arc<str>,
    /// What it is handed beside the context.
    pub(crate) names: Names,
    /// Whether it is handed nothing else.
    pub(crate) is_alone: bool,
    /// What a block around it says of escaping, where that reaches into it.
    pub(crate) escaped: Option<bool>,
}

/// A macro.
#[derive(Debug, PartialEq)]
pub(crate) struct Macro {
    pub(crate) name: Arc<str>,
    /// The names of its parameters, in order.
    pub(crate) parameters: Vec<Arc<str>>,
    /// What it prints; the path of a parameter begins with [`PARAMETER`].
    pub(crate) prints: Vec<Print>,
}

/// What the path of a parameter of a macro begins with.
pub(crate) const PARAMETER: &str = "@";

/// A call of a macro.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// The template that holds the macro, if that is another one.
    pub(crate) from: Option<Arc<str>>,
    pub(crate) name: Arc<str>,
    /// What it is handed, with the names of parameters where they are written.
    pub(crate) arguments: Vec<(Option<Arc<str>>, Vec<Piece>)>,
}

impl Piece {
    fn of(name: &str) -> Self {
        Self { path: vec![name.into()], is_clean: false, is_safe: false, is_far: false }
    }

    /// The same with what was made of something that it is a part of.
    pub(crate) fn behind(&self, whole: &Self) -> Self {
        Self {
            path: whole.path.iter().chain(&self.path[1..]).cloned().collect(),
            is_clean: self.is_clean || whole.is_clean,
            is_safe: self.is_safe || whole.is_safe,
            is_far: self.is_far || whole.is_far,
        }
    }
}
