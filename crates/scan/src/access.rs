//! What protects an endpoint, judged by behaviour: the request of a client without any credential is played through the middleware,
//! the dependencies and the handler. What always refuses it is protection; what lets it through on some path is not.
//!
//! A second play with a credential of unknown content collects what else is asked for: schemes, scopes, roles.

mod conditions;
mod decorators;
mod documented;
mod guards;
mod middleware;
mod names;
mod order;
mod refusal;
mod request;
mod shape;
mod stages;
mod verdict;

use std::sync::Arc;

use model::{Access, AuthRequirement, Evidence, Gap, GapKind, Method};
use python::Symbol;
use python::interp::{Interp, Paths};
use python::value::{FunctionValue, Kind, Obj, Site, Value};
use rustc_hash::FxHashMap;

use crate::frameworks::{Layer, RawRoute, gap_at, why};
pub(crate) use conditions::STATE;
use guards::Guards;
use middleware::HARMLESS_MIDDLEWARE;
pub(crate) use middleware::is_harmless as is_harmless_middleware;
pub(crate) use order::GUARDS_NOTHING;
pub(crate) use stages::{Throughout, dependencies_of};
use verdict::{Answered, First, Stage, Verdict};

/// What the labels of values mean here; our descriptions of libraries use the same numbers.
pub(crate) mod label {
    /// Made from a credential: a header, a cookie, a session, what middleware found out about the caller.
    pub(crate) const CREDENTIAL: u16 = 2;
    /// From the path or the query.
    pub(crate) const INPUT: u16 = 4;
    /// Where the caller is: its address.
    pub(crate) const CLIENT: u16 = 8;
    /// From the body.
    pub(crate) const BODY: u16 = 16;
    /// The path and method of the endpoint itself.
    pub(crate) const ROUTE: u16 = 32;
    /// A scope that the route declares.
    pub(crate) const SCOPE: u16 = 64;
    /// From a cookie or a session: what a browser keeps and sends by itself.
    pub(crate) const KEPT: u16 = 1024;
    /// What the caller chooses and no secret is in: a flag, or what a path goes on with.
    pub(crate) const CHOICE: u16 = 256;
}

/// What stands for the scheme where a handler checks the caller itself: no scheme has such a name.
pub(crate) const IN_HANDLER: &str = "check in the handler";

/// Why the access of an endpoint is not known that nobody is seen to reach.
const NOBODY_PASSES: &str = "nobody gets past what stands before the handler, as far as is seen";

/// Steps for the middleware and dependencies of one endpoint.
const STEPS_MAX: u32 = 60_000;
/// Steps for those and the handler.
const HANDLER_STEPS_MAX: u32 = 30_000;
/// Steps for a handler to see what it does, and those that each thing it does adds; calls inside calls.
const EFFECT_STEPS: u32 = 600;
/// The same for a view of Django: its library's classes come before what the project wrote.
const EFFECT_STEPS_OF_VIEWS: u32 = 6_000;
const EFFECT_STEPS_PER_EVENT: u32 = 200;
/// Steps more where decorators and hooks stand around the handler and are played with it.
const EFFECT_STEPS_AROUND: u32 = 900;
const EFFECT_DEPTH_MAX: usize = 10;
/// What stands for the principal where a dependency is known to give it: no parameter has such a name.
pub(crate) const IDENTIFIED: &str = "<identified>";
/// Steps for what a handler asks of a caller who is known, and calls inside calls: roles are asked for before the work is done.
const ROLE_STEPS_MAX: u32 = 3_000;
const ROLE_DEPTH_MAX: usize = 6;
/// Conditions decided by settings that are tried the other way round, for one endpoint.
const SETTINGS_MAX: usize = 4;

/// A place that refuses, with the conditions under which it does.
#[derive(Debug, Clone)]
struct Refusal {
    paths: Paths,
    status: i64,
    /// The name of what refuses.
    who: Arc<str>,
    /// Whether it asks for more than who the caller is: it is handed what a credential led to, or does not give it itself.
    knows_caller: bool,
    /// Where it does, in a description, too.
    place: Site,
    evidence: Evidence,
}

