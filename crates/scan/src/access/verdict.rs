//! From one play to who is admitted.

use std::sync::Arc;

use model::{Access, AuthRequirement, Evidence, Test};
use python::interp::{Comparison, Condition, Conjunction, Interp, Literal, Paths};
use python::value::{Labels, Obj, Site, Value};

use super::conditions::Asked;
use super::refusal::REDIRECTED;
use super::{Place, Play, Refusal, Scheme, label};

/// Why it is not proven, where only data decides whether the check is made.
const BY_DATA: &str = "data that the scan does not see decides whether it is checked";

/// Why it is not proven, where some are refused on ways that are not told from others.
const MERGED: &str = "there are more ways through the code than are kept apart";

/// How a flag is written where it is text.
const FLAGS: &[&str] = &["1", "0", "true", "false", "yes", "no", "on", "off", "y", "n", "t", "f"];

/// What refuses, by name, and where.
type Told = (Arc<str>, Evidence);

/// What a play came to.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "answers to questions of their own")]
pub(super) struct Verdict {
    required: bool,
    /// Why it is not proven.
    assumed: Option<String>,
    evidence: Vec<Told>,
    /// How many of those in front only depend on what refuses.
    dependents: usize,
    /// The place in a description that refuses first, if that is where.
    described: Option<Site>,
    /// The hooks before the handler, and how many conditions settings had decided when each was done.
    hooks: Vec<(Obj, usize)>,
    schemes: Vec<Scheme>,
    unknown: Option<(Site, String)>,
    /// A refusal that hangs on what code says that is not seen.
    unseen_check: Option<(Site, String)>,
    delegated: Option<(Site, String)>,
    unseen: Option<String>,
    /// What another play has to answer.
    question: Option<Question>,
    /// Whether everybody is forbidden under no condition at all.
    switched_off: bool,
    /// All that refuses, where there is a question.
    refusals: Vec<Told>,
    /// Where those do.
    places: Vec<Site>,
    /// Where the handler tells of an error.
    failing: Vec<Site>,
    stage: Stage,
    /// Whether somebody is sent elsewhere.
    redirected: bool,
    /// Whether being sent elsewhere is among what refuses.
    redirecting: bool,
    /// Whether more ways lead through than are kept apart.
    merged: bool,
    /// Whether nobody gets past what stands before the handler, and nothing that was seen refuses anybody.
    is_nowhere: bool,
    /// How many of the dependencies of the route it rests on.
    reached: usize,
}

/// What refuses first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum First {
    /// A place of the program.
    Own(Place),
    /// A place in a description, with the name of what refuses there, where it is a hook that asks for the setting.
    Described { at: Site, who: Arc<str>, asked_by: Obj },
}

/// What a play with a credential has to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// Nobody without a credential passes, and it does not show that this is for want of one.
    DeadEnd,
    /// Data that the scan does not see decides whether anybody without a credential passes.
    HangsOnData,
}

/// What a play with a credential says of what refuses everybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// It is for want of a credential.
    Always,
    /// It is, where data that the scan does not see says that it is asked for.
    IfDataSaysSo,
}

/// Which conditions are checks of the caller.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    /// Middleware and dependencies: what looks at a credential, or answers 401 to something in the path or query.
    Outer,
    /// The handler: only what looks at a credential, since a handler also refuses for what else is in the request.
    Handler,
}

