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
//! **How a route is picked** depends on the router (`[router]` of the policy):
//!
//! - Starlette ([`tree`], `router.rs`): routes are tried in the order of the policy and the first that takes path and method wins. A
//!   path that matches with other methods is a 405; then the path with or without the slash at the end is tried for a redirect.
//! - Django: the first *path* that matches wins, whatever the method; among the routes with that path the method decides, and
//!   without one it is the view's 405. Where nothing matches, the path with a slash is tried for a redirect.
//! - Werkzeug ([`specific`]): a walk through the rules segment by segment, text before parameters, lighter converters before heavier
//!   ones; the first rule that it reaches and that takes the method wins. A missing slash ends the walk with a redirect; `//` is
//!   tried as `/` for one.
//!
//! **Doubt.** What might match without anybody here being able to tell (a converter that is not known, digits of other scripts
//! under `\d`, an expression about text that is not ASCII) is [`Fit::Maybe`](class::Fit): where such a route might win, the answer
//! is [`Match::Unclear`] and the request is refused.
//!
//! **By the framework.** Flask and Django answer `OPTIONS` themselves where no route takes it: [`Found::by_framework`].

mod class;
mod converters;
mod expression;
mod request_path;
mod router;
mod specific;
mod template;
mod tree;

pub(crate) use converters::Converters;
pub use expression::Expression;
pub use request_path::{PathRefusal, RequestPath};
pub use router::{Found, Match, Matcher};
