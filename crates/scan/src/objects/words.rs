//! What the words in a column's name suggest about its values. They prove nothing; they say what to look at with care.

use model::Sensitivity;

const CREDENTIAL: &[&str] =
    &["password", "passwd", "secret", "token", "passphrase", "otp", "pin", "salt", "private_key", "api_key"];
const FINANCIAL: &[&str] = &[
    "iban",
    "card",
    "bank",
    "salary",
    "income",
    "payout",
    "tax",
    "balance",
    "credit",
    "account_number",
    "ccn",
    "cc_num",
    "cvv",
    "cvc",
];
const SPECIAL: &[&str] = &["health", "diagnosis", "religion", "ethnicity", "disability", "allergies", "sexuality"];
const PERSONAL: &[&str] = &[
    "email",
    "phone",
    "mobile",
    "address",
    "street",
    "postcode",
    "zip",
    "city",
    "birthday",
    "birthdate",
    "birth",
    "gender",
    "ssn",
    "passport",
    "latitude",
    "longitude",
];
const PERSONAL_NAMES: &[&str] =
    &["full_name", "first_name", "last_name", "real_name", "given_name", "family_name", "surname"];
const PRIVILEGED: &[&str] = &[
    "role",
    "roles",
    "permission",
    "permissions",
    "scope",
    "scopes",
    "admin",
    "superuser",
    "staff",
    "verified",
    "balance",
    "credit",
    "is_admin",
    "is_superuser",
    "is_staff",
    "is_verified",
    "moderator",
    "plan",
    "tier",
    "quota",
];

/// What a column's values would give away.
pub(super) fn sensitivity(name: &str) -> Sensitivity {
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| has_word(&name, w));
    if has(CREDENTIAL) {
        Sensitivity::Credential
    } else if has(SPECIAL) {
        Sensitivity::Special
    } else if has(FINANCIAL) {
        Sensitivity::Financial
    } else if has(PERSONAL) || PERSONAL_NAMES.contains(&&*name) {
        Sensitivity::Personal
    } else {
        Sensitivity::None
    }
}

/// Whether a column's value grants rights or worth.
pub(super) fn is_privileged(name: &str) -> bool {
    let name = name.to_lowercase();
    PRIVILEGED.iter().any(|w| has_word(&name, w))
}

/// Words of models that hold what the application itself signs in with elsewhere.
const SERVICES: &[&str] = &[
    "connection",
    "connections",
    "connector",
    "database",
    "datasource",
    "device",
    "imap",
    "integration",
    "mailbox",
    "proxy",
    "server",
    "smtp",
    "source",
    "target",
    "webhook",
    "provider",
    "storage",
    "storages",
    "ldap",
    "bucket",
    "backend",
    "host",
    "endpoint",
    "client",
    "config",
    "configuration",
    "setting",
    "settings",
    "share",
    "link",
];

/// Whether a model holds what the application signs in with elsewhere, or what is shared under a password of its own.
pub(crate) fn is_of_a_service(model: &str) -> bool {
    let mut name = String::new();
    for c in model.chars() {
        if c.is_uppercase() && name.ends_with(char::is_lowercase) {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    SERVICES.iter().any(|word| has_word(&name, word))
}

/// Whether the words of a name, joined by `_`, hold these in a row.
fn has_word(name: &str, word: &str) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == b'_');
    let bytes = name.as_bytes();
    let mut places = 0..(bytes.len() + 1).saturating_sub(word.len());
    // Where a word begins is seen first: it rules out most places.
    places.any(|at| {
        is_end(at.checked_sub(1).map(|before| &bytes[before]))
            && bytes[at..].starts_with(word.as_bytes())
            && is_end(bytes.get(at + word.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_count() {
        assert_eq!(sensitivity("password_hash"), Sensitivity::Credential);
        assert_eq!(sensitivity("reset_token"), Sensitivity::Credential);
        assert_eq!(sensitivity("tokenizer"), Sensitivity::None);
        assert_eq!(sensitivity("email"), Sensitivity::Personal);
        assert_eq!(sensitivity("full_name"), Sensitivity::Personal);
        assert_eq!(sensitivity("capacity"), Sensitivity::None);
        assert!(is_privileged("role") && is_privileged("email_verified") && is_privileged("store_credit_cents"));
        assert!(!is_privileged("scroll_role_name_x_rolex".trim_start_matches("scroll_role_")));
    }
}