/// Judges a play.
pub(super) fn of(interp: &Interp<'_>, play: &Play, stage: Stage) -> Verdict {
    let passes = play.passes.alternatives();
    let checked = checked(interp, play, stage);
    let (gated, ungated): (Vec<_>, Vec<_>) = checked.iter().partition(|(_, gates)| !gates.is_empty());
    let always: Vec<&Refusal> = if passes.is_empty() {
        // Where some are sent elsewhere, whether a credential would keep them here is for another play to say.
        let redirects = play.refusals.iter().any(|r| r.status == REDIRECTED);
        play.refusals.iter().filter(|r| !redirects && is_about_caller(interp, r, stage)).collect()
    } else {
        Vec::new()
    };
    // Where only data decides whether the check is made at all, it counts as made.
    let by_data = !ungated.is_empty() && ungated.iter().all(|(p, _)| data_decides(interp, p, &gated, stage));
    let required = !always.is_empty() || (!gated.is_empty() && (ungated.is_empty() || by_data));
    let assumed = match (required, by_data, play.passes.is_merged()) {
        (true, true, _) => Some(BY_DATA.to_owned()),
        (_, _, true) if !play.refusals.is_empty() => Some(MERGED.to_owned()),
        _ => None,
    };
    let by_gates = gated.iter().flat_map(|(_, gates)| gates.iter().copied());
    let relevant: Vec<&Refusal> = if required { always.iter().copied().chain(by_gates).collect() } else { Vec::new() };
    let own = play.via.clone().filter(|_| required);
    let dependents = usize::from(own.is_some());
    let evidence = own.into_iter().chain(told(&relevant)).collect();
    // Nobody passes, for reasons that do not name the caller: whether a credential would help is for another play to say.
    let dead_end = passes.is_empty() && always.is_empty() && !play.refusals.is_empty();
    let by_data = |r: &&Refusal| !required && only_data_differs(interp, r, passes);
    let unseen = unseen_check(interp, play).filter(|_| !required);
    let in_question: Vec<&Refusal> = play.refusals.iter().filter(|r| dead_end || by_data(r)).collect();
    Verdict {
        required,
        assumed,
        question: match (dead_end, in_question.is_empty()) {
            (true, _) => Some(Question::DeadEnd),
            (false, true) => None,
            (false, false) => Some(Question::HangsOnData),
        },
        switched_off: dead_end && in_question.iter().any(|r| r.status == 403 && r.paths.is_always()),
        refusals: told(&in_question),
        places: in_question.iter().map(|r| r.place).collect(),
        evidence,
        dependents,
        hooks: play.hooks.clone(),
        described: relevant.first().map(|first| first.place).filter(|at| interp.program().is_stub(at.file)),
        schemes: play.schemes.clone(),
        unknown: play.unknown.clone().or_else(|| checks_on_some_way(interp, play, stage).filter(|_| !required)),
        unseen_check: unseen,
        delegated: play.delegated.clone(),
        unseen: play.unseen.clone(),
        failing: play.failing.clone(),
        stage,
        redirected: play.redirected,
        redirecting: play.refusals.iter().any(|r| r.status == REDIRECTED),
        merged: play.passes.is_merged(),
        is_nowhere: passes.is_empty() && play.refusals.is_empty() && matches!(stage, Stage::Outer),
        reached: play.reached,
    }
}

/// Where a credential is checked on some of more ways than are kept apart: whether one goes around the check is not known.
fn checks_on_some_way(interp: &Interp<'_>, play: &Play, stage: Stage) -> Option<(Site, String)> {
    if !play.passes.is_merged() {
        return None;
    }
    // A handler refuses for much else: there, it has to be one of the conditions that were left out.
    let is_outer = matches!(stage, Stage::Outer);
    let left_out = |l: &Literal| play.passes.left_out().is_none_or(|all| all.contains(&l.condition));
    let checks = |r: &&Refusal| {
        let mut conditions = r.paths.alternatives().iter().flat_map(|way| way.iter());
        let is_it = |l: &Literal| is_check(interp, &Literal { holds: !l.holds, ..*l }, r.status, stage);
        conditions.any(|l| (is_outer || left_out(l)) && is_it(l))
    };
    let check = play.refusals.iter().filter(|r| refuses_by_itself(r.status)).find(checks)?;
    Some((check.place, MERGED.to_owned()))
}

/// Where somebody is refused if code says so that is not seen and was handed nothing: it may have looked at the caller.
fn unseen_check(interp: &Interp<'_>, play: &Play) -> Option<(Site, String)> {
    let of_request = label::INPUT | label::BODY | label::CLIENT;
    let is_unseen = |l: &&Literal| {
        let labels = interp.condition(l.condition).labels;
        labels.has(Labels::UNSEEN) && !labels.has(of_request)
    };
    let refuses = play.refusals.iter().filter(|r| refuses_by_itself(r.status));
    let literal = refuses.flat_map(|r| r.paths.alternatives()).flatten().find(is_unseen)?;
    let reason = "what is asked before it refuses is of code that is not seen: it may look at the caller".to_owned();
    Some((interp.condition(literal.condition).site, reason))
}

