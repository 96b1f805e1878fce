//! What follows from all endpoints together: who requests act for, whose objects are, how tokens are got, which answer gives which id.

use std::sync::Arc;

use model::{Effect, Endpoint, Report};

use crate::effects::{self, Trace};
use crate::objects::{Models, assign_owners};
use crate::{principal, producers, tokens};

/// Fills in principals, objects, tokens, effects and producers of a report whose endpoints have these traces, in their order.
pub(crate) fn fill(report: &mut Report, traces: &[Trace], mut models: Models) {
    let placed: Vec<(&Endpoint, &Trace)> = report.endpoints.iter().zip(traces).collect();
    let of_principals = principal::model_of_principals(&placed);
    if let Some(name) = of_principals.map(|index| Arc::clone(&models.all[index].name)) {
        assign_owners(&mut models.all, &name);
    }
    let effects: Vec<Vec<Effect>> =
        placed.iter().map(|(endpoint, trace)| effects::of(trace, &models, endpoint)).collect();
    for application in &mut report.applications {
        let own: Vec<(&Endpoint, &Trace)> =
            placed.iter().filter(|(e, _)| e.application == application.name).copied().collect();
        application.principals = principal::principals(&own, &models);
        application.tokens = tokens::recipes(&own, &application.security_schemes, &report.schemas, of_principals);
        let mut objects: Vec<Arc<str>> =
            own.iter().flat_map(|(_, t)| &t.rows).map(|row| Arc::clone(&models.all[row.model].name)).collect();
        objects.sort();
        objects.dedup();
        application.objects = objects;
    }
    for (endpoint, effects) in report.endpoints.iter_mut().zip(effects) {
        endpoint.effects = effects;
    }
    producers::assign(&mut report.endpoints, &models.all, &report.schemas);
    report.objects = models.all;
}
