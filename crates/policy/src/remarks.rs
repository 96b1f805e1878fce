//! What is valid in a policy and still worth a look.

use std::fmt;

use crate::diff::meant_route;
use crate::identity::{ApiKeyIdentity, Identity};
use crate::matching::Matcher;
use crate::policy::{Policy, RouterKind};
use crate::route::{Admits, Grant};
use crate::value::Date;

/// Something that is valid and worth a look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The part of the policy.
    pub what: String,
    /// What is to be seen there.
    pub remark: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.what, self.remark)
    }
}

impl Policy {
    /// What is worth a look on a day: shields whose day has come, routes that no request reaches or whose cost keys cannot pay, sections
    /// that nothing names.
    pub fn remarks(&self, today: Date) -> Vec<Remark> {
        let mut found = Vec::new();
        let matcher = Matcher::new(&self.routes, &self.router);
        for (index, route) in self.routes.iter().enumerate() {
            let what = route.key.to_string();
            for shield in route.settings.shields.iter().filter(|shield| shield.is_due(today)) {
                let remark =
                    format!("the shield of finding {} was to be looked at on {}", shield.finding, shield.expires);
                found.push(Remark { what: what.clone(), remark });
            }
            if let Some(first) = meant_route(self, &matcher, &route.key).filter(|first| *first != index) {
                let why = match self.router.kind {
                    RouterKind::Starlette | RouterKind::Django => "which stands before it",
                    RouterKind::Werkzeug => "which the router tries first",
                };
                let remark = format!("requests that mean it may go to `{}`, {why}", self.routes[first].key);
                found.push(Remark { what: what.clone(), remark });
            }
            for (name, identity) in &self.identity {
                let Identity::ApiKey(ApiKeyIdentity { quota: Some(quota), .. }) = identity else { continue };
                let is_taken = route.settings.allow.iter().any(|grant| grant.identity == *name);
                if let Some(cost) = route.settings.cost.filter(|cost| is_taken && *cost > quota.count) {
                    let remark = format!(
                        "a request costs {cost}: keys of `{name}` without a quota of their own have {}, and are never admitted",
                        quota.count
                    );
                    found.push(Remark { what: what.clone(), remark });
                }
            }
        }
        for (name, _) in &self.identity {
            let uses = |grant: &Grant| grant.identity == *name;
            let used = self.routes.iter().any(|route| route.settings.allow.iter().any(uses));
            unused(used, format!("identity.{name}"), &mut found);
        }
        for (name, _) in &self.limits {
            let used = self.routes.iter().any(|route| route.settings.limits.contains(name));
            unused(used, format!("limits.{name}"), &mut found);
        }
        found
    }

    /// How many routes admit everybody, somebody, nobody.
    pub fn admissions(&self) -> (usize, usize, usize) {
        let mut counts = (0, 0, 0);
        for route in &self.routes {
            match route.settings.admits() {
                Admits::Everybody => counts.0 += 1,
                Admits::AnyOf(_) => counts.1 += 1,
                Admits::Nobody => counts.2 += 1,
            }
        }
        counts
    }
}

fn unused(used: bool, what: String, found: &mut Vec<Remark>) {
    if !used {
        found.push(Remark { what, remark: "no route names it".to_owned() });
    }
}