/// A security scheme that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Scheme {
    name: Arc<str>,
    /// Whether it refuses by itself who does not bring it; where none does, one of several suffices.
    refuses: bool,
}

/// What one play of a request came to.
#[derive(Debug, Clone)]
struct Play {
    /// Under which conditions the request passes.
    passes: Paths,
    refusals: Vec<Refusal>,
    schemes: Vec<Scheme>,
    scopes: Vec<Arc<str>>,
    /// The project's own dependency around what refused, by name.
    via: Option<(Arc<str>, Evidence)>,
    /// A guard that could not be worked out.
    unknown: Option<(Site, String)>,
    /// Code that is not seen and that a dependency handed a credential to.
    delegated: Option<(Site, String)>,
    /// A middleware whose code is not seen.
    unseen: Option<String>,
    /// Whether somebody is sent elsewhere.
    redirected: bool,
    /// Where the handler tells of an error.
    failing: Vec<Site>,
    /// How many of the dependencies of the route were begun before nobody was left.
    reached: usize,
    /// The hooks before the handler, and how many conditions settings had decided when each was done.
    hooks: Vec<(Obj, usize)>,
}

/// What it means that an answer sends the caller elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Redirects {
    /// The caller got what it asked for.
    Pass,
    /// The caller is sent away; whether for want of a credential is the question.
    Refuse,
    /// The same for the handler alone: what stands before it may send everybody elsewhere until the application is set up.
    RefuseInHandler,
}

/// A file and a line.
type Place = (Arc<str>, u32);

/// Judges the endpoints of an application; what does not depend on the endpoint is judged once.
pub(crate) struct Judge {
    /// Whether a middleware refuses anything at all.
    middleware: FxHashMap<Obj, middleware::Effect>,
    /// Whether a condition that a setting decides would change an answer that rests on what refuses first.
    flips: FxHashMap<(Site, Option<First>), bool>,
    constants: stages::Constants,
    known: stages::Known,
    /// What dependencies came to: by what they are, as far as they were reached.
    answers: FxHashMap<String, Answer>,
    /// What handlers come to that do not look at the route: one function often answers several paths. With what they come to where their
    /// redirects refuse.
    handlers: FxHashMap<String, (Answer, Option<Answer>)>,
    /// What each dependency asks of somebody with a credential.
    opened: FxHashMap<String, Opened>,
    /// What is not seen and concerns more than one endpoint.
    noted: Vec<Gap>,
    redirects: Redirects,
    /// Where the question that is asked found errors to be told of.
    failing: Vec<Site>,
    /// A refusal of the endpoint that hangs on what code says that is not seen.
    unseen_check: Option<(Site, String)>,
    /// What stands before the handler, and the handler, where only a play with a credential shows whether it refuses for want of one.
    questions: Vec<Verdict>,
    /// What the play of the endpoint that lets redirects pass says of the others.
    foreseen: Foreseen,
    /// Whether what stands before the handler that is played is not worked out.
    is_in_doubt: bool,
}

/// What plays of an endpoint in which a redirect refuses would come to, as far as one in which it passes shows that: most of it runs alike.
#[derive(Debug, Default)]
struct Foreseen {
    /// The handler, where its own redirects refuse.
    handler: Option<Answer>,
    /// What stands before it, if that redirects nobody.
    outer: Option<Answer>,
}

/// What the same guards answer for every endpoint, where they do not look at which one it is.
#[derive(Debug, Clone)]
struct Answer {
    verdict: Verdict,
    /// Which settings had a say.
    decided: Vec<Decided>,
}

/// What a play with a credential of unknown content came to.
#[derive(Debug, Clone, Default)]
struct Opened {
    asked: conditions::Asked,
    /// Whether somebody gets through.
    passes: bool,
    looked_at: u16,
    /// Of each dependency, whether it looked at a credential.
    identifies: Vec<bool>,
}

/// What refuses at an endpoint, on the way to its access.
struct Judged {
    best: Verdict,
    stage: Stage,
    decided: Vec<Decided>,
    /// What the play with a credential came to, if it was played already.
    opened: Option<Opened>,
    redirected: bool,
    guards: Guards,
}

