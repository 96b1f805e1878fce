//! The prefixes of `i18n_patterns`: a segment that is one of the languages of the settings, and none for the language that has none.

use model::{Converter, Part, PathParameter, PathPattern};
use python::interp::Interp;
use python::value::{Obj, Site, Value};

use crate::frameworks::attribute;

/// The name of the segment in templates. No view is given it.
pub(super) const NAME: &str = "language_code";
/// What takes the language from the path: without it every request has the language of the settings.
const MIDDLEWARE: &str = "django.middleware.locale.LocaleMiddleware";
/// What Django takes for the code of a language, where it is not known which ones the settings list.
const ANY: &str = r"\w+(?:[@-]\w+){0,2}";

/// What the settings say of languages.
struct Languages {
    /// The default one.
    code: String,
    /// All of them; none where not all are known.
    listed: Option<Vec<String>>,
    /// Whether the path of a request decides its language.
    by_path: bool,
}

impl Languages {
    fn of(interp: &mut Interp<'_>, app: Obj, site: Site) -> Self {
        let settings = attribute(interp, &Value::Object(app), "settings").unwrap_or(Value::None);
        let code = interp.attribute_of(&settings, "LANGUAGE_CODE", site);
        let code = code.and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_else(|| "en-us".to_owned());
        let listed = languages(interp, &settings, site);
        let by_path = takes_language(interp, &settings, site);
        Self { code, listed, by_path }
    }

    /// The codes that stand in a path, where the default one does not if it is `bare`.
    fn in_path(&self, bare: bool) -> Option<Vec<&str>> {
        let others = |one: &&str| !bare || **one != *self.code;
        if !self.by_path {
            return Some(std::iter::once(&*self.code).filter(others).collect());
        }
        self.listed.as_ref().map(|all| all.iter().map(String::as_str).filter(others).collect())
    }
}

/// The templates that a prefix stands for.
pub(super) fn prefixes(interp: &mut Interp<'_>, app: Obj, pattern: &Value, site: Site) -> Vec<PathPattern> {
    let languages = Languages::of(interp, app, site);
    let prefix = attribute(interp, pattern, "prefix_default_language");
    let is_bare = prefix.is_some_and(|prefix| *prefix.plain() == Value::Bool(false));
    let own = is_bare.then(PathPattern::default);
    let with_one = match languages.in_path(is_bare).as_deref() {
        Some([]) => None,
        Some([one]) => Some(PathPattern::from_literal(&format!("{one}/"))),
        Some(several) => Some(segment(&several.iter().map(|code| regex_of(code)).collect::<Vec<_>>().join("|"))),
        None => Some(segment(ANY)),
    };
    own.into_iter().chain(with_one).collect()
}

/// A segment that matches an expression.
fn segment(regex: &str) -> PathPattern {
    let mut parameter = PathParameter::new(NAME, Converter::Text);
    parameter.regex = Some(regex.into());
    [Part::Parameter(parameter), Part::Literal("/".into())].into_iter().collect()
}

/// A code as an expression: nothing in one has a meaning there, but a dot or a plus that nobody writes.
fn regex_of(code: &str) -> String {
    let escaped = |c: char| if c.is_alphanumeric() || "-_@".contains(c) { c.to_string() } else { format!("\\{c}") };
    code.chars().map(escaped).collect()
}

/// Whether the path of a request decides its language.
fn takes_language(interp: &mut Interp<'_>, settings: &Value, site: Site) -> bool {
    let listed = interp.attribute_of(settings, "MIDDLEWARE", site).unwrap_or(Value::None);
    let may_be_more = interp.known_items(&listed).is_none();
    may_be_more
        || interp.partly_known_items(&listed).iter().any(|one| one.as_str().is_none_or(|name| name == MIDDLEWARE))
}

/// The codes of `LANGUAGES`; none where not all are known.
fn languages(interp: &mut Interp<'_>, settings: &Value, site: Site) -> Option<Vec<String>> {
    let listed = interp.attribute_of(settings, "LANGUAGES", site)?;
    let pairs = interp.known_items(&listed)?;
    pairs.iter().map(|pair| interp.known_items(pair)?.first()?.as_str().map(str::to_owned)).collect()
}
