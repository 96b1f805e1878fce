//! `mass-assignment`: a request sets a field that grants rights or worth.

use std::sync::Arc;

use model::{Column, Effect, Endpoint, ObjectEffect, ParameterRef, Place, Shielding, Weakness};
use serde_json::{Map, Value};

use super::forged_token::mirror;
use super::{Attack, Case, Exchanged, Judged, cases_of_findings};
use crate::api::Api;
use crate::calls::{Givens, pointer};
use crate::evidence::{Role, Side};
use crate::fixture::mark_field;
use crate::journal::{State, Undo};
use crate::request::{Body, Learned, Request};
use crate::run::{Caller, Level, Run, Trouble, obstacle};
use crate::session::{THROW_AWAY, unexpected};
use crate::values::declared;
use crate::verdict::Verdict;

pub(super) const ATTACK: Attack = Attack {
    name: "mass-assignment",
    weaknesses: &[Weakness::PrivilegeEscalation, Weakness::MassAssignment],
    summary: "a request sets a field that grants rights or worth",
    page: PAGE,
    unshielded: None,
    cases,
    exchange,
};

const PAGE: &str = "## The exchange

C is an identity that no other attack needs. The value grants as little as it can: a random text where a role is named, one more of what is
counted; of two it is the other, on an object of this run and until the next request.

```http
GET /me              as C      200, `role` is `customer`        as it was
PATCH /me            as C      200, without `role`              positive control
GET /me              as C      200, `role` is `customer`        negative control: without the field nothing changes
PATCH /me            as C      200, with `role`                 the attack
GET /me              as C      200, `role` is the random text   re-read
PATCH /me            as C      200, `role` is `customer`        restored, and looked at again
```

## What it proves

Whoever is signed in sets a field of their own that decides what they may do or have. The same request without the field leaves it as it is.

## What it does not prove

What one can do with it: no right that it may have granted is used. Where only listed values are taken, each of which may grant one, it is
NOT SENT.

## Held

The request with the field gets 401 or 403 where the one without it passes; or it passes, and the field is as it was.
";

/// What findings name and changes an object.
fn cases<'m>(api: &Api<'m>) -> Vec<Case<'m>> {
    cases_of_findings(api, ATTACK.weaknesses)
}

fn exchange<'r, 'm>(run: &'r mut Run<'m>, case: &'r Case<'m>, side: Side) -> Exchanged<'r> {
    Box::pin(async move {
        if let Some(reason) = run.unsendable(case.endpoint) {
            return Ok(Judged::new(Verdict::NotSent, reason));
        }
        if run.options.level == Level::Read {
            return Ok(Judged::new(Verdict::NotSent, "it writes, and the level is `read`"));
        }
        let Some((write, column)) = privileged(&run.api, case) else {
            return Ok(Judged::new(Verdict::NotSent, "which field it is, and of which object that is there, is not known"));
        };
        assign(run, case.endpoint, write, column, side).await
    })
}

/// The privileged column that a request sets: the one that the finding names, or else the first.
fn privileged<'m>(api: &Api<'m>, case: &Case<'m>) -> Option<(&'m ObjectEffect, &'m Column)> {
    let endpoint: &'m Endpoint = case.endpoint;
    let named = match case.finding.map(|finding| &finding.shielding) {
        Some(Shielding::Shielded(shield)) => shield.policy.clone(),
        _ => String::new(),
    };
    let body = endpoint.request_body.as_ref().and_then(|body| body.schema.as_ref());
    let taken = body.and_then(|schema| api.schemas.of(schema)).unwrap_or_default();
    let is_taken = |write: &ObjectEffect, column: &Column| {
        let undeclared = |one: &model::UndeclaredWrite| one.object == write.object && one.column == column.name;
        declared(&taken).any(|name| *name == *column.name) || endpoint.undeclared_writes.iter().any(undeclared)
    };
    let updates = endpoint.effects.iter().filter_map(|effect| match effect {
        Effect::Update(write) => Some(write),
        _ => None,
    });
    let columns = updates.flat_map(|write| {
        let columns = api.object(&write.object).map(|object| object.columns.as_slice()).unwrap_or_default();
        columns.iter().filter(|column| column.privileged).map(move |column| (write, column))
    });
    let found: Vec<_> = columns.filter(|(write, column)| is_taken(write, column)).collect();
    let is_named = |(_, column): &&(&ObjectEffect, &Column)| named.contains(&format!("\"/{}\"", column.name));
    found.iter().find(is_named).or(found.first()).copied()
}

