//! What a callable takes, as `inspect.signature` sees it, and the evaluation of annotations.

use std::sync::Arc;

use super::Interp;
use crate::code::{Code, ExprId, Function, ParameterKind};
use crate::intern::{Symbol, known};
use crate::lower;
use crate::program::FileId;
use crate::value::{FunctionValue, Kind, Obj, ScopeId, Site, Value};

/// A parameter of a callable, evaluated.
#[derive(Debug, Clone)]
pub struct SignatureParameter {
    /// Its name.
    pub name: Symbol,
    /// How it takes its argument.
    pub kind: ParameterKind,
    /// Its annotation.
    pub annotation: Option<Value>,
    /// Its default.
    pub default: Option<Value>,
    /// Where it stands.
    pub site: Site,
}

/// How many wrappers are looked through.
const WRAPPERS_MAX: usize = 16;

impl Interp<'_> {
    /// The parameters of a callable without a bound receiver; none if it is not described.
    pub fn signature(&mut self, callable: &Value) -> Option<Vec<SignatureParameter>> {
        self.signature_at(callable, 0)
    }

    fn signature_at(&mut self, callable: &Value, depth: usize) -> Option<Vec<SignatureParameter>> {
        if depth > WRAPPERS_MAX {
            return None;
        }
        if let Value::Union(callables) = callable.plain() {
            return callables.iter().find_map(|c| self.signature_at(c, depth + 1));
        }
        let obj = callable.as_object()?;
        if let Some(explicit) = self.own_attribute(obj, known::SIGNATURE).cloned() {
            return self.explicit_signature(&explicit);
        }
        if let Some(inner) = self.own_attribute(obj, known::WRAPPED).cloned() {
            return self.signature_at(&inner, depth + 1);
        }
        match self.kind(obj) {
            Kind::Function(function) => {
                let function = function.clone();
                Some(self.own_signature(&function))
            }
            Kind::Bound { function, .. } => {
                let function = function.clone();
                Some(without_first(self.signature_at(&function, depth + 1)?))
            }
            Kind::Descriptor { function, .. } => {
                let function = function.clone();
                self.signature_at(&function, depth + 1)
            }
            Kind::Generic { origin, .. } => {
                let origin = origin.clone();
                self.signature_at(&origin, depth + 1)
            }
            Kind::Class(_) => match self.in_mro(obj, known::INIT, None) {
                Some(init) => Some(without_first(self.signature_at(&init, depth + 1)?)),
                None if self.is_record(obj) => Some(self.record_signature(obj)),
                None => Some(Vec::new()),
            },
            Kind::Instance { class } if self.qualified_name(class) == Some("functools.partial") => {
                self.signature_of_partial(obj, depth)
            }
            Kind::Instance { class } => {
                let class = class.as_object()?;
                let call = self.in_mro(class, known::CALL, None)?;
                Some(without_first(self.signature_at(&call, depth + 1)?))
            }
            _ => None,
        }
    }

    /// `functools.partial(function, 1, name=2)` takes what is left; what it was given by name becomes a default.
    fn signature_of_partial(&mut self, partial: Obj, depth: usize) -> Option<Vec<SignatureParameter>> {
        let of = |s: &Self, name: &str| s.object(partial).attributes.get(Symbol::new(name)).cloned();
        let function = of(self, "func")?;
        let given = of(self, "args").and_then(|a| self.known_items(&a)).map_or(0, |args| args.len());
        let named = of(self, "keywords").and_then(|k| self.known_entries(&k)).unwrap_or_default();
        let mut left: Vec<SignatureParameter> =
            self.signature_at(&function, depth + 1)?.into_iter().skip(given).collect();
        left.retain(|p| !named.iter().any(|(name, _)| name.as_str() == Some(p.name.as_str())));
        Some(left)
    }

    /// The parameters of a record's constructor: its fields.
    fn record_signature(&mut self, class: Obj) -> Vec<SignatureParameter> {
        let site = self.made_at(class);
        let fields = self.annotated_fields(class);
        fields
            .iter()
            .map(|(name, annotation)| SignatureParameter {
                name: *name,
                kind: ParameterKind::KeywordOnly,
                annotation: Some(annotation.clone()),
                default: self.in_mro(class, *name, None),
                site,
            })
            .collect()
    }

    /// `function.__signature__ = inspect.Signature([...])`
    fn explicit_signature(&mut self, signature: &Value) -> Option<Vec<SignatureParameter>> {
        let parameters = self.own_attribute(signature.as_object()?, Symbol::new("parameters"))?.clone();
        // There may be more than is listed: what is listed is asked for all the same.
        let parameters = match self.entries_and_openness(&parameters) {
            Some((entries, _)) => entries.into_iter().map(|(_, v)| v).collect(),
            None => self.partly_known_items(&parameters),
        };
        let mut found = Vec::new();
        for parameter in parameters {
            let object = self.object(parameter.as_object()?);
            #[expect(clippy::case_sensitive_file_extension_comparisons, reason = "the last part of a dotted name")]
            let attribute = |name: &str| {
                object
                    .attributes
                    .get(Symbol::new(name))
                    .filter(|v| !matches!(v, Value::External(n) if n.as_str().ends_with(".empty")))
                    .cloned()
            };
            found.push(SignatureParameter {
                name: Symbol::new(attribute("name")?.as_str()?),
                kind: ParameterKind::KeywordOnly,
                annotation: attribute("annotation").filter(|v| !v.is_none()),
                default: attribute("default").filter(|v| !v.is_none()),
                site: object.site,
            });
        }
        // A `self` with a default is a parameter like others: class-based views inject the instance that way.
        if found.first().is_some_and(|p| p.name == known::SELF && p.default.is_none()) {
            found.remove(0);
        }
        Some(found)
    }

    fn own_signature(&mut self, function: &FunctionValue) -> Vec<SignatureParameter> {
        let code = Arc::clone(&function.code);
        let definition = *code.function(function.id);
        let parameters = code.params(definition.parameters).to_vec();
        let mut found = Vec::with_capacity(parameters.len());
        for (index, parameter) in parameters.iter().enumerate() {
            let annotation = match &function.annotations {
                Some(evaluated) => evaluated
                    .get(index)
                    .cloned()
                    .flatten()
                    .map(|v| self.resolve_strings(&v, function.file, function.scope)),
                None => parameter.annotation.map(|a| self.annotation_in(&code, a, function.file, function.scope)),
            };
            found.push(SignatureParameter {
                name: parameter.name,
                kind: parameter.kind,
                annotation,
                default: function.defaults.get(index).cloned().flatten(),
                site: Site { file: function.file, span: parameter.span },
            });
        }
        found
    }

    /// The return annotation of a function.
    pub fn return_annotation(&mut self, callable: &Value) -> Option<Value> {
        let function = self.unwrapped(callable);
        let Kind::Function(function) = self.kind(function.as_object()?) else {
            return None;
        };
        let function = function.clone();
        let definition: Function = *function.code.function(function.id);
        if let Some(evaluated) = &function.annotations {
            let value = evaluated.last().cloned().flatten()?;
            return Some(self.resolve_strings(&value, function.file, function.scope));
        }
        Some(self.annotation_in(&function.code, definition.returns?, function.file, function.scope))
    }

    /// Evaluates an annotation where it stands; strings in it are parsed (PEP 484 forward references, PEP 563).
    pub(super) fn annotation_in(
        &mut self,
        code: &Arc<Code>,
        annotation: ExprId,
        file: FileId,
        scope: ScopeId,
    ) -> Value {
        let exploring = std::mem::replace(&mut self.exploring, false);
        self.push_frame(scope, file, Arc::clone(code));
        let value =
            self.eval(annotation).unwrap_or_else(|_| Value::unknown("an annotation that could not be evaluated"));
        self.frames.pop();
        let value = self.resolve_strings(&value, file, scope);
        self.exploring = exploring;
        value
    }

    fn resolve_strings(&mut self, value: &Value, file: FileId, scope: ScopeId) -> Value {
        match value {
            Value::Str(text) => {
                let parsed = self
                    .annotation_codes
                    .entry(std::rc::Rc::clone(text))
                    .or_insert_with(|| lower::annotation(text).map(|(code, expr)| (Arc::new(code), expr)));
                match parsed.clone() {
                    Some((code, expr)) => {
                        self.push_frame(scope, file, code);
                        let value = self
                            .eval(expr)
                            .unwrap_or_else(|_| Value::unknown("an annotation that could not be evaluated"));
                        self.frames.pop();
                        value
                    }
                    None => value.clone(),
                }
            }
            Value::Object(obj) => {
                let Kind::Generic { origin, arguments } = self.kind(*obj) else {
                    return value.clone();
                };
                let literal = matches!(origin, Value::External(n) if n.as_str() == "typing.Literal");
                if literal || !arguments.iter().any(|a| matches!(a, Value::Str(_))) {
                    return value.clone();
                }
                let annotated = matches!(origin, Value::External(n) if n.as_str() == "typing.Annotated");
                let (origin, arguments, site) = (origin.clone(), arguments.clone(), self.made_at(*obj));
                let resolve = |(i, a): (usize, &Value)| {
                    if annotated && i > 0 { a.clone() } else { self.resolve_strings(a, file, scope) }
                };
                let arguments = arguments.iter().enumerate().map(resolve).collect();
                self.make(Kind::Generic { origin, arguments }, site)
            }
            _ => value.clone(),
        }
    }
}

fn without_first(mut parameters: Vec<SignatureParameter>) -> Vec<SignatureParameter> {
    let bound = matches!(parameters.first(), Some(p) if !matches!(p.kind, ParameterKind::VarPositional | ParameterKind::KeywordOnly | ParameterKind::VarKeyword));
    if bound {
        parameters.remove(0);
    }
    parameters
}
