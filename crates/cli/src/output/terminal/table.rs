//! Endpoints as lines of a table that fits the terminal. What does not fit moves to a line of its own or loses its
//! middle; a path is never cut.

use anstyle::Style;
use model::{AccessVerdict, Endpoint, Origin};

use crate::output::access::{admitted, remarks};
use crate::output::look::Look;
use crate::output::palette::{FAINT, GUARDED, HEADING, OPEN, OPEN_WRITE, RESTRICTED, UNSURE, paint};
use crate::output::text::{padded, shortened, shortened_path, shown, width};

/// Blanks between columns.
const GAP: usize = 2;
/// Blanks before a line.
const INDENT: usize = 2;
/// A longer path stands on a line of its own, so that one does not push the others' columns away.
const PATH_MAX: usize = 56;
/// Wider words for access are cut.
const ACCESS_MAX: usize = 28;
/// What grants access is cut to this where there is room, and to the least where there is not.
const GRANTS_MAX: usize = 40;
const GRANTS_MIN: usize = 16;
/// With less room for what grants access, the files are left to the headings.
const GRANTS_READABLE: usize = 24;
/// Narrower columns would leave nothing of a path to read: there each endpoint has two lines.
const PATH_MIN: usize = 20;

/// How the endpoints of an application are laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    method: usize,
    shape: Shape,
    look: Look,
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    /// One line each.
    Columns { path: usize, access: usize, grants: usize, place: Place },
    /// Two lines each.
    Stacked,
}

/// How a handler's place is written.
#[derive(Debug, Clone, Copy)]
enum Place {
    FileAndLine,
    /// The file is left to the heading.
    Line,
}

/// The cells of one line.
struct Cells {
    path: String,
    access: String,
    grants: String,
    place: String,
    /// The place where a heading names the file.
    line: String,
}

impl Table {
    /// The layout in which these endpoints fit.
    pub(super) fn fitting(endpoints: &[&Endpoint], look: Look) -> Self {
        let cells: Vec<Cells> = endpoints.iter().map(|&one| Cells::of(one)).collect();
        let widths = |cell: fn(&Cells) -> &str| cells.iter().map(move |cells| width(cell(cells)));
        let most = |cell| widths(cell).max().unwrap_or(0);
        let methods = endpoints.iter().map(|one| width(one.method().as_str()));
        let method = methods.max().unwrap_or(0).max(width("METHOD"));
        let paths = widths(|cells| &cells.path).filter(|width| *width <= PATH_MAX);
        let path = paths.max().unwrap_or(0).max(PATH_MIN);
        let access = most(|cells| &cells.access).clamp(width("ACCESS"), ACCESS_MAX);
        let grants = most(|cells| &cells.grants).clamp(width("GRANTED BY"), GRANTS_MAX);
        let place = most(|cells| &cells.place);
        if look.unbroken {
            let (access, grants) = (most(|cells| &cells.access), most(|cells| &cells.grants));
            let (access, grants) = (access.max(width("ACCESS")), grants.max(width("GRANTED BY")));
            let shape = Shape::Columns { path, access, grants, place: Place::FileAndLine };
            return Self { method, shape, look };
        }
        let line = most(|cells| &cells.line).max(width("HANDLER"));
        let fixed = INDENT + method + access + 4 * GAP;
        let room_for_grants = look.width.saturating_sub(fixed + path + place);
        let shape = if room_for_grants >= grants.min(GRANTS_READABLE) {
            Shape::Columns { path, access, grants: grants.min(room_for_grants), place: Place::FileAndLine }
        } else {
            let room = look.width.saturating_sub(fixed + line);
            let grants = grants.min(room.saturating_sub(path).max(GRANTS_MIN));
            match path.min(room.saturating_sub(grants)) {
                ..PATH_MIN => Shape::Stacked,
                path => Shape::Columns { path, access, grants, place: Place::Line },
            }
        };
        Self { method, shape, look }
    }

    /// Whether the lines of endpoints do not name files.
    pub(super) fn leaves_files_to_headings(&self) -> bool {
        !matches!(self.shape, Shape::Columns { place: Place::FileAndLine, .. })
    }