/// The object that is written, how it is named to the endpoint, and how its field is read back.
struct Spot<'m> {
    object: Arc<str>,
    person: usize,
    field: ParameterRef,
    givens: Givens,
    /// The endpoint that shows the account of who asks; none where the object is read by its key.
    mirror: Option<&'m Endpoint>,
    key: Option<(Learned, Givens)>,
}

async fn spot<'m>(
    run: &mut Run<'m>,
    endpoint: &'m Endpoint,
    write: &ObjectEffect,
    column: &Column,
) -> Result<Spot<'m>, Trouble> {
    let object = Arc::clone(&write.object);
    let is_account = run.api.principal_object() == Some(&object);
    let names_own = match write.key.as_ref().map(|key| key.place) {
        Some(Place::Path) => true,
        Some(Place::Claim | Place::Session) => is_account,
        _ => false,
    };
    if !names_own || write.many {
        return obstacle(format!("which `{object}` it writes is not known, so it could be somebody's"));
    }
    let person = run.person(if is_account { THROW_AWAY } else { 0 }).await?;
    let givens = run.path_givens(endpoint, person, 0).await?;
    let field = ParameterRef::new(Place::Body, Arc::clone(&column.name));
    if is_account {
        let mirror = mirror(&run.api);
        let none = || Trouble::Obstacle("no endpoint shows an account to who asks".to_owned());
        return Ok(Spot { object, person, field, givens, mirror: Some(mirror.ok_or_else(none)?), key: None });
    }
    let index = run.fixture(&object, person, 0).await?;
    let key = (run.fixtures[index].key.clone(), run.fixtures[index].above.clone());
    Ok(Spot { object, person, field, givens, mirror: None, key: Some(key) })
}

impl Spot<'_> {
    /// The value of the field, past any gateway.
    async fn value(&self, run: &mut Run<'_>, role: Role) -> Result<Value, Trouble> {
        let caller = Caller::Person(self.person);
        let document = match (self.mirror, &self.key) {
            (Some(mirror), _) => {
                let request = run.request(mirror, &Givens::new(), None, None, 0)?;
                let (answer, _) = run.send(Side::Direct, role, &caller, request).await?;
                match answer.json {
                    Some(document) if (200..300).contains(&answer.status) => Some(document),
                    _ => return obstacle(format!("`{}` answers {}", mirror.id(), answer.status)),
                }
            }
            (None, Some((key, above))) => run.look(role, &caller, &self.object, key, above).await?,
            (None, None) => None,
        };
        let value = document.as_ref().and_then(|document| document.pointer(&pointer(&self.field.name)));
        value.cloned().map_or_else(|| obstacle(format!("nothing shows the `{}` of the `{}`", self.field.name, self.object)), Ok)
    }

    /// A request to the endpoint with a value of the field; without it, if the endpoint takes one without.
    fn request(&self, run: &mut Run<'_>, endpoint: &Endpoint, value: Option<&Value>) -> Result<Request, Trouble> {
        let mut givens = self.givens.clone();
        if let Some(value) = value {
            givens.insert(self.field.clone(), value.clone().into());
        }
        let canary = run.canary();
        let extra = mark_field(&run.api, endpoint, &self.object).filter(|name| **name != *self.field.name);
        run.request(endpoint, &givens, Some(&canary), extra.as_deref(), 0)
    }

    fn has_field(&self, request: &Request) -> bool {
        match &request.body {
            Body::Json(document, _) => document.pointer(&pointer(&self.field.name)).is_some(),
            Body::Form(fields) => fields.iter().any(|(name, _)| **name == *self.field.name),
            Body::None => false,
        }
    }
}

