//! Pages of rules, attacks and weaknesses, and the list of rules.

use std::fmt::Write;

use model::Weakness;
use probe::attacks::{ATTACKS, Attack};
use scan::rules::{RULES, Rule};

use crate::output::look::Look;
use crate::output::palette::{CODE, FAINT, HEADING, coded, paint};
use crate::output::text::{padded, width, wrapped};
use crate::words::{PERSONAS, SEVERITIES};

/// Wider lines are hard to read.
const TEXT_WIDTH_MAX: usize = 100;

/// The page of a rule.
pub(crate) fn rule(rule: &Rule, look: &Look) -> String {
    let mut out = format!("{}\n{}\n\n", paint(HEADING, rule.name), rule.summary);
    let facts = [
        ("severity", SEVERITIES.of(rule.severity).to_owned()),
        ("persona", PERSONAS.of(rule.persona).to_owned()),
        ("weakness", format!("{} ({})", rule.weakness.name(), rule.weakness.title())),
        ("known as", ids(rule.weakness)),
    ];
    out.push_str(&table(&facts, look));
    out.push('\n');
    out.push_str(&markdown(rule.page, look));
    out
}

/// The page of an attack.
pub(crate) fn attack(attack: &Attack, look: &Look) -> String {
    let mut out = format!("{}\n{}\n\n", paint(HEADING, attack.name), attack.summary);
    let named = |weakness: &Weakness| format!("{} ({})", weakness.name(), weakness.title());
    let mut facts = vec![("proves", attack.weaknesses.iter().map(named).collect::<Vec<_>>().join("; "))];
    facts.extend(attack.unshielded.map(|reason| ("no shield", reason.to_owned())));
    out.push_str(&table(&facts, look));
    out.push('\n');
    out.push_str(&markdown(attack.page, look));
    out
}

/// The page of a weakness.
pub(crate) fn weakness(weakness: Weakness, look: &Look) -> String {
    let mut out = format!("{}\n{}\n\n", paint(HEADING, weakness.name()), weakness.title());
    out.push_str(&table(&[("known as", ids(weakness))], look));
    let proved_by = ATTACKS.iter().filter(|attack| attack.weaknesses.contains(&weakness));
    let attacks: Vec<&str> = proved_by.map(|attack| attack.name).collect();
    if !attacks.is_empty() {
        out.push_str(&table(&[("proved by", attacks.join(", "))], look));
    }
    let found_by: Vec<&Rule> = RULES.iter().filter(|rule| rule.weakness == weakness).collect();
    if found_by.is_empty() {
        out.push_str("\nNo rule looks for it yet.\n");
        return out;
    }
    let _ = writeln!(out, "\n{}", paint(HEADING, "Rules that find it"));
    out.push_str(&list(&found_by, look));
    out
}

/// What an identifier of CWE, OWASP's list for APIs or ASVS stands for here: its weaknesses, each with the rules that find it.
pub(crate) fn identifier(id: &str, look: &Look) -> Option<String> {
    let bare = |text: &str| text.to_ascii_lowercase().replace([' ', '_'], "-");
    let wanted = bare(id);
    let wanted = ["owasp-", "asvs-"].iter().find_map(|list| wanted.strip_prefix(list)).unwrap_or(&wanted);
    let is_it = |known: &str| {
        let known = bare(known.rsplit(' ').next().unwrap_or(known));
        known == wanted || known.strip_suffix(":2023") == Some(wanted)
    };
    let of_it = Weakness::ALL.iter().filter(|weakness| ids(**weakness).split(", ").any(is_it));
    let pages: Vec<String> = of_it.map(|found| weakness(*found, look)).collect();
    (!pages.is_empty()).then(|| pages.join("\n"))
}

/// The list of rules.
pub(crate) fn rules(look: &Look) -> String {
    let all: Vec<&Rule> = RULES.iter().collect();
    let last = coded("`doorward explain RULE` says what one finds, why, and how to fix it");
    format!("{}\n{last}\n", list(&all, look))
}

fn list(rules: &[&Rule], look: &Look) -> String {
    let columns = |rule: &Rule| [rule.name, SEVERITIES.of(rule.severity), PERSONAS.of(rule.persona)];
    let mut widths = [0; 3];
    for rule in rules {
        for (widest, text) in widths.iter_mut().zip(columns(rule)) {
            *widest = width(text).max(*widest);
        }
    }
    let used = 2 + widths.iter().map(|width| width + 2).sum::<usize>();
    let beside = look.width.saturating_sub(used);
    let mut out = String::new();
    for rule in rules {
        let [name, severity, persona] = columns(rule);
        let name = paint(CODE, padded(name, widths[0]));
        let facts = format!("{}  {}", padded(severity, widths[1]), padded(persona, widths[2]));
        if width(rule.summary) <= beside {
            let _ = writeln!(out, "  {name}  {facts}  {}", rule.summary);
            continue;
        }
        let _ = writeln!(out, "  {name}  {}", facts.trim_end());
        for line in wrapped(rule.summary, look.width.saturating_sub(6)) {
            let _ = writeln!(out, "      {line}");
        }
    }
    out
}