/// A condition that the default of a setting decided, and the setting.
type Decided = (Site, Symbol);

impl Judge {
    /// A judge who has seen nothing.
    pub(crate) fn new() -> Self {
        Self {
            middleware: FxHashMap::default(),
            flips: FxHashMap::default(),
            constants: stages::Constants::default(),
            known: stages::Known::default(),
            answers: FxHashMap::default(),
            handlers: FxHashMap::default(),
            opened: FxHashMap::default(),
            noted: Vec::new(),
            redirects: Redirects::Pass,
            failing: Vec::new(),
            unseen_check: None,
            questions: Vec::new(),
            foreseen: Foreseen::default(),
            is_in_doubt: false,
        }
    }

    /// Who is admitted to an endpoint.
    pub(crate) fn access(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        gaps: &mut Vec<Gap>,
    ) -> Access {
        let judged = self.judge(interp, raw, method);
        if let Err(gap) = &judged {
            gaps.push(gap.clone());
        }
        for gap in &self.noted {
            if !gaps.contains(gap) {
                gaps.push(gap.clone());
            }
        }
        judged.unwrap_or_else(Access::unknown)
    }

    fn judge(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method) -> Result<Access, Gap> {
        self.foreseen = Foreseen::default();
        let mut judged = self.verdict(interp, raw, method);
        if judged.as_ref().is_ok_and(|j| !j.best.is_required() && j.redirected) {
            // Somebody is sent elsewhere: for want of a credential, if everybody without one is, and not who brings one.
            let mut doubt = None;
            for redirects in [Redirects::Refuse, Redirects::RefuseInHandler] {
                self.redirects = redirects;
                match self.sent_away(interp, raw, method) {
                    Ok(sent_away) if sent_away.best.is_required() && !sent_away.best.is_merged() => {
                        let access = self.concluded(interp, raw, method, sent_away);
                        self.redirects = Redirects::Pass;
                        return access;
                    }
                    Ok(sent_away) if sent_away.best.is_required() => {
                        let reason = "whether who has no credential is sent elsewhere takes too much to work out";
                        doubt.get_or_insert(gap_at(interp, GapKind::UnresolvedGuard, raw.site, reason.to_owned()));
                    }
                    Ok(_) => {}
                    Err(gap) => _ = doubt.get_or_insert(gap),
                }
            }
            self.redirects = Redirects::Pass;
            if let (Some(gap), Ok(judged)) = (doubt, &mut judged) {
                judged.best.doubt(gap.reason.clone());
                self.noted.extend(Some(gap).filter(|gap| !self.noted.contains(gap)));
            }
        }
        judged.and_then(|judged| self.concluded(interp, raw, method, judged))
    }

