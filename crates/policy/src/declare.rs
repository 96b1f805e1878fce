//! The declarations of tables, of tables with exactly one key, and of words: one place each from which type, reading,
//! writing and JSON Schema are made.

/// A table with known keys. `= value` behind a type is the default of an absent key.
macro_rules! table {
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident {
            $( $(#[doc = $doc:literal])* pub $field:ident : $type:ty $(= $default:expr)?, )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name { $( $(#[doc = $doc])* pub $field: $type, )* }

        impl $crate::reading::Table for $name {
            const KEYS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn read_fields(fields: &mut $crate::reading::Fields<'_, '_>) -> Option<Self> {
                $( let $field: Option<$type> = table!(@read fields, stringify!($field) $(, $default)?); )*
                Some(Self { $($field: $field?),* })
            }

            fn entries(&self) -> Vec<(&'static str, String)> {
                let mut entries = Vec::new();
                $( if let Some(text) = $crate::reading::Field::text(&self.$field) {
                    entries.push((stringify!($field), text));
                } )*
                entries
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let fields = vec![$((
                    stringify!($field),
                    concat!($($doc),*),
                    table!(@required $type $(, $default)?),
                    <$type as $crate::reading::Field>::schema(generator),
                )),*];
                $crate::reading::table_schema(concat!($($about),*), fields)
            }
        }
    };
    (@read $fields:ident, $key:expr) => { $fields.field($key) };
    (@read $fields:ident, $key:expr, $default:expr) => { $fields.field_or($key, || $default) };
    (@required $type:ty) => { <$type as $crate::reading::Field>::REQUIRED };
    (@required $type:ty, $default:expr) => { false };
}

/// A table with exactly one of several keys.
macro_rules! one_of {
    (
        $(#[doc = $about:literal])*
        pub enum $name:ident, $example:literal {
            $( $(#[doc = $doc:literal])* $variant:ident($type:ty) = $key:literal, )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name { $( $(#[doc = $doc])* $variant($type), )* }

        impl $crate::reading::Value for $name {
            fn read(
                found: $crate::reading::Found<'_, '_>,
                mistakes: &mut Vec<$crate::mistake::Mistake>,
            ) -> Option<Self> {
                let (key, value) = $crate::one_key::one_key(found, &[$($key),*], $example, mistakes)?;
                match key {
                    $( $key => <$type as $crate::reading::Value>::read(value, mistakes).map(Self::$variant), )*
                    _ => None,
                }
            }

            fn text(&self) -> String {
                match self {
                    $( Self::$variant(value) => {
                        $crate::reading::inline(&[($key, $crate::reading::Value::text(value))])
                    } )*
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let keys = [$(
                    $crate::reading::table_schema("", vec![(
                        $key, concat!($($doc),*), true, generator.subschema_for::<$type>(),
                    )])
                ),*];
                schemars::json_schema!({ "description": concat!($($about),*).trim(), "oneOf": keys })
            }
        }
    };
}

/// Words that stand for themselves.
macro_rules! words {
    (
        $(#[doc = $about:literal])*
        pub enum $name:ident { $( $(#[doc = $doc:literal])* $variant:ident = $word:literal, )* }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[doc = $doc])* $variant, )* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word as it stands in a policy.
            pub fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }

        impl $crate::reading::Value for $name {
            fn read(
                found: $crate::reading::Found<'_, '_>,
                mistakes: &mut Vec<$crate::mistake::Mistake>,
            ) -> Option<Self> {
                let words = [$($word),*];
                let word = $crate::one_key::word(found, &words, mistakes)?;
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }

            fn text(&self) -> String {
                format!("\"{}\"", self.word())
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "description": concat!($($about),*).trim(), "enum": [$($word),*] })
            }
        }
    };
}
