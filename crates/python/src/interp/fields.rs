//! What the declaration of a field leaves of what somebody wrote: its type, its pattern, the functions that check it.

use super::{Interp, Paths};
use crate::code::ParameterKind;
use crate::intern::{Symbol, known};
use crate::value::{Arguments, Kind, Labels, Obj, Site, Value};

/// Functions that check one field and are asked.
const VALIDATORS_MAX: usize = 4;

impl Interp<'_> {
    /// The labels of a field of something raw, an instance of a class.
    pub(super) fn of_field(&mut self, class: Obj, name: Symbol, labels: Labels, site: Site) -> Labels {
        let fields = self.annotated_fields(class);
        let Some((_, annotation)) = fields.iter().find(|(own, _)| *own == name) else { return labels };
        let (annotation, extras) = self.annotated(Some(annotation));
        let default = self.in_mro(class, name, None);
        let patterned =
            extras.iter().chain(default.iter()).fold(labels, |labels, one| self.behind_pattern(one, labels));
        let labels = annotation.map_or(patterned, |of| self.of_type(&of, patterned));
        let labels = self.behind_checks(&extras, labels, site);
        if labels.raw == 0 { labels } else { self.behind_validators(class, name, labels, site) }
    }

    /// The labels of a value of a declared type.
    pub fn of_type(&self, annotation: &Value, labels: Labels) -> Labels {
        if self.is_plain_type(annotation) {
            return labels.of_decision();
        }
        self.cleaned_by(self.qualified_name(annotation).unwrap_or(""), labels)
    }

    /// `Field(pattern="^[a-z]+$")`: what a declaration lets through.
    pub fn behind_pattern(&self, declared: &Value, labels: Labels) -> Labels {
        let Some(obj) = declared.as_object() else { return labels };
        let pattern = self.own_attribute(obj, Symbol::new("pattern"));
        let pattern = pattern.and_then(Value::as_str).filter(|_| labels.raw != 0);
        pattern.map_or(labels, |pattern| labels.cleared(self.uses_behind_pattern("search", pattern)))
    }

    /// The labels of a text that a pattern matches from its begin to its end.
    pub fn behind_whole_pattern(&self, pattern: &str, labels: Labels) -> Labels {
        if labels.raw == 0 { labels } else { labels.cleared(self.uses_behind_pattern("fullmatch", pattern)) }
    }

    /// `__narrowed__(value, pattern)`: a value that a pattern let through; without one, a value that the program itself wrote down.
    pub(super) fn narrowed(&self, arguments: &Arguments) -> Option<Value> {
        let [value, pattern] = arguments.positional.as_slice() else { return None };
        Some(match pattern.as_str() {
            Some(pattern) => value.relabelled(&|labels| labels.cleared(self.uses_behind_pattern("search", pattern))),
            None if pattern.is_none() => value.relabelled(&|labels| labels.cleared(labels.raw)),
            None => value.clone(),
        })
    }

    /// `Annotated[str, AfterValidator(check)]`: what the functions in a declaration let through.
    pub fn behind_checks(&mut self, declared: &[Value], labels: Labels, site: Site) -> Labels {
        let marked = declared.iter().filter_map(Value::as_object).filter_map(|obj| {
            let attributes = &self.object(obj).attributes;
            attributes.get(known::VALIDATES).and(attributes.get(known::FUNC)).cloned()
        });
        let validators: Vec<Value> = marked.collect();
        self.behind_functions(validators, &Value::None, Symbol::new("value"), labels, site)
    }

    /// What functions that check a field let through on every way.
    fn behind_validators(&mut self, class: Obj, name: Symbol, labels: Labels, site: Site) -> Labels {
        let receiver = Value::instance_of(Value::Object(class), Labels::NONE);
        let validators = self.validators_of(class, name);
        self.behind_functions(validators, &receiver, name, labels, site)
    }

    fn behind_functions(
        &mut self,
        validators: Vec<Value>,
        receiver: &Value,
        name: Symbol,
        labels: Labels,
        site: Site,
    ) -> Labels {
        let mut left = labels;
        for validator in validators.into_iter().take(VALIDATORS_MAX).filter(|_| labels.raw != 0) {
            let value = Self::unknown_named("a field", left, name);
            let takes_receiver = self.signature(&validator).is_some_and(|all| {
                all.first().is_some_and(|first| matches!(first.name.as_str(), "cls" | "self"))
                    && all.iter().filter(|one| one.kind == ParameterKind::Ordinary).count() > 1
            });
            let arguments = if takes_receiver { vec![receiver.clone(), value] } else { vec![value] };
            let given = self.apart_from_paths(&validator, Arguments { open: true, ..Arguments::of(arguments) }, site);
            if let Some(given) = given {
                left = left.cleared(left.raw & !given.labels().raw);
            }
        }
        left
    }

    /// What a call gives that decides nothing of what runs; none where it always raises.
    fn apart_from_paths(&mut self, callee: &Value, arguments: Arguments, site: Site) -> Option<Value> {
        let paths = std::mem::replace(&mut self.paths, Paths::always());
        // A parameter of a handler is made before any code runs.
        let given = if self.frames.is_empty() {
            self.call_outcome(callee, arguments, site).value
        } else {
            let raised = self.frame().raised.len();
            let given = self.call(callee, arguments, site).ok();
            self.frame_mut().raised.truncate(raised);
            given
        };
        self.paths = paths;
        given
    }

    /// The functions of a class that a description marked as checks of a field.
    fn validators_of(&self, class: Obj, name: Symbol) -> Vec<Value> {
        let chain = self.linearised(class);
        let members = chain.iter().filter_map(Value::as_object).flat_map(|of| self.object(of).attributes.iter());
        let checks = |value: &Value| {
            let of = value.as_object()?;
            let marked = self.own_attribute(of, known::VALIDATES)?;
            let fields = self.partly_known_items(marked);
            fields
                .iter()
                .any(|field| matches!(field.as_str(), Some("*")) || field.as_str() == Some(name.as_str()))
                .then_some(of)
        };
        let found = members.filter_map(|(_, value)| checks(value));
        found
            .map(|of| match self.kind(of) {
                Kind::Descriptor { function, .. } => function.clone(),
                _ => Value::Object(of),
            })
            .collect()
    }
}
