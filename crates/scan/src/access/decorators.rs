//! Decorators of a handler, asked without it: what they refuse, they refuse whatever the handler does. Where that takes too much to work out, the
//! ways through it are merged, and what the decorators decided is lost among them.

use model::{Gap, Method};
use python::interp::Interp;

use super::{Judge, Judged};
use crate::frameworks::RawRoute;

impl Judge {
    /// Asks something while handlers are left out between their decorators.
    pub(super) fn leaving_out_handlers<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.constants.leaves_out_handlers, true);
        let answer = ask(self);
        self.constants.leaves_out_handlers = before;
        answer
    }

    /// The verdict where redirects refuse. That of a handler whose ways are merged is that of its decorators, where these decide it.
    pub(super) fn sent_away(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
    ) -> Result<Judged, Gap> {
        let judged = self.verdict(interp, raw, method)?;
        if !judged.best.is_required() || !judged.best.is_merged() || !raw.framework.has_global_request() {
            return Ok(judged);
        }
        let alone = self.leaving_out_handlers(|judge| judge.verdict(interp, raw, method)).ok();
        Ok(alone.filter(|alone| alone.best.is_required() && !alone.best.is_merged()).unwrap_or(judged))
    }
}
