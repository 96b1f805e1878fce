//! What an evaluation may take: steps, memory, and the stack of the thread.
//!
//! A step pays for one expression or statement and a fixed amount of work. What takes longer where a value is larger (a copy of a
//! list, a search in it) pays for that too, so that the allowance of steps bounds the time whatever the program does.

use model::GapKind;

use super::{Abort, Eval, Interp};
use crate::value::{Kind, Site, Value};

/// Items copied or compared, and names copied, that one step pays for.
const WORK_PER_STEP: usize = 128;
/// Steps that a byte of a statement's text pays for: a list of thousands of routes is no more than it says.
const STEPS_PER_BYTE: u32 = 4;
/// Which part of the steps of a caller a call may take, where calls share them, and at least how many.
const SHARES: u32 = 4;
const SHARE_MIN: u32 = 1_000;
/// Objects on the heap, each with its items in parts of [`ITEMS_PER_OBJECT`], and scopes: about 2 GiB. Past that nothing is evaluated.
pub(super) const HEAP_MAX: usize = 8_000_000;
/// Objects and scopes that find room without anything being moved: address space, and memory only where it is used.
pub(super) const HEAP_RESERVED: usize = 1 << 19;
pub(super) const SCOPES_RESERVED: usize = 1 << 16;
/// Items that take as much memory as an object.
const ITEMS_PER_OBJECT: usize = 8;
/// Bytes of a string that cost as much as an item.
const BYTES_PER_ITEM: usize = 32;
/// Blocks inside blocks, through calls and modules: `elif` chains count, a module counts [`MODULE_BLOCKS`].
const BLOCK_DEPTH_MAX: u32 = 12_000;
/// What running a module inside another takes of the stack, in blocks.
const MODULE_BLOCKS: u32 = 4;
/// Steps below which a greedy call is not given up for what is around it: there is not enough left to be worth it.
const GRANT_MIN: u32 = 2_000;

const GREEDY: &str = "this call takes more steps than are evaluated: what it does is known in part";

impl Interp<'_> {
    pub(super) fn step(&mut self) -> Eval<()> {
        if self.steps_left == 0 || self.total_left == 0 {
            return Err(Abort::Limit);
        }
        self.steps_left -= 1;
        self.total_left -= 1;
        Ok(())
    }

    /// Gives a statement of a module an allowance: a full one, and more where its text is so long that it could not be walked through with that.
    pub(super) fn refill_for(&mut self, bytes: u32) {
        self.refill();
        self.steps_left = self.steps_left.max(bytes.saturating_mul(STEPS_PER_BYTE));
        self.granted = self.steps_left;
    }

    /// Whether a call that takes so many steps takes as many where calls share them.
    pub(super) fn has_share(&self, steps: u64) -> bool {
        !self.sharing || steps < u64::from(SHARE_MIN)
    }

    /// Takes so many steps, if there are more.
    pub(super) fn take_steps(&mut self, steps: u64) -> bool {
        let Some(few) = u32::try_from(steps).ok().filter(|few| *few < self.steps_left && steps < self.total_left)
        else {
            return false;
        };
        self.steps_left -= few;
        self.total_left -= steps;
        true
    }

    /// Leaves a call a part of the steps that there are, where calls share them; gives what is kept for the caller.
    pub(super) fn take_share(&mut self) -> Option<u32> {
        if !self.sharing {
            return None;
        }
        let share = (self.steps_left / SHARES).max(SHARE_MIN).min(self.steps_left);
        let kept = self.steps_left - share;
        self.steps_left = share;
        Some(kept)
    }

    /// Whether a caller has steps left when a call in it has run out of its own.
    pub(super) fn may_go_on(&self) -> bool {
        self.steps_left > 0 && self.total_left > 0
    }

    /// Gives up a call that took half of the steps, where they ran out inside it, so that what is around it is still evaluated:
    /// with half as many steps as before. An application is then known but for what that call does, which is a gap.
    ///
    /// Exploring does not go on: there, what a call would have refused is what matters.
    pub(super) fn lose_if_greedy(&mut self, result: Eval<Value>, entered_with: u32, site: Site) -> Eval<Value> {
        let ran_out = matches!(result, Err(Abort::Limit)) && self.steps_left == 0 && self.total_left > 0;
        if self.exploring || !ran_out || entered_with < self.granted / 2 || self.granted < GRANT_MIN {
            return result;
        }
        self.granted /= 2;
        self.steps_left = self.granted;
        self.gap(GapKind::EvaluationLimit, site, GREEDY.to_owned());
        Ok(Value::unknown(GREEDY))
    }

    /// Pays for work on so many items or names; the next step fails if that is more than there is.
    pub(super) fn charge(&mut self, items: usize) {
        let steps = items / WORK_PER_STEP;
        if steps > 0 {
            self.steps_left = self.steps_left.saturating_sub(u32::try_from(steps).unwrap_or(u32::MAX));
            self.total_left = self.total_left.saturating_sub(steps as u64);
        }
    }

    /// Pays for a look at everything that a value holds.
    pub(super) fn charge_for(&mut self, value: &Value) {
        let items = match value.plain() {
            Value::Str(text) | Value::Bytes(text) => text.len() / BYTES_PER_ITEM,
            Value::Tuple(items) | Value::Union(items) => items.len(),
            Value::Object(obj) => held_by(self.kind(*obj)),
            _ => 0,
        };
        self.charge(items);
    }

    /// Takes the memory of an object from what there is. Without memory there are no steps: everything ends with a gap.
    pub(super) fn weigh(&mut self, kind: &Kind) {
        self.take_memory(1 + held_by(kind) / ITEMS_PER_OBJECT);
    }

    pub(super) fn take_memory(&mut self, objects: usize) {
        self.heap_left = self.heap_left.saturating_sub(objects);
        if self.heap_left == 0 {
            self.total_left = 0;
        }
    }

    /// Runs a block inside the one that runs, unless the stack of the thread might not hold it.
    pub(super) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Eval<T>) -> Eval<T> {
        self.deeper_by(1, run)
    }

    /// Runs the body of a module inside whatever imports it.
    pub(super) fn deeper_by_a_module<T>(&mut self, run: impl FnOnce(&mut Self) -> Eval<T>) -> Eval<T> {
        self.deeper_by(MODULE_BLOCKS, run)
    }

    fn deeper_by<T>(&mut self, blocks: u32, run: impl FnOnce(&mut Self) -> Eval<T>) -> Eval<T> {
        if self.block_depth >= BLOCK_DEPTH_MAX {
            return Err(Abort::Limit);
        }
        self.block_depth += blocks;
        let result = run(self);
        self.block_depth -= blocks;
        result
    }
}

fn held_by(kind: &Kind) -> usize {
    match kind {
        Kind::List { items, .. } => items.len(),
        Kind::Dict { entries, .. } => entries.len(),
        Kind::Generic { arguments, .. } => arguments.len(),
        _ => 0,
    }
}
