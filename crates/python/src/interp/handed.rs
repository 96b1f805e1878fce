//! What is handed to code that nobody knows while a program is put together: it may do anything with it.

use super::Interp;
use crate::code::ExprId;
use crate::value::{Arguments, Obj, Site, Unknown, Value};

/// Calls that are kept.
const HANDED_MAX: usize = 1_024;
/// Bytes of an expression that a reason shows.
const SHOWN_MAX: usize = 60;
/// How the reason of what a library gives begins: an extension that is not described is no plugin.
const OF_LIBRARY: &str = "a call of `";

/// A call of something that is not known.
#[derive(Debug, Clone)]
pub struct HandedOut {
    /// Where.
    pub site: Site,
    /// Why it is not known what is called.
    pub reason: String,
    /// The objects that it is given.
    pub given: Vec<Obj>,
}

impl Interp<'_> {
    /// The calls of something unknown so far that were given objects of described classes, but for those of libraries.
    pub fn take_handed_out(&mut self) -> Vec<HandedOut> {
        std::mem::take(&mut self.handed_out)
    }

    /// Notes a call of something unknown, where it is given an object of a described class.
    pub(super) fn note_handed_out(&mut self, callee: &Unknown, arguments: &Arguments, site: Site) {
        if self.exploring || self.handed_out.len() >= HANDED_MAX || callee.reason.starts_with(OF_LIBRARY) {
            return;
        }
        let all = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, value)| value));
        let described = all.filter(|value| self.is_stub_instance(value));
        let given: Vec<Obj> = described.filter_map(Value::as_object).collect();
        if !given.is_empty() && !self.program.is_stub(site.file) {
            self.handed_out.push(HandedOut { site, reason: callee.reason.to_string(), given });
        }
    }

    /// One unknown element of an unknown iterable, which the reason names as the program writes it.
    pub(super) fn element_in(&mut self, iter: ExprId, value: &Value) -> Value {
        let items = self.listed_items(value);
        let frame = self.frame();
        let text = self.program.file(frame.file).slice(frame.code.expr_span(iter));
        let is_shown =
            !self.exploring && text.len() <= SHOWN_MAX && !text.contains('\n') && !self.program.is_stub(frame.file);
        let reason = if is_shown {
            format!("an element of `{text}`, which is not known")
        } else {
            "an element of something that is not known".to_owned()
        };
        let unknown = Self::unknown_element(value, &reason);
        self.one_of(items, unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::*;
    use crate::program::{NoFiles, Program};
    use crate::source::SourceFile;

    /// How many calls are kept of a program that makes so many.
    fn kept(calls: usize) -> usize {
        let text = format!(
            "import re\nfrom db import all\np = re.compile('x')\nfor f in all:\n{}",
            "    f(p)\n".repeat(calls)
        );
        let (file, _) = SourceFile::new("main.py".into(), text.into_bytes());
        let program = Program::new(vec![file], Vec::new(), Box::new(NoFiles));
        let mut interp = Interp::new(&program, Limits::default());
        interp.run_module(program.at("main.py").expect("the file"));
        let handed = interp.take_handed_out();
        assert!(
            handed.iter().all(|one| one.reason == "an element of `all`, which is not known" && one.given.len() == 1)
        );
        handed.len()
    }

    #[test]
    fn as_many_calls_as_the_bound_are_kept_and_no_more() {
        assert_eq!(kept(1), 1);
        assert_eq!(kept(HANDED_MAX), HANDED_MAX);
        assert_eq!(kept(HANDED_MAX + 1), HANDED_MAX);
    }
}
