//! Statements whose text a value of the request becomes part of.

use model::{Endpoint, Parameter, Sink, SinkKind, ValueType};

use super::reference;
use super::trace::Trace;

/// The holes of statements that the request fills with text.
pub(crate) fn sinks(trace: &Trace, endpoint: &Endpoint) -> Vec<Sink> {
    let mut found: Vec<Sink> = Vec::new();
    for query in &trace.queries {
        for parameter in query.holes.iter().filter_map(|source| reference(source, endpoint)) {
            let is_it = |p: &&Parameter| p.reference() == parameter;
            let declared = endpoint.parameters.iter().find(is_it).map_or(ValueType::Any, |p| p.value_type);
            let is_of_request = !matches!(parameter.place, model::Place::Claim | model::Place::Session);
            if is_of_request && matches!(declared, ValueType::Any | ValueType::String) {
                let (evidence, text) = (query.evidence.clone(), Some(query.text.clone()));
                found.push(Sink { kind: SinkKind::Sql, parameter, evidence, text });
            }
        }
    }
    found.sort();
    found.dedup();
    found
}
