//! Defects of our own: a panic in one evaluation loses that evaluation and not the run.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Interp;

impl Interp<'_> {
    /// Runs something; none if it panics. The interpreter then goes on as it was, with what was evaluated until then on its heap.
    pub fn recovering<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let (frames, running) = (self.frames.len(), self.calls.running());
        let inside = self.frames.last().map(|frame| (frame.scope, frame.class, frame.tries));
        let depths = (self.eval_depth, self.compare_depth, self.block_depth, self.undecided_depth, self.depth_base);
        let calls = self.limits.depth;
        let (exploring, opaque, flipped, steps_left) = (self.exploring, self.opaque, self.flipped, self.steps_left);
        let watching = self.watched.now;
        let assigned = std::mem::take(&mut self.assigned);
        let result = catch_unwind(AssertUnwindSafe(|| run(self))).ok();
        self.assigned = assigned;
        if result.is_none() {
            self.frames.truncate(frames);
            self.calls.end_all_but(running);
            if let (Some(frame), Some((scope, class, tries))) = (self.frames.last_mut(), inside) {
                (frame.scope, frame.class, frame.tries) = (scope, class, tries);
            }
            (self.eval_depth, self.compare_depth, self.block_depth, self.undecided_depth, self.depth_base) = depths;
            self.limits.depth = calls;
            (self.exploring, self.opaque, self.flipped, self.steps_left) = (exploring, opaque, flipped, steps_left);
            self.watched.now = watching;
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::*;
    use crate::program::{NoFiles, Program};
    use crate::source::SourceFile;
    use crate::value::Value;

    #[test]
    fn an_evaluation_goes_on_after_a_panic_inside_a_call() {
        let (file, _) = SourceFile::new("main.py".into(), b"x = 1\ndef f(): return x\n".to_vec());
        let program = Program::new(vec![file], Vec::new(), Box::new(NoFiles));
        let mut interp = Interp::new(&program, Limits::default());
        let main = program.at("main.py").expect("the file");
        let lost = interp.recovering(|i| {
            i.run_module(main);
            i.explore(10, |i| {
                i.push_frame_at(crate::value::Site { file: main, span: crate::code::Span::default() });
                let _: crate::interp::Eval<()> = i.deeper(|_| panic!("on purpose"));
            });
        });
        assert_eq!(lost, None);
        assert!(interp.frames.is_empty() && !interp.exploring && interp.block_depth == 0);
        let f = interp.module_names(|_, _| true).into_iter().find(|(_, name, _)| *name == "f").expect("`f` is bound").2;
        let site = interp.object(f.as_object().expect("a function")).site;
        let outcome = interp.call_outcome(&f, crate::value::Arguments::default(), site);
        assert_eq!(outcome.value, Some(Value::Int(1)));
    }
}