/// Each passing path with its gates. A path that is the way around another gate, such as a second kind of credential, is gated by what
/// it shows instead: so the gates are looked for again among those paths that have none yet.
fn checked<'p>(interp: &Interp<'_>, play: &'p Play, stage: Stage) -> Vec<(&'p Conjunction, Vec<&'p Refusal>)> {
    let together = play.refusals.iter().fold(Paths::never(), |all, r| all.or(&r.paths));
    let mut found: Vec<(&Conjunction, Vec<&Refusal>)> =
        play.passes.alternatives().iter().map(|p| (p, Vec::new())).collect();
    loop {
        let open: Vec<&Conjunction> = found.iter().filter(|(_, gates)| gates.is_empty()).map(|(p, _)| *p).collect();
        for (path, gates) in found.iter_mut().filter(|(_, gates)| gates.is_empty()) {
            *gates = gates_of(interp, path, play, (&together, &open), stage);
        }
        let still_open = found.iter().filter(|(_, gates)| gates.is_empty()).count();
        if still_open == 0 || still_open == open.len() {
            return found;
        }
    }
}

/// The refusals on the other side of a condition of a passing path: those that the other side always comes to, or, where it comes to
/// several things, those among them if no way through is open to it.
fn gates_of<'r>(
    interp: &Interp<'_>,
    path: &[Literal],
    play: &'r Play,
    (together, open): (&Paths, &[&Conjunction]),
    stage: Stage,
) -> Vec<&'r Refusal> {
    let checks = |literal: &&Literal, refusal: &Refusal| is_check(interp, literal, refusal.status, stage);
    let comes_to = |refusal: &Refusal, other: &Literal| refusal.paths.alternatives().iter().any(|f| f.contains(other));
    let gates = |literal: &&Literal, refusal: &Refusal| {
        let other = Literal { holds: !literal.holds, ..**literal };
        let always = |paths: &Paths| {
            let within = |f: &Conjunction| f.contains(&other) && f.iter().all(|l| *l == other || path.contains(l));
            paths.alternatives().iter().any(within)
        };
        let closed = || {
            // Merged paths lack the literals that tell them from each other: what contradicts the refusal is not the way around it.
            let apart = |p: &[Literal], f: &[Literal]| play.passes.is_merged() && !compatible(p, f, u32::MAX);
            let shut = |f: &Conjunction| {
                f.contains(&other)
                    && compatible(f, path, literal.condition)
                    && open
                        .iter()
                        .all(|p| p.contains(literal) || !compatible(p, path, literal.condition) || apart(p, f))
            };
            refusal.paths.alternatives().iter().any(shut)
        };
        always(&refusal.paths) || (always(together) && comes_to(refusal, &other)) || closed()
    };
    play.refusals.iter().filter(|r| path.iter().any(|l| checks(&l, r) && gates(&l, r))).collect()
}

/// Whether two paths do not contradict each other, one condition aside.
fn compatible(one: &[Literal], other: &[Literal], aside: u32) -> bool {
    one.iter().all(|l| l.condition == aside || !other.contains(&Literal { holds: !l.holds, ..*l }))
}

/// Whether a condition is a check of the caller, where `passing` is how it turns out on the way through.
fn is_check(interp: &Interp<'_>, passing: &Literal, status: i64, stage: Stage) -> bool {
    let condition = interp.condition(passing.condition);
    let by_input = matches!(stage, Stage::Outer) && status == 401 && condition.labels.has(label::INPUT);
    (condition.labels.has(label::CREDENTIAL)
        && !names_a_protocol(condition)
        && !asks_whence(condition)
        && (status != REDIRECTED || sends_away(condition, passing.holds)))
        || (by_input && !only_forbids(condition, passing.holds))
        || demands_secret(condition, passing.holds)
}

