//! Werkzeug's choice (`werkzeug.routing.matcher.StateMachineMatcher`): rules cut at their slashes into parts, and from each state
//! text is tried before parameters, and these in the order of their weights. The first rule that is reached and takes the
//! method wins.

use std::collections::BTreeMap;

use model::Method;

use super::class::{Class, Fit};
use super::converters::Converters;
use super::router::{Asked, Candidate, Takes};
use super::template::{Template, Token};
use crate::policy::{RouterSettings, TrailingSlash};

/// The states. The first is behind the slash at the start of a path.
#[derive(Debug, Clone)]
pub(super) struct Specific {
    states: Vec<State>,
    /// Rules of one host or subdomain. Which requests are for it depends on settings that a policy does not hold.
    hosted: Vec<Opaque>,
    is_strict: bool,
}

#[derive(Debug, Clone, Default)]
struct State {
    texts: BTreeMap<Box<str>, usize>,
    /// The lightest first.
    parts: Vec<(Part, usize)>,
    /// Rules that end here, in the order of the policy.
    ends: Vec<usize>,
    /// What begins here and might match anything.
    opaque: Vec<Opaque>,
}

/// A part of a rule with parameters.
#[derive(Debug, Clone)]
struct Part {
    template: Template,
    nameless: Vec<Token>,
    /// Whether it takes all that is left of a path.
    is_final: bool,
    /// Whether a slash may follow it at the end.
    is_suffixed: bool,
    weight: Weight,
}

/// Negated counts and lengths, as in Werkzeug: the least is tried first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Weight {
    texts: isize,
    lengths: Vec<(usize, isize)>,
    parameters: isize,
    converters: Vec<u32>,
}

/// The rest of a rule from the part that is not known.
#[derive(Debug, Clone)]
struct Opaque {
    route: usize,
    rest: Template,
}

/// What comes of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// This rule answers.
    Found { route: usize, by_framework: bool },
    /// It would with a slash at the end.
    SlashIsMissing,
    /// This one may, and nobody here can tell.
    Unclear(usize),
}

/// One part of a rule that is being cut.
#[derive(Default)]
struct Cut {
    tokens: Vec<Token>,
    weight: Weight,
    is_final: bool,
    is_opaque: bool,
}

impl Cut {
    fn text(&mut self, text: &str) {
        let length = isize::try_from(text.chars().count()).unwrap_or(isize::MAX);
        self.weight.texts -= 1;
        self.weight.lengths.push((self.weight.lengths.len(), -length));
        self.literal(text);
    }

    fn literal(&mut self, text: &str) {
        match self.tokens.last_mut() {
            Some(Token::Literal(before)) => *before = format!("{before}{text}").into(),
            _ => self.tokens.push(Token::Literal(text.into())),
        }
    }

    fn parameter(&mut self, class: Class, name: &str, converters: &Converters<'_>) {
        self.is_final |= converters.is_final(class);
        self.is_opaque |= class == Class::Anything;
        self.weight.parameters -= 1;
        self.weight.converters.push(converters.weight(class));
        self.tokens.push(Token::Parameter(class, name.into()));
    }

    fn is_text(&self) -> bool {
        self.tokens.iter().all(|token| matches!(token, Token::Literal(_)))
    }
}

/// `Rule._parse_rule`, from behind the slash at the start.
fn cut(tokens: &[Token], converters: &Converters<'_>) -> Vec<Cut> {
    let mut parts = Vec::new();
    let mut part = Cut::default();
    let mut is_first = true;
    for token in tokens {
        match token {
            Token::Parameter(class, name) => part.parameter(*class, name, converters),
            Token::Literal(text) => {
                let text = if is_first { text.strip_prefix('/').unwrap_or(text) } else { text };
                for (index, piece) in text.split('/').enumerate() {
                    if index > 0 && part.is_final {
                        part.literal("/");
                    } else if index > 0 {
                        parts.push(std::mem::take(&mut part));
                    }
                    if !piece.is_empty() {
                        part.text(piece);
                    }
                }
            }
        }
        is_first = false;
    }
    parts.push(part);
    parts
}

