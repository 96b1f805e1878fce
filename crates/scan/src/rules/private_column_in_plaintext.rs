//! `private-column-in-plaintext`: card numbers, social security numbers or keys of others are stored as they are.

use model::{Column, Confidence, ObjectModel, Persona, Severity, ValueType, Weakness};

use super::{Check, Draft, Rule, secret_names};

pub(super) const RULE: Rule = Rule {
    name: "private-column-in-plaintext",
    weakness: Weakness::PlaintextPrivateData,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "card numbers, social security numbers or the like are stored as they are",
    page: PAGE,
    checks: &[Check::Object(of_object)],
};

const PAGE: &str = r#"## What it does

Finds models with a plain text or number column for card numbers, security codes, social security numbers, passport numbers or bank accounts. Columns of a type that encrypts, and those whose name says that they hold
a hash, a token of a payment service or the last digits, are silent. A security code of a card may not be stored at all: it is for everybody, the rest for auditors.

## Why is this bad?

Whoever reads a backup, a replica or a log of statements has them all. Rules for cards (PCI DSS) forbid it.

## Example

```python bad
from fastapi import FastAPI
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

app = FastAPI()


@app.get("/health")
def health():
    return {"ok": True}


class Base(DeclarativeBase):
    pass


class Card(Base):  # <- here
    __tablename__ = "cards"
    id: Mapped[int] = mapped_column(primary_key=True)
    card_number: Mapped[str]
```

Use instead:

```python good
from fastapi import FastAPI
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

app = FastAPI()


@app.get("/health")
def health():
    return {"ok": True}


class Base(DeclarativeBase):
    pass


class Card(Base):
    __tablename__ = "cards"
    id: Mapped[int] = mapped_column(primary_key=True)
    card_token: Mapped[str]
    card_last_four: Mapped[str]
```

## Fix

Keep what a payment service gives instead of the number, or encrypt the column with a key that is not in the database.
"#;

/// Words of columns that name such a number, one after the other.
const NUMBERS: &[&[&str]] = &[
    &["ssn"], &["social", "security"], &["credit", "card"], &["creditcard"], &["card", "number"], &["cardnumber"], &["card", "no"], &["ccn"], &["cc", "num"],
    &["cc", "number"], &["passport", "number"], &["iban"], &["national", "id"], &["tax", "id"],
];
/// Those that nobody may store.
const CODES: &[&[&str]] = &[&["cvv"], &["cvc"], &["cvv2"]];
/// Words that say that it is something else.
const OTHERWISE: &[&str] = &["hash", "hashed", "token", "last", "last4", "masked", "encrypted", "type", "brand", "expiry", "id", "enc", "limit", "count"];
const FIX: &str = "keep what a payment service gives instead of the number, or encrypt the column with a key that is not in the database";
const NO_SHIELD: &str = "what the application stores is out of a gateway's reach";

fn of_object(model: &ObjectModel) -> Option<Draft> {
    let found = |all: &[&[&str]]| model.columns.iter().find(|column| is_plain(column) && names(&column.name, all));
    let (column, persona) = match found(CODES) {
        Some(column) => (column, RULE.persona),
        None => (found(NUMBERS)?, Persona::Auditor),
    };
    let message = format!("`{}.{}` is stored as it is: whoever reads a backup has it", model.name, column.name);
    Some(Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD).for_persona(persona))
}

fn is_plain(column: &Column) -> bool {
    matches!(column.value_type, ValueType::String | ValueType::Integer)
}

fn names(column: &str, all: &[&[&str]]) -> bool {
    let words = secret_names::words(column);
    let in_a_row = |wanted: &&[&str]| words.windows(wanted.len()).any(|some| some.iter().eq(wanted.iter()));
    let is_otherwise = |wanted: &&[&str]| words.iter().any(|word| OTHERWISE.contains(&word.as_str()) && !wanted.contains(&word.as_str()));
    all.iter().any(|wanted| in_a_row(wanted) && !is_otherwise(wanted))
}