/// Whether a condition that turns out like this says that a part of the request is the same as something that is not written there.
fn demands_secret(condition: &Condition, holds: bool) -> bool {
    let of_request = label::CREDENTIAL | label::INPUT | label::BODY | label::ROUTE | label::CHOICE;
    let is_secret = |with: &Value| {
        let labels = with.labels();
        let is_named = matches!(with.plain(), Value::Unknown(_) | Value::External(_));
        (is_named || labels.has(Labels::CONFIGURATION)) && !labels.has(of_request)
    };
    let demands = |c: &Comparison| {
        let is_own = c.labels.has(label::INPUT) && !c.labels.has(Labels::LOOKED_UP);
        is_own && is_secret(&c.with) && c.is_told_by(holds) && c.same == holds
    };
    condition.comparisons.iter().any(demands)
}

/// Whether only a word of a protocol is compared, in what may carry a token, too.
fn names_a_protocol(condition: &Condition) -> bool {
    let is_word = |with: &Value| matches!(with, Value::Str(_) | Value::Bool(_) | Value::None);
    let is_name = |c: &Comparison| c.labels.has(label::CLIENT) && !c.labels.has(Labels::LOOKED_UP) && is_word(&c.with);
    !condition.comparisons.is_empty() && condition.comparisons.iter().all(is_name)
}

/// Whether two things that the client sends are compared, as against requests from other sites: a session or cookie with a field of a
/// form or a header. Everybody has both.
fn asks_whence(condition: &Condition) -> bool {
    let is_sent = |labels: Labels| labels.has(label::CREDENTIAL | label::BODY) && !labels.has(Labels::LOOKED_UP);
    let asks = |c: &Comparison| {
        let with = c.with.labels();
        is_sent(c.labels) && is_sent(with) && (c.labels.has(label::KEPT) || with.has(label::KEPT))
    };
    !condition.comparisons.is_empty() && condition.comparisons.iter().all(asks)
}

/// Whether who does not meet a condition is sent elsewhere for want of a credential: not for what else is in the request.
fn sends_away(condition: &Condition, holds: bool) -> bool {
    !condition.labels.has(label::INPUT | label::BODY) && demands(condition, holds)
}

/// Whether a condition that turns out like this says that a credential is there, and not that it is absent.
fn demands(condition: &Condition, holds: bool) -> bool {
    let told = |c: &&Comparison| c.labels.has(label::CREDENTIAL) && c.is_told_by(holds);
    let is_there = |c: &Comparison| (c.same == holds) != matches!(c.with.plain(), Value::None | Value::Bool(false));
    let mut told = condition.comparisons.iter().filter(told).peekable();
    told.peek().is_none() || told.any(is_there)
}

/// Whether a condition that turns out like this says only what a part of the request is not: anything else passes.
fn only_forbids(condition: &Condition, holds: bool) -> bool {
    let is_own = |c: &Comparison| c.labels.has(label::INPUT) && !c.labels.has(Labels::LOOKED_UP);
    let is_value =
        |c: &Comparison| !matches!(c.with.plain(), Value::None | Value::Bool(_)) && c.with.as_str() != Some("");
    let forbids = |c: &Comparison| is_own(c) && is_value(c) && c.same != holds;
    !condition.comparisons.is_empty() && condition.comparisons.iter().all(forbids)
}

/// Whether a refusal of all is made because of the caller: under a condition that looks at a credential, or under none that looks at
/// what else is in the request.
fn is_about_caller(interp: &Interp<'_>, refusal: &Refusal, stage: Stage) -> bool {
    let labels = |l: &Literal| interp.condition(l.condition).labels;
    // A handler that forbids without a look at any credential: a feature that is switched off.
    let is_switch =
        matches!(stage, Stage::Handler) && refusal.status == 403 && interp.looked_at() & label::CREDENTIAL == 0;
    let about = |path: &Conjunction| {
        path.iter().any(|l| is_check(interp, &Literal { holds: !l.holds, ..*l }, refusal.status, stage))
            || (refuses_by_itself(refusal.status)
                && !is_switch
                && !path.iter().any(|l| labels(l).has(label::BODY | label::INPUT)))
    };
    refusal.paths.alternatives().iter().any(about)
}

