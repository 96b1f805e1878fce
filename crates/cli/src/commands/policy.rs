//! `doorward policy`: the policy of the gateway, derived, checked, compared, tried.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ::guard::{Caller, End, Question, Trial};
use annotate_snippets::{AnnotationKind, Level, Snippet};
use model::Method;
use policy::{Consequence, Date, DeriveOptions, Derived, Mistakes};

use super::analysis;
use super::guard::KeysOfProcess;
use crate::arguments::{self, PolicyDerive, PolicyTest};
use crate::config;
use crate::outcome::{Exit, Failure};
use crate::output::palette::{CODE, ERROR, GUARDED, HEADING, OPEN, paint};
use crate::output::text::{counted, shown};
use crate::streams::{Streams, write_data};
use policy::nearest::did_you_mean;

/// Runs the command.
pub(super) fn run(command: &arguments::Policy, streams: &Streams) -> Result<Exit, Failure> {
    match command {
        arguments::Policy::Derive(flags) => derive(flags, streams),
        arguments::Policy::Check { file } => check(file, streams),
        arguments::Policy::Diff { old, new } => diff(old, new, streams),
        arguments::Policy::Test(flags) => test(flags, streams),
        arguments::Policy::Schema => schema(),
    }
}

fn derive(flags: &PolicyDerive, streams: &Streams) -> Result<Exit, Failure> {
    let options = DeriveOptions { today: flags.today.unwrap_or_else(today), shield_days: flags.shield_days };
    let derived = of_code(&flags.path, flags.jobs, flags.application.as_deref(), options, streams)?;
    let text = derived.to_toml();
    match &flags.output {
        Some(file) => written(file, &text, flags.force)?,
        None => write_data(text.as_bytes())?,
    }
    streams.remark(&summary(&derived, flags.output.as_deref()));
    Ok(Exit::Clean)
}

/// The policy of an application in a folder.
pub(super) fn of_code(
    path: &Path,
    jobs: Option<NonZeroUsize>,
    application_name: Option<&str>,
    options: DeriveOptions,
    streams: &Streams,
) -> Result<Derived, Failure> {
    let settings = config::of_path(path, streams)?.resolved();
    let mut analysis = analysis::of_path(path, jobs, &settings, streams)?;
    settings.select(&mut analysis.report);
    if let Some(failure) = analysis::nothing_understood(&analysis.report) {
        return Err(failure);
    }
    let application = analysis::application(&analysis.report, application_name, streams)?;
    Ok(policy::derive(&analysis.report, application, options))
}

fn written(file: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let shown = file.display();
    let opened = match force {
        true => fs::File::create(file),
        false => fs::File::create_new(file),
    };
    let done = opened.and_then(|mut opened| opened.write_all(text.as_bytes()));
    done.map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            let failure = Failure::usage(format!("`{shown}` exists, and somebody may have edited it"));
            return failure.hint("`--force` writes over it; `doorward policy diff` compares two policies");
        }
        Failure::usage(format!("`{shown}` cannot be written: {error}"))
    })
}

pub(super) fn summary(derived: &Derived, file: Option<&Path>) -> String {
    let counts = &derived.counts;
    let refused = counts.not_understood + counts.not_expressible + counts.mounts;
    let mut lines = vec![format!(
        "{}: {} admit everybody, {} the identified, {} are delegated, {} refused ({} not understood, {} not expressible, \
         {} mounts)",
        counted(derived.policy.routes.len(), "route", "routes"),
        counts.public,
        counts.protected,
        counts.delegated,
        refused,
        counts.not_understood,
        counts.not_expressible,
        counts.mounts,
    )];
    if counts.not_expressed > 0 {
        let conditions = counted(counts.not_expressed, "condition is", "conditions are");
        lines.push(format!("{conditions} not expressed: the application alone checks them"));
    }
    if counts.shielded + counts.unshielded > 0 {
        let findings = counted(counts.shielded, "finding is", "findings are");
        let partly = match counts.partly_shielded {
            0 => String::new(),
            some => format!(" ({some} in part: identified, not authorised)"),
        };
        lines.push(format!("{findings} shielded{partly}, {} not", counts.unshielded));
    }
    if counts.re_keyed > 0 {
        let known = counted(counts.re_keyed, "finding is", "findings are");
        lines.push(format!("{known} about a known key: the guard does not start with it, and nothing shields it"));
    }
    if let Some(file) = file {
        lines.push(format!("next: doorward policy check {}", file.display()));
    }
    lines.join("\n")
}

