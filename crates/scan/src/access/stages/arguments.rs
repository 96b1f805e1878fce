//! What FastAPI hands to a callable: parts of the request, what dependencies give, itself.

use model::Converter;
use python::Symbol;
use python::interp::{Interp, SignatureParameter};
use python::term::Term;
use python::value::{Arguments, Kind, Labels, Site, Value};

use super::super::{label, library_class};
use super::Stage;
use super::throughout::{handler_site, of_class};
use crate::flows::Use;
use crate::frameworks::{RawRoute, attribute};

impl Stage<'_> {
    /// What a view is called with that finds the request in a global: the parameters of the path.
    pub(super) fn path_arguments(interp: &mut Interp<'_>, raw: &RawRoute) -> Arguments {
        let mut arguments = Arguments::default();
        let rules = raw.framework.router_rules();
        for parameter in raw.pattern.parameters() {
            let name = Symbol::new(&parameter.name);
            let is_plain = matches!(parameter.converter, Converter::Integer | Converter::Float | Converter::Uuid);
            let labels = Labels::bit(label::INPUT);
            let labels = if is_plain { labels } else { interp.given_raw(labels, handler_site(interp, raw)) };
            // It is a text, and where it is one segment it holds no slash.
            let labels = labels.cleared(Use::Document.bits() | if parameter.rest { 0 } else { Use::Path.bits() });
            let own = parameter.regex.as_deref();
            let named = || match &parameter.converter {
                Converter::Other(name) => rules.converters.get(name).and_then(|rule| rule.regex.as_deref()),
                _ => None,
            };
            let labels = own.or_else(named).map_or(labels, |regex| interp.behind_whole_pattern(regex, labels));
            let unknown = python::value::Unknown {
                reason: "part of the request".into(),
                labels,
                name: Some(name),
                class: None,
                term: Some(Term::Given(name).into()),
                library: None,
            };
            arguments.keywords.push((name, Value::Unknown(unknown.into())));
        }
        arguments
    }

    /// The arguments that FastAPI would hand to a callable.
    pub(super) fn arguments(&mut self, interp: &mut Interp<'_>, callable: &Value, site: Site) -> Arguments {
        let mut arguments = Arguments::default();
        for parameter in interp.signature(callable).unwrap_or_default() {
            let value = self.argument(interp, &parameter, site);
            arguments.keywords.extend(value.map(|v| (parameter.name, v)));
        }
        arguments
    }

    fn argument(&mut self, interp: &mut Interp<'_>, parameter: &SignatureParameter, site: Site) -> Option<Value> {
        if matches!(
            parameter.kind,
            python::code::ParameterKind::VarKeyword | python::code::ParameterKind::VarPositional
        ) {
            return None;
        }
        let (annotation, extras) = interp.annotated(parameter.annotation.as_ref());
        let marker = extras.iter().chain(parameter.default.iter()).find(|v| self.is_marker(interp, v)).cloned();
        let class = annotation.as_ref().and_then(|a| interp.class_in(a));
        if let Some(marker) = marker {
            let of = interp.class_of(&marker);
            if interp.derives_from(&of, "fastapi.params.Depends") {
                if let Some(identifies) = self.given.as_mut().map(Vec::pop) {
                    let bits = if identifies.unwrap_or(false) { label::CREDENTIAL } else { 0 };
                    return Some(self.given(interp, parameter, None, bits, class));
                }
                let value = self.solve(interp, &marker, annotation.as_ref(), parameter.site);
                return Some(if self.known.is_some() { of_class(value, class) } else { value });
            }
            return Some(self.read_from_request(interp, &of, parameter, annotation.as_ref(), class));
        }
        let is = |name: &str| class.as_ref().is_some_and(|c| interp.derives_from(c, name));
        if is("starlette.requests.HTTPConnection") {
            return Some(self.request.value.clone());
        }
        if is("starlette.responses.Response") {
            let class = library_class(interp, "starlette._utils", "Answer")?;
            return interp.call_outcome(&class, Arguments::default(), site).value;
        }
        if is("fastapi.security.schemes.SecurityScopes") {
            self.play.scopes.extend(self.scopes.clone());
            let labels = Labels::bit(label::SCOPE);
            let scopes = self.scopes.iter().map(|s| Value::str(s).with(labels)).collect();
            let list = interp.make(Kind::List { items: scopes, open: false, set: false }, site);
            let made = interp.call_outcome(class.as_ref()?, Arguments::of([list.clone()]), site).value?;
            // Whoever looks at the list looks at the scopes, be it by their number.
            interp.set(made.as_object()?, "scopes", list.with(labels));
            return Some(made);
        }
        let body = class.is_some() || annotation.as_ref().is_some_and(|a| is_structured(interp, a));
        let bits = if body { label::BODY } else { self.input_label(interp, annotation.as_ref()) };
        Some(self.given(interp, parameter, annotation.as_ref(), bits, class))
    }

    fn is_marker(&self, interp: &Interp<'_>, value: &Value) -> bool {
        let class = interp.class_of(value);
        interp.derives_from(&class, "fastapi.params.Depends") || interp.derives_from(&class, "fastapi.params.Param")
    }

    /// A parameter that is read from the request: a header or cookie may hold a credential.
    fn read_from_request(
        &self,
        interp: &mut Interp<'_>,
        marker: &Value,
        parameter: &SignatureParameter,
        annotation: Option<&Value>,
        class: Option<Value>,
    ) -> Value {
        let is = |i: &Interp<'_>, name: &str| i.derives_from(marker, &format!("fastapi.params.{name}"));
        let is_header = is(interp, "Header");
        if is_header && is_free_field(interp, parameter) {
            return self.given(interp, parameter, annotation, label::CLIENT, None);
        }
        if !is_header && !is(interp, "Cookie") {
            let body = interp.derives_from(marker, "fastapi.params.Body");
            let bits = if body { label::BODY } else { self.input_label(interp, annotation) };
            return self.given(interp, parameter, annotation, bits, class);
        }
        let marked = parameter
            .default
            .as_ref()
            .filter(|d| self.is_marker(interp, d))
            .and_then(|d| attribute(interp, d, "default"));
        let default = marked.or_else(|| parameter.default.clone());
        let labels = Labels::bit(label::CREDENTIAL);
        match default {
            Some(default) if !interp.is_opaque() && !matches!(default, Value::Ellipsis) => default.with(labels),
            _ => {
                // A header, or a cookie: what it holds need not be a credential.
                let given = self.given(interp, parameter, annotation, label::CREDENTIAL, None);
                let raw = interp.given_raw(labels, parameter.site);
                given.with(declared_of(interp, parameter, annotation, raw))
            }
        }
    }

    /// Browsers cannot set headers on a WebSocket: its query is where a token travels. A flag carries none.
    fn input_label(&self, interp: &Interp<'_>, annotation: Option<&Value>) -> u16 {
        match annotation {
            Some(of) if interp.qualified_name(of) == Some("builtins.bool") => label::CHOICE,
            _ if self.websocket => label::CREDENTIAL,
            _ => label::INPUT,
        }
    }

    fn given(
        &self,
        interp: &mut Interp<'_>,
        parameter: &SignatureParameter,
        annotation: Option<&Value>,
        bits: u16,
        class: Option<Value>,
    ) -> Value {
        let labels = Labels::bit(bits);
        let is_segment = self.segments.iter().any(|name| parameter.name == **name);
        let is_of_client = labels.has(label::INPUT | label::BODY | label::CLIENT);
        let labels = if is_of_client { interp.given_raw(labels, parameter.site) } else { labels };
        let labels = declared_of(interp, parameter, annotation, labels);
        // A segment of a path holds no slash.
        let labels = if is_segment { labels.cleared(Use::Path.bits()) } else { labels };
        let unknown = python::value::Unknown {
            reason: "part of the request".into(),
            labels,
            name: Some(parameter.name),
            class,
            term: Some(Term::Given(parameter.name).into()),
            library: None,
        };
        Value::Unknown(unknown.into())
    }
}

