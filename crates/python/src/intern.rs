//! Interned names: every identifier and string constant of the program is one `u32`.
//!
//! The table is global and append-only, so that files can be lowered in parallel and the facts stay flat. It grows with the
//! number of *distinct* names, and lives as long as the process.

use std::cell::Cell;
use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use rustc_hash::{FxBuildHasher, FxHashMap};
use std::hash::BuildHasher;

/// An interned string. Equality of symbols is equality of the strings.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

const SHARDS: usize = 16;

/// Names that each thread remembers: most of those of a file come again and again, and the table of all is large and locked.
const RECENT: usize = 1024;

thread_local! {
    static RECENTLY: [Cell<(&'static str, Symbol)>; RECENT] = const { [const { Cell::new(("", known::EMPTY)) }; RECENT] };
}

struct Interner {
    strings: boxcar::Vec<Box<str>>,
    shards: [Mutex<FxHashMap<&'static str, u32>>; SHARDS],
}

static INTERNER: LazyLock<Interner> = LazyLock::new(|| {
    let interner = Interner { strings: boxcar::Vec::new(), shards: std::array::from_fn(|_| Mutex::default()) };
    for (index, name) in known::NAMES.iter().enumerate() {
        let symbol = interner.intern_static(name);
        debug_assert_eq!(symbol.0 as usize, index, "known names come first and are distinct");
    }
    interner
});

impl Interner {
    fn shard(hash: u64) -> usize {
        usize::try_from(hash >> 48).unwrap_or(0) % SHARDS
    }

    fn intern_static(&self, text: &'static str) -> Symbol {
        let mut shard =
            self.shards[Self::shard(FxBuildHasher.hash_one(text))].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&id) = shard.get(text) {
            return Symbol(id);
        }
        // More than 2^32 distinct names need more memory than a scan may use.
        let id = u32::try_from(self.strings.push(text.into())).unwrap_or(u32::MAX);
        shard.insert(text, id);
        Symbol(id)
    }
}

impl Symbol {
    /// The symbol of a string.
    pub fn new(text: &str) -> Self {
        let hash = FxBuildHasher.hash_one(text);
        let place = usize::try_from(hash >> 40).unwrap_or(0) % RECENT;
        RECENTLY.with(|recent| {
            let (known, symbol) = recent[place].get();
            if known == text {
                return symbol;
            }
            let symbol = Self::of_all(text, hash);
            recent[place].set((symbol.as_str(), symbol));
            symbol
        })
    }

    /// The same by a look into the table of all threads.
    fn of_all(text: &str, hash: u64) -> Self {
        let interner = &*INTERNER;
        let shard = &interner.shards[Interner::shard(hash)];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&id) = shard.get(text) {
            return Self(id);
        }
        let id = u32::try_from(interner.strings.push(text.into())).unwrap_or(u32::MAX);
        // The table is append-only and never dropped: its strings live as long as the process.
        let key: &'static str = &interner.strings[id as usize];
        shard.insert(key, id);
        Self(id)
    }

    /// Its position among all symbols.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }

    /// The string.
    pub fn as_str(self) -> &'static str {
        &INTERNER.strings[self.0 as usize]
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.as_str())
    }
}

impl PartialEq<str> for Symbol {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Symbol {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

macro_rules! known_names {
    ($($constant:ident = $text:literal),* $(,)?) => {
        /// Names that the evaluator asks for, interned first so that they are constants.
        pub mod known {
            use super::Symbol;
            pub(super) const NAMES: &[&str] = &[$($text),*];
            #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "an index per constant, not a type")]
            #[derive(Clone, Copy)]
            #[repr(u32)]
            enum Index { $($constant),* }
            $(
                #[doc = concat!("`", $text, "`")]
                pub const $constant: Symbol = Symbol(Index::$constant as u32);
            )*
        }
    };
}

known_names! {
    EMPTY = "",
    STAR = "*",
    SELF = "self",
    CLS = "cls",
    ARGS = "args",
    KWARGS = "kwargs",
    INIT = "__init__",
    NEW = "__new__",
    CALL = "__call__",
    NAME = "__name__",
    QUALNAME = "__qualname__",
    MODULE = "__module__",
    FILE = "__file__",
    PATH = "__path__",
    DOC = "__doc__",
    ALL = "__all__",
    DICT = "__dict__",
    CLASS = "__class__",
    BASES = "__bases__",
    WRAPPED = "__wrapped__",
    ANNOTATIONS = "__annotations__",
    SIGNATURE = "__signature__",
    GETATTR = "__getattr__",
    GETITEM = "__getitem__",
    SETITEM = "__setitem__",
    CONTAINS = "__contains__",
    ITER = "__iter__",
    LEN = "__len__",
    BOOL = "__bool__",
    EQ = "__eq__",
    ENTER = "__enter__",
    AENTER = "__aenter__",
    EXIT = "__exit__",
    AEXIT = "__aexit__",
    AWAIT = "__await__",
    COROUTINE = "__coroutine__",
    GET = "__get__",
    CLASS_GETITEM = "__class_getitem__",
    INIT_SUBCLASS = "__init_subclass__",
    CURRENT_OBJECT = "_get_current_object",
    POST_INIT = "__post_init__",
    MRO = "__mro__",
    SUPER = "super",
    MAIN = "__main__",
    PACKAGE = "__package__",
    BUILTINS = "builtins",
    VALUE = "value",
    FUNC = "__func__",
    ORIGIN = "__origin__",
    TYPE_ARGS = "__args__",
    ATTR_NAME = "name",
    DEFAULT = "default",
    DEFAULT_FACTORY = "default_factory",
    ANNOTATION = "annotation",
    UNDERSCORE = "_",
    RECORD = "__record__",
    SETTINGS = "__settings__",
    ENUMERATION = "__enumeration__",
    FIELD = "__field__",
    MAPPED = "__mapped__",
    READ_AS = "__read_as__",
    CODE = "__code__",
    EXCEPTION = "<exception>",
    REST = "<rest>",
    VALIDATES = "__validates__",
    BUILTIN_STR = "builtins.str",
    BUILTIN_BYTES = "builtins.bytes",
    BUILTIN_BOOL = "builtins.bool",
    BUILTIN_INT = "builtins.int",
    BUILTIN_TUPLE = "builtins.tuple",
    BUILTIN_SET = "builtins.set",
    BUILTIN_LIST = "builtins.list",
    BUILTIN_DICT = "builtins.dict",
    BUILTIN_TYPE = "builtins.type",
    BUILTIN_FUNCTION = "builtins.function",
    BUILTIN_OBJECT = "builtins.object",
    ABSTRACT_UNION = "typing.Union",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_are_one_symbol() {
        assert_eq!(Symbol::new("router"), Symbol::new("router"));
        assert_ne!(Symbol::new("router"), Symbol::new("Router"));
        assert_eq!(Symbol::new("router").as_str(), "router");
    }

    #[test]
    fn known_names_are_what_they_say() {
        assert_eq!(known::INIT, Symbol::new("__init__"));
        assert_eq!(known::UNDERSCORE.as_str(), "_");
    }
}
