//! The file of users that an identity of kind `basic` names. It holds hashes of passwords, of which none can be told.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::mistake::{Mistake, Mistakes};
use crate::reading::Table;
use crate::value::{Form, forms};

/// The most users of a file.
pub const USERS_MAX: usize = 1024;

table! {
    /// Somebody who shows a name and a password.
    pub struct User {
        /// The name.
        pub name: String,
        /// The hash of the password: argon2id as a PHC string, or bcrypt.
        pub hash: PasswordHash,
        /// What the credential may be used for.
        pub scopes: Vec<String>,
        /// The roles of the user.
        pub roles: Vec<String>,
    }
}

table! {
    /// A file of users.
    pub struct UserFile {
        /// The users, each as `[[user]]`.
        pub user: Vec<User>,
    }
}

/// How a password was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HashKind {
    /// Argon2id (RFC 9106).
    Argon2id,
    /// Bcrypt.
    Bcrypt,
}

/// The hash of a password, with how it was made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How it was made.
    pub fn kind(&self) -> HashKind {
        if self.0.starts_with("$argon2id$") { HashKind::Argon2id } else { HashKind::Bcrypt }
    }
}

impl Form for PasswordHash {
    const EXPECTED: &'static str =
        "a hash as `doorward secret hash-password` prints it: `$argon2id$...`, or bcrypt `$2b$...`";

    fn parse(text: &str) -> Result<Self, String> {
        // The text may be the password itself, put into the wrong place: it is not repeated.
        let is_bcrypt = ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix)) && text.len() == 60;
        let is_phc = text.starts_with("$argon2id$") && text.len() <= 512;
        let is_plain = text.bytes().all(|byte| (0x21..0x7f).contains(&byte));
        match (is_bcrypt || is_phc) && is_plain {
            true => Ok(Self(text.to_owned())),
            false => Err("this is no hash of a password".to_owned()),
        }
    }

    fn form(&self) -> String {
        self.0.clone()
    }
}

forms!(PasswordHash);

impl User {
    /// Reads a file of users, or tells every mistake in it.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, Mistakes> {
        let (users, spans, mut mistakes) = crate::api_keys::entries::<UserFile, _>(text, "user", |file| file.user)?;
        let mut names = HashSet::new();
        for (user, span) in users.iter().zip(spans) {
            let mut add = |is_wrong: bool, message: &str, hint: &str| {
                if is_wrong {
                    mistakes.push(Mistake::new(span.clone(), message, hint));
                }
            };
            add(!names.insert(&user.name), "two users have this name", "take one of them out");
            let hint = "a colon ends the name on the wire (RFC 7617 section 2): write another one";
            add(user.name.contains(':') || user.name.contains(char::is_control), "this name cannot be sent", hint);
            let is_wrong = |name: &String| name.contains(char::is_whitespace);
            add(user.scopes.iter().any(is_wrong), "a scope has a blank", "write each scope as one word");
        }
        if users.len() > USERS_MAX {
            let message = format!("there are more than {USERS_MAX} users");
            mistakes.push(Mistake::new(0..0, message, "this is for a few machines: use tokens for more"));
        }
        if mistakes.is_empty() { Ok(users) } else { Err(Mistakes::new(text, mistakes)) }
    }

    /// The user as it stands in a file.
    pub fn to_toml(&self) -> String {
        let mut text = "[[user]]\n".to_owned();
        for (name, value) in Table::entries(self) {
            // Into memory everything can be written.
            let _ = writeln!(text, "{name} = {value}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "$2b$12$abcdefghijklmnopqrstuuJ0CkQ3YtGyqHxW1Q5C0Y0e1mWc5o1Xe";

    fn user(index: usize) -> User {
        User {
            name: format!("machine-{index}"),
            hash: HASH.parse().unwrap(),
            scopes: vec!["read".to_owned()],
            roles: vec!["robot".to_owned()],
        }
    }

    #[test]
    fn a_user_is_read_back_from_what_is_written() {
        let text = format!("{}{}", user(1).to_toml(), user(2).to_toml());
        assert_eq!(User::parse_all(&text).unwrap(), [user(1), user(2)]);
        assert_eq!(user(1).hash.kind(), HashKind::Bcrypt);
    }

    #[test]
    fn every_mistake_is_told_and_nothing_that_may_be_a_password() {
        let planted = "planted-password";
        let text = format!(
            "[[user]]\nname = \"a\"\nhash = \"{planted}\"\n[[user]]\nname = \"b:c\"\nhash = \"{HASH}\"\n\
             [[user]]\nname = \"b:c\"\nhash = \"{HASH}\"\nscopes = [\"a b\"]\n"
        );
        let told = User::parse_all(&text).unwrap_err().listed("users");
        assert!(!told.contains(planted) && told.contains("users:3:8: this is no hash of a password"), "{told}");
        let text = text.replace(planted, HASH);
        let told = User::parse_all(&text).unwrap_err().listed("users");
        for why in ["two users have this name", "this name cannot be sent", "a scope has a blank"] {
            assert!(told.contains(why), "{told}");
        }
    }

    #[test]
    fn at_the_bound_they_are_read_and_one_past_it_not() {
        let file = |count: usize| (0..count).map(|index| user(index).to_toml()).collect::<String>();
        assert_eq!(User::parse_all(&file(USERS_MAX)).map(|users| users.len()), Ok(USERS_MAX));
        assert!(User::parse_all(&file(USERS_MAX + 1)).is_err());
    }
}
