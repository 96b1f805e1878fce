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
/// What grants access is cut to this where there is room, and to the lesser one where there is not.
const GRANTS_MAX: usize = 40;
const GRANTS_MIN: usize = 12;
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
    Columns {
        path: usize,
        access: usize,
        grants: usize,
        place: usize,
        /// Whether the file is left to the router's heading.
        short_places: bool,
    },
    /// Two lines each.
    Stacked,
}

/// The cells of one line.
struct Cells {
    path: String,
    access: String,
    grants: String,
    place: String,
    short_place: String,
}

impl Table {
    /// The layout in which these endpoints fit; each comes with the file that its heading names.
    pub(super) fn fitting(rows: &[(&Endpoint, Option<&str>)], look: Look) -> Self {
        let cells: Vec<Cells> = rows.iter().map(|(one, file)| Cells::of(one, *file)).collect();
        let widest = |cell: fn(&Cells) -> &str, most: usize| {
            let widths = cells.iter().map(|cells| width(cell(cells)));
            widths.filter(|width| *width <= most).max().unwrap_or(0)
        };
        let capped = |cell: fn(&Cells) -> &str, most: usize| {
            let widths = cells.iter().map(|cells| width(cell(cells)));
            widths.max().unwrap_or(0).min(most)
        };
        let methods = rows.iter().map(|(one, _)| width(one.method().as_str()));
        let method = methods.max().unwrap_or(0).max(width("METHOD"));
        let path = widest(|cells| &cells.path, PATH_MAX).max(PATH_MIN);
        let access = capped(|cells| &cells.access, ACCESS_MAX).max(width("ACCESS"));
        let grants = capped(|cells| &cells.grants, GRANTS_MAX).max(width("GRANTED BY"));
        let place = capped(|cells| &cells.place, usize::MAX);
        let short_place = capped(|cells| &cells.short_place, usize::MAX);
        let fixed = INDENT + method + access + 4 * GAP;
        let shape = if fixed + path + grants + place <= look.width {
            Shape::Columns { path, access, grants, place, short_places: false }
        } else {
            let short_place = short_place.min(look.width / 4).max(width("HANDLER"));
            let room = look.width.saturating_sub(fixed + short_place);
            let grants = grants.min(room.saturating_sub(path).max(GRANTS_MIN));
            let path = path.min(room.saturating_sub(grants));
            if path < PATH_MIN {
                Shape::Stacked
            } else {
                Shape::Columns { path, access, grants, place: short_place, short_places: true }
            }
        };
        Self { method, shape, look }
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
    pub(super) fn lines(&self, endpoint: &Endpoint, file: Option<&str>) -> String {
        let cells = Cells::of(endpoint, file);
        let method = padded(endpoint.method().as_str(), self.method);
        let style = access_style(endpoint);
        match self.shape {
            Shape::Stacked => self.stacked(&method, &cells, style),
            Shape::Columns { path, access, grants, place, short_places } => {
                let place_text = if short_places { &cells.short_place } else { &cells.place };
                let place = shortened_path(place_text, place, &self.look);
                let access = padded(&shortened(&cells.access, access, &self.look), access);
                let granted = padded(&shortened(&cells.grants, grants, &self.look), grants);
                let rest = format!(
                    "{}  {granted}  {}",
                    paint(style, access),
                    paint(FAINT, place)
                );
                let indent = " ".repeat(INDENT);
                if width(&cells.path) <= path {
                    format!("{indent}{method}  {}  {rest}\n", padded(&cells.path, path))
                } else {
                    let under = " ".repeat(INDENT + self.method + GAP + path + GAP);
                    format!("{indent}{method}  {}\n{under}{rest}\n", cells.path)
                }
            }
        }
    }

    fn stacked(&self, method: &str, cells: &Cells, style: Style) -> String {
        let under = " ".repeat(INDENT + self.method + GAP);
        let mut room = self.look.width.saturating_sub(width(&under));
        let access = shortened(&cells.access, room, &self.look);
        room = room.saturating_sub(width(&access) + GAP);
        let place = shortened_path(&cells.short_place, room.max(GRANTS_MIN), &self.look);
        room = room.saturating_sub(width(&place) + GAP);
        let grants = if room >= GRANTS_MIN {
            shortened(&cells.grants, room, &self.look)
        } else {
            String::new()
        };
        let mut line = format!("{under}{}", paint(style, access));
        for (text, style) in [(grants, Style::new()), (place, FAINT)] {
            if !text.is_empty() {
                line.push_str("  ");
                line.push_str(&paint(style, text));
            }
        }
        format!("{}{method}  {}\n{line}\n", " ".repeat(INDENT), cells.path)
    }
}

impl Cells {
    fn of(endpoint: &Endpoint, heading_file: Option<&str>) -> Self {
        let (file, line) = (shown(&endpoint.handler.file), endpoint.handler.line);
        let place = format!("{file}:{line}");
        let short_place = match heading_file {
            Some(heading) if heading == &*endpoint.handler.file => format!(":{line}"),
            _ => place.clone(),
        };
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
            place,
            short_place,
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