    /// What refuses, if anything does.
    fn verdict(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method) -> Result<Judged, Gap> {
        let mut guards = Guards::of(interp, raw, method, self.redirects);
        guards.layers_let_pass = self.layers_let_pass(interp, raw, method);
        let (mut best, mut stage, decided) = self.without_credential(interp, raw, method, &guards);
        if best.is_nowhere() && best.unknown().is_none() && best.delegated().is_none() {
            self.questions.clear();
            return Err(gap_at(interp, GapKind::UnresolvedGuard, raw.site, NOBODY_PASSES.to_owned()));
        }
        let redirected = best.is_redirecting();
        let (mut opened, mut doubt) = (None, None);
        for question in std::mem::take(&mut self.questions) {
            if best.is_required() {
                break;
            }
            self.failing.clone_from(question.failing());
            // Nobody without a credential passes, or none if data says so: if somebody with one does, it is for want of it.
            let always = |opens: bool| opens.then_some(Answered::Always);
            let mut answered = match (question.is_dead_end(), question.stage()) {
                (true, Stage::Handler) => always(self.handler_opens(interp, raw, method)),
                (true, Stage::Outer) => {
                    let tried = self.with_credential(interp, raw, method, &guards, &question);
                    always(opened.insert(tried).passes)
                }
                (false, _) => self.answer_of_credential(interp, raw, method, &question).unwrap_or_else(|gap| {
                    doubt.get_or_insert(gap);
                    None
                }),
            };
            let is_dead_end = question.is_dead_end() && !question.hangs_on_redirects();
            if answered.is_none() && question.hangs_on_redirects() {
                answered = self.answer_of_credential(interp, raw, method, &question).unwrap_or_else(|gap| {
                    doubt.get_or_insert(gap);
                    None
                });
            }
            if let Some(answered) = answered {
                (best, stage) = question.opened_by_credential(answered);
            } else if is_dead_end && matches!(question.stage(), Stage::Handler) && question.is_switched_off() {
                let reason = "it forbids whoever asks, as far as is seen".to_owned();
                doubt.get_or_insert(gap_at(interp, GapKind::UnresolvedGuard, raw.site, reason));
            } else if is_dead_end && matches!(question.stage(), Stage::Outer) {
                self.failing.clear();
                return Err(gap_at(interp, GapKind::UnresolvedGuard, raw.site, NOBODY_PASSES.to_owned()));
            }
        }
        self.failing.clear();
        let unseen = self.unseen_check.take().map(|(site, why)| gap_at(interp, GapKind::UnresolvedGuard, site, why));
        match doubt.or(unseen).filter(|_| !best.is_required()) {
            Some(gap) => Err(gap),
            None => Ok(Judged { best, stage, decided, opened, redirected, guards }),
        }
    }

    /// The access that follows from a verdict.
    fn concluded(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        judged: Judged,
    ) -> Result<Access, Gap> {
        let Judged { best, stage, decided, opened, guards, .. } = judged;
        let setting = self.setting_that_decides(interp, raw, method, &best, stage, &decided);
        if let (false, Some((site, reason))) = (best.is_required(), best.unknown()) {
            return Err(gap_at(interp, GapKind::UnresolvedGuard, site, reason));
        }
        if let (false, Some((site, reason))) = (best.is_required(), best.delegated()) {
            return Err(gap_at(interp, GapKind::UnresolvedGuard, site, reason));
        }
        let mut asked = conditions::Asked { schemes: best.schemes(), ..conditions::Asked::default() };
        if best.is_required() {
            let opened = opened.unwrap_or_else(|| self.with_credential(interp, raw, method, &guards, &best));
            let by_handler = self.asked_by_handler(interp, raw, method, &opened.identifies, &best);
            if matches!(stage, Stage::Outer) {
                asked = opened.asked;
            }
            asked.extend(by_handler);
        }
        if let (false, Some(gap)) = (best.is_required(), unknown_handler(interp, raw)) {
            return Err(gap);
        }
        let ineffective = if best.is_required() {
            Vec::new()
        } else {
            let documented = documented::without_effect(interp, raw, method);
            self.guards_without_effect(interp, raw, method).into_iter().chain(documented).collect()
        };
        let mut unseen = best.unseen().filter(|_| !best.is_required());
        if let (false, Some(decorator)) = (best.is_required(), undescribed_decorator(interp, raw)) {
            if decorator.is_likely {
                return Err(gap_at(interp, GapKind::UnresolvedGuard, decorator.site, decorator.reason));
            }
            self.note_once(interp, decorator.site, &decorator.reason);
            unseen = Some(decorator.reason);
        }
        let access = match unseen {
            Some(reason) => Access::assumed(AuthRequirement::everybody(), reason, Vec::new()),
            None if !ineffective.is_empty() => Access::public(ineffective),
            None => best.into_access(asked),
        };
        Ok(match setting {
            Some(setting) => access.configurable_by(setting.as_str()),
            None => access,
        })
    }

