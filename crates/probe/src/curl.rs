//! A shell script that sends again what proved something: identities and objects first, then each proof, then the clean-up.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::canary::DIGITS;
use crate::evidence::{Capture, CaptureFrom, Exchange, Role, Side};
use crate::outcome::Outcome;
use crate::verdict::{Proof, Verdict};

const HEAD: &str = r#"# Needs curl, jq and openssl. Nothing secret stands here: accounts and passwords are made anew.
set -u
RUN=$(openssl rand -hex 6)
call() { curl --silent --show-error --max-time 30 --header "X-Probe-Run: $RUN" "$@"; }
status() { call --output /dev/null --write-out '%{http_code}\n' "$@"; }
"#;

/// Signs the claims of a token again, a second older, with another key. Only HMAC, which is what is forged.
const FORGE: &str = r#"b64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
unb64() { tr '_-' '/+' | awk '{ while (length($0) % 4) $0 = $0 "="; print }' | openssl base64 -d -A; }
forge() { # TOKEN KEY: what the code holds is all that it takes
    head=$(printf %s "$1" | cut -d. -f1)
    body=$(printf %s "$1" | cut -d. -f2 | unb64 | jq -c 'if .iat then .iat -= 1 elif .exp then .exp -= 1 else .iat = 0 end' | tr -d '\n' | b64)
    bits=$(printf %s "$head" | unb64 | jq -r '.alg[2:]')
    printf %s.%s.%s "$head" "$body" "$(printf %s.%s "$head" "$body" | openssl dgst -binary "-sha$bits" -hmac "$2" | b64)"
}
"#;

/// The script; none where nothing was proved.
pub fn script(outcome: &Outcome) -> Option<String> {
    let proved: Vec<&Proof> = outcome.proofs.iter().filter(|proof| proof.verdict == Verdict::Proved).collect();
    if proved.is_empty() {
        return None;
    }
    let mut script =
        format!("#!/bin/sh\n# Sends again what `doorward probe` proved at {}, run {}.\n", outcome.target, outcome.run);
    script.push_str(HEAD);
    let _ = writeln!(script, "TARGET=${{TARGET:-{}}}", outcome.target);
    let forges = proved.iter().flat_map(|proof| &proof.exchanges).any(|one| one.shell.contains("${FORGED}"));
    if forges {
        script.push_str(FORGE);
        script.push_str(": \"${KEY:?set KEY to the key that stands in the code}\"\n");
    }
    let given = given(outcome, &proved);
    for name in &given {
        let _ = writeln!(script, ": \"${{{name}:?set {name} to the credential that the run was given}}\"");
    }
    script.push_str("\n# Identities and objects of this run's own.\n");
    for (letter, name) in &outcome.names {
        let _ = writeln!(script, "NAME_{letter}={}", anew(name));
        let _ = writeln!(script, "PASSWORD_{letter}='Dw1!'$(openssl rand -hex 8)");
    }
    let sent: String = proved.iter().flat_map(|proof| &proof.exchanges).map(|one| one.shell.as_str()).collect();
    for exchange in outcome.setup.iter().filter(|one| one.side == Side::Direct) {
        // What only the same attack through the gateway needed is not made again.
        let is_account = exchange.shell.contains("${PASSWORD_");
        let is_used = |capture: &Capture| sent.contains(&format!("${{{}}}", capture.variable));
        if is_account || exchange.captures.iter().any(is_used) {
            script.push_str(&captured(exchange));
        }
    }
    if forges {
        script.push_str(
            "FORGED=$(forge \"$TOKEN_B\" \"$KEY\")\nWRONG=$(forge \"$TOKEN_B\" \"$(openssl rand -hex 32)\")\n",
        );
    }
    for proof in proved {
        let _ = write!(script, "\n# {}: {}\n# {}\n", proof.attack, proof.endpoint, proof.claim);
        for exchange in &proof.exchanges {
            // A control that made an object of the run's own was sent above.
            if !outcome.setup.iter().any(|one| one.number == exchange.number) {
                script.push_str(&step(exchange));
            }
        }
    }
    script.push_str("\n# Take away what was made.\n");
    for exchange in &outcome.undo {
        // What was made through the gateway is not made again, so there is nothing to take away.
        let is_set = |name: &str| given.contains(&name) || script.contains(&format!("\n{name}="));
        let is_made = variables(&exchange.shell).all(is_set);
        if is_made {
            let _ = writeln!(script, "status {}", exchange.shell);
        }
    }
    Some(script)
}

