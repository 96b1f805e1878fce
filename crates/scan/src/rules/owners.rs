//! Whose objects are: what rules about owners have in common.

use model::{
    Column, Effect, Endpoint, Evidence, Method, ObjectEffect, OwnerCheck, OwnerPath, Sensitivity, Shield, Shielding,
};

use super::api::Api;
use super::secret_names;

/// The endpoint that compares the owner of the same objects and is nearest: by its path, then its method.
pub(super) fn nearest_check<'a>(
    endpoint: &Endpoint,
    api: &Api<'a>,
    read: &ObjectEffect,
) -> Option<(&'a Endpoint, &'a ObjectEffect)> {
    let checks = |other: &'a Endpoint| {
        let mut effects = other.effects.iter().filter(|effect| !matches!(effect, Effect::Create(_)));
        let effect = effects.find_map(|effect| {
            effect.object().filter(|o| o.object == read.object && o.owner_check == OwnerCheck::Proven)
        })?;
        Some((other, effect))
    };
    let shared = |other: &Endpoint| {
        let (own, its) = (endpoint.id().template(), other.id().template());
        own.split('/').zip(its.split('/')).take_while(|(a, b)| a == b).count()
    };
    api.own_endpoints().filter_map(checks).max_by_key(|(other, effect)| {
        (
            shared(other),
            other.access.requirement() == endpoint.access.requirement(),
            other.method() == endpoint.method(),
            effect.key == read.key,
            std::cmp::Reverse(other.id()),
        )
    })
}

/// What a look-up shows that its owner would want to keep to themselves: a column that gives people away, or a personal one of what has an
/// owner. The name under which somebody is known to others anyway is none.
pub(super) fn private_column<'a>(api: &Api<'a>, read: &ObjectEffect) -> Option<&'a str> {
    let model = api.object(&read.object).filter(|_| read.answered)?;
    let is_owned = model.owner.is_some() || api.is_principal(&read.object);
    let is_shown = |column: &&Column| read.whole || read.columns.contains(&column.name);
    let gives_away = |column: &&Column| match column.sensitivity {
        Sensitivity::Financial | Sensitivity::Special | Sensitivity::Credential => true,
        Sensitivity::Personal => is_owned && !is_a_name(&column.name),
        Sensitivity::None => false,
    };
    model.columns.iter().filter(is_shown).find(gives_away).map(|column| &*column.name)
}

/// Whether a look-up shows what is nobody's business but its owner's, whatever others do with the object: money, health, what lets one
/// act as somebody.
pub(super) fn shows_a_secret(api: &Api<'_>, read: &ObjectEffect) -> bool {
    let is_shown = |column: &Column| read.whole || read.columns.contains(&column.name);
    let model = api.object(&read.object).filter(|_| read.answered);
    model.is_some_and(|model| model.columns.iter().any(|c| c.sensitivity > Sensitivity::Personal && is_shown(c)))
}

fn is_a_name(column: &str) -> bool {
    secret_names::words(column).iter().any(|word| word.ends_with("name") || word == "avatar")
}

/// The owner column in words.
pub(super) fn owner_in_words(read: &ObjectEffect, owner: &OwnerPath) -> String {
    match owner.through.first() {
        None => format!("`{}.{}`", read.object, owner.column),
        Some(through) => format!("the `{}` of what `{}.{through}` leads to", owner.column, read.object),
    }
}

/// Where the key comes from, what is done with the object, and the endpoint that does ask whose it is.
pub(super) fn trace(
    endpoint: &Endpoint,
    read: &ObjectEffect,
    sibling: Option<(&Endpoint, &ObjectEffect)>,
) -> Vec<Evidence> {
    let mut places = Vec::new();
    if let Some(key) = &read.key {
        let place = format!("{:?}", key.place).to_lowercase();
        let what = format!("`{}` comes from the {place}", key.name);
        places.push(Evidence::new(endpoint.handler.file.clone(), endpoint.handler.line, what));
    }
    places.extend(read.evidence.iter().cloned());
    if let Some((other, effect)) = sibling {
        let first = effect.evidence.first();
        let what =
            format!("`{} {}` compares `{}`", other.method(), other.path(), effect.owner.as_deref().unwrap_or("it"));
        places.extend(first.map(|place| Evidence::new(place.file.clone(), place.line, what)));
    }
    places
}

/// A gateway can look the object up as its caller before it lets a write pass, if an answer says whose it is: that of the object, or
/// of the list that it is an item of.
pub(super) fn shielding_of_write(
    endpoint: &Endpoint,
    api: &Api<'_>,
    write: &ObjectEffect,
    owner: &OwnerPath,
) -> Shielding {
    let referenced = owner.references.as_deref().unwrap_or("id");
    let path = endpoint.path();
    let collection = path.rsplit_once('/').map_or("", |(before, _)| before);
    let shows = |at: &str| api.own_endpoints().any(|one| *one.method() == Method::Get && one.path() == at);
    let column = &owner.column;
    let key = api.object(&write.object).and_then(|object| object.primary_key.first()).map_or("id", |key| &**key);
    let parameter = write.key.as_ref().map_or("", |key| &*key.name);
    let asked = if shows(&path) {
        Some(format!("endpoint = \"GET {path}\", field = \"/{column}\""))
    } else {
        let listed = format!("field = \"/{column}\", key = \"/{key}\", parameter = \"{parameter}\"");
        shows(collection).then(|| format!("endpoint = \"GET {collection}\", {listed}"))
    };
    match (api.claim_of(referenced).filter(|_| owner.through.is_empty()), asked) {
        (Some(claim), Some(asked)) => Shielding::Shielded(Shield {
            layer: "ownership".into(),
            policy: format!("owner = {{ lookup = {{ {asked} }} }}  # must be the claim `{claim}`"),
        }),
        (Some(_), None) => Shielding::Unshielded {
            reason: format!("no endpoint shows whose it is before `{} {path}`", endpoint.method()),
        },
        (None, _) => Shielding::Unshielded {
            reason: format!(
                "`{}` holds `{referenced}` of the owner, and no claim of the token is known to hold it",
                owner.column
            ),
        },
    }
}
