//! Prices, amounts and quantities: the columns that hold them, and what a request is told about the numbers it may name.

use model::{Column, Endpoint, ObjectEffect, ObjectModel, Place, SchemaRef, ValueType, WrittenColumn, WrittenFrom};
use serde_json::Value;

use super::api::Api;
use super::secret_names::has_word;

/// Words of columns that say what one piece of something costs.
const PRICES: &[&str] = &["price", "prices", "fee", "fare", "tariff"];
/// Words of columns that say what is paid for something.
const SUMS: &[&str] =
    &["price", "amount", "total", "subtotal", "cost", "sum", "fee", "fare", "charge", "due", "cents", "discount"];

/// Whether a column holds a number.
pub(super) fn is_number(column: &Column) -> bool {
    matches!(column.value_type, ValueType::Integer | ValueType::Number | ValueType::Decimal)
}

/// The column that says what an object costs.
pub(super) fn price_of(model: &ObjectModel) -> Option<&Column> {
    model.columns.iter().find(|column| is_number(column) && has_word(&column.name, PRICES))
}

/// Whether a name speaks of what is paid.
pub(super) fn is_sum(name: &str) -> bool {
    has_word(name, SUMS)
}

/// The model with a price that rows of a model refer to, with the column that does; or that the rows refer to which are parts of them.
pub(super) fn priced<'a>(
    api: &Api<'a>,
    model: &'a ObjectModel,
) -> Option<(&'a ObjectModel, &'a Column, Option<&'a str>)> {
    let direct = model.foreign_keys.iter().filter(|key| key.object != model.name).find_map(|key| {
        let of = api.object(&key.object)?;
        Some((of, price_of(of)?, key.columns.first().map(|column| &**column)))
    });
    let is_part = |part: &&ObjectModel| part.foreign_keys.iter().any(|key| key.object == model.name);
    direct.or_else(|| {
        let parts = api.objects().filter(|part| part.name != model.name).filter(is_part);
        let mut keys = parts.flat_map(|part| &part.foreign_keys).filter(|key| key.object != model.name);
        keys.find_map(|key| {
            let of = api.object(&key.object)?;
            Some((of, price_of(of)?, None))
        })
    })
}

/// The numbers that a write takes from the request as they are, under names of some kind.
pub(super) fn numbers_written<'w>(
    model: &'w ObjectModel,
    write: &'w ObjectEffect,
    is_named: impl Fn(&str) -> bool,
) -> impl Iterator<Item = &'w WrittenColumn> {
    let is_it = move |one: &&WrittenColumn| {
        // The price of a product that the request names is none that it says.
        let is_given = one.parameter.as_ref().is_some_and(|parameter| is_named(&parameter.name));
        one.from == WrittenFrom::Parameter
            && is_given
            && is_named(&one.column)
            && model.column(&one.column).is_some_and(is_number)
    };
    write.written.iter().filter(is_it)
}

/// Whether something keeps a number of the request from being less than nothing: its type, its schema.
pub(super) fn has_lower_bound<'a>(api: &Api<'a>, endpoint: &'a Endpoint, place: Place, name: &str) -> bool {
    if let Some(parameter) = endpoint.parameters.iter().find(|one| one.place == place && *one.name == *name) {
        let is_whole = matches!(&parameter.schema, Some(SchemaRef::Inline(schema)) if is_bounded(schema.as_value()));
        let bounds = &parameter.bounds;
        return bounds.minimum.is_some() || bounds.exclusive_minimum.is_some() || is_whole;
    }
    // A field that no schema declares is bounded by none.
    api.taken_field(endpoint, name).is_some_and(is_bounded)
}

/// Whether a schema bounds a number from below, or admits no number that is less than nothing.
fn is_bounded(schema: &Value) -> bool {
    const BOUNDS: &[&str] = &["minimum", "exclusiveMinimum", "enum", "const", "pattern", "$ref"];
    let alternatives = ["anyOf", "allOf", "oneOf"].iter().filter_map(|word| schema.get(word)?.as_array()).flatten();
    BOUNDS.iter().any(|word| schema.get(word).is_some()) || alternatives.into_iter().any(is_bounded)
}

/// Whether a line of a text compares something of a name.
pub(super) fn compares(text: &str, name: &str) -> bool {
    const COMPARES: &[&str] = &["==", "!=", "<", ">", "min(", "max("];
    text.lines().any(|line| names(line, name) && COMPARES.iter().any(|word| line.replace("->", "").contains(word)))
}

/// Whether a name stands in a text, as a word of its own.
pub(super) fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
}
