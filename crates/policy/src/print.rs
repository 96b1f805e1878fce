//! Writing a policy: readable TOML with comments, in one order, so that two policies can be compared as texts.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::key::RouteKey;
use crate::policy::{Policy, RouterSettings};
use crate::reading::{Table, Value};
use crate::route::{RoutePolicy, RouteSettings};
use crate::settings::{Listen, Mode};
use crate::value::{is_hidden, quoted};

/// The widest line of a list before it is broken.
const LINE_MAX: usize = 110;

/// Comments of a policy: lines without `#`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes {
    /// At the top of the file.
    pub head: Vec<String>,
    /// Before `[router]`.
    pub router: Vec<String>,
    /// Before an identity, by its name.
    pub identities: BTreeMap<String, Vec<String>>,
    /// Before a route.
    pub routes: BTreeMap<RouteKey, Vec<String>>,
    /// At the end of the file.
    pub tail: Vec<String>,
}

/// A policy as TOML; [`Policy::parse`] reads the same policy from it.
pub fn print(policy: &Policy, notes: &Notes) -> String {
    let mut out = String::new();
    comment(&mut out, &notes.head);
    if !notes.head.is_empty() {
        out.push('\n');
    }
    out.push_str("version = 1\n");
    let about = match policy.mode {
        Mode::Enforce => "what is not admitted is refused; \"report\" only says what would have been",
        Mode::Report => "nothing is refused, it is only said what would have been; \"enforce\" refuses",
    };
    let _ = writeln!(out, "mode = {:<35}# {about}", Value::text(&policy.mode));
    if let Some(cross_site) = &policy.cross_site {
        let _ = writeln!(out, "cross_site = {}", Value::text(cross_site));
    }
    if let Some(listen) = &policy.listen {
        listen_section(&mut out, listen);
    }
    if let Some(admin) = &policy.admin {
        section(&mut out, "admin", &admin.entries());
    }
    if let Some(log) = &policy.log {
        section(&mut out, "log", &log.entries());
    }
    for (layer, settings) in &policy.layers {
        section(&mut out, &format!("layers.{}", layer.word()), &settings.entries());
    }
    for (name, upstream) in &policy.upstream {
        section(&mut out, &format!("upstream.{}", bare(name)), &upstream.entries());
    }
    who(&mut out, policy, notes);
    if let Some(store) = &policy.store {
        section(&mut out, "store", &store.entries());
    }
    for (name, limit) in &policy.limits {
        section(&mut out, &format!("limits.{}", bare(name)), &limit.entries());
    }
    if let Some(headers) = &policy.headers {
        section(&mut out, "headers", &headers.entries());
    }
    if let Some(redact) = &policy.redact {
        section(&mut out, "redact", &redact.entries());
    }
    if let Some(cors) = &policy.cors {
        section(&mut out, "cors", &cors.entries());
    }
    if policy.router != RouterSettings::default() || !notes.router.is_empty() {
        out.push('\n');
        comment(&mut out, &notes.router);
        let is_news = |(key, value): &(&str, String)| {
            !matches!((*key, value.as_str()), ("double_slash", "\"strict\"") | ("implicit_options", "false"))
        };
        let entries: Vec<_> = policy.router.entries().into_iter().filter(is_news).collect();
        body(&mut out, "router", &entries);
        converters(&mut out, &policy.router);
    }
    for route in &policy.routes {
        route_section(&mut out, route, notes.routes.get(&route.key).map_or(&[], Vec::as_slice));
    }
    if !notes.tail.is_empty() {
        out.push('\n');
        comment(&mut out, &notes.tail);
    }
    out
}

/// Who is identified, which roles include others, and what the application is told of it.
fn who(out: &mut String, policy: &Policy, notes: &Notes) {
    for (name, identity) in &policy.identity {
        out.push('\n');
        comment(out, notes.identities.get(name).map_or(&[], Vec::as_slice));
        body(out, &format!("identity.{}", bare(name)), &identity.entries());
    }
    if !policy.roles.is_empty() {
        let entries = policy.roles.entries().map(|(name, inner)| format!("{} = {inner}\n", bare(name)));
        let _ = write!(out, "\n[roles]\n{}", entries.collect::<String>());
    }
    if let Some(headers) = &policy.identity_headers {
        section(out, "identity_headers", &headers.entries());
    }
}

/// Comments as lines of TOML. What would end a line, or hide what follows, is escaped.
fn comment(out: &mut String, lines: &[String]) {
    for line in lines {
        out.push('#');
        if !line.is_empty() {
            out.push(' ');
        }
        for c in line.chars() {
            if is_hidden(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
        }
        out.push('\n');
    }
}

/// A name as a part of a key.
pub(crate) fn bare(name: &str) -> String {
    let is_bare =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if is_bare { name.to_owned() } else { quoted(name) }
}

fn section(out: &mut String, name: &str, entries: &[(&'static str, String)]) {
    out.push('\n');
    body(out, name, entries);
}

fn body(out: &mut String, name: &str, entries: &[(&'static str, String)]) {
    let _ = writeln!(out, "[{name}]");
    for (key, value) in entries {
        let _ = writeln!(out, "{key} = {value}");
    }
}

fn listen_section(out: &mut String, listen: &Listen) {
    let entries: Vec<_> = listen.entries().into_iter().filter(|(key, _)| *key != "tls").collect();
    section(out, "listen", &entries);
    if let Some(tls) = &listen.tls {
        body(out, "listen.tls", &tls.entries());
    }
}

/// One converter a line.
fn converters(out: &mut String, router: &RouterSettings) {
    let all = router.converters.all();
    let lines: Vec<_> = all.iter().map(|(name, one)| format!("{} = {}\n", bare(name), Value::text(one))).collect();
    if !lines.is_empty() {
        let _ = write!(out, "[router.converters]\n{}", lines.concat());
    }
}

fn route_section(out: &mut String, route: &RoutePolicy, notes: &[String]) {
    let name = format!("routes.{}", quoted(&route.key.to_string()));
    out.push('\n');
    comment(out, notes);
    let settings = &route.settings;
    let mut entries = Vec::new();
    for (key, value) in settings.entries() {
        match key {
            "shields" => {}
            "allow" => entries.push((key, grants(settings, value))),
            _ => entries.push((key, value)),
        }
    }
    if settings.access.is_none() && settings.allow.is_empty() {
        entries.insert(0, ("allow", "[]".to_owned()));
    }
    body(out, &name, &entries);
    for shield in &settings.shields {
        let _ = writeln!(out, "[[{name}.shields]]");
        for (key, value) in shield.entries() {
            let _ = writeln!(out, "{key} = {value}");
        }
    }
}

/// One alternative a line where there are several.
fn grants(settings: &RouteSettings, line: String) -> String {
    if settings.allow.len() < 2 && line.len() <= LINE_MAX {
        return line;
    }
    let lines: Vec<String> = settings.allow.iter().map(|grant| format!("  {},\n", Value::text(grant))).collect();
    format!("[\n{}]", lines.concat())
}
