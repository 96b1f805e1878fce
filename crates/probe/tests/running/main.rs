//! Runs against a library in this process: with its holes and without them, and where something else listens.

mod attacks;
mod bad_input;
mod credentials;
mod library;
mod writes;
