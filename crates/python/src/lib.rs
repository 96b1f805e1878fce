//! Python source as facts: lowering, modules, values, control flow. No framework and no security word in it.

mod branches;
pub mod code;
pub mod intern;
pub mod lower;

pub use intern::Symbol;
pub mod cfg;
pub mod interp;
pub mod limits;
pub mod many;
pub mod program;
pub mod source;
mod standard;
mod stubs;
pub mod term;
pub mod value;
