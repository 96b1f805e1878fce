//! The rules on whole projects: the examples of their pages, the example shop, suppressions, and what
//! the rules about open endpoints weigh.

mod openness;
mod pages;
mod project;
mod shop;
mod suppressions;