impl Specific {
    pub(super) fn new(routes: &[Candidate], converters: &Converters<'_>, router: &RouterSettings) -> Self {
        let is_strict = router.trailing_slash != TrailingSlash::Ignored;
        let mut specific = Self { states: vec![State::default()], hosted: Vec::new(), is_strict };
        for (index, route) in routes.iter().enumerate() {
            specific.add(index, route, converters);
        }
        for state in &mut specific.states {
            state.parts.sort_by(|(one, _), (other, _)| one.weight.cmp(&other.weight));
        }
        specific
    }

    fn add(&mut self, index: usize, route: &Candidate, converters: &Converters<'_>) {
        if route.host.is_some() {
            self.hosted.push(Opaque { route: index, rest: route.template.clone() });
            return;
        }
        let parts = cut(route.template.tokens(), converters);
        let mut at = 0;
        for (number, part) in parts.iter().enumerate() {
            if part.is_opaque {
                let mut rest = Vec::new();
                for (index, part) in parts[number..].iter().enumerate() {
                    rest.extend((index > 0).then(|| Token::Literal("/".into())));
                    rest.extend(part.tokens.iter().cloned());
                }
                self.states[at].opaque.push(Opaque { route: index, rest: Template::of(rest, converters) });
                return;
            }
            at = if part.is_text() { self.text(at, part) } else { self.part(at, part, converters) };
        }
        self.states[at].ends.push(index);
    }

    fn text(&mut self, at: usize, part: &Cut) -> usize {
        let text = match part.tokens.first() {
            Some(Token::Literal(text)) => text.clone(),
            _ => "".into(),
        };
        let fresh = self.states.len();
        let next = *self.states[at].texts.entry(text).or_insert(fresh);
        self.open(next)
    }

    fn part(&mut self, at: usize, part: &Cut, converters: &Converters<'_>) -> usize {
        let mut tokens = part.tokens.clone();
        let mut is_suffixed = false;
        if let Some(Token::Literal(text)) = tokens.last_mut()
            && part.is_final
            && let Some(bare) = text.strip_suffix('/')
        {
            is_suffixed = true;
            *text = bare.into();
        }
        let nameless: Vec<Token> = tokens.iter().map(Token::nameless).collect();
        let fresh = self.states.len();
        let known = self.states[at].parts.iter().find(|(known, _)| {
            (&known.nameless, known.is_final, known.is_suffixed) == (&nameless, part.is_final, is_suffixed)
                && known.weight == part.weight
        });
        let known = known.map(|(_, next)| *next);
        let next = known.unwrap_or_else(|| {
            let template = Template::of(tokens, converters);
            let weight = part.weight.clone();
            let part = Part { template, nameless, is_final: part.is_final, is_suffixed, weight };
            self.states[at].parts.push((part, fresh));
            fresh
        });
        let next = self.open(next);
        if is_suffixed { self.text(next, &Cut::default()) } else { next }
    }

    /// The state of this number, made if it is the next.
    fn open(&mut self, state: usize) -> usize {
        if state == self.states.len() {
            self.states.push(State::default());
        }
        state
    }

    /// What a path comes to. Rules that it reaches with another method are added to `others`.
    pub(super) fn find(
        &self,
        routes: &[Candidate],
        takes: &dyn Fn(usize) -> Takes,
        asked: Asked<'_>,
        path: &str,
        others: &mut Vec<usize>,
    ) -> Option<Outcome> {
        let mut search = Search { specific: self, routes, takes, asked, others };
        if let Some(hosted) = self.hosted.iter().find(|hosted| search.may_take(hosted, path)) {
            return Some(Outcome::Unclear(hosted.route));
        }
        search.from(0, Some(path.strip_prefix('/')?))
    }
}

struct Search<'s> {
    specific: &'s Specific,
    routes: &'s [Candidate],
    takes: &'s dyn Fn(usize) -> Takes,
    asked: Asked<'s>,
    others: &'s mut Vec<usize>,
}

