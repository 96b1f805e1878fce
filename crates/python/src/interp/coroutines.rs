//! Coroutines that somebody else runs. A call of an `async def` is evaluated at once, as if it were awaited there: right almost
//! everywhere. What our descriptions take as `__coroutine__` is kept instead, and runs where it is awaited, if it is.

use std::sync::Arc;

use super::{Eval, Interp};
use crate::code::{Argument, ArgumentKind, Expr, ExprId, Run};
use crate::intern::{Symbol, known};
use crate::value::{Arguments, Kind, Site, Value};

impl Interp<'_> {
    /// The value of `await value`.
    pub(super) fn awaited(&mut self, value: Value, site: Site) -> Eval<Value> {
        if value.as_object().is_some_and(|o| matches!(self.kind(o), Kind::Instance { .. }))
            && let Some(Value::Object(function)) = self.class_attribute_of(&value, known::AWAIT)
            && matches!(self.kind(function), Kind::Function(_))
        {
            return self.call_function(function, Arguments::of([value]), site);
        }
        Ok(value)
    }

    /// Whether a callable (or a method) is one of our descriptions that takes coroutines to be run later.
    pub(super) fn takes_coroutines(&self, of: &Value, method: Option<Symbol>) -> bool {
        let Some(obj) = of.as_object() else { return false };
        let function = match (self.kind(obj), method) {
            (Kind::Module { scope, .. }, Some(name)) => self.name_in(*scope, name).cloned(),
            (Kind::Instance { .. }, Some(name)) if self.is_stub_instance(of) => self.class_attribute_of(of, name),
            (Kind::Function(_), None) => Some(of.clone()),
            _ => None,
        };
        let Some(function) = function.filter(|f| self.is_stub(f)) else { return false };
        match function.as_object().map(|o| self.kind(o)) {
            Some(Kind::Function(f)) => {
                let parameters = f.code.function(f.id).parameters;
                f.code.params(parameters).iter().any(|p| p.name == known::COROUTINE)
            }
            _ => false,
        }
    }

    /// Whether any argument is a call, which may make a coroutine: most have none, and that is seen at once.
    pub(super) fn makes_any(&self, arguments: Run) -> bool {
        let code = &self.frame().code;
        code.call_arguments(arguments).iter().any(|argument| matches!(code.expr(argument.value), Expr::Call { .. }))
    }

    /// Arguments of which calls of coroutine functions are kept and not run.
    pub(super) fn eval_coroutines(&mut self, arguments: Run, site: Site) -> Eval<Arguments> {
        let code = Arc::clone(&self.frame().code);
        let listed: Vec<Argument> = code.call_arguments(arguments).to_vec();
        if listed.iter().any(|a| matches!(a.kind, ArgumentKind::Star | ArgumentKind::DoubleStar)) {
            return self.eval_arguments(arguments);
        }
        let mut evaluated = Arguments::default();
        for argument in listed {
            let value = match self.coroutine(argument.value, site)? {
                Some(coroutine) => coroutine,
                None => self.eval(argument.value)?,
            };
            match argument.kind {
                ArgumentKind::Keyword(name) => evaluated.keywords.push((name, value)),
                _ => evaluated.positional.push(value),
            }
        }
        Ok(evaluated)
    }

    /// The coroutine that a call of an `async def` makes.
    fn coroutine(&mut self, call: ExprId, site: Site) -> Eval<Option<Value>> {
        let Expr::Call { function, arguments } = self.frame().code.expr(call) else { return Ok(None) };
        let callee = self.eval(function)?;
        let Some(class) = self.coroutine_class().filter(|_| self.is_coroutine(&callee) == Some(true)) else {
            return Ok(None);
        };
        let Arguments { positional, keywords, open, .. } = self.eval_arguments(arguments)?;
        let keywords = keywords.into_iter().map(|(name, value)| (Value::str(name.as_str()), value)).collect();
        let keywords = self.make(Kind::Dict { entries: keywords, open }, site);
        let arguments = Arguments::of([callee, Value::Tuple(positional.into()), keywords]);
        self.call(&class, arguments, site).map(Some)
    }

    fn coroutine_class(&mut self) -> Option<Value> {
        let file = self.program.at(&format!("{}/asyncio.py", crate::program::STUBS))?;
        let module = self.run_module(file);
        let Kind::Module { scope, .. } = self.kind(module) else { return None };
        self.name_in(*scope, Symbol::new("Coroutine")).cloned()
    }
}
