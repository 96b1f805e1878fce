//! What follows from all endpoints together: who requests act for, whose objects are, how tokens are got, which answer gives which id.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use model::{Effect, Endpoint, NobodysWrite, Report, Schema, Sink, UndeclaredWrite};

use crate::effects::{self, Kind, Trace};
use crate::flows;
use crate::objects::{Models, assign_owners};
use crate::{principal, producers, tokens};

/// Fills in principals, objects, tokens, effects and producers of a report whose endpoints have these traces, in their order.
pub(crate) fn fill(report: &mut Report, traces: &[Trace], mut models: Models) {
    let placed: Vec<(&Endpoint, &Trace)> = report.endpoints.iter().zip(traces).collect();
    let of_principals = principal::model_of_principals(&placed);
    let confirmed = confirmed(traces, &models);
    let of_principals = of_principals.or_else(|| principal::model_referred_to(&models.all, &confirmed));
    models.principal = of_principals;
    let name = of_principals.map(|index| Arc::clone(&models.all[index].name));
    let joined = of_principals.map(|index| models.joined(index)).unwrap_or_default();
    assign_owners(&mut models.all, name.as_deref(), &confirmed, &joined);
    let schemas = &report.schemas;
    let done: Vec<Done> = placed.iter().map(|(endpoint, trace)| Done::of(trace, &models, endpoint, schemas)).collect();
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
    for (endpoint, done) in report.endpoints.iter_mut().zip(done) {
        endpoint.effects = done.effects;
        endpoint.written_for_nobody = done.for_nobody;
        endpoint.undeclared_writes = done.undeclared;
        endpoint.sinks = done.sinks;
    }
    producers::assign(&mut report.endpoints, &models.all, &report.schemas);
    report.objects = models.all;
}

/// What one endpoint does.
struct Done {
    effects: Vec<Effect>,
    for_nobody: Vec<NobodysWrite>,
    undeclared: Vec<UndeclaredWrite>,
    sinks: Vec<Sink>,
}

impl Done {
    fn of(trace: &Trace, models: &Models, endpoint: &Endpoint, schemas: &IndexMap<Arc<str>, Schema>) -> Self {
        Self {
            effects: effects::of(trace, models, endpoint, schemas),
            for_nobody: trace.for_nobody.clone(),
            undeclared: effects::undeclared(trace, models, endpoint, schemas),
            sinks: flows::sinks(&trace.followed.flows, endpoint),
        }
    }
}

/// For each model, the columns that are compared with a principal or set to one: by what the program does they name an owner.
fn confirmed(traces: &[Trace], models: &Models) -> Vec<BTreeSet<Arc<str>>> {
    let mut found = vec![BTreeSet::new(); models.all.len()];
    for row in traces.iter().flat_map(|trace| &trace.rows) {
        let compared = row.compared.iter().filter_map(|path| match models.normal(row.model, path).as_slice() {
            [column] => Some(Arc::clone(column)),
            _ => None,
        });
        found[row.model].extend(compared);
        if row.kind == Kind::Create {
            let given = row.filters.iter().filter(|(_, source)| source.is_principal());
            found[row.model].extend(given.map(|(column, _)| Arc::clone(column)));
        }
    }
    found
}
