//! The rules on whole projects: the examples of their pages, the example shop, suppressions.

mod pages;
mod project;
mod shop;
