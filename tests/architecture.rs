//! The architecture as tests: which crate may use which, what only one module may see, and the budgets that keep
//! files and functions readable. Each check lives in a file of `check/`, beside tests that prove that it can fail.

mod check {
    pub(crate) mod arrows;
    pub(crate) mod comments;
    pub(crate) mod layout;
    pub(crate) mod modules;
    pub(crate) mod paths;
    pub(crate) mod size;
    pub(crate) mod source;
    pub(crate) mod workspace;
}

use check::source::{Source, Violation};
use check::workspace::Workspace;

/// Fails with one violation a line, so that every one of them is clickable and none hides behind the first.
fn assert_none(violations: &[Violation]) {
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} violations:\n{}\n", lines.len(), lines.join("\n"));
}

/// Runs one check on every source file of the workspace.
fn assert_sources(check: impl Fn(&Source) -> Vec<Violation>) {
    let sources = Workspace::load().sources();
    assert!(sources.len() > 10, "the walk found only {} source files", sources.len());
    assert_none(&sources.iter().flat_map(check).collect::<Vec<_>>());
}

#[test]
fn crates_use_only_what_the_design_allows() {
    assert_none(&check::arrows::forbidden(&Workspace::load().metadata));
}

#[test]
fn crates_take_lints_and_version_from_the_workspace() {
    assert_none(&check::layout::manifests_without_inheritance(&Workspace::load()));
}

#[test]
fn every_source_parses() {
    assert_sources(check::source::syntax_errors);
}

#[test]
fn only_the_lowering_sees_the_python_parser() {
    assert_sources(check::paths::parser_outside_lowering);
}

#[test]
fn the_front_end_sees_only_gaps_and_places_of_the_model() {
    assert_sources(check::paths::model_beyond_the_front_end);
}

#[test]
fn data_crates_do_no_io() {
    assert_sources(check::paths::io_in_data_crates);
}

#[test]
fn only_the_command_line_prints_reads_clocks_and_environment() {
    assert_sources(check::paths::ambient_access);
}

#[test]
fn functions_stay_within_budget() {
    assert_sources(check::size::long_functions);
}

#[test]
fn files_stay_within_budget() {
    assert_sources(check::size::long_file);
}

#[test]
fn every_file_says_what_lives_there() {
    assert_sources(check::comments::missing_file_comment);
}

#[test]
fn every_todo_has_an_owner() {
    assert_sources(check::comments::todo_without_owner);
}

#[test]
fn nothing_is_named_after_nothing() {
    assert_sources(check::layout::vague_names);
}

#[test]
fn every_source_file_is_reachable() {
    assert_none(&check::modules::orphans(&Workspace::load()));
}

#[test]
fn the_documents_exist() {
    assert_none(&check::layout::missing_documents(&Workspace::load().root));
}