impl Search<'_> {
    /// `_match`: `rest` is what follows the last slash, nothing at the end of the path. Each state is entered at most once, as
    /// there is one way to it.
    fn from(&mut self, state: usize, rest: Option<&str>) -> Option<Outcome> {
        let specific = self.specific;
        let state = &specific.states[state];
        let Some(rest) = rest else {
            return self.of_rules(&state.ends, true).or_else(|| {
                let behind = &specific.states[*state.texts.get("")?].ends;
                match self.of_rules(behind, false) {
                    Some(Outcome::Found { .. }) if specific.is_strict => Some(Outcome::SlashIsMissing),
                    other => other,
                }
            });
        };
        let (segment, after) = match rest.split_once('/') {
            Some((segment, after)) => (segment, Some(after)),
            None => (rest, None),
        };
        if let Some(next) = state.texts.get(segment)
            && let Some(outcome) = self.from(*next, after)
        {
            return Some(outcome);
        }
        if let Some(opaque) = state.opaque.iter().find(|opaque| self.may_take(opaque, rest)) {
            return Some(Outcome::Unclear(opaque.route));
        }
        for (part, next) in &state.parts {
            let (fit, remaining) = part.fits(segment, after, rest);
            if fit == Fit::No {
                continue;
            }
            let known = self.others.len();
            match self.from(*next, remaining) {
                None if fit == Fit::Maybe => self.others.truncate(known),
                None => {}
                Some(outcome) if fit == Fit::Yes => return Some(outcome),
                Some(Outcome::Found { route, .. } | Outcome::Unclear(route)) => return Some(Outcome::Unclear(route)),
                Some(Outcome::SlashIsMissing) => return Some(Outcome::Unclear(self.some_end_below(*next))),
            }
        }
        (rest.is_empty() && !specific.is_strict).then(|| self.of_rules(&state.ends, true)).flatten()
    }

    /// The first of these rules that takes the method.
    fn of_rules(&mut self, rules: &[usize], counts: bool) -> Option<Outcome> {
        let mut by_framework = None;
        for route in rules {
            let candidate = &self.routes[*route];
            if (candidate.method == Method::WebSocket) != (*self.asked.method == Method::WebSocket) {
                continue;
            }
            match (self.takes)(*route) {
                Takes::Declared if candidate.is_opaque => return Some(Outcome::Unclear(*route)),
                Takes::Declared => return Some(Outcome::Found { route: *route, by_framework: false }),
                Takes::ByFramework => by_framework = by_framework.or(Some(*route)),
                Takes::Not if counts => self.others.push(*route),
                Takes::Not => {}
            }
        }
        by_framework.map(|route| Outcome::Found { route, by_framework: true })
    }

    fn may_take(&self, opaque: &Opaque, rest: &str) -> bool {
        let is_websocket = self.routes[opaque.route].method == Method::WebSocket;
        is_websocket == (*self.asked.method == Method::WebSocket)
            && (self.takes)(opaque.route) != Takes::Not
            && [rest, &format!("{rest}/"), rest.trim_end_matches('/')]
                .iter()
                .any(|text| opaque.rest.fits(text) != Fit::No)
    }

    /// A rule behind the slash that a state waits for.
    fn some_end_below(&self, state: usize) -> usize {
        let states = &self.specific.states;
        let behind = states[state].texts.get("").and_then(|next| states[*next].ends.first());
        behind.or(states[state].ends.first()).copied().unwrap_or_default()
    }
}

impl Part {
    /// Whether it takes the next segment, or all that is left, and what then remains.
    fn fits<'p>(&self, segment: &str, after: Option<&'p str>, rest: &'p str) -> (Fit, Option<&'p str>) {
        if !self.is_final {
            return (self.template.fits(segment), after);
        }
        if !self.is_suffixed {
            return (self.template.fits(rest), None);
        }
        match rest.strip_suffix('/') {
            // `(?<!/)(/?)\Z`
            Some(bare) if bare.ends_with('/') => (Fit::No, None),
            Some(bare) => (self.template.fits(bare), Some("")),
            None => (self.template.fits(rest), None),
        }
    }
}
