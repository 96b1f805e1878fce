//! Whose objects are: a foreign key to the principals' model, here or one step up.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::words::is_of_a_service;
use model::{ForeignKey, Known, ObjectModel, OwnerPath};

/// Columns beside the owner that refer to a principal in another part, as far as their words say so.
const OWNING: &[&str] = &["owner", "user", "author", "customer", "creator", "created", "account", "member"];

/// Words of columns that say who somebody is.
const PERSONS: &[&str] = &["username", "email", "login", "by", "uid", "sub"];

/// Words of models that stand for a tenant.
const TENANTS: &[&str] = &["tenant", "organization", "organisation", "company", "workspace", "team"];

/// Fills in owner and tenant of every model.
///
/// `confirmed` holds, for each model, the columns that the program itself compares with a principal or sets to one.
///
/// `joined` holds the models that the principals are members of by a relation to many.
pub(crate) fn assign_owners(
    models: &mut [ObjectModel],
    principal: Option<&str>,
    confirmed: &[BTreeSet<Arc<str>>],
    joined: &BTreeSet<Arc<str>>,
) {
    let principal = principal.unwrap_or_default();
    let direct: Vec<Option<Known<OwnerPath>>> =
        models.iter().zip(confirmed).map(|(m, confirmed)| direct_owner(m, principal, confirmed)).collect();
    let inherited: Vec<Option<Known<OwnerPath>>> =
        models.iter().enumerate().map(|(i, m)| inherited_owner(m, models, &direct, i, principal)).collect();
    let own: Vec<Option<Known<OwnerPath>>> = models.iter().map(|m| tenant(m, models, principal, joined)).collect();
    let tenants: Vec<Option<Known<OwnerPath>>> = models
        .iter()
        .enumerate()
        .map(|(i, m)| own[i].clone().or_else(|| inherited_tenant(m, models, &own, i)))
        .collect();
    let found = direct.into_iter().zip(inherited).zip(tenants);
    let found: Vec<_> = found.collect();
    let accounts: Vec<ObjectModel> =
        models.iter().filter(|m| *m.name != *principal && is_account(m)).cloned().collect();
    for (model, ((direct, inherited), tenant)) in models.iter_mut().zip(found) {
        model.owner = match *model.name == *principal {
            true => own_row(model).map(|path| Known::proven(path, vec![model.evidence.clone()])),
            false => direct.or(inherited).or_else(|| of_account(model, &accounts)),
        };
        model.tenant = tenant;
    }
}

/// Whether rows of a model are those of somebody who can sign in, as customers beside the users of a back office can.
pub(crate) fn is_account(model: &ObjectModel) -> bool {
    const PASSWORDS: &[&str] =
        &["password", "passwd", "pwd", "password_hash", "hashed_password", "pw_hash", "passhash"];
    const WHO: &[&str] = &["username", "user_name", "email", "login", "mail", "e_mail", "email_address"];
    let has = |names: &[&str]| model.columns.iter().any(|column| names.contains(&&*column.name.to_lowercase()));
    !is_of_a_service(&model.name) && has(PASSWORDS) && has(WHO)
}

/// The row of an account is its own, and so is what refers to one.
fn of_account(model: &ObjectModel, accounts: &[ObjectModel]) -> Option<Known<OwnerPath>> {
    if accounts.iter().any(|account| account.name == model.name) {
        return Some(Known::assumed(own_row(model)?, "its rows hold a password: each is somebody's account"));
    }
    accounts.iter().find_map(|account| {
        let keys = keys_to(model, &account.name);
        let [key] = keys.as_slice() else { return None };
        let path = OwnerPath {
            column: Arc::clone(&key.columns[0]),
            references: key.references.first().cloned(),
            through: Vec::new(),
        };
        Some(Known::assumed(path, format!("it refers to `{}`, whose rows hold a password", account.name)))
    })
}

/// A principal's row is its own.
fn own_row(model: &ObjectModel) -> Option<OwnerPath> {
    let key = model.primary_key.first()?;
    Some(OwnerPath { column: Arc::clone(key), references: Some(Arc::clone(key)), through: Vec::new() })
}

fn keys_to<'m>(model: &'m ObjectModel, to: &str) -> Vec<&'m ForeignKey> {
    model.foreign_keys.iter().filter(|key| *key.object == *to && key.columns.len() == 1).collect()
}

fn is_nullable(model: &ObjectModel, column: &str) -> bool {
    model.column(column).is_some_and(|c| c.nullable)
}

