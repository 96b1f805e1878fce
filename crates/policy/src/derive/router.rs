//! The rules of the application's router, as far as this build can show that it picks the same route.

use model::{
    Application, CaseRule, Converter, ConverterRule, DoubleSlash as Doubled, MatchOrder, Method, MethodMismatch, Part,
    Route, RouterRules, TrailingSlash as Slash,
};

use crate::key::RouteKey;
use crate::matching::{Converters, Expression};
use crate::policy::{ConverterSettings, DoubleSlash, RouterKind, RouterSettings, TrailingSlash};

const LOOSE_UUID: &str = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}";
const DASHED_UUID: &str = "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}";
const LOWER_UUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/// A router that the match implements.
struct Known {
    kind: RouterKind,
    order: MatchOrder,
    mismatch: MethodMismatch,
    /// Its converters with their expressions.
    converters: &'static [(&'static str, &'static str)],
}

const ROUTERS: &[Known] = &[
    Known {
        kind: RouterKind::Starlette,
        order: MatchOrder::FirstMatch,
        mismatch: MethodMismatch::TryNext,
        converters: &[
            ("str", "[^/]+"),
            ("int", "[0-9]+"),
            ("float", r"[0-9]+(\.[0-9]+)?"),
            ("uuid", LOOSE_UUID),
            ("path", ".*"),
        ],
    },
    Known {
        kind: RouterKind::Werkzeug,
        order: MatchOrder::MostSpecific,
        mismatch: MethodMismatch::TryNext,
        converters: &[
            ("str", "[^/]+"),
            ("int", r"\d+"),
            ("float", r"\d+\.\d+"),
            ("uuid", DASHED_UUID),
            ("path", "[^/].*?"),
        ],
    },
    Known {
        kind: RouterKind::Django,
        order: MatchOrder::FirstMatch,
        mismatch: MethodMismatch::Refuse,
        converters: &[
            ("str", "[^/]+"),
            ("int", "[0-9]+"),
            ("slug", "[-a-zA-Z0-9_]+"),
            ("uuid", LOWER_UUID),
            ("path", ".+"),
        ],
    },
];

/// Writes the rules; false where the match cannot follow them.
pub(super) fn settings(application: &Application, settings: &mut RouterSettings, notes: &mut Vec<String>) -> bool {
    let rules = &application.router;
    notes.push(format!("{}:{}: the router of {}", application.file, application.line, application.framework));
    let known = ROUTERS.iter().find(|known| known.is(rules));
    let kind = known.map_or(RouterKind::Starlette, |known| known.kind);
    let implicit = |method| application.implicit_methods.contains(&method);
    *settings = RouterSettings {
        trailing_slash: trailing_slash(rules.trailing_slash).unwrap_or(TrailingSlash::Strict),
        double_slash: match rules.double_slash {
            Doubled::Redirect => DoubleSlash::Redirect,
            Doubled::Strict | Doubled::Merged => DoubleSlash::Strict,
        },
        redirect_status: rules.redirect_status.map(u32::from).filter(|status| matches!(status, 301 | 302 | 307 | 308)),
        implicit_head: implicit(Method::Head),
        implicit_options: implicit(Method::Options) && kind != RouterKind::Starlette,
        ..RouterSettings::of(kind)
    };
    if known.is_none() {
        settings.trailing_slash = TrailingSlash::Strict;
        settings.double_slash = DoubleSlash::Strict;
        notes.push("not expressed: this build cannot show that it picks the route that this router picks".to_owned());
    } else if kind == RouterKind::Starlette
        && let Some(regex) = rules.converters.get(TEXT).and_then(own_text).filter(|regex| regex.as_str() != "[^/]+")
    {
        settings.converters.replace(TEXT, ConverterSettings { regex, weight: None, slashes: false });
    }
    known.is_some()
}

/// The name of the converter of parameters that name none.
const TEXT: &str = "str";