    /// The play of a client without a credential: what refuses it, and which settings had a say.
    fn without_credential(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        guards: &Guards,
    ) -> (Verdict, Stage, Vec<Decided>) {
        let foreseen = self.foreseen.outer.clone().filter(|_| self.redirects != Redirects::Pass);
        let known = foreseen.or_else(|| guards.known(&self.answers).cloned());
        let Answer { verdict: outer, mut decided } = known.unwrap_or_else(|| {
            let verdict = self.play_outer(interp, raw, method);
            let answer = Answer { verdict, decided: interp.decided_by_settings() };
            let is_the_same_for_all = guards.layers_let_pass && interp.looked_at() & label::ROUTE == 0;
            // What is not worked out is told of at the route; where the caller is refused anyway, it has no say.
            let is_settled = answer.verdict.unknown().is_none() || answer.verdict.is_required();
            if is_settled && is_the_same_for_all {
                self.answers.insert(guards.reached_by(&answer.verdict).to_owned(), answer.clone());
            }
            answer
        });
        self.unseen_check = None;
        self.questions = Some(outer.clone()).filter(Verdict::is_open_question).into_iter().collect();
        if outer.is_required() {
            return (outer, Stage::Outer, decided);
        }
        if self.redirects == Redirects::Pass {
            let redirects_nobody = Some(&outer).filter(|outer| !outer.is_redirecting()).cloned();
            self.foreseen.outer = redirects_nobody.map(|verdict| Answer { verdict, decided: decided.clone() });
        }
        self.is_in_doubt = outer.unknown().is_some();
        let Answer { verdict: inner, decided: by_handler } = self.handler_answer(interp, raw, method, guards);
        self.is_in_doubt = false;
        decided.extend(by_handler);
        let outer = outer.with_redirects_of(&inner);
        self.questions.extend(Some(inner.clone()).filter(Verdict::is_open_question));
        if raw.framework.has_global_request() {
            self.unseen_check = outer.unseen_check().or_else(|| inner.unseen_check());
        }
        if inner.is_required() {
            return (inner, Stage::Handler, decided);
        }
        let unknown = inner.unknown().or_else(|| Some((raw.site, inner.assumed()?.to_owned())));
        let Some((site, reason)) = unknown.filter(|_| outer.unknown().is_none()) else {
            return (outer, Stage::Outer, decided);
        };
        // What of the handler is not worked out may refuse.
        self.note_unseen(interp, site, &reason);
        (outer.with_unseen(reason), Stage::Outer, decided)
    }

    /// What the handler answers a client without a credential, played unless an earlier play shows it.
    fn handler_answer(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method, guards: &Guards) -> Answer {
        let is_as_foreseen = match self.redirects {
            Redirects::Pass => false,
            Redirects::Refuse => self.foreseen.outer.is_some(),
            Redirects::RefuseInHandler => true,
        };
        if let Some(foreseen) = self.foreseen.handler.clone().filter(|_| is_as_foreseen) {
            return foreseen;
        }
        if self.redirects != Redirects::Pass {
            let verdict = self.play_handler(interp, raw, method);
            return Answer { verdict, decided: interp.decided_by_settings() };
        }
        let key = guards.with_handler(raw).map(|key| format!("{key}{}", self.is_in_doubt));
        if let Some((answer, refusing)) = key.as_ref().and_then(|key| self.handlers.get(key)) {
            self.foreseen.handler.clone_from(refusing);
            return answer.clone();
        }
        let before = interp.total_left();
        let (verdict, refusing) = interp.explore(HANDLER_STEPS_MAX, |i| {
            let (play, refusing) = self.with_handler_both_ways(i, raw, method);
            let judged = |play: &Play| verdict::of(i, play, Stage::Handler);
            (judged(&play), refusing.as_ref().map(judged))
        });
        // Near the end of the steps, what one play has to spare says nothing about another.
        let has_room = before - interp.total_left() < u64::from(HANDLER_STEPS_MAX / 2);
        let refusing = refusing.filter(|_| has_room);
        let decided = interp.decided_by_settings();
        self.foreseen.handler = refusing.map(|verdict| Answer { verdict, decided: decided.clone() });
        let answer = Answer { verdict, decided };
        let line = interp.program().file(raw.site.file).line(raw.site.span.start);
        let place = (Arc::clone(&interp.program().file(raw.site.file).path), line);
        let tells_of_route = |answer: &Answer| answer.verdict.tells_of(raw.site, &place);
        let is_told = tells_of_route(&answer) || self.foreseen.handler.as_ref().is_some_and(tells_of_route);
        if let Some(key) = key.filter(|_| interp.looked_at() & label::ROUTE == 0 && !is_told) {
            self.handlers.insert(key, (answer.clone(), self.foreseen.handler.clone()));
        }
        answer
    }

