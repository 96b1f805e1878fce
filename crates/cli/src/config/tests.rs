//! Each mistake as the user sees it, and what counts where several sources speak.

use scan::{Argument, ENTRIES_MAX, NAME_BYTES_MAX, Sanitizer, TeamSink, Use};

use super::search::Place;
use super::*;
use crate::output::look::Look;

const LOOK: Look = Look { width: 80, unicode: false, unbroken: false };

fn mistakes_in(text: &str, place: Place) -> String {
    let mistakes = toml_file::read(text, place).unwrap_err();
    let failure = diagnostics::failure("doorward.toml", text, mistakes, &LOOK);
    anstream::adapter::strip_str(&failure.to_string()).to_string()
}

fn draft_of(text: &str, place: Place) -> Draft {
    match toml_file::read(text, place) {
        Ok(toml_file::Reading::Settings(draft)) => draft,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_key_is_read() {
    let text = r#"
        exclude = ["legacy/", "*_pb2.py"]
        persona = "pedantic"
        min-severity = "low"
        fail-on = "critical"
        select = ["unauthenticated-read", "unauthenticated-write"]
        ignore = ["unauthenticated-read"]
        strict = true
    "#;
    let settings = draft_of(text, Place::File).resolved();
    assert_eq!(
        settings,
        Settings {
            exclude: vec!["legacy/".into(), "*_pb2.py".into()],
            persona: Persona::Pedantic,
            min_severity: Severity::Low,
            fail_on: Severity::Critical,
            select: Some(vec!["unauthenticated-read", "unauthenticated-write"]),
            ignore: vec!["unauthenticated-read"],
            flows: TeamFlows::default(),
            strict: true,
        }
    );
    let table = format!("[project]\nname = \"x\"\n[tool.doorward]\n{text}");
    assert_eq!(draft_of(&table, Place::ToolTable).resolved(), settings);
}

#[test]
fn the_tables_of_flows_are_read() {
    let text = r#"
        sources = ["shop.queue.receive"]
        sanitizers = [{ name = "shop.text.clean", for = ["html", "sql"] }, { name = "shop.text.plain" }]

        [[flows.sinks]]
        name = "shop.db.Session.run"
        argument = 1
        use = "sql"

        [[flows.sinks]]
        name = "reports.render"
        argument = "page"
        use = "template"

        [[flows.sinks]]
        name = "shell"
        use = "command"
    "#;
    let sink = |name: &str, argument, used_as| TeamSink { name: name.into(), argument, used_as };
    let expected = TeamFlows {
        sources: vec!["shop.queue.receive".into()],
        sanitizers: vec![
            Sanitizer { name: "shop.text.clean".into(), uses: vec![Use::Html, Use::Sql] },
            Sanitizer { name: "shop.text.plain".into(), uses: vec![] },
        ],
        sinks: vec![
            sink("shop.db.Session.run", Some(Argument::Place(1)), Use::Sql),
            sink("reports.render", Some(Argument::Name("page".into())), Use::Template),
            sink("shell", None, Use::Command),
        ],
    };
    assert_eq!(draft_of(&format!("[flows]{text}"), Place::File).resolved().flows, expected);
    let table = format!("[tool.doorward.flows]{}", text.replace("[[flows.", "[[tool.doorward.flows."));
    assert_eq!(draft_of(&table, Place::ToolTable).resolved().flows, expected);
}

#[test]
fn all_mistakes_in_the_tables_of_flows_are_told_at_once() {
    insta::assert_snapshot!(mistakes_in(
        r#"[flows]
source = ["shop.queue.receive"]
sources = ["", "shop.queue.receive()", 3]
sanitizers = [
    "shop.text.clean",
    { name = "shop.text.clean", for = "html" },
    { name = "shop.text.clean", for = [] },
    { name = "shop.text.clean", for = ["htlm", 1] },
    { for = ["html"], until = "html" },
]
sinks = [
    { name = "shop.db.run", argument = 0 },
    { name = "shop.db.run", argument = -1, use = "sql" },
    { name = "shop.db.run", argument = 256, use = "sql" },
    { name = "shop.db.run", argument = "a b", use = "sql" },
    { name = "shop.db.run", argument = true, use = "qqq" },
    { nmae = "shop.db.run", use = "sql" },
]
"#,
        Place::File
    ));
    insta::assert_snapshot!(mistakes_in("flows = ['shop.queue.receive']", Place::File));
    insta::assert_snapshot!(mistakes_in("[flows]\nsources = 'shop.queue.receive'\nsinks = {}", Place::File));
}

#[test]
fn so_many_entries_of_so_long_names_are_read_and_no_more() {
    let sources = |count: usize, length: usize| {
        let names = vec![format!("'{}'", "a".repeat(length)); count];
        format!("[flows]\nsources = [{}]", names.join(", "))
    };
    let most = draft_of(&sources(ENTRIES_MAX, 1), Place::File).resolved();
    assert_eq!(most.flows.sources.len(), ENTRIES_MAX);
    let too_many = mistakes_in(&sources(ENTRIES_MAX + 1, 1), Place::File);
    assert!(too_many.contains("501 entries are too many"), "{too_many}");
    let longest = draft_of(&sources(1, NAME_BYTES_MAX), Place::File).resolved();
    assert_eq!(longest.flows.sources[0].len(), NAME_BYTES_MAX);
    let too_long = mistakes_in(&sources(1, NAME_BYTES_MAX + 1), Place::File);
    assert!(too_long.contains("the name is too long"), "{too_long}");
}

#[test]
fn nothing_said_means_the_defaults() {
    let settings = draft_of("", Place::File).resolved();
    assert_eq!(settings.persona, Persona::Regular);
    assert_eq!(settings.min_severity, Severity::Info);
    assert_eq!(settings.fail_on, Severity::High);
    assert_eq!((settings.select, settings.strict), (None, false));
}

#[test]
fn what_flags_say_comes_first() {
    let file = draft_of("persona = 'auditor'\nfail-on = 'low'", Place::File);
    let flags = Draft { fail_on: Some(Severity::Critical), ..Draft::default() };
    let settings = flags.or(file).resolved();
    assert_eq!(settings.persona, Persona::Auditor);
    assert_eq!(settings.fail_on, Severity::Critical);
}

#[test]
fn other_tools_files_are_left_alone() {
    for text in ["", "[tool.ruff]\nselect = []", "doorward = 1"] {
        assert!(matches!(toml_file::read(text, Place::ToolTable), Ok(toml_file::Reading::NoSettings)), "{text}");
    }
    assert!(matches!(toml_file::read("[project\n", Place::ToolTable), Ok(toml_file::Reading::Broken)));
}

#[test]
fn all_mistakes_are_told_at_once() {
    insta::assert_snapshot!(mistakes_in(
        "persna = \"auditor\"\nfail-on = \"hihg\"\nstrict = 1\nignore = [\"unauthenticated-wriet\", 2]\n\
         colour = true\nexclude = \"x\"\n",
        Place::File
    ));
}

#[test]
fn a_value_like_no_other_names_them_all() {
    insta::assert_snapshot!(mistakes_in("fail-on = \"zzz\"\nselect = ['qqq']", Place::File));
}

#[test]
fn broken_toml_is_shown_where_it_breaks() {
    insta::assert_snapshot!(mistakes_in("persona = \nselect = [\"a\"\n", Place::File));
}

#[test]
fn a_mistake_in_the_tool_table_is_shown_in_its_file() {
    insta::assert_snapshot!(mistakes_in(
        "[project]\nname = \"x\"\n\n[tool.doorward]\nfail_on = \"high\"\n",
        Place::ToolTable
    ));
    insta::assert_snapshot!(mistakes_in("tool.doorward = true\n", Place::ToolTable));
}

#[test]
fn unknown_rules_in_flags_are_told_at_once() {
    let mistakes = [
        ("unauthenticated-wriet".to_owned(), rule_named("unauthenticated-wriet").unwrap_err()),
        ("qqq".to_owned(), rule_named("qqq").unwrap_err()),
    ];
    let text = unknown_rules(&mistakes).to_string();
    insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string());
}
