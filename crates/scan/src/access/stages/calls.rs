//! Calling middleware, dependencies and handlers: what takes too many steps is called again in ways that take fewer.

use python::interp::{Interp, Outcome, Paths};
use python::value::{Arguments, Labels, Obj, Site, Value};

use super::super::names::may_refuse_inside;
use super::super::{Play, SETTINGS_MAX, label, refusal, verdict};
use super::{Stage, names_refusal, text_of};

/// Steps for what runs out of them, shared by the calls in it, and then for what it does itself.
const SHARED_STEPS: u32 = 30_000;
const SHALLOW_STEPS: u32 = 20_000;
/// Steps for a callable that is not worked out with those either, for all endpoints together.
const COSTLY_STEPS_MAX: u64 = 600_000;

/// How something is played that takes too many steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// Each call in it gets a part of the steps.
    Shared,
    /// Calls in it are not followed.
    Shallow,
}

impl Way {
    const ALL: [Self; 2] = [Self::Shared, Self::Shallow];
}

/// Something that takes too many steps.
#[derive(Debug)]
pub(super) struct Costly {
    callable: Value,
    /// The handler that it leads to: a view of several methods is one callable.
    inner: Option<Obj>,
    /// Whether with a credential: without one, much of it may be out of reach.
    opaque: bool,
    /// How it is played instead.
    way: Way,
    /// Steps that it took without being worked out.
    spent: u64,
    /// Whether it was seen to refuse somebody before it ran out of them.
    refuses: bool,
}

/// Whether the text of a handler names a refusal; one that is no function of the program may.
fn may_speak_of_refusal(interp: &Interp<'_>, callee: &Value, inner: Option<Obj>) -> bool {
    let handler = inner.map_or_else(|| callee.clone(), Value::Object);
    text_of(interp, &handler).is_none_or(names_refusal)
}