    /// The names of the columns.
    pub(super) fn header(&self) -> Option<String> {
        let Shape::Columns { path, access, grants, .. } = self.shape else {
            return None;
        };
        let line = format!(
            "{}{}{}{}{}HANDLER",
            " ".repeat(INDENT),
            padded("METHOD", self.method + GAP),
            padded("PATH", path + GAP),
            padded("ACCESS", access + GAP),
            padded("GRANTED BY", grants + GAP),
        );
        Some(paint(FAINT, line))
    }

    /// A heading above some endpoints: a router and the file of its handlers.
    pub(super) fn heading(&self, name: &str, file: Option<&str>) -> String {
        let name = shown(name);
        let Some(file) = file else {
            return paint(HEADING, name);
        };
        let room = self.look.width.saturating_sub(width(&name) + GAP);
        let file = shortened_path(&shown(file), room.max(PATH_MIN), &self.look);
        format!("{}  {}", paint(HEADING, name), paint(FAINT, file))
    }

    /// The lines of an endpoint.
    pub(super) fn lines(&self, endpoint: &Endpoint) -> String {
        let cells = Cells::of(endpoint);
        let method = padded(endpoint.method().as_str(), self.method);
        let style = access_style(endpoint);
        let indent = " ".repeat(INDENT);
        let Shape::Columns { path, access, grants, place } = self.shape else {
            return self.stacked(&method, &cells, style);
        };
        let access = padded(&shortened(&cells.access, access, &self.look), access);
        let grants = padded(&shortened(&cells.grants, grants, &self.look), grants);
        let place = match place {
            Place::FileAndLine => &cells.place,
            Place::Line => &cells.line,
        };
        let rest = format!("{}  {grants}  {}", paint(style, access), paint(FAINT, place));
        if width(&cells.path) <= path || self.look.unbroken {
            let path = padded(&cells.path, path);
            return format!("{indent}{method}  {path}  {rest}\n");
        }
        let under = " ".repeat(INDENT + self.method + GAP + path + GAP);
        format!("{indent}{method}  {}\n{under}{rest}\n", cells.path)
    }

    fn stacked(&self, method: &str, cells: &Cells, style: Style) -> String {
        let under = " ".repeat(INDENT + self.method + GAP);
        let mut room = self.look.width.saturating_sub(width(&under));
        let access = shortened(&cells.access, room, &self.look);
        room = room.saturating_sub(width(&access) + GAP + width(&cells.line) + GAP);
        let grants = if room >= GRANTS_MIN { shortened(&cells.grants, room, &self.look) } else { String::new() };
        let mut line = format!("{under}{}", paint(style, access));
        for (text, style) in [(&grants, Style::new()), (&cells.line, FAINT)] {
            if !text.is_empty() {
                line.push_str("  ");
                line.push_str(&paint(style, text));
            }
        }
        format!("{}{method}  {}\n{line}\n", " ".repeat(INDENT), cells.path)
    }
}

impl Cells {
    fn of(endpoint: &Endpoint) -> Self {
        let line = format!(":{}", endpoint.handler.line);
        let host = endpoint.route.host().map(ToString::to_string);
        let version = endpoint.id().version().map(|version| format!(" version={version}"));
        Self {
            path: format!(
                "{}{}{}",
                shown(&host.unwrap_or_default()),
                shown(&endpoint.path()),
                shown(&version.unwrap_or_default()),
            ),
            access: admitted(&endpoint.access),
            grants: remarks(endpoint),
            place: format!("{}{line}", shown(&endpoint.handler.file)),
            line,
        }
    }
}

/// What may be changed by everybody is the loudest; what the framework brings by itself is not for the reader to mend.
fn access_style(endpoint: &Endpoint) -> Style {
    match endpoint.access.verdict() {
        _ if endpoint.origin == Origin::Framework => FAINT,
        AccessVerdict::Public if endpoint.method().is_safe() => OPEN,
        AccessVerdict::Public => OPEN_WRITE,
        AccessVerdict::Authenticated => GUARDED,
        AccessVerdict::Restricted => RESTRICTED,
        AccessVerdict::Unknown => UNSURE,
    }
}