/// Whether everybody without a credential is refused here if the data says so, and only what is stored lets any of them pass.
fn only_data_differs(interp: &Interp<'_>, refusal: &Refusal, passes: &[Conjunction]) -> bool {
    let of_request = label::INPUT | label::CHOICE | label::ROUTE | label::CLIENT;
    let is_data = |l: &Literal| {
        let labels = interp.condition(l.condition).labels;
        !labels.has(label::CREDENTIAL | label::BODY) && (labels.has(Labels::LOOKED_UP) || !labels.has(of_request))
    };
    let leaves =
        |f: &[Literal], p: &[Literal]| f.iter().any(|l| is_data(l) && p.contains(&Literal { holds: !l.holds, ..*l }));
    (refuses_by_itself(refusal.status) || refusal.status == REDIRECTED)
        && refusal.paths.alternatives().iter().any(|f| !passes.is_empty() && passes.iter().all(|p| leaves(f, p)))
}

/// A redirect says nothing about the caller unless a condition does.
fn refuses_by_itself(status: i64) -> bool {
    matches!(status, 401 | 403)
}

/// Whether an unchecked path differs from a checked one in something that neither the caller nor a setting decides.
fn data_decides(interp: &Interp<'_>, path: &[Literal], gated: &[&(&Conjunction, Vec<&Refusal>)], stage: Stage) -> bool {
    path.iter().any(|l| {
        let condition = interp.condition(l.condition);
        let labels = condition.labels;
        let other = Literal { holds: !l.holds, ..*l };
        !is_check(interp, l, 401, stage)
            && !is_chosen(condition)
            && !labels.has(label::BODY)
            && gated.iter().any(|(g, _)| g.contains(&other))
    })
}

/// Whether the caller chooses how a condition turns out, by something that takes no secret.
fn is_chosen(condition: &Condition) -> bool {
    let labels = condition.labels;
    let is_flag = |c: &Comparison| {
        let text = c.with.as_str().map(str::to_lowercase);
        c.labels.has(label::INPUT) && text.is_some_and(|text| FLAGS.contains(&text.as_str()))
    };
    let is_flag = !condition.comparisons.is_empty() && condition.comparisons.iter().all(is_flag);
    !labels.has(Labels::LOOKED_UP) && (labels.has(label::CHOICE) || (labels.has(label::INPUT) && is_flag))
}

fn told(refusals: &[&Refusal]) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    for refusal in refusals {
        if !found.iter().any(|(_, evidence)| *evidence == refusal.evidence) {
            found.push((Arc::clone(&refusal.who), refusal.evidence.clone()));
        }
    }
    found
}

impl Verdict {
    /// Whether a place is among what it tells of.
    pub(super) fn tells_of(&self, site: Site, (file, line): &Place) -> bool {
        let reasons = [&self.unknown, &self.unseen_check, &self.delegated].into_iter().flatten();
        let mut sites = reasons.map(|(at, _)| at).chain(&self.places).chain(&self.failing);
        let mut told = self.evidence.iter().chain(&self.refusals);
        sites.any(|at| *at == site) || told.any(|(_, at)| at.file == *file && at.line == *line)
    }

    pub(super) fn is_required(&self) -> bool {
        self.required
    }

    /// Whether a refusal is among those that it rests on.
    pub(super) fn rests_on(&self, refusal: &Refusal) -> bool {
        self.evidence.iter().any(|(_, evidence)| *evidence == refusal.evidence)
    }

    /// Whether somebody is sent elsewhere.
    pub(super) fn is_redirecting(&self) -> bool {
        self.redirected
    }

    /// Whether nobody gets past what stands before the handler, and nothing that was seen refuses anybody.
    pub(super) fn is_nowhere(&self) -> bool {
        self.is_nowhere
    }

    /// Whether more ways lead through than are kept apart.
    pub(super) fn is_merged(&self) -> bool {
        self.merged
    }

    /// The same, where another play sends somebody elsewhere.
    pub(super) fn with_redirects_of(mut self, other: &Self) -> Self {
        self.redirected |= other.redirected;
        self
    }

    /// How many of the dependencies of the route it rests on.
    pub(super) fn reached(&self) -> usize {
        self.reached
    }

    /// Whether nobody passes for reasons that do not name the caller.
    pub(super) fn is_dead_end(&self) -> bool {
        self.question == Some(Question::DeadEnd)
    }

