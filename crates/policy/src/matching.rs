//! Which route a request means. The gateway must pick the route that the application's own router would pick, or its
//! answer would be about another endpoint than the one that runs.
//!
//! **Which bytes reach the match.** [`RequestPath::new`] takes the path of the request target as it will be forwarded
//! (without query), refuses what servers and frameworks read in different ways, and decodes percent-encoding exactly
//! once, as ASGI servers do. What is compared is the decoded text:
//!
//! - `%61` is `a`. `%2561` is the text `%61`: nothing is decoded twice.
//! - `//`, an empty segment, a slash at the end and `;` are compared as they stand, as Starlette does.
//! - Refused before the match: no `/` at the start, `%2F`, `\` and `%5C`, `.` and `..` segments in any encoding (also
//!   before a `;`), control characters and NUL, `%` without two hexadecimal digits, bytes above 127, text that is not
//!   UTF-8 after decoding, `?` and `#`.
//!
//! **How a route is picked.** Routes are tried in the order of the policy and the first that matches path and method wins
//! (Starlette's `Router`). A path that matches with other methods is a 405; then the path with or without the slash
//! at the end is tried for a redirect. A route with a converter that this build does not know might match anything: where it
//! might win, the answer is [`Match::Unclear`] and the request is refused.

mod request_path;
mod router;
mod template;

pub use request_path::{PathRefusal, RequestPath};
pub use router::{Found, Match, Matcher};
pub(crate) use template::is_known;