fn ids(weakness: Weakness) -> String {
    let cwe = weakness.cwe().iter().map(|id| format!("CWE-{id}"));
    let owasp = weakness.owasp_api().iter().map(|id| format!("OWASP {id}"));
    let asvs = weakness.asvs().iter().map(|id| format!("ASVS {id}"));
    cwe.chain(owasp).chain(asvs).collect::<Vec<_>>().join(", ")
}

fn table(facts: &[(&str, String)], look: &Look) -> String {
    let widest = facts.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let room = look.width.min(TEXT_WIDTH_MAX).saturating_sub(widest + 4);
    let mut out = String::new();
    for (name, value) in facts {
        for (index, line) in wrapped(value, room).iter().enumerate() {
            let name = if index == 0 { *name } else { "" };
            let _ = writeln!(out, "  {}  {line}", paint(FAINT, padded(name, widest)));
        }
    }
    out
}

/// Markdown of a page for a terminal: headings stand out, code is indented, paragraphs and items are wrapped.
fn markdown(page: &str, look: &Look) -> String {
    let columns = look.width.min(TEXT_WIDTH_MAX);
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut in_code = false;
    for line in page.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            flush(&mut out, &mut paragraph, columns);
            in_code = !in_code;
        } else if in_code {
            let indent = if trimmed.is_empty() { "" } else { "    " };
            let _ = writeln!(out, "{}", paint(CODE, format!("{indent}{line}")));
        } else if trimmed.starts_with('#') {
            flush(&mut out, &mut paragraph, columns);
            let heading = trimmed.trim_start_matches('#').trim();
            let _ = writeln!(out, "{}", paint(HEADING, heading));
        } else if trimmed.is_empty() {
            flush(&mut out, &mut paragraph, columns);
            out.push('\n');
        } else {
            if is_item(trimmed) {
                flush(&mut out, &mut paragraph, columns);
            }
            paragraph.push_str(line);
            paragraph.push(' ');
        }
    }
    flush(&mut out, &mut paragraph, columns);
    let mut out = without_double_blanks(&out);
    out.truncate(out.trim_end().len());
    out + "\n"
}

/// Whether a line begins an item of a list.
fn is_item(line: &str) -> bool {
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with("- ") || line.starts_with("* ") || (after_number != line && after_number.starts_with(". "))
}

/// Writes a paragraph; the further lines of an item stand under its text.
fn flush(out: &mut String, paragraph: &mut String, columns: usize) {
    let text = std::mem::take(paragraph);
    if text.trim().is_empty() {
        return;
    }
    let hanging = if is_item(text.trim()) { text.trim().find(' ').unwrap_or(0) + 1 } else { 0 };
    for (index, line) in wrapped(&text, columns.saturating_sub(hanging)).iter().enumerate() {
        let indent = if index == 0 { 0 } else { hanging };
        let _ = writeln!(out, "{}{}", " ".repeat(indent), coded(line));
    }
}

fn without_double_blanks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for line in text.lines() {
        if line.is_empty() && blank {
            continue;
        }
        blank = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { width: 60, unicode: true, unbroken: false };

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn markdown_becomes_text() {
        let page = "## What it does\n\nFinds `POST` endpoints that admit everybody, and a good deal more than\n\
                    that, so that this wraps.\n\n\n- one item that is long enough to be wrapped at sixty columns\n\
                    - two\n1. first\n\n```python\n@app.post(\"/\")\n\ndef f(): ...\n```\n";
        insta::assert_snapshot!(plain(&markdown(page, &LOOK)));
    }

    #[test]
    fn a_weakness_has_a_page() {
        let text = plain(&weakness(Weakness::BrokenObjectLevelAuthorization, &LOOK));
        assert!(text.contains("CWE-639, OWASP API1:2023, ASVS 8.2.2"), "{text}");
    }

    #[test]
    fn every_rule_has_a_page_and_a_line() {
        let list = plain(&rules(&LOOK));
        for one in RULES {
            assert!(list.contains(one.name) && plain(&rule(one, &LOOK)).contains(one.summary));
        }
    }
}
