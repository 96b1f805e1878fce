//! Whole projects: how applications are put together, and the rules: the examples of their pages, the example shop, suppressions,
//! and what the rules about open endpoints weigh.

mod applications;
mod bounds;
mod declared_limits;
mod documents;
mod edits;
mod guards;
mod openness;
mod pages;
mod project;
mod published_keys;
mod shop;
mod suppressions;
mod tutorials;
mod weights;