async fn assign<'m>(
    run: &mut Run<'m>,
    endpoint: &'m Endpoint,
    write: &ObjectEffect,
    column: &Column,
    side: Side,
) -> Result<Judged, Trouble> {
    let spot = spot(run, endpoint, write, column).await?;
    let name = &column.name;
    let before = spot.value(run, Role::ReRead).await?;
    let body = endpoint.request_body.as_ref().and_then(|body| body.schema.as_ref());
    let property = body.and_then(|schema| run.api.schemas.property(schema, name)).unwrap_or_default();
    let text = run.canary();
    let Some(value) = harmless(&property, &before, text.as_str()) else {
        let reason = format!("no value of `{name}` is known that does not grant more than needed");
        return Ok(Judged::new(Verdict::NotSent, reason));
    };
    let mut twin = spot.request(run, endpoint, None)?;
    if spot.has_field(&twin) {
        twin = spot.request(run, endpoint, Some(&before))?;
    }
    let caller = Caller::Person(spot.person);
    let (own, _) = run.send(side, Role::Control, &caller, twin).await?;
    if !own.is_success() {
        return Ok(Judged::without_control(format!("without `{name}` {}", unexpected(endpoint, &own))));
    }
    if spot.value(run, Role::Negative).await? != before {
        let claim = format!("`{name}` changes without being sent: what sets it is not the request");
        return Ok(Judged::new(Verdict::Inconclusive, claim));
    }
    let request = spot.request(run, endpoint, Some(&value))?;
    if !spot.has_field(&request) {
        return Ok(Judged::new(Verdict::NotSent, format!("no body that this build makes holds `{name}`")));
    }
    let restore = spot.request(run, endpoint, Some(&before))?;
    let entry = run.plan(&spot.object, Some(format!("its `{name}`")), endpoint.id())?;
    let undo = Undo { request: restore, caller: caller.clone() };
    run.settle(entry, None, State::Made(Box::new(undo)));
    let (answer, _) = run.send_planned(entry, (side, Role::Attack), &caller, request).await?;
    let after = spot.value(run, Role::ReRead).await?;
    restored(run, &spot, entry, &before, &after).await?;
    let status = answer.status;
    Ok(match (answer.is_success(), after == before) {
        (_, false) if after == value => {
            let claim = format!("a request with `{name}` sets it; the same without it does not, and it was set back");
            Judged::new(Verdict::Proved, claim)
        }
        (_, false) => Judged::new(Verdict::Observed, format!("a request with `{name}` changes it, to something else")),
        (false, true) if answer.refuses() => {
            Judged::held(format!("a request with `{name}` gets {status}; the same without it passes"), &answer)
        }
        (false, true) => Judged::new(Verdict::Inconclusive, format!("a request with `{name}` gets {status}")),
        (true, true) => Judged::held(format!("a request with `{name}` gets {status}, and it is as it was"), &answer),
    })
}

/// Sets the field back, and looks whether it is.
async fn restored(
    run: &mut Run<'_>,
    spot: &Spot<'_>,
    entry: usize,
    before: &Value,
    after: &Value,
) -> Result<(), Trouble> {
    if before == after {
        run.settle(entry, None, State::Gone);
        return Ok(());
    }
    run.undo_entry(entry).await;
    if spot.value(run, Role::Undo).await? != *before {
        run.settle(entry, None, State::Stays("it could not be set back to what it was".to_owned()));
    }
    Ok(())
}

/// Another value of a field that grants as little as can be; none where only listed values are taken, or its kind is not known.
fn harmless(property: &Map<String, Value>, before: &Value, text: &str) -> Option<Value> {
    if ["enum", "const", "pattern", "format"].iter().any(|keyword| property.contains_key(*keyword)) {
        return None;
    }
    let longest = property.get("maxLength").and_then(Value::as_u64).unwrap_or(u64::MAX);
    match before {
        Value::String(_) if longest >= text.len() as u64 => Some(Value::from(text)),
        Value::Number(number) => number.as_i64()?.checked_add(1).map(Value::from),
        Value::Bool(is_set) => Some(Value::from(!is_set)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_another_one_and_grants_as_little_as_can_be() {
        let of = |property: Value, before: Value| harmless(property.as_object().unwrap(), &before, "0123456789");
        assert_eq!(of(json!({"type": "string"}), json!("customer")), Some(json!("0123456789")));
        assert_eq!(of(json!({"maxLength": 10}), json!("customer")), Some(json!("0123456789")));
        assert_eq!(of(json!({"maxLength": 9}), json!("customer")), None);
        assert_eq!(of(json!({}), json!(7)), Some(json!(8)));
        assert_eq!(of(json!({}), json!(false)), Some(json!(true)));
        for keyword in ["enum", "const", "pattern", "format"] {
            assert_eq!(of(json!({keyword: "x"}), json!("customer")), None, "{keyword}");
        }
        for before in [json!(null), json!([]), json!({}), json!(1.5), json!(i64::MAX)] {
            assert_eq!(of(json!({}), before.clone()), None, "{before}");
        }
    }
}