/// The labels of a parameter behind what its declaration lets through: its type, its pattern, the functions that check it.
fn declared_of(
    interp: &mut Interp<'_>,
    parameter: &SignatureParameter,
    annotation: Option<&Value>,
    labels: Labels,
) -> Labels {
    let (_, declared) = interp.annotated(parameter.annotation.as_ref());
    let labels = annotation.map_or(labels, |of| interp.of_type(of, labels));
    let all = declared.iter().chain(parameter.default.iter());
    let labels = all.fold(labels, |labels, one| interp.behind_pattern(one, labels));
    interp.behind_checks(&declared, labels, parameter.site)
}

/// Whether a type is read from the body: FastAPI reads single values from the query.
fn is_structured(interp: &Interp<'_>, annotation: &Value) -> bool {
    matches!(
        interp.qualified_name(annotation),
        Some("builtins.dict" | "builtins.list" | "typing.Dict" | "typing.List" | "typing.Mapping" | "typing.Any")
    )
}

/// Whether the header of a parameter is none that carries a credential; `user_agent` is `User-Agent`.
fn is_free_field(interp: &mut Interp<'_>, parameter: &SignatureParameter) -> bool {
    let name = parameter.name.as_str().replace('_', "-");
    let fields = library_class(interp, "starlette.datastructures", "FREE_FIELDS");
    fields.is_some_and(|f| interp.known_items(&f).is_some_and(|all| all.iter().any(|f| f.as_str() == Some(&name))))
}
