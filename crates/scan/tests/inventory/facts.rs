//! How effects, objects, principals and tokens are shown in the suites.

use std::fmt::Write;

use model::{Effect, Endpoint, Evidence, KeySource, Known, ObjectModel, ParameterRef, Report, TokenRecipe};

/// What a handler does, a line each: `read Order by path:order_id, owner user_id absent`.
pub(crate) fn effects(text: &mut String, endpoint: &Endpoint) {
    for effect in &endpoint.effects {
        let kind = serde_json::to_value(effect).expect("an effect")["kind"].as_str().unwrap_or("?").to_owned();
        let _ = write!(text, "  {kind} ");
        if let Some(object) = effect.object() {
            let _ = write!(text, "{}{}", if object.many { "many " } else { "" }, object.object);
            if let Some(key) = &object.key {
                let _ = write!(text, " by {}", shown(key));
            }
            if let Some(owner) = &object.owner {
                let _ = write!(text, ", owner {owner} {}", format!("{:?}", object.owner_check).to_lowercase());
            }
            if let (Some(tenant), Some(check)) = (&object.tenant, object.tenant_check) {
                let _ = write!(text, ", tenant {tenant} {}", format!("{check:?}").to_lowercase());
            }
            let is_read = matches!(effect, Effect::Read(_));
            if is_read && object.answered {
                text.push_str(", answered");
            }
            if !object.columns.is_empty() {
                let does = if is_read { "" } else { ", writes" };
                let _ = write!(text, "{does} {}", object.columns.join(" "));
            }
            if let Some(mass) = &object.mass {
                let schema = mass.schema.as_deref().unwrap_or("-");
                let any = if mass.open { "any" } else { "its fields" };
                let _ = write!(text, ", {any} of {} schema {schema}", format!("{:?}", mass.place).to_lowercase());
            }
        } else {
            let outside = effect.outside().expect("an effect outside");
            let _ = write!(text, "{}", outside.call);
            outside.parameters.iter().for_each(|parameter| {
                let _ = write!(text, " {}", shown(parameter));
            });
        }
        text.push('\n');
    }
    if !endpoint.undeclared_writes.is_empty() {
        let columns: Vec<String> =
            endpoint.undeclared_writes.iter().map(|write| format!("{}.{}", write.object, write.column)).collect();
        let _ = writeln!(text, "  undeclared {}", columns.join(" "));
    }
    for sink in &endpoint.sinks {
        let kind = format!("{:?}", sink.kind).to_lowercase();
        let _ = writeln!(text, "  {kind} {} in {:?}", shown(&sink.parameter), sink.text.as_deref().unwrap_or("?"));
    }
    for producer in &endpoint.producers {
        let (parameter, chosen) =
            (shown(&producer.parameter), if producer.chosen_by_client { " (chosen)" } else { "" });
        let _ = writeln!(text, "  {parameter} is {} of {}{chosen}", producer.pointer, producer.endpoint);
    }
}

/// What is listed of the report as a whole.
pub(crate) fn of_report(text: &mut String, report: &Report, words: &str) {
    if words.contains("objects") {
        report.objects.iter().for_each(|object| show_object(text, object));
    }
    for application in &report.applications {
        for principal in application.principals.iter().filter(|_| words.contains("principals")) {
            let claim = principal.claim.as_ref().and_then(Known::value);
            let claim = claim.map_or(String::new(), |c| format!(", claim {} is {}", c.claim, c.column));
            let object = principal.object.as_deref().unwrap_or("-");
            let roles = principal.roles.join(" ");
            let _ = writeln!(text, "principal {object} from {}{claim}, roles [{roles}]", principal.source);
        }
        for token in application.tokens.iter().filter(|_| words.contains("tokens")) {
            show_token(text, token);
        }
    }
}

fn show_object(text: &mut String, object: &ObjectModel) {
    let _ = write!(text, "object {} ({})", object.name, object.table.as_deref().unwrap_or("?"));
    for column in &object.columns {
        let json = serde_json::to_value(column).expect("a column");
        let _ = write!(text, " {}:{}", column.name, json["type"].as_str().unwrap_or("?"));
        let marks = [(column.nullable, "?"), (column.sequential, "+"), (column.privileged, "!")];
        marks.iter().filter(|(is, _)| *is).for_each(|(_, mark)| text.push_str(mark));
        if let Some(kind) = json["sensitivity"].as_str().filter(|kind| *kind != "none") {
            let _ = write!(text, "({kind})");
        }
    }
    let _ = write!(text, ", key {}", object.primary_key.join(" "));
    for key in &object.foreign_keys {
        let _ = write!(text, ", {} -> {}.{}", key.columns.join(" "), key.object, key.references.join(" "));
    }
    if let Some(owner) = &object.owner {
        let (path, sure) = (owner.value().expect("an owner"), format!("{:?}", owner.certainty()).to_lowercase());
        let through = if path.through.is_empty() { String::new() } else { format!("{}.", path.through.join(".")) };
        let _ = write!(text, ", owner {through}{} {sure}", path.column);
    }
    text.push('\n');
}

fn show_token(text: &mut String, token: &TokenRecipe) {
    let key = |key: &KeySource| match key {
        KeySource::Literal { bytes, evidence, .. } => format!("literal of {bytes} bytes at {}", place(evidence)),
        KeySource::Setting { name, evidence, .. } => {
            let default = evidence.as_ref().map_or(String::new(), |e| format!(" with a default at {}", place(e)));
            format!("setting {name}{default}")
        }
        other => serde_json::to_value(other).expect("a key")["from"].as_str().unwrap_or("?").to_owned(),
    };
    let _ = writeln!(text, "token of {}", token.scheme);
    if let Some(issue) = &token.issue {
        let claims: Vec<_> = issue.claims.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let algorithm = issue.algorithm.value().map_or("?", |a| a);
        let life = issue.lifetime_s.map_or("?".to_owned(), |s| s.to_string());
        let _ = writeln!(text, "  issued {algorithm}, {}, {life} s, {}", key(&issue.key), claims.join(", "));
    }
    if let Some(check) = &token.check {
        let signature = if check.signature.value() == Some(&false) { "unverified" } else { "verified" };
        let (algorithms, claims) = (check.algorithms.join(" "), check.claims.join(" "));
        let _ = writeln!(text, "  checked {signature} [{algorithms}] [{claims}], {}", key(&check.key));
    }
    for (what, exchange) in [("register", &token.register), ("login", &token.login)] {
        let Some(exchange) = exchange else { continue };
        let password = exchange.password.as_ref().map_or("-".to_owned(), shown);
        let pointer = exchange.token.as_deref().unwrap_or("-");
        let _ = writeln!(text, "  {what} {} {} {password} {pointer}", exchange.endpoint, shown(&exchange.name));
    }
    if let Some(carrier) = &token.carried {
        let _ = writeln!(text, "  carried {} {:?}", shown(&carrier.parameter), carrier.prefix);
    }
}

fn place(evidence: &Evidence) -> String {
    format!("{}:{}", evidence.file, evidence.line)
}

fn shown(reference: &ParameterRef) -> String {
    format!("{}:{}", format!("{:?}", reference.place).to_lowercase(), reference.name)
}