impl Stage<'_> {
    /// Calls something. What runs out of steps is called again in a way that takes fewer, so that what it does itself is seen.
    pub(in crate::access) fn call(
        &mut self,
        interp: &mut Interp<'_>,
        callee: &Value,
        arguments: &Arguments,
        site: Site,
    ) -> Outcome {
        let (opaque, inner) = (interp.is_opaque(), self.inner);
        let is_it = |c: &Costly| c.opaque == opaque && c.inner == inner && c.callable == *callee;
        let known = self.constants.costly.iter().find(|c| is_it(c)).map(|c| (c.way, c.spent, c.refuses));
        let before = interp.paths().clone();
        let mut refuses = false;
        if self.constants.leaves_out_handlers
            && let Some(decided) = self.by_guards(interp, callee, arguments, site)
        {
            return decided;
        }
        if known.is_none() {
            interp.take_cut_off();
            let first = interp.call_outcome(callee, arguments.clone(), site);
            self.note_cut_off(interp, callee, false);
            let (first, seen) = self.decided(interp, first);
            refuses = seen;
            if !first.limited || self.given.is_some() {
                return first;
            }
            interp.set_paths(before.clone());
        }
        self.is_cut_short = true;
        if let Some(decided) = self.by_guards(interp, callee, arguments, site) {
            return decided;
        }
        interp.set_paths(before.clone());
        let (from, spent, refuses) = known.unwrap_or((Way::Shared, 0, refuses));
        let mut costly = Costly { callable: callee.clone(), inner, opaque, way: from, spent, refuses };
        // Where what stands before a handler is not worked out, the access is known only if the handler refuses: one that takes too
        // many steps, was not seen to refuse in them and does not speak of it is not asked again.
        let is_in_doubt = self.is_in_doubt && self.in_handler && !opaque;
        let is_given_up = is_in_doubt && !refuses && !may_speak_of_refusal(interp, callee, inner);
        if is_given_up || spent > COSTLY_STEPS_MAX {
            self.constants.costly.extend(Some(costly).filter(|_| known.is_none()));
            return Outcome::unseen(before, Labels::bit(label::CREDENTIAL));
        }
        let (steps, unknown) = (interp.total_left(), self.play.unknown.is_some());
        let mut outcome = None;
        for next in Way::ALL.into_iter().filter(|w| *w >= from) {
            interp.set_paths(before.clone());
            costly.way = next;
            let again = self.called_in(next, interp, callee, arguments, site);
            let done = !again.limited;
            outcome = Some(again);
            if done {
                break;
            }
        }
        let is_open = (!unknown && self.play.unknown.is_some()) || outcome.as_ref().is_some_and(|o| o.limited);
        costly.spent += if is_open { steps.saturating_sub(interp.total_left()) } else { 0 };
        self.constants.costly.retain(|c| !is_it(c));
        self.constants.costly.push(costly);
        outcome.unwrap_or_else(|| Outcome::unseen(before, Labels::bit(label::CREDENTIAL)))
    }

    /// What the decorators of a handler that takes too many steps come to, if that is all there is to know: without a credential nobody
    /// gets to the handler, or everybody who does was checked. Where they decided that, they are asked with a credential, too.
    fn by_guards(
        &mut self,
        interp: &mut Interp<'_>,
        callee: &Value,
        arguments: &Arguments,
        site: Site,
    ) -> Option<Outcome> {
        let inner = self.inner.filter(|_| self.in_handler)?;
        let key = (callee.clone(), inner, self.redirects);
        let decided_before = self.constants.guarded.contains(&key);
        if interp.is_opaque() && !decided_before && !self.constants.leaves_out_handlers {
            return None;
        }
        let call = |i: &mut Interp<'_>| i.apart(SHARED_STEPS, |i| i.call_outcome(callee, arguments.clone(), site));
        let (outcome, is_reached) = interp.leaving_out(inner, call);
        self.play.redirected |= outcome.returned.iter().any(|(answer, ..)| refusal::is_redirect(interp, answer));
        if outcome.limited || interp.is_opaque() {
            return Some(outcome).filter(|o| !o.limited);
        }
        let (paths, refusals) = (interp.paths().clone(), self.play.refusals.len());
        self.note(interp, &outcome, "", site, true);
        let ways = outcome.returned.iter().filter(|(value, place, _)| !self.is_no_way_through(interp, value, *place));
        let passes = ways.fold(Paths::never(), |any, (_, _, when)| any.or(when));
        let so_far = Play { passes, unknown: None, ..self.play.clone() };
        self.play.refusals.truncate(refusals);
        interp.set_paths(paths);
        let is_alone = self.constants.leaves_out_handlers;
        if !is_alone && is_reached && !verdict::of(interp, &so_far, verdict::Stage::Handler).is_required() {
            return None;
        }
        if !decided_before && !is_alone {
            self.constants.guarded.push(key);
        }
        Some(outcome)
    }

    /// Calls something that takes too many steps in a way that takes fewer.
    fn called_in(
        &mut self,
        way: Way,
        interp: &mut Interp<'_>,
        callee: &Value,
        arguments: &Arguments,
        site: Site,
    ) -> Outcome {
        match way {
            Way::Shared => {
                interp.take_cut_off();
                let outcome = interp.sharing(SHARED_STEPS, |i| i.call_outcome(callee, arguments.clone(), site));
                // What is not worked out inside of what was handed a credential may be the check, whatever it was handed itself.
                let may_check = self.sees_credential(interp, arguments);
                self.note_cut_off(interp, callee, may_check);
                // It does refuse somebody: who, is told by more than was seen.
                if may_check && self.refuses_any(interp, &outcome) {
                    let reason =
                        format!("`{}` took too many steps to work out whom it refuses", self.name_of(interp, callee));
                    self.play.unknown.get_or_insert((site, reason));
                }
                outcome
            }
            Way::Shallow => {
                let outcome = interp.shallow(SHALLOW_STEPS, 1, |i| i.call_outcome(callee, arguments.clone(), site));
                // What was cut off may be the check itself.
                let may_check = self.framework.has_global_request() || self.sees_credential(interp, arguments);
                if !outcome.limited && may_check {
                    let reason = format!("`{}` took too many steps to work out", self.name_of(interp, callee));
                    self.play.unknown.get_or_insert((site, reason));
                }
                outcome
            }
        }
    }

    /// Calls something. Where the default of a setting lets nobody through, for a reason that is not about the caller, what is behind
    /// that gate is what counts: it is called as if the gate were open.
    pub(super) fn call_past_gates(
        &mut self,
        interp: &mut Interp<'_>,
        callee: &Value,
        arguments: &Arguments,
        site: Site,
    ) -> Outcome {
        let before = interp.paths().clone();
        let shut = self.call(interp, callee, arguments, site);
        let after = interp.paths().clone();
        if shut.limited || !after.is_never() || interp.is_flipped() || self.refuses_any(interp, &shut) {
            return shut;
        }
        let gates = interp.decided_by_settings();
        for (gate, _) in gates.into_iter().rev().take(SETTINGS_MAX) {
            interp.set_paths(before.clone());
            interp.flip(Some(gate));
            let open = self.call(interp, callee, arguments, site);
            interp.flip(None);
            let is_elsewhere = |place: Site| shut.raised.iter().all(|raised| raised.site != place);
            if !interp.paths().is_never() || open.raised.iter().any(|raised| is_elsewhere(raised.site)) {
                return open;
            }
        }
        interp.set_paths(after);
        shut
    }

    /// Whether anything that a call raises refuses the caller.
    fn refuses_any(&mut self, interp: &mut Interp<'_>, outcome: &Outcome) -> bool {
        outcome.raised.iter().any(|raised| self.status_of_raised(interp, raised).is_some_and(refusal::refuses))
    }

    /// A call that ran out of steps is decided all the same if, on every way on from there, it refused some before. With a credential
    /// at hand, what is behind that is asked for. The second says whether one that ran out refused any.
    fn decided(&mut self, interp: &mut Interp<'_>, mut outcome: Outcome) -> (Outcome, bool) {
        if !outcome.limited || interp.is_opaque() {
            return (outcome, false);
        }
        let refusals = self.play.refusals.len();
        outcome.limited = false;
        let site = self.site(interp);
        self.note(interp, &outcome, "", site, false);
        let so_far = Play { passes: outcome.unfinished.clone(), ..self.play.clone() };
        self.play.refusals.truncate(refusals);
        let refuses = so_far.refusals.len() > refusals;
        let stage = if self.in_handler { verdict::Stage::Handler } else { verdict::Stage::Outer };
        if so_far.passes.is_never() || !verdict::of(interp, &so_far, stage).is_required() {
            return (Outcome { limited: true, ..outcome }, refuses);
        }
        interp.set_paths(outcome.unfinished.clone());
        let labels = Labels::bit(label::CREDENTIAL);
        outcome.value = Some(Value::unknown_with("what takes too many steps to work out", labels));
        (outcome, refuses)
    }

    /// A check may be among the calls that lie too deep, if they are handed what may hold a credential.
    fn note_cut_off(&mut self, interp: &mut Interp<'_>, callee: &Value, may_check: bool) {
        let cut_off = interp.take_cut_off();
        for call in cut_off {
            // Where the request is in a global, nothing has to be handed over.
            let is_reachable = (may_check || self.framework.has_global_request()) && call.unseen.is_none();
            if !is_reachable && !self.sees_credential(interp, &call.arguments) {
                continue;
            }
            match call.unseen {
                None => {
                    let reason = format!("`{}` calls deeper than is followed", self.name_of(interp, callee));
                    self.play.unknown.get_or_insert((call.site, reason));
                }
                Some(unseen) if may_refuse_inside(unseen) && self.is_handed_a_credential(interp, &call.arguments) => {
                    let who = self.name_of(interp, callee);
                    let reason = format!("`{who}` leaves it to `{unseen}`, whose code is not seen: it may refuse");
                    self.delegated.get_or_insert((call.site, reason));
                }
                Some(_) => {}
            }
        }
    }
}