/// The day, in UTC, as dates of a policy are.
pub(super) fn today() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Date::of_unix_days(i64::try_from(since.as_secs() / 86_400).unwrap_or(0))
}

/// Reads a policy, or shows every mistake in it.
pub(super) fn read(file: &Path, streams: &Streams) -> Result<policy::Policy, Failure> {
    let shown = file.display();
    let bytes = fs::read(file).map_err(|error| Failure::usage(format!("`{shown}` cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::usage(format!("`{shown}` is not UTF-8 text")))?;
    policy::Policy::parse(&text).map_err(|mistakes| refused(&shown.to_string(), &text, &mistakes, streams))
}

fn refused(file: &str, text: &str, mistakes: &Mistakes, streams: &Streams) -> Failure {
    let rendered = mistakes.all().iter().map(|mistake| {
        let end = mistake.span.end.min(text.len());
        let annotation = AnnotationKind::Primary.span(mistake.span.start.min(end)..end).label(&mistake.hint);
        let snippet = Snippet::source(text).path(file).annotation(annotation);
        streams.look.renderer().render(&[Level::ERROR.primary_title(&mistake.message).element(snippet)])
    });
    let rendered: Vec<String> = rendered.collect();
    let count = counted(rendered.len(), "mistake", "mistakes");
    Failure::rendered(Exit::Usage, rendered.join("\n\n"))
        .hint(format!("{count}: a policy with a mistake is refused whole"))
}

fn check(file: &Path, streams: &Streams) -> Result<Exit, Failure> {
    let policy = read(file, streams)?;
    let (public, protected, closed) = policy.admissions();
    let mut out = format!(
        "{} {}: {} admit everybody, {protected} the identified, {closed} nobody; everything else is refused\n",
        paint(GUARDED, "valid"),
        counted(policy.routes.len(), "route", "routes"),
        public,
    );
    for remark in policy.remarks(today()) {
        let _ = writeln!(out, "{} {}", paint(OPEN, "note:"), shown(&remark.to_string()));
    }
    streams.print(&out)?;
    Ok(Exit::Clean)
}

fn diff(old: &Path, new: &Path, streams: &Streams) -> Result<Exit, Failure> {
    let consequences = policy::diff(&read(old, streams)?, &read(new, streams)?);
    let mut out = String::new();
    for (opens, title, style) in [(true, "Opens", ERROR), (false, "Closes, or changes otherwise", GUARDED)] {
        let listed: Vec<&Consequence> = consequences.iter().filter(|one| one.opens == opens).collect();
        if listed.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}", paint(style, title));
        for one in listed {
            let _ = writeln!(out, "  {}: {}", paint(CODE, shown(&one.what)), shown(&one.change));
        }
    }
    if consequences.is_empty() {
        out.push_str("nobody gains or loses anything\n");
    }
    streams.print(&out)?;
    Ok(if consequences.iter().any(|one| one.opens) { Exit::Found } else { Exit::Clean })
}

fn test(flags: &PolicyTest, streams: &Streams) -> Result<Exit, Failure> {
    let policy = read(&flags.file, streams)?;
    let (method, target) = flags.request.split_once(' ').ok_or_else(|| wrong_request(&flags.request))?;
    let is_line = |text: &str| !text.contains(['\r', '\n']);
    if method.parse::<Method>().is_err() || !is_line(target) {
        return Err(wrong_request(&flags.request));
    }
    let mut fields: Vec<String> = flags.host.iter().map(|host| format!("Host: {host}")).collect();
    fields.extend(flags.header.iter().cloned());
    if let Some(wrong) = fields.iter().find(|field| !field.contains(':') || !is_line(field)) {
        let failure = Failure::usage(format!("`{}` is no field", shown(wrong)));
        return Err(failure.hint("write a name and a value: `--header \"Origin: https://shop.example\"`"));
    }
    let question = Question {
        method: method.to_owned(),
        target: target.to_owned(),
        fields,
        body: body(flags)?,
        address: flags.from,
        caller: caller(flags, &policy)?,
    };
    let clock = Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
    let trial = ::guard::tried(&policy, &KeysOfProcess, clock, &question)
        .map_err(|error| Failure::new(Exit::Internal, format!("the request cannot be tried: {error}")))?;
    streams.print(&explained(&flags.request, &trial))?;
    Ok(if matches!(trial.end, End::Refused { .. }) { Exit::Found } else { Exit::Clean })
}

/// The most bytes of a body that is tried: what no layer would read to its end says nothing.
const TRIED_BODY_BYTES_MAX: u64 = 8 * 1024 * 1024;

fn body(flags: &PolicyTest) -> Result<Vec<u8>, Failure> {
    let Some(body) = &flags.body else { return Ok(Vec::new()) };
    let Some(file) = body.strip_prefix('@') else { return Ok(body.clone().into_bytes()) };
    let failed = |why: String| Failure::usage(format!("`{}` cannot be read: {why}", shown(file)));
    let opened = std::fs::File::open(file).map_err(|error| failed(error.to_string()))?;
    let mut bytes = Vec::new();
    let read = opened.take(TRIED_BODY_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|error| failed(error.to_string()))?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len <= TRIED_BODY_BYTES_MAX) {
        Ok(bytes)
    } else {
        Err(failed(format!("it has more than {TRIED_BODY_BYTES_MAX} bytes")))
    }
}

fn wrong_request(request: &str) -> Failure {
    Failure::usage(format!("`{}` is no request", shown(request)))
        .hint("write a method and a path: `--request \"GET /orders/7\"`")
}

fn caller(flags: &PolicyTest, policy: &policy::Policy) -> Result<Option<Caller>, Failure> {
    let names = || policy.identity.iter().map(|(name, _)| name.as_str());
    let mut claims = Vec::new();
    for claim in &flags.claim {
        let (name, value) = claim.split_once('=').ok_or_else(|| {
            Failure::usage(format!("`--claim {}` has no value", shown(claim))).hint("write `--claim sub=7`")
        })?;
        claims.push((name.to_owned(), value.to_owned()));
    }
    let Some(name) = flags.identity.as_deref() else {
        return Ok(None);
    };
    if !names().any(|known| known == name) {
        let listed: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        return Err(Failure::usage(format!("the policy has no identity `{}`", shown(name)))
            .maybe_hint(did_you_mean(name, names()))
            .hint(format!("it has {}", if listed.is_empty() { "none".to_owned() } else { listed.join(", ") })));
    }
    Ok(Some(Caller {
        identity: name.to_owned(),
        roles: flags.role.clone(),
        scopes: flags.scope.clone(),
        permissions: flags.permission.clone(),
        claims,
    }))
}

fn explained(request: &str, trial: &Trial) -> String {
    let mut out = format!("{}\n", paint(HEADING, shown(request)));
    for step in &trial.steps {
        let _ = writeln!(out, "  {}", shown(step));
    }
    match &trial.end {
        End::Admitted { if_shown } if if_shown.is_empty() => {
            let _ = writeln!(out, "{}", paint(GUARDED, "admitted"));
        }
        End::Admitted { if_shown } => {
            let held = shown(&if_shown.join(" or ")).into_owned();
            let _ = writeln!(out, "{} if {held}", paint(GUARDED, "admitted"));
        }
        End::Answered { location: Some(path), .. } => {
            let _ = writeln!(out, "{} to `{}`", paint(GUARDED, "redirected"), shown(path));
        }
        End::Answered { status, location: None } => {
            let _ = writeln!(out, "{} with {status}", paint(GUARDED, "answered"));
        }
        End::Refused { layer, reason, detail, reported_by } => {
            let (status, detail) = (reason.status(), shown(detail));
            let _ = writeln!(out, "{} with {status} by `{layer}`: {detail} ({reason})", paint(ERROR, "refused"));
            if let Some(what) = reported_by {
                let _ = writeln!(out, "{} is in report mode: the request goes on, and it is said", shown(what));
            }
        }
    }
    out
}

fn schema() -> Result<Exit, Failure> {
    let schema = serde_json::to_string_pretty(&policy::Policy::json_schema())
        .map_err(|error| Failure::new(Exit::Internal, format!("the schema cannot be written: {error}")))?;
    write_data(format!("{schema}\n").as_bytes())?;
    Ok(Exit::Clean)
}
