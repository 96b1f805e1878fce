//! What a template prints of what it is rendered with, so that it is markup there: one event `render` is one page, of all the templates that are
//! part of it.

use std::sync::Arc;

use model::Evidence;
use python::Symbol;
use python::interp::{Event, Interp};
use python::term::Term;
use python::value::{Kind, Labels, Value};
use rustc_hash::FxHashSet;

use super::Use;
use crate::project::Templates;
use crate::templates::{Call, ITEM, Macro, Names, PARAMETER, Piece, Place, Print, Template};

/// Templates of one page, and templates inside each other.
const PARTS_MAX: usize = 64;
const DEPTH_MAX: usize = 8;
/// Values that one piece may stand for.
const VALUES_MAX: usize = 32;

/// A value where a template prints it.
pub(super) struct Printed {
    pub(super) value: Value,
    /// The line of the template.
    pub(super) at: Evidence,
    /// Whether that is markup only if a filter that is not known leaves it so, or because of the place alone.
    pub(super) is_doubtful: bool,
}

/// What a page prints so that it is markup.
pub(super) fn printed(interp: &Interp<'_>, templates: &Templates, event: &Event) -> Vec<Printed> {
    let [escaping, _, name, context, ..] = event.arguments.positional.as_slice() else { return Vec::new() };
    let near = Arc::clone(&interp.program().file(event.site.file).path);
    let mut page = Page { templates, near, escaping: Escaping::of(escaping), parts: 0, found: Vec::new() };
    for name in names(interp, name) {
        page.part(&name, &Names::new(), false, None, 0);
    }
    // At one place what is certain is told first.
    page.found.sort_by_key(|(_, _, is_doubtful)| *is_doubtful);
    let mut found = Vec::new();
    for (piece, at, is_doubtful) in page.found {
        let values = value_at(interp, context, &piece.path);
        found.extend(values.into_iter().map(|value| Printed { value, at: at.clone(), is_doubtful }));
    }
    found
}

/// Where the environment was made that rendered a page, if that escapes nothing.
pub(super) fn unescaped(interp: &Interp<'_>, event: &Event) -> Option<(Arc<str>, u32)> {
    let [escaping, _, _, _, environment] = event.arguments.positional.as_slice() else { return None };
    let site = interp.object(environment.as_object()?).site;
    let file = interp.program().file(site.file);
    matches!(Escaping::of(escaping), Escaping::None).then(|| (Arc::clone(&file.path), file.line(site.span.start)))
}

/// Whether a page is made to be answered, and not a text that somebody may do anything with.
pub(super) fn is_page(event: &Event) -> bool {
    matches!(event.arguments.positional.get(1), Some(Value::Bool(true)))
}

/// Whether one of the templates is HTML by its name.
pub(super) fn is_html(interp: &Interp<'_>, event: &Event) -> bool {
    let all = event.arguments.positional.get(2).map(|name| names(interp, name)).unwrap_or_default();
    all.iter().any(|name| name.rsplit('/').next().is_some_and(|name| name.contains(".htm")))
}

/// The names of a template that are known.
fn names(interp: &Interp<'_>, name: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    name.alternatives()
        .iter()
        .flat_map(|one| match one.plain() {
            Value::Tuple(_) | Value::Object(_) => {
                interp.partly_known_items(one).iter().filter_map(text).take(1).collect()
            }
            one => text(one).into_iter().collect::<Vec<_>>(),
        })
        .collect()
}

/// The events that rendered what a text holds.
pub(super) fn rendered_within(text: &Value, found: &mut FxHashSet<u32>) {
    for one in text.alternatives() {
        match one.term() {
            Some(Term::Made(index)) => drop(found.insert(*index)),
            Some(Term::Text(parts)) => parts.iter().for_each(|part| rendered_within(part, found)),
            _ => {}
        }
    }
}

/// What an environment escapes.
enum Escaping {
    All,
    None,
    /// As Django does: blocks reach into what is included.
    Django,
    /// Templates whose names end like this.
    Ends(Vec<String>),
    /// As Starlette does: in some versions all, in others HTML.
    Starlette,
}