/// The credentials that proofs use and no request of the run got: whoever runs the script has them.
fn given<'o>(outcome: &'o Outcome, proved: &[&'o Proof]) -> BTreeSet<&'o str> {
    let captured = |name: &str| {
        let mut captures = outcome.setup.iter().flat_map(|one| &one.captures);
        captures.any(|capture| *capture.variable == *name)
    };
    let used = proved.iter().flat_map(|proof| &proof.exchanges).flat_map(|one| variables(&one.shell));
    used.filter(|name| name.starts_with("TOKEN_") && !captured(name)).collect()
}

/// The variables that a line uses.
fn variables(line: &str) -> impl Iterator<Item = &str> {
    line.split("${").skip(1).filter_map(|rest| rest.split('}').next())
}

/// A name like this one: its mark is drawn anew, so that the script can run again and again.
fn anew(name: &str) -> String {
    let is_mark = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let start = (0..name.len()).find(|start| name.get(*start..*start + DIGITS).is_some_and(is_mark));
    let quoted = |text: &str| match text {
        "" => String::new(),
        text => format!("'{}'", text.replace('\'', "'\\''")),
    };
    match start {
        Some(start) => {
            let (before, after) = (quoted(&name[..start]), quoted(&name[start + DIGITS..]));
            format!("{before}$(openssl rand -hex {}){after}", DIGITS / 2)
        }
        None => quoted(name),
    }
}

fn captured(exchange: &Exchange) -> String {
    let mut lines = String::new();
    let is_cookie = exchange.captures.iter().any(|one| matches!(one.from, CaptureFrom::Cookie(_)));
    let include = if is_cookie { "--include " } else { "" };
    let _ = writeln!(lines, "ANSWER=$(call {include}{})", exchange.shell);
    for capture in &exchange.captures {
        let value = match &capture.from {
            CaptureFrom::Body(pointer) => format!("printf %s \"$ANSWER\" | jq -r '{}'", jq(pointer)),
            CaptureFrom::Cookie(name) => {
                format!("printf %s \"$ANSWER\" | sed -n 's/^[Ss]et-[Cc]ookie: {name}=\\([^;]*\\).*/\\1/p'")
            }
        };
        let _ = writeln!(lines, "{}=$({value})", capture.variable);
    }
    lines
}

fn step(exchange: &Exchange) -> String {
    let what = match exchange.role {
        Role::Control => "positive control",
        Role::Attack => "the attack",
        Role::Negative => "negative control",
        Role::ReRead => "re-read",
        Role::Setup | Role::Undo => "",
    };
    let caller = exchange.caller.as_deref().unwrap_or("anonymous");
    let status = exchange.response.as_ref().map_or("nothing".to_owned(), |one| one.status.to_string());
    let comment = format!("# {what}, as {caller}: {status} then\n");
    if !exchange.captures.is_empty() {
        return comment + &captured(exchange) + "printf '%s\\n' \"$ANSWER\"\n";
    }
    format!("{comment}call --write-out ' %{{http_code}}\\n' {}\n", exchange.shell)
}

/// A JSON Pointer (RFC 6901) as a path of jq.
fn jq(pointer: &str) -> String {
    let step = |part: &str| match part.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!("[\"{}\"]", part.replace("~1", "/").replace("~0", "~").replace(['"', '\\', '\''], "")),
    };
    format!(".{}", pointer.split('/').skip(1).map(step).collect::<String>())
}