    /// Whether the layers around a route let the request through, whoever makes it: then what is behind them answers as it does for
    /// every other such endpoint.
    fn layers_let_pass(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method) -> bool {
        let effect = |layer: &Layer| layer.entry.as_object().and_then(|entry| self.middleware.get(&entry));
        if raw.layers.iter().all(|layer| effect(layer).is_some_and(|effect| !effect.differs_by_endpoint())) {
            return true;
        }
        interp.explore(STEPS_MAX, |i| {
            let play = self.through_layers(i, raw, method);
            play.passes.is_always() && play.refusals.is_empty() && play.unknown.is_none()
        })
    }

    /// What a play with a credential of unknown content says to a question.
    fn answer_of_credential(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        question: &Verdict,
    ) -> Result<Option<Answered>, Gap> {
        interp.set_opaque(true);
        let ask = |judge: &mut Self, i: &mut Interp<'_>| {
            let play = match question.stage() {
                Stage::Outer => judge.before_handler(i, raw, method),
                Stage::Handler => judge.with_handler(i, raw, method),
            };
            (question.answer_of(i, &play), question.is_certain_in(i, &play))
        };
        let (mut answered, is_certain) = interp.explore(STEPS_MAX, |i| ask(self, i));
        let is_open = answered.is_none() && !is_certain && raw.framework.has_global_request();
        if is_open {
            answered = self.leaving_out_handlers(|judge| interp.explore(STEPS_MAX, |i| ask(judge, i)).0);
        }
        interp.set_opaque(false);
        if is_open && answered.is_none() {
            let reason = "whether a credential gets past what refuses here takes too much to work out";
            return Err(gap_at(interp, GapKind::UnresolvedGuard, raw.site, reason.to_owned()));
        }
        Ok(answered)
    }

    /// The play with a credential of unknown content: what else is asked for, and whether it gets anywhere. What stands around
    /// the dependencies and each of them are played alone; a dependency once for all endpoints that have it.
    fn with_credential(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        guards: &Guards,
        identified: &Verdict,
    ) -> Opened {
        let identifying = identified.refusing();
        if raw.framework.has_global_request() {
            return self.through_hooks(interp, raw, method, guards, &identifying);
        }
        let mut all = Opened { passes: true, ..Opened::default() };
        if guards.is_wrapped || !guards.layers_let_pass {
            all = self.opened_by(interp, &identifying, |judge, i| judge.through_wrapping(i, raw, method));
        }
        for (index, part) in guards.parts.iter().enumerate() {
            let key = format!("{} {identifying:?}", guards.key_of(index));
            let opened = match self.opened.get(&key) {
                Some(known) => known.clone(),
                None => self.opened_by(interp, &identifying, |judge, i| judge.through_part(i, raw, method, part)),
            };
            if opened.looked_at & label::ROUTE == 0 {
                self.opened.entry(key).or_insert_with(|| opened.clone());
            }
            all.passes &= opened.passes;
            all.identifies.push(opened.looked_at & label::CREDENTIAL != 0 || !opened.asked.schemes.is_empty());
            all.asked.extend(opened.asked);
        }
        all
    }

    /// Hooks leave what they find out in a global, for those behind them: they are played together.
    fn through_hooks(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        guards: &Guards,
        identifying: &[&str],
    ) -> Opened {
        let key = format!("{} {identifying:?}", guards.key());
        if let Some(known) = self.opened.get(&key).filter(|_| guards.layers_let_pass) {
            return known.clone();
        }
        let opened = self.opened_by(interp, identifying, |judge, i| judge.before_handler(i, raw, method));
        if opened.looked_at & label::ROUTE == 0 {
            self.opened.insert(key, opened.clone());
        }
        opened
    }

    fn opened_by(
        &mut self,
        interp: &mut Interp<'_>,
        identifying: &[&str],
        play: impl FnOnce(&mut Self, &mut Interp<'_>) -> Play,
    ) -> Opened {
        interp.set_opaque(true);
        let (asked, passes) = interp.explore(STEPS_MAX, |i| {
            let play = play(self, i);
            (conditions::asked_for(i, &play, identifying), !play.passes.is_never())
        });
        interp.set_opaque(false);
        Opened { asked, passes, looked_at: interp.looked_at(), identifies: Vec::new() }
    }

    /// Plays a request with a credential of unknown content through dependencies and handler, and reads what that came to.
    pub(crate) fn play_throughout<T>(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        read: impl FnOnce(&mut Interp<'_>, &Throughout) -> T,
    ) -> T {
        interp.set_opaque(true);
        let result = interp.watching(|i| {
            i.explore(STEPS_MAX, |i| {
                let played = self.throughout(i, raw, method);
                read(i, &played)
            })
        });
        interp.set_opaque(false);
        result
    }

    /// Whether somebody with a credential gets another answer of the handler than the refusal that everybody else gets.
    fn handler_opens(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method) -> bool {
        interp.set_opaque(true);
        let opens = interp.explore(HANDLER_STEPS_MAX, |i| !self.with_handler(i, raw, method).passes.is_never());
        interp.set_opaque(false);
        opens
    }

    /// What the handler itself asks of somebody with a credential.
    fn asked_by_handler(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        identifies: &[bool],
        best: &Verdict,
    ) -> conditions::Asked {
        interp.set_opaque(true);
        let asked = interp.explore(ROLE_STEPS_MAX, |i| {
            let (steps, depth) = match raw.framework.has_global_request() {
                // The hooks before the handler are played with it, and dispatch and decorators stand between.
                true => (ROLE_STEPS_MAX * 10, ROLE_DEPTH_MAX * 4),
                false => (ROLE_STEPS_MAX, ROLE_DEPTH_MAX),
            };
            let play = i.shallow(steps, depth, |i| self.handler_alone(i, raw, method, identifies));
            conditions::asked_by_handler(i, &play, |refusal| best.rests_on(refusal))
        });
        interp.set_opaque(false);
        conditions::Asked { tests: asked.tests, ..conditions::Asked::default() }
    }

    fn play_outer(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method) -> Verdict {
        interp.explore(STEPS_MAX, |i| {
            let play = self.before_handler(i, raw, method);
            verdict::of(i, &play, Stage::Outer)
        })
    }

    fn play_handler(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method) -> Verdict {
        interp.explore(HANDLER_STEPS_MAX, |i| {
            let play = self.with_handler(i, raw, method);
            verdict::of(i, &play, Stage::Handler)
        })
    }

    /// The setting whose other value would change the answer. What was found out for one endpoint holds for all that the
    /// same refuses first.
    fn setting_that_decides(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        verdict: &Verdict,
        stage: Stage,
        decided: &[Decided],
    ) -> Option<Symbol> {
        for (nth, (site, setting)) in decided.iter().take(SETTINGS_MAX).enumerate() {
            let key = (*site, verdict.first(nth));
            let changes = if let Some(known) = self.flips.get(&key) {
                *known
            } else {
                interp.flip(Some(*site));
                let other = match stage {
                    Stage::Outer => self.play_outer(interp, raw, method),
                    Stage::Handler => self.play_handler(interp, raw, method),
                };
                interp.flip(None);
                let changes = other.is_required() != verdict.is_required();
                self.flips.insert(key, changes);
                changes
            };
            if changes {
                return Some(*setting);
            }
        }
        None
    }
}

/// A handler that is neither a function nor a class that was seen may refuse, unless it belongs to a harmless library.
fn unknown_handler(interp: &Interp<'_>, raw: &RawRoute) -> Option<Gap> {
    raw.route?;
    let inner = interp.unwrapped(&raw.endpoint);
    let is_harmless = |name: &Symbol| {
        let root = name.as_str().split('.').next().unwrap_or("");
        HARMLESS.contains(&root) || HARMLESS_MIDDLEWARE.contains(&root)
    };
    match inner.plain() {
        Value::Object(_) => None,
        Value::External(name) if is_harmless(name) => None,
        other => {
            let reason = format!("a handler that could not be worked out: {}", why(interp, other));
            Some(gap_at(interp, GapKind::UnresolvedGuard, raw.site, reason))
        }
    }
}

/// Libraries whose decorators do not refuse callers for want of a credential.
const HARMLESS: &[&str] = &[
    "slowapi",
    "fastapi_cache",
    "aiocache",
    "cachetools",
    "prometheus_client",
    "sentry_sdk",
    "tenacity",
    "backoff",
    "opentelemetry",
    "logfire",
    "ddtrace",
    "fastapi_pagination",
    "typing_extensions",
    "deprecated",
    "structlog",
    "asyncer",
    "anyio",
    "flasgger",
    "flask_seasurf",
    "prometheus_flask_exporter",
];

/// A decorator of a library that is not described stands between the request and the handler: what it does is not known.
fn undescribed_decorator(interp: &Interp<'_>, raw: &RawRoute) -> Option<Undescribed> {
    // What stands around the function of a class is put there by the class.
    let around = raw.written.iter().chain([&raw.endpoint]).flat_map(Value::alternatives);
    let around = around.filter_map(|f| interp.unwrapped(f).as_object());
    let functions: Vec<&FunctionValue> = around
        .filter_map(|function| match &interp.object(function).kind {
            Kind::Function(function) => Some(&**function),
            _ => None,
        })
        .collect();
    let above = order::above_the_route(interp, raw);
    let mut decorators = functions.iter().flat_map(|f| &f.opaque_decorators).filter(|(_, site)| !above.contains(site));
    decorators.find_map(|(decorator, site)| undescribed(interp, decorator, *site))
}

fn undescribed(interp: &Interp<'_>, decorator: &Value, site: Site) -> Option<Undescribed> {
    let name = match decorator {
        Value::External(name) => name.to_string(),
        // A method of something that a library made: `acme.Allows.requires`.
        Value::Unknown(unknown) => match (unknown.library, unknown.name?) {
            (Some(library), name) if !name.as_str().contains('.') => format!("{library}.{name}"),
            (_, name) => name.to_string(),
        },
        Value::Object(_) if let Some(base) = unseen_base(interp, decorator) => base.to_string(),
        // One of the program, where what it makes is not known.
        Value::Object(_) => {
            let text = interp.program().file(site.file).text.get(site.span.start as usize..site.span.end as usize)?;
            let name = text.split('(').next().unwrap_or(text).trim();
            let is_likely = names::speaks_of_a_guard(name);
            let reason = format!("what the decorator `{name}` makes is not known: it may refuse");
            return is_likely.then_some(Undescribed { site, reason, is_likely });
        }
        _ => return None,
    };
    let root = name.split('.').next().unwrap_or("");
    if !name.contains('.') || HARMLESS.contains(&root) {
        return None;
    }
    let is_likely = names::speaks_of_a_guard(&name);
    Some(Undescribed { site, reason: format!("the decorator `{name}` is not described: it may refuse"), is_likely })
}

/// The class of a library that is not described and that the class of an object derives from.
fn unseen_base(interp: &Interp<'_>, value: &Value) -> Option<Symbol> {
    interp.unseen_base(interp.class_of(value).as_object()?, None)
}

/// A decorator that is not described; its name may add to the doubt.
struct Undescribed {
    site: Site,
    reason: String,
    is_likely: bool,
}

/// The class of a described library.
pub(crate) fn library_class(interp: &mut Interp<'_>, module: &str, name: &str) -> Option<Value> {
    let path = format!("{}/{}.py", python::program::STUBS, module.replace('.', "/"));
    let file = interp.program().at(&path)?;
    let module = interp.run_module(file);
    let site = interp.object(module).site;
    interp.attribute_of(&Value::Object(module), name, site)
}