impl Escaping {
    fn of(value: &Value) -> Self {
        match value.plain() {
            Value::Bool(false) | Value::None => Self::None,
            Value::Tuple(ends) => Self::Ends(ends.iter().filter_map(|end| end.as_str().map(str::to_owned)).collect()),
            value if value.as_str() == Some("django") => Self::Django,
            value if value.as_str() == Some("starlette") => Self::Starlette,
            _ => Self::All,
        }
    }

    fn escapes(&self, name: &str) -> bool {
        match self {
            Self::All | Self::Django => true,
            Self::None => false,
            Self::Ends(ends) => ends.iter().any(|end| name.ends_with(end)),
            Self::Starlette => [".html", ".htm", ".xml"].iter().any(|end| name.ends_with(end)),
        }
    }
}

struct Page<'t> {
    templates: &'t Templates,
    /// The file that renders it.
    near: Arc<str>,
    escaping: Escaping,
    parts: usize,
    found: Vec<(Piece, Evidence, bool)>,
}

impl Page<'_> {
    /// One of its templates, which is handed names beside the context, or nothing else.
    fn part(&mut self, name: &str, names: &Names, is_alone: bool, escaped: Option<bool>, depth: usize) {
        if depth == DEPTH_MAX || self.parts == PARTS_MAX {
            return;
        }
        self.parts += 1;
        let Some(path) = self.templates.named(name, &self.near) else { return };
        let Some(template) = self.templates.read(&path) else { return };
        for print in &template.prints {
            for piece in in_context(&print.piece, names, is_alone) {
                self.print(piece, print, &path, escaped);
            }
        }
        for call in &template.calls {
            self.call(call, &template, &path, names, is_alone);
        }
        let reaching = if matches!(self.escaping, Escaping::Django) { escaped } else { None };
        for part in &template.parts {
            let within = |pieces: &[Piece]| pieces.iter().flat_map(|one| in_context(one, names, is_alone)).collect();
            let handed = part.names.iter().map(|(name, pieces)| (Arc::clone(name), within(pieces)));
            let own = names.iter().filter(|_| !part.is_alone).cloned();
            let names: Names = own.chain(handed).collect();
            let block = part.escaped.filter(|_| matches!(self.escaping, Escaping::Django)).or(reaching);
            self.part(&part.name, &names, is_alone || part.is_alone, block, depth + 1);
        }
    }

    fn print(&mut self, piece: Piece, print: &Print, path: &Arc<str>, escaped: Option<bool>) {
        let is_escaped = print.escaped.or(escaped).unwrap_or_else(|| self.escaping.escapes(path));
        let is_markup = !piece.is_clean && (piece.is_safe || !is_escaped);
        let is_misplaced = !piece.is_clean && print.place != Place::Text;
        if !is_markup && !is_misplaced {
            return;
        }
        let what = match (is_markup, print.place) {
            (true, _) => "is printed here without escaping",
            (_, Place::Unquoted) => "is printed here as a value without quotes",
            (_, Place::Address) => "is printed here as an address, which may run a script",
            _ => "is printed here in a script",
        };
        let depends_on_version =
            matches!(self.escaping, Escaping::Starlette) && print.escaped.is_none() && !piece.is_safe;
        let is_doubtful = piece.is_far || !is_markup || depends_on_version;
        self.found.push((piece, Evidence::new(Arc::clone(path), print.line, what), is_doubtful));
    }

    /// What a macro prints of what it is handed.
    fn call(&mut self, call: &Call, template: &Template, path: &Arc<str>, names: &Names, is_alone: bool) {
        let other = call.from.as_ref().and_then(|name| {
            let path = self.templates.named(name, &self.near)?;
            Some((self.templates.read(&path)?, path))
        });
        let (template, path) = match (&call.from, &other) {
            (Some(_), None) => return,
            (Some(_), Some((template, path))) => (&**template, path),
            (None, _) => (template, path),
        };
        let Some(found) = template.macros.iter().find(|one| one.name == call.name) else { return };
        for print in &found.prints {
            for piece in handed(&print.piece, call, found) {
                for piece in in_context(&piece, names, is_alone) {
                    self.print(piece, print, path, None);
                }
            }
        }
    }
}