    /// Whether everybody is forbidden under no condition at all.
    pub(super) fn is_switched_off(&self) -> bool {
        self.switched_off
    }

    /// Whether a play with a credential has to say if what refuses asks for one.
    pub(super) fn is_open_question(&self) -> bool {
        self.question.is_some()
    }

    /// Whether it has to be told a redirect for want of a credential from one that answers.
    pub(super) fn hangs_on_redirects(&self) -> bool {
        self.is_dead_end() && self.redirecting
    }

    /// What a play with a credential says about what refuses: whether it turns out to look at it, so that who brings the right one gets
    /// through instead. Where the way through ends in a redirect as well, it is told from the refusal by where it is made.
    pub(super) fn answer_of(&self, interp: &Interp<'_>, play: &Play) -> Option<Answered> {
        let about_caller = |l: &Literal| interp.condition(l.condition).labels.has(label::CREDENTIAL);
        let in_question = |r: &&Refusal| self.places.contains(&r.place);
        let redirects = |r: &&Refusal| self.hangs_on_redirects() && r.status == REDIRECTED;
        let ways_around = |refused: &Refusal| -> Vec<&Conjunction> {
            let elsewhere = play.refusals.iter().filter(redirects).filter(|r| r.place != refused.place);
            play.passes.alternatives().iter().chain(elsewhere.flat_map(|r| r.paths.alternatives())).collect()
        };
        let answered = |r: &&Refusal| {
            let ways = ways_around(r);
            let helps = |f: &Conjunction, l: &Literal| {
                let other = Literal { holds: !l.holds, ..*l };
                ways.iter().any(|p| p.contains(&other) && compatible(p, f, l.condition))
            };
            let sends = |l: &Literal| r.status != REDIRECTED || sends_away(interp.condition(l.condition), !l.holds);
            let looks = |f: &Conjunction| f.iter().any(|l| about_caller(l) && sends(l) && helps(f, l));
            !r.paths.is_never() && r.paths.alternatives().iter().all(looks)
        };
        let found: Vec<&Refusal> = play.refusals.iter().filter(in_question).filter(answered).collect();
        let first = found.first()?;
        if !self.hangs_on_redirects() {
            return Some(if self.is_dead_end() { Answered::Always } else { Answered::IfDataSaysSo });
        }
        let is_answered = |r: &Refusal| found.iter().any(|f| f.place == r.place);
        let others = play.refusals.iter().filter(redirects).filter(|r| !is_answered(r));
        let without = play.passes.alternatives().iter().chain(others.flat_map(|r| r.paths.alternatives()));
        let without: Vec<Conjunction> = without.filter(|p| !p.iter().any(about_caller)).cloned().collect();
        if without.is_empty() {
            return Some(Answered::Always);
        }
        only_data_differs(interp, first, &without).then_some(Answered::IfDataSaysSo)
    }

    /// Whether a play with a credential leaves no doubt where it gives no answer: all was played, and where ways are merged, nothing in
    /// question looks at a credential.
    pub(super) fn is_certain_in(&self, interp: &Interp<'_>, play: &Play) -> bool {
        let about_caller = |l: &Literal| interp.condition(l.condition).labels.has(label::CREDENTIAL);
        let in_question = |r: &&Refusal| self.places.contains(&r.place);
        let looks = |r: &Refusal| r.paths.alternatives().iter().flatten().any(about_caller);
        let leaves_out = |paths: &Paths| {
            let looks = |condition: &u32| interp.condition(*condition).labels.has(label::CREDENTIAL);
            paths.left_out().is_none_or(|all| all.iter().any(looks))
        };
        let is_doubtful = |r: &Refusal| leaves_out(&r.paths) || (leaves_out(&play.passes) && looks(r));
        play.unknown.is_none() && !play.refusals.iter().filter(in_question).any(is_doubtful)
    }

    /// Where the handler tells of an error.
    pub(super) fn failing(&self) -> &Vec<Site> {
        &self.failing
    }

    /// What was played.
    pub(super) fn stage(&self) -> Stage {
        self.stage
    }