fn direct_owner(model: &ObjectModel, principal: &str, confirmed: &BTreeSet<Arc<str>>) -> Option<Known<OwnerPath>> {
    if *model.name == *principal {
        return None;
    }
    // Who touched it last is another one.
    let is_last =
        |column: &str| column.split('_').any(|part| matches!(part, "last" | "updated" | "modified" | "previous"));
    let keys: Vec<&ForeignKey> = keys_to(model, principal)
        .into_iter()
        .filter(|key| confirmed.contains(&key.columns[0]) || !is_last(&key.columns[0]))
        .collect();
    let path = |key: &ForeignKey| OwnerPath {
        column: Arc::clone(&key.columns[0]),
        references: key.references.first().cloned(),
        through: Vec::new(),
    };
    let mut by_behaviour: Vec<_> = keys.iter().filter(|key| confirmed.contains(&key.columns[0])).collect();
    if by_behaviour.len() > 1 {
        // `Q(owner=user) | Q(reviewer=user)`: the one that it cannot be without.
        by_behaviour.retain(|key| !is_nullable(model, &key.columns[0]));
    }
    if let [only] = by_behaviour.as_slice() {
        return Some(Known::proven(path(only), vec![model.evidence.clone()]));
    }
    let named = |key: &&&ForeignKey| OWNING.iter().any(|w| key.columns[0].split('_').any(|part| part == *w));
    let chosen = match keys.as_slice() {
        [] => return owner_by_behaviour(model, confirmed),
        [only] => only,
        several => {
            let needed: Vec<_> = several.iter().filter(|k| !is_nullable(model, &k.columns[0])).collect();
            match needed.as_slice() {
                [only] => *only,
                _ => several.iter().find(named)?,
            }
        }
    };
    let path = path(chosen);
    if keys.len() > 1 {
        return Some(Known::assumed(path, format!("one of {} columns that refer to `{principal}`", keys.len())));
    }
    if is_nullable(model, &path.column) {
        let reason = format!("`{}` may be null: it may name somebody else than the owner", path.column);
        return Some(Known::assumed(path, reason));
    }
    let evidence = vec![model.evidence.clone()];
    Some(Known::proven(path, evidence))
}

/// A column that refers to nobody, but that the program itself compares with who the request acts for or sets to it.
fn owner_by_behaviour(model: &ObjectModel, confirmed: &BTreeSet<Arc<str>>) -> Option<Known<OwnerPath>> {
    let says = |column: &str, words: &[&str]| column.split('_').any(|part| words.contains(&part));
    let names_somebody = |column: &str| says(column, OWNING) || says(column, PERSONS) || column.ends_with("_id");
    let may_own = |column: &&Arc<str>| {
        let is_key = model.primary_key.contains(*column);
        let refers = model.foreign_keys.iter().any(|key| key.columns.contains(*column));
        let is_plain = model.column(column).is_some_and(|c| !c.privileged) && !is_key && !refers;
        is_plain && names_somebody(column) && !says(column, TENANTS)
    };
    let mut candidates = confirmed.iter().filter(may_own);
    let column = candidates.next()?;
    if candidates.next().is_some() {
        return None;
    }
    let path = OwnerPath { column: Arc::clone(column), references: None, through: Vec::new() };
    Some(Known::assumed(path, "the program itself compares it with who the request acts for, or sets it to that"))
}

/// The owner of the one model that an object cannot be without.
fn inherited_owner(
    model: &ObjectModel,
    models: &[ObjectModel],
    direct: &[Option<Known<OwnerPath>>],
    index: usize,
    principal: &str,
) -> Option<Known<OwnerPath>> {
    if direct[index].is_some() || *model.name == *principal {
        return None;
    }
    let owned = |key: &ForeignKey| {
        let at = models.iter().position(|m| m.name == key.object)?;
        let owner = direct[at].as_ref()?.proven_value()?;
        (key.columns.len() == 1 && at != index && !is_nullable(model, &key.columns[0]))
            .then(|| (key.clone(), owner.clone()))
    };
    let mut parents = model.foreign_keys.iter().filter_map(owned);
    let (key, owner) = parents.next()?;
    if parents.next().is_some() {
        return None;
    }
    let path = OwnerPath { through: key.columns, ..owner };
    Some(Known::proven(path, vec![model.evidence.clone()]))
}

/// A column that refers to a model which the principal refers to, too, and whose name is a tenant's.
fn tenant(
    model: &ObjectModel,
    models: &[ObjectModel],
    principal: &str,
    joined: &BTreeSet<Arc<str>>,
) -> Option<Known<OwnerPath>> {
    let of = models.iter().find(|m| *m.name == *principal)?;
    if model.name == of.name {
        return None;
    }
    let is_tenant = |key: &&ForeignKey| {
        let name = key.object.to_lowercase();
        key.columns.len() == 1 && TENANTS.iter().any(|w| name.ends_with(w))
    };
    let has_members = |key: &ForeignKey| keys_to(of, &key.object).len() == 1 || joined.contains(&key.object);
    let key = model.foreign_keys.iter().find(|k| is_tenant(k) && has_members(k))?;
    let references = keys_to(of, &key.object).first().map(|k| Arc::clone(&k.columns[0]));
    let path = OwnerPath { column: Arc::clone(&key.columns[0]), references, through: Vec::new() };
    Some(Known::assumed(path, "by the name of what it refers to"))
}

/// The tenant of the one model that an object cannot be without.
fn inherited_tenant(
    model: &ObjectModel,
    models: &[ObjectModel],
    own: &[Option<Known<OwnerPath>>],
    index: usize,
) -> Option<Known<OwnerPath>> {
    let of_tenant = |key: &ForeignKey| {
        let at = models.iter().position(|m| m.name == key.object)?;
        let path = own[at].as_ref()?.value()?;
        (key.columns.len() == 1 && at != index).then(|| (key.clone(), path.clone()))
    };
    let parents: Vec<(ForeignKey, OwnerPath)> = model.foreign_keys.iter().filter_map(of_tenant).collect();
    let needed = parents.iter().filter(|(key, _)| !is_nullable(model, &key.columns[0]));
    let (key, path) = match (parents.as_slice(), needed.collect::<Vec<_>>().as_slice()) {
        ([only], _) => only.clone(),
        (_, [only]) => (*only).clone(),
        _ => return None,
    };
    Some(Known::assumed(OwnerPath { through: key.columns, ..path }, "by the name of what its parent refers to"))
}