/// What a piece of a macro stands for where that is called; what is no parameter is of the context only in Jinja's own files.
fn handed(piece: &Piece, call: &Call, of: &Macro) -> Vec<Piece> {
    let [root, parameter, ..] = piece.path.as_slice() else { return Vec::new() };
    if **root != *PARAMETER {
        return Vec::new();
    }
    let part = Piece { path: piece.path[1..].to_vec(), ..piece.clone() };
    call.handed(of, parameter).unwrap_or_default().iter().map(|whole| part.behind(whole)).collect()
}

/// What a piece is of the context of the page.
fn in_context(piece: &Piece, names: &Names, is_alone: bool) -> Vec<Piece> {
    let Some(root) = piece.path.first() else { return Vec::new() };
    match names.iter().rev().find(|(name, _)| name == root) {
        Some((_, wholes)) => wholes.iter().map(|whole| piece.behind(whole)).collect(),
        None if is_alone => Vec::new(),
        None => vec![piece.clone()],
    }
}

/// What stands at a path of a context.
fn value_at(interp: &Interp<'_>, context: &Value, path: &[Arc<str>]) -> Vec<Value> {
    if let Some(given) = given_by_request(path) {
        return vec![given];
    }
    let mut at = vec![context.clone()];
    for (depth, part) in path.iter().enumerate() {
        at = at.iter().flat_map(|value| part_of(interp, value, part, depth == 0)).take(VALUES_MAX).collect();
    }
    at
}

/// The parts of a request that templates read off it themselves.
const PLACES: &[(&str, &str)] = &[
    ("args", "<query>"),
    ("values", "<query>"),
    ("GET", "<query>"),
    ("query_params", "<query>"),
    ("form", "<form>"),
    ("POST", "<form>"),
    ("cookies", "<cookie>"),
    ("COOKIES", "<cookie>"),
];

fn given_by_request(path: &[Arc<str>]) -> Option<Value> {
    let [root, place, name] = path else { return None };
    let (_, place) = PLACES.iter().find(|(own, _)| **own == **place).filter(|_| **root == *"request")?;
    let term = Term::Given(Symbol::new(place)).part(Symbol::new(name));
    let labels = Labels { raw: Use::Html.bits(), ..Labels::NONE };
    Some(Value::unknown_with("what a template reads off the request", labels).standing_for(term))
}

/// A part of a value: an entry, an item, an attribute.
fn part_of(interp: &Interp<'_>, value: &Value, part: &str, is_context: bool) -> Vec<Value> {
    let each = |one: &Value| match one.plain() {
        Value::Unknown(_) if is_context => Vec::new(),
        Value::Unknown(_) => vec![part_of_unknown(one, part)],
        Value::Tuple(items) => items.to_vec(),
        Value::Object(obj) => {
            let object = interp.object(*obj);
            match &object.kind {
                Kind::List { items, .. } => items.clone(),
                Kind::Dict { entries, .. } => {
                    let named = entries.iter().find(|(key, _)| key.as_str() == Some(part));
                    let all = || entries.iter().map(|(_, value)| value.clone()).collect();
                    match named {
                        Some((_, value)) => vec![value.clone()],
                        None if part == ITEM => all(),
                        None if matches!(part, "items" | "values") => vec![one.clone()],
                        None => Vec::new(),
                    }
                }
                Kind::Instance { .. } => object.attributes.get(Symbol::new(part)).cloned().into_iter().collect(),
                _ => Vec::new(),
            }
        }
        // A text of it is one, too.
        _ if part == ITEM => vec![one.clone()],
        _ => Vec::new(),
    };
    value.alternatives().iter().flat_map(each).collect()
}

/// A part of something that is not known is as raw as the whole.
fn part_of_unknown(value: &Value, part: &str) -> Value {
    match value.term() {
        Some(term @ (Term::Given(_) | Term::Made(_) | Term::Part(..))) if part != ITEM => {
            let part = term.part(Symbol::new(part));
            value.clone().standing_for(part)
        }
        _ => value.clone(),
    }
}