    /// The verdict on what a credential opens.
    pub(super) fn opened_by_credential(mut self, answered: Answered) -> (Self, Stage) {
        self.required = true;
        if answered == Answered::IfDataSaysSo {
            self.assumed = Some(BY_DATA.to_owned());
        }
        self.evidence = std::mem::take(&mut self.refusals);
        self.dependents = 0;
        let stage = self.stage;
        (self, stage)
    }

    /// What refuses first, as far as the `nth` condition that a setting decided may have a say in it. A place in a description is told
    /// where the route is: where a hook asks that runs for many routes, what is found out for one that is guarded alike holds for all.
    pub(super) fn first(&self, nth: usize) -> Option<First> {
        let (who, evidence) = self.evidence.first()?;
        let asked_by = self.hooks.iter().find(|(_, decided)| nth < *decided).map(|(hook, _)| *hook);
        Some(match self.described.filter(|_| self.dependents == 0).zip(asked_by) {
            Some((at, asked_by)) => First::Described { at, who: Arc::clone(who), asked_by },
            None => First::Own((Arc::clone(&evidence.file), evidence.line)),
        })
    }

    /// The names of what refuses.
    pub(super) fn refusing(&self) -> Vec<&str> {
        self.evidence.iter().skip(self.dependents).map(|(who, _)| &**who).collect()
    }

    pub(super) fn schemes(&self) -> Vec<Scheme> {
        self.schemes.clone()
    }

    /// A guard that could not be worked out.
    pub(super) fn unknown(&self) -> Option<(Site, String)> {
        self.unknown.clone()
    }

    /// A refusal that hangs on what code says that is not seen.
    pub(super) fn unseen_check(&self) -> Option<(Site, String)> {
        self.unseen_check.clone()
    }

    /// Code that is not seen and that a dependency handed a credential to.
    pub(super) fn delegated(&self) -> Option<(Site, String)> {
        self.delegated.clone()
    }

    /// Why somebody may be refused all the same.
    pub(super) fn unseen(&self) -> Option<String> {
        self.unseen.clone()
    }

    /// The same, where something else that may refuse is not seen.
    pub(super) fn with_unseen(mut self, reason: String) -> Self {
        self.doubt(reason);
        self
    }

    /// Why it is not proven that nobody is refused.
    pub(super) fn assumed(&self) -> Option<&str> {
        self.assumed.as_deref()
    }

    /// Tells why somebody may be refused all the same.
    pub(super) fn doubt(&mut self, reason: String) {
        self.unseen.get_or_insert(reason);
    }

    /// The access of the endpoint, with what is asked for beyond an identity.
    pub(super) fn into_access(self, asked: Asked) -> Access {
        if !self.required {
            return match self.assumed {
                Some(reason) => Access::assumed(AuthRequirement::everybody(), reason, Vec::new()),
                None => Access::public(Vec::new()),
            };
        }
        let mut requirement = self.identification(&asked.schemes);
        for test in asked.tests {
            requirement = requirement.and(&AuthRequirement::of(test));
        }
        let evidence = self.evidence.into_iter().map(|(_, evidence)| evidence).collect();
        match self.assumed {
            Some(reason) => Access::assumed(requirement, reason, evidence),
            None => Access::required(requirement, evidence),
        }
    }

    /// The schemes that an admitted caller brings: every one that refuses by itself, or one of those that do not.
    fn identification(&self, schemes: &[Scheme]) -> AuthRequirement {
        let test = |scheme: &Scheme| model::Condition::from(Test::Scheme(Arc::clone(&scheme.name)));
        if schemes.iter().any(|s| s.refuses) {
            AuthRequirement::all_of(schemes.iter().filter(|s| s.refuses).map(test))
        } else if schemes.is_empty() {
            AuthRequirement::of(Test::Scheme(self.name().into()))
        } else {
            AuthRequirement::any_of(schemes.iter().map(|s| [test(s)].into_iter().collect()))
        }
    }

    /// Where no scheme object is used: the name of the guard that refuses; a handler is none.
    fn name(&self) -> String {
        self.evidence.first().map_or_else(|| "credential".to_owned(), |(who, _)| who.to_string())
    }
}
