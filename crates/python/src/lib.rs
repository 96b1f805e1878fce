//! Python source as facts: lowering, modules, values, control flow. No framework and no security word in it.

pub mod code;
pub mod intern;
pub mod lower;

pub use intern::Symbol;
pub mod limits;
pub mod source;
pub mod program;
mod standard;
pub mod value;
pub mod interp;
mod stubs;
