//! Parts of a program looked at on their own, whoever calls them: statements of a module once more, and functions with arguments of
//! which nothing but the names is known.

use crate::intern::Symbol;
use std::sync::Arc;

use super::{Interp, ModuleState, Outcome};
use crate::code::{ParameterKind, StmtId};
use crate::intern::known;
use crate::program::FileId;
use crate::value::{Arguments, Kind, Labels, Obj, Site, Value};

/// The name that the module has which Python was started with.
const SCRIPT: &str = "__main__";

impl Interp<'_> {
    /// Runs statements of the body of a module that was run, once more, as a script would (`__name__ == "__main__"`). To be done in an
    /// exploration, which undoes what they change.
    pub fn run_again(&mut self, file: FileId, statements: &[StmtId]) {
        self.run_statements(file, statements, 1);
    }

    fn run_statements(&mut self, file: FileId, statements: &[StmtId], tries: u32) -> bool {
        let Some(ModuleState::Done(module)) = self.modules.get(&file) else { return true };
        let Kind::Module { scope, .. } = *self.kind(*module) else { return true };
        let code = Arc::clone(&self.program.file(file).code);
        self.bind_in(scope, known::NAME, Value::str(SCRIPT));
        self.push_frame(scope, file, code);
        self.frame_mut().tries = tries;
        let mut is_whole = true;
        for statement in statements {
            // What one raises is no end for the next.
            self.paths = super::Paths::always();
            is_whole &= self.statement(*statement) != Err(super::Abort::Limit);
        }
        self.frames.pop();
        self.paths = super::Paths::always();
        is_whole
    }

    /// Runs them so that what they make lasts, and the module has its own name afterwards. Whether the steps sufficed.
    pub fn run_as_script(&mut self, file: FileId, statements: &[StmtId]) -> bool {
        let is_whole = self.run_statements(file, statements, 0);
        if let Some(ModuleState::Done(module)) = self.modules.get(&file)
            && let Kind::Module { scope, .. } = *self.kind(*module)
        {
            let name = Value::str(&self.program.name_of(file).1);
            self.bind_in(scope, known::NAME, name);
        }
        is_whole
    }

    /// Calls a function with arguments of which only the names are known; its receiver is an instance of its class.
    pub fn call_with_unknowns(&mut self, function: Obj) -> Option<Outcome> {
        self.call_with(function, |_, name, _| Self::unknown_named("an argument", Labels::NONE, name))
    }

    /// The same with arguments that are raw, but where their annotations say that they hold no text.
    pub fn call_with_raw(&mut self, function: Obj) -> Option<Outcome> {
        let annotations = self.signature(&Value::Object(function)).unwrap_or_default();
        self.call_with(function, |interp, name, site| {
            let annotation = annotations.iter().find(|one| one.name == name).and_then(|one| one.annotation.as_ref());
            let is_plain = annotation.is_some_and(|of| interp.is_plain_type(of));
            let labels = if is_plain { Labels::NONE } else { interp.given_raw(Labels::NONE, site).far() };
            Self::unknown_named("an argument", labels, name)
        })
    }

    /// The same with arguments by their names, of which nothing is known where they are not given; what the function does not name is in `**kwargs`.
    pub fn call_with_named(&mut self, function: Obj, given: &[(Symbol, Value)]) -> Option<Outcome> {
        let Kind::Function(value) = &self.object(function).kind else { return None };
        let (value, site) = (std::rc::Rc::clone(value), self.object(function).site);
        let parameters = value.code.params(value.code.function(value.id).parameters);
        let by_name = |name: Symbol| given.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
        let mut arguments = Arguments::default();
        for (index, parameter) in parameters.iter().enumerate() {
            let is_receiver = index == 0 && value.class.is_some();
            let unknown = || Self::unknown_named("an argument", Labels::NONE, parameter.name);
            match parameter.kind {
                ParameterKind::PositionalOnly | ParameterKind::Ordinary => {
                    let receiver = value.class.filter(|_| is_receiver);
                    let receiver = receiver.map(|class| Value::instance_of(Value::Object(class), Labels::NONE));
                    let one = receiver.or_else(|| by_name(parameter.name)).unwrap_or_else(unknown);
                    arguments.positional.push(one);
                }
                ParameterKind::KeywordOnly => {
                    let one = by_name(parameter.name).unwrap_or_else(unknown);
                    arguments.keywords.push((parameter.name, one));
                }
                ParameterKind::VarKeyword => {
                    let is_named = |name: Symbol| parameters.iter().any(|parameter| parameter.name == name);
                    let more = given.iter().filter(|(name, _)| !is_named(*name)).cloned();
                    arguments.keywords.extend(more);
                }
                ParameterKind::VarPositional => {}
            }
        }
        Some(self.call_outcome(&Value::Object(function), arguments, site))
    }

    fn call_with(&mut self, function: Obj, make: impl Fn(&mut Self, Symbol, Site) -> Value) -> Option<Outcome> {
        let Kind::Function(value) = self.kind(function) else { return None };
        let (value, site) = (std::rc::Rc::clone(value), self.made_at(function));
        let parameters = value.code.params(value.code.function(value.id).parameters);
        let mut arguments = Arguments::default();
        for (index, parameter) in parameters.iter().enumerate() {
            let name = parameter.name;
            let given = match (index, value.class) {
                (0, Some(class)) => Value::instance_of(Value::Object(class), Labels::NONE),
                _ => make(self, name, site),
            };
            match parameter.kind {
                ParameterKind::PositionalOnly | ParameterKind::Ordinary => arguments.positional.push(given),
                ParameterKind::KeywordOnly => arguments.keywords.push((name, given)),
                ParameterKind::VarPositional | ParameterKind::VarKeyword => {}
            }
        }
        Some(self.call_outcome(&Value::Object(function), arguments, site))
    }

    /// How many objects there are.
    pub fn objects_made(&self) -> usize {
        self.heap.len()
    }

    /// The functions of files of the program among the objects made since there were so many, each with its file and the bytes from
    /// `def` to its end.
    pub fn functions_since(&self, made: usize) -> impl Iterator<Item = (Obj, Site)> {
        self.objects().skip(made).filter_map(|(obj, object)| {
            let Kind::Function(function) = &object.kind else { return None };
            let crate::code::FunctionBody::Deferred(span) = function.code.function(function.id).body else {
                return None;
            };
            let site = Site { file: function.file, span };
            (!self.program.is_stub(site.file)).then_some((obj, site))
        })
    }
}