/// What a router says that a text matches, as far as the match can follow it.
fn own_text(rule: &ConverterRule) -> Option<Expression> {
    rule.regex.as_deref()?.parse().ok()
}

fn trailing_slash(slash: Slash) -> Option<TrailingSlash> {
    match slash {
        Slash::Strict => Some(TrailingSlash::Strict),
        Slash::Redirect => Some(TrailingSlash::Redirect),
        Slash::RedirectToSlash => Some(TrailingSlash::RedirectToSlash),
        Slash::Ignored => Some(TrailingSlash::Ignored),
        Slash::ByRoute => None,
    }
}

impl Known {
    fn is(&self, rules: &RouterRules) -> bool {
        let doubled = match self.kind {
            RouterKind::Werkzeug => &[Doubled::Strict, Doubled::Redirect][..],
            RouterKind::Starlette | RouterKind::Django => &[Doubled::Strict],
        };
        let converter = |(name, regex): &(&str, &str)| match rules.converters.get(*name) {
            // aiohttp: a text may leave out more than the slash.
            Some(rule) if self.kind == RouterKind::Starlette && *name == TEXT => own_text(rule).is_some(),
            Some(rule) => rule.regex.as_deref() == Some(*regex),
            None => self.kind == RouterKind::Starlette,
        };
        rules.order == self.order
            && rules.method_mismatch == self.mismatch
            && rules.case == CaseRule::Sensitive
            && doubled.contains(&rules.double_slash)
            && trailing_slash(rules.trailing_slash).is_some_and(|slash| self.kind.slashes().contains(&slash))
            && self.converters.iter().all(converter)
    }
}

/// The key of a route. An expression that the match can follow becomes a converter of the policy.
pub(super) fn key(router: &mut RouterSettings, route: &Route) -> RouteKey {
    RouteKey::with_converters(route, &mut |part| {
        let (kind, mut slashes) = (router.kind, false);
        let (regex, weight) = match (part, kind) {
            (Part::Regex(part), RouterKind::Django) => (&part.regex, None),
            // That of `re_path`. A converter of the project may refuse what its expression matches.
            (Part::Parameter(parameter), RouterKind::Django) if parameter.converter.is_text() => {
                (parameter.regex.as_ref()?, None)
            }
            // That of aiohttp, which names no converters.
            (Part::Parameter(parameter), RouterKind::Starlette) if parameter.converter.is_text() => {
                slashes = parameter.rest;
                (parameter.regex.as_ref()?, None)
            }
            (Part::Parameter(parameter), RouterKind::Werkzeug) => {
                let weight = match &parameter.converter {
                    Converter::Text if is_text(parameter.regex.as_deref()) => return Some(Converter::Text),
                    Converter::Text => None,
                    Converter::Integer | Converter::Float => Some(std::num::NonZeroU32::new(50)?),
                    Converter::Other(name) if **name == *"any" => None,
                    // What another converter makes of its arguments is up to its class.
                    _ => return None,
                };
                (parameter.regex.as_ref()?, weight)
            }
            _ => return None,
        };
        let regex: Expression = regex.parse().ok()?;
        let name = router.converters.named(ConverterSettings { regex, weight, slashes });
        Some(Converter::from_name(name))
    })
}

/// Whether an expression is what a text without arguments matches.
fn is_text(regex: Option<&str>) -> bool {
    matches!(regex, None | Some("[^/]+" | "[^/]{1,}"))
}

/// Whether it can be shown which requests the router gives to a route.
pub(super) fn is_matchable(router: &RouterSettings, key: &RouteKey) -> Result<(), &'static str> {
    let converters = Converters::of(router);
    if key.host().is_some() && router.kind != RouterKind::Starlette {
        return Err("it is for one host or subdomain, and this build does not know how its router compares them");
    }
    let patterns = key.host().into_iter().chain([key.pattern()]);
    if patterns.into_iter().all(|pattern| converters.are_known(pattern)) && key.id().version().is_none() {
        Ok(())
    } else {
        Err("its path has a converter that this build does not know")
    }
}
