//! Ids that callers were given: which answers give some, and which requests may name none but those.

use crate::value::Pointer;

table! {
    /// Objects whose ids an answer gives to the caller: a list of the caller's own, or what the caller made. Answers of 200 to 299
    /// in JSON count.
    pub struct Gives {
        /// What they are ids of: a name of the policy, which `learned` of a grant says.
        pub objects: String,
        /// Where an object holds its id, a text or a whole number; absent: what stands there is the id itself.
        pub id: Option<Pointer>,
        /// Where the answer holds the object, or a list of them; absent: it is that.
        pub at: Option<Pointer>,
    }
}

table! {
    /// An id that the caller must have been given before. What nobody saw being given is only reported, until `[layers.learned]`
    /// says `mode = "enforce"`.
    pub struct Learned {
        /// The parameter of the path that holds the id.
        pub parameter: String,
        /// What it is an id of: a name that `gives` of a route says.
        pub objects: String,
        /// What happens to a request of which it cannot be told, because some of what was given could not be read, or is not known
        /// any more; absent: `refuse`. A caller can bring that about: who admits then has no bound for who knows it.
        pub when_unknown: Option<WhenUnknown>,
    }
}

words! {
    /// What happens to a request of which it cannot be told whether the caller was given the id.
    pub enum WhenUnknown {
        /// It goes on, and that is said.
        Admit = "admit",
        /// It is treated as one with an id that was not given.
        Refuse = "refuse",
    }
}
