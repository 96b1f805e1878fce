//! The command line as a table: commands, flags, their help. Completions and the man page are printed from it.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, Styles, TypedValueParser};
use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand, ValueEnum};
use model::{Persona, Severity};
use policy::nearest::nearest;
use policy::{Date, HeaderName, Quota};

use crate::outcome::Failure;
use crate::output::palette;
use crate::words::{PERSONAS, SEVERITIES, Words};

const STYLES: Styles = Styles::styled()
    .header(palette::HEADING)
    .usage(palette::HEADING)
    .literal(palette::CODE)
    .error(palette::ERROR)
    .valid(palette::CODE)
    .invalid(palette::UNSURE);

/// The heading of the flags that all commands take.
const GENERAL: &str = "General options";

const EXAMPLES: &str = "\
Examples:
  doorward                                 scan this folder
  doorward scan src --format json          the same for programs
  doorward routes --format markdown        only the endpoints, for your documentation
  doorward explain unauthenticated-write   what a rule finds, why, and how to fix it
  doorward policy derive                   what a gateway should admit, from the code
  doorward prove --target URL              prove the findings on the running application

Exit codes:
  0 nothing found   1 findings   2 wrong usage   3 nothing or not everything scanned   4 a defect";

/// Secures Python APIs: lists every endpoint with what protects it, and finds its weaknesses, without running the code.
#[derive(Debug, Parser)]
#[command(
    name = "doorward",
    version,
    styles = STYLES,
    override_usage = "doorward [OPTIONS] [PATH]\n       doorward <COMMAND>",
    after_help = EXAMPLES,
    max_term_width = 100,
    disable_help_flag = true,
)]
pub(crate) struct Arguments {
    /// How to talk to the user.
    #[command(flatten)]
    pub(crate) talk: Talk,
    /// Print help
    // Of clap's two forms of help the short one, for both flags: it fits a screen.
    #[arg(short, long, global = true, action = ArgAction::HelpShort, help_heading = GENERAL)]
    help: Option<bool>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How to talk to the user; all commands take these.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Talk {
    /// List gaps, unreadable files and every finding in full
    #[arg(short, long, global = true, help_heading = GENERAL)]
    pub(crate) verbose: bool,
    /// Print findings and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = GENERAL)]
    pub(crate) quiet: bool,
    /// When to use colour; `NO_COLOR` is honoured, too
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        help_heading = GENERAL
    )]
    pub(crate) color: When,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal that shows it.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List endpoints with what protects them, then findings (the default)
    Scan(Scan),
    /// List endpoints with what protects them
    Routes(Routes),
    /// Derive, check, compare and try the policy of the gateway
    #[command(subcommand)]
    Policy(Policy),
    /// Run the gateway in front of the API
    Guard(Guard),
    /// Attack a running application, and prove or refute findings
    Probe(Probe),
    /// Scan, derive a policy, guard, attack directly and through the guard; one table
    Prove(Prove),
    /// Make credentials that the gateway verifies
    #[command(subcommand)]
    Secret(Secret),
    /// Explain a rule, an attack, a weakness or a refusal of the gateway
    Explain {
        /// The name of a rule, of an attack, of a weakness, or the `type` of a refusal
        #[arg(value_name = "RULE|ATTACK|WEAKNESS|REFUSAL")]
        name: String,
    },
    /// List the rules
    Rules,
    /// Print completions for a shell
    #[command(after_help = "\
Example:
  doorward completions bash > ~/.local/share/bash-completion/completions/doorward")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "\
Example:
  doorward man | man -l -")]
    Man,
}

/// The flags of `scan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward scan --fail-on critical --ignore unauthenticated-read
  doorward scan --output json=report.json    the terminal report, and a JSON file beside it
  doorward scan --strict                     exit 3 if anything was not understood

Configuration: `doorward.toml`, or `[tool.doorward]` in `pyproject.toml`, with the keys
  exclude, persona, min-severity, fail-on, select, ignore, strict
Flags come first.")]
pub(crate) struct Scan {
    /// The folder or file to scan
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// How to write the report [default: terminal, or as the name of `--output` ends]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<ScanFormat>,
    /// Write to a file instead (`FILE`), or as well (`FORMAT=FILE`); repeatable
    #[arg(long, value_name = "[FORMAT=]FILE")]
    pub(crate) output: Vec<String>,
    /// Who looks: each sees more, with more noise [default: regular]
    #[arg(long, value_parser = word(&PERSONAS))]
    pub(crate) persona: Option<Persona>,
    /// Leave out findings below a severity
    #[arg(long, value_name = "SEVERITY", value_parser = word(&SEVERITIES))]
    pub(crate) min_severity: Option<Severity>,
    /// Exit 1 from this severity on [default: high]
    #[arg(long, value_name = "SEVERITY", value_parser = word(&SEVERITIES))]
    pub(crate) fail_on: Option<Severity>,
    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) select: Option<Vec<String>>,
    /// All but these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) ignore: Option<Vec<String>>,
    /// Exit 3 if there are gaps or unreadable files
    #[arg(long)]
    pub(crate) strict: bool,
    /// Worker threads [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Print the JSON Schema of `--format json` and exit
    #[arg(long)]
    pub(crate) print_schema: bool,
}

/// The flags of `routes`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward routes --format csv --output routes.csv
  doorward routes --output openapi=openapi.json
  doorward routes backend | grep public")]
pub(crate) struct Routes {
    /// The folder or file to scan
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// How to write the list [default: terminal, or as the name of `--output` ends]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<RoutesFormat>,
    /// Write to a file instead (`FILE`), or as well (`FORMAT=FILE`); repeatable
    #[arg(long, value_name = "[FORMAT=]FILE")]
    pub(crate) output: Vec<String>,
    /// The application of the `openapi` document [default: the one with the most endpoints]
    #[arg(long, value_name = "NAME")]
    pub(crate) application: Option<String>,
    /// Worker threads [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
}

/// The commands about policies.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  doorward policy derive --output doorward.policy.toml
  doorward policy check doorward.policy.toml
  doorward policy test doorward.policy.toml --request \"GET /orders/7\" --as users --claim sub=7

A policy lists every endpoint with who is admitted. What it does not list is refused.")]
pub(crate) enum Policy {
    /// Derive a policy from the code: what is not understood is refused
    Derive(PolicyDerive),
    /// Check a policy: every mistake at once, with its place
    #[command(after_help = "\
Exit codes:
  0 valid   2 not valid, or not read")]
    Check {
        /// The policy file
        file: PathBuf,
    },
    /// Say who gains and who loses what from one policy to another
    #[command(after_help = "\
Example:
  doorward policy diff main.toml branch.toml

Exit codes:
  0 nothing opens   1 somebody gains something   2 a file is no policy")]
    Diff {
        /// The policy before
        old: PathBuf,
        /// The policy after
        new: PathBuf,
    },
    /// Explain step by step what becomes of a request, without a server
    Test(PolicyTest),
    /// Print the JSON Schema of a policy file
    Schema,
}

/// The commands of `secret`.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Example:
  doorward secret api-key --owner acme --scope orders:read --expires 2027-01-01")]
pub(crate) enum Secret {
    /// Make an API key: it is printed once, with what the gateway keeps of it
    ApiKey(SecretApiKey),
    /// Hash a password, for a file of users
    HashPassword(SecretHashPassword),
}

/// The flags of `secret hash-password`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward secret hash-password --name robot --generate           a password of 32 random bytes
  doorward secret hash-password --name robot < password.txt       the first line of standard input

The gateway keeps the hash (argon2id): whoever reads its file of users cannot use it. A running gateway
reads the file again when it changes.")]
pub(crate) struct SecretHashPassword {
    /// The name that is shown with the password
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// A role of the user; repeatable
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Vec<String>,
    /// What the credential may be used for; repeatable
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,
    /// Make the password, and print it this once
    #[arg(long)]
    pub(crate) generate: bool,
    /// The identity of the policy
    #[arg(long, value_name = "IDENTITY", default_value = "machines")]
    pub(crate) identity: IdentityName,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "terminal", hide_default_value = true)]
    pub(crate) format: SecretFormat,
}

/// The flags of `secret api-key`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward secret api-key --owner acme --scope orders:read --scope orders:write
  doorward secret api-key --owner acme --expires 2027-01-01 --format json
  doorward secret api-key --owner acme --quota 1000/day

The gateway keeps a digest: whoever reads its file of keys can use none of them. A running gateway
reads the file again when it changes; to take a key back, take its entry out.")]
pub(crate) struct SecretApiKey {
    /// Who is given the key: the subject, as owner columns hold it
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: String,
    /// What it is for; repeatable
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,
    /// The first day (UTC) on which it does not hold any more
    #[arg(long, value_name = "DATE")]
    pub(crate) expires: Option<Date>,
    /// How often it may be used in all, such as `1000/day`
    #[arg(long, value_name = "QUOTA")]
    pub(crate) quota: Option<Quota>,
    /// The identity of the policy
    #[arg(long, value_name = "IDENTITY", default_value = "partners")]
    pub(crate) identity: IdentityName,
    /// The header field that carries the key
    #[arg(long, value_name = "FIELD", default_value = "X-API-Key")]
    pub(crate) header: HeaderName,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "terminal", hide_default_value = true)]
    pub(crate) format: SecretFormat,
}

/// The formats of `secret`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecretFormat {
    /// For people.
    Terminal,
    /// For programs.
    Json,
}

/// The name of a section: what TOML takes as a key without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdentityName(String);

impl std::str::FromStr for IdentityName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        let is_name = !text.is_empty() && is_plain;
        is_name.then(|| Self(text.to_owned())).ok_or("a name is letters, digits, `_` and `-`")
    }
}

impl std::fmt::Display for IdentityName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The flags of `policy derive`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward policy derive                            to the terminal
  doorward policy derive src --output policy.toml   never over an existing file, unless --force
  doorward policy derive --application app.main:app

Each entry names the line of code it comes from. Read what is refused and what is `not expressed`.")]
pub(crate) struct PolicyDerive {
    /// The folder or file to scan
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Write to a file instead
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over an existing file
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// The application, where the code has several [default: the one with the most endpoints]
    #[arg(long, value_name = "NAME")]
    pub(crate) application: Option<String>,
    /// The day from which shields count [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<Date>,
    /// For how many days a shield stands
    #[arg(long, value_name = "N", default_value_t = policy::DeriveOptions::SHIELD_DAYS)]
    pub(crate) shield_days: u32,
    /// Worker threads [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
}

/// The flags of `policy test`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward policy test policy.toml --request \"GET /health\"
  doorward policy test policy.toml --request \"GET /orders/7\" --as users --role admin --claim sub=7
  doorward policy test policy.toml --request \"POST /orders\" --header \"Origin: https://b.example\"
  doorward policy test policy.toml --request \"POST /orders\" --as users --body '{\"role\": \"admin\"}'

The request goes through the layers of the gateway in enforce mode, and nothing is sent. What
`--as` says is taken to be shown. What the application would be asked is said.

Exit codes:
  0 admitted   1 refused   2 the file is no policy")]
pub(crate) struct PolicyTest {
    /// The policy file
    pub(crate) file: PathBuf,
    /// The request: a method and a path as it stands on the wire; `WS` for a WebSocket
    #[arg(long, value_name = "METHOD PATH")]
    pub(crate) request: String,
    /// The identity that was shown, by its name in the policy
    #[arg(long = "as", value_name = "IDENTITY")]
    pub(crate) identity: Option<String>,
    /// A role of the caller; repeatable
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Vec<String>,
    /// A scope of the caller; repeatable
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,
    /// A permission of the caller; repeatable
    #[arg(long, value_name = "PERMISSION")]
    pub(crate) permission: Vec<String>,
    /// A claim of the caller; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) claim: Vec<String>,
    /// A field of the request; repeatable
    #[arg(long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<String>,
    /// The body of the request, JSON unless a field says otherwise; `@FILE` reads it from there
    #[arg(long, value_name = "TEXT|@FILE")]
    pub(crate) body: Option<String>,
    /// The value of the field `Host` [default: localhost]
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// The address that the request comes from
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) from: std::net::IpAddr,
}

/// The flags of `guard`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward guard --upstream http://127.0.0.1:8000                       what can be read in two ways is refused
  doorward guard --upstream http://127.0.0.1:8000 --code src            a policy from the code, in its own mode
  doorward guard --policy policy.toml --mode report                     only say what would be refused

Records of what was decided go to the standard output, one line of JSON each. SIGTERM and Ctrl-C end the gateway when
the exchanges under way have ended. Other workers of the same port are never joined: a port that is taken is an error.

Exit codes:
  0 ended   2 wrong usage, or a policy that cannot be run   3 no application was understood (`--code`)")]
pub(crate) struct Guard {
    /// The application [default: the upstream of the policy]
    #[arg(long, value_name = "URL", value_parser = form::<policy::ServerUrl>)]
    pub(crate) upstream: Option<policy::ServerUrl>,
    /// Where to listen; port 0 takes a free one [default: that of the policy, or 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Speak TLS: a certificate and its key, in PEM, or one that is made up for this machine [default: as the policy says]
    #[arg(long, value_name = "CERT,KEY|self-signed")]
    pub(crate) tls: Option<GuardTls>,
    /// Answer there who runs the gateway: /healthz, /readyz, /metrics, /-/policy [default: as the policy says, or nowhere]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) admin: Option<SocketAddr>,
    /// Admit what a policy file says
    #[arg(long, value_name = "FILE", conflicts_with = "code")]
    pub(crate) policy: Option<PathBuf>,
    /// Admit what the code in a folder says
    #[arg(long, value_name = "PATH")]
    pub(crate) code: Option<PathBuf>,
    /// The application in the code, where it has several [default: the one with the most endpoints]
    #[arg(long, value_name = "NAME", requires = "code")]
    pub(crate) application: Option<String>,
    /// Refuse what is not admitted, or only report it [default: as the policy says; without one: report]
    #[arg(long, value_enum)]
    pub(crate) mode: Option<GuardMode>,
    /// Write records to a file instead of the standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Take the sockets over from the gateway that runs with the same path, and give them to the next one: an upgrade without a
    /// refused connection
    #[cfg(unix)]
    #[arg(long, value_name = "PATH")]
    pub(crate) handover: Option<PathBuf>,
    /// Worker threads [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<NonZeroUsize>,
}

/// What `--tls` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GuardTls {
    /// The files of a certificate and its key.
    Files(PathBuf, PathBuf),
    /// A certificate that nobody vouches for.
    SelfSigned,
}

impl std::str::FromStr for GuardTls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(',') {
            None if text == "self-signed" => Ok(Self::SelfSigned),
            Some((certificate, key)) if !certificate.is_empty() && !key.is_empty() => {
                Ok(Self::Files(certificate.into(), key.into()))
            }
            _ => Err("expected two files, such as `api.pem,api.key`, or `self-signed`".to_owned()),
        }
    }
}

/// What happens to a request that is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GuardMode {
    /// It goes on, and what would have been refused is said.
    Report,
    /// It is refused.
    Enforce,
}

/// Reads a value as a policy would.
fn form<T: std::str::FromStr<Err = String>>(text: &str) -> Result<T, String> {
    text.parse()
}

/// What `probe` and `prove` are told of the running application.
#[derive(Debug, Args)]
pub(crate) struct Attacked {
    /// The base address of the running application
    #[arg(long, value_name = "URL")]
    pub(crate) target: String,
    /// What may be done there: nothing but reads; objects of this run's own as well; what cannot be undone as well
    #[arg(long, value_enum, default_value_t = AttackLevel::Own, hide_possible_values = true, value_name = "read|own|full")]
    pub(crate) level: AttackLevel,
    /// Contact this host although it is not this machine; repeatable
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<String>,
    /// Show secrets and what others wrote in the evidence
    #[arg(long)]
    pub(crate) show: bool,
    /// Write a shell script that sends again what was proved
    #[arg(long, value_name = "FILE")]
    pub(crate) curl: Option<PathBuf>,
    /// Where to write the journal [default: a new file in the folder for temporary files]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Seconds that an answer may take
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) timeout: u64,
    /// Requests of the whole run, those that undo apart
    #[arg(long, value_name = "N", default_value_t = probe::Limits::TOTAL)]
    pub(crate) budget: usize,
    /// The application, where the code has several [default: the one with the most endpoints]
    #[arg(long, value_name = "NAME")]
    pub(crate) application: Option<String>,
    /// Write to a file instead (`FILE`), or as well (`FORMAT=FILE`); repeatable
    #[arg(long, value_name = "[FORMAT=]FILE")]
    pub(crate) output: Vec<String>,
    /// Worker threads of the scan [default: one per core]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
}

/// What may be done to a running application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AttackLevel {
    /// Only reads; no identity is made.
    Read,
    /// Also makes and changes objects of this run's own.
    Own,
    /// Also what cannot be undone.
    Full,
}

/// The flags of `probe`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward probe --target http://127.0.0.1:8000
  doorward probe src --target http://127.0.0.1:8000 --through http://127.0.0.1:8080
  doorward probe --target http://127.0.0.1:8000 --curl replay.sh --output jsonl=evidence.jsonl

Two accounts are made with the application's own handlers, and deleted again. Where it has none to register with, two
credentials are read from `DOORWARD_PROBE_TOKEN_A` and `DOORWARD_PROBE_TOKEN_B`; that of an administrator, for what only one
makes and reads back, from `DOORWARD_PROBE_TOKEN_ADMIN`. What it makes stands in the journal before
the request leaves; an interrupt (Ctrl-C) undoes and reports.

Exit codes:
  0 all held or only observed   1 something was proved   2 wrong usage, or the target is not allowed
  3 no attack could be sent     4 a defect")]
pub(crate) struct Probe {
    /// The folder or file with the code of the application
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// A gateway in front of the application: each attack is sent through it as well
    #[arg(long, value_name = "URL")]
    pub(crate) through: Option<String>,
    /// How to write the proofs [default: terminal, or as the name of `--output` ends]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<ProbeFormat>,
    #[command(flatten)]
    pub(crate) attacked: Attacked,
}

/// The flags of `prove`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward prove --target http://127.0.0.1:8000
  doorward prove src --target http://127.0.0.1:8000 --output json=proofs.json --curl replay.sh

A policy is derived from the code, and a gateway enforces it on a free port of this machine as long as the run lasts. Each
attack is sent to the application itself and through the gateway. HELD counts only if the legitimate caller got through the
same gateway. The gateway checks tokens with the key that stands in the code, or with that of the variable which the derived
policy names; `doorward guard` itself does not start with a known key.

Exit codes:
  0 all held or only observed   1 something was proved   2 wrong usage, or the target is not allowed
  3 no attack could be sent     4 a defect")]
pub(crate) struct Prove {
    /// The folder or file with the code of the application
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// How to write the table [default: terminal, or as the name of `--output` ends]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<ProveFormat>,
    #[command(flatten)]
    pub(crate) attacked: Attacked,
}

/// The formats of `prove`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProveFormat {
    /// For people.
    Terminal,
    /// For programs.
    Json,
}

/// The formats of `probe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProbeFormat {
    /// For people.
    Terminal,
    /// For programs: one document.
    Json,
    /// For programs: one proof a line.
    Jsonl,
}

/// The formats of `scan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// For people.
    Terminal,
    /// For programs; `--print-schema` describes it.
    Json,
    /// For code scanning of forges and for editors: SARIF 2.1.0.
    Sarif,
}

/// The formats of `routes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoutesFormat {
    /// For people.
    Terminal,
    /// For programs: the report of `scan` without findings, schemas and objects.
    Json,
    /// For spreadsheets.
    Csv,
    /// For documentation.
    Markdown,
    /// For clients, gateways and tools of `OpenAPI`: a 3.1 document of one application.
    Openapi,
}

/// The words as the user wrote them, with `scan` put in where no command is named: `doorward` alone scans.
pub(crate) fn with_default_command(mut words: Vec<OsString>) -> Vec<OsString> {
    if !names_command(&words) {
        let after_program = words.len().min(1);
        words.insert(after_program, "scan".into());
    }
    words
}

/// Whether the first word that is no flag of [`Talk`] names a command, or asks for help or the version.
fn names_command(words: &[OsString]) -> bool {
    match first_word(words).and_then(|word| word.to_str()) {
        Some("-h" | "--help" | "-V" | "--version" | "help") => true,
        Some(word) => Arguments::command().find_subcommand(word).is_some(),
        None => false,
    }
}

/// The first word that is no flag of [`Talk`].
fn first_word(words: &[OsString]) -> Option<&OsString> {
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("-v" | "--verbose" | "-q" | "--quiet") => {}
            Some("--color") => _ = words.next(),
            Some(flag) if flag.starts_with("--color=") => {}
            _ => return Some(word),
        }
    }
    None
}

/// The command that the first word was meant for, where it is neither a command nor anything that can be scanned: of
/// `doorward scn src`, clap would only say that `src` is one argument too many.
pub(crate) fn mistyped_command(words: &[OsString]) -> Option<Failure> {
    let word = first_word(words)?.to_str()?;
    let command = command_like(word).filter(|_| !names_command(words) && !Path::new(word).exists())?;
    let failure = Failure::usage(format!("there is no command `{word}`, and no file or folder of this name"));
    Some(failure.hint(format!("did you mean `doorward {command}`?")))
}

/// The command that a word is nearly the name of.
pub(crate) fn command_like(word: &str) -> Option<String> {
    if !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let commands = Arguments::command();
    let names: Vec<&str> = commands.get_subcommands().map(clap::Command::get_name).collect();
    nearest(word, names).map(str::to_owned)
}

fn word<T>(words: &'static Words<T>) -> impl TypedValueParser<Value = T>
where
    T: Copy + PartialEq + Send + Sync,
{
    PossibleValuesParser::new(words.all()).try_map(|word| words.read(&word).ok_or("it is not in the table of words"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(line: &str) -> String {
        let words = line.split(' ').map(OsString::from).collect();
        let words = with_default_command(words);
        words.join(" ".as_ref()).into_string().unwrap()
    }

    #[test]
    fn the_table_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn scan_is_the_default_command() {
        for (line, expected) in [
            ("doorward", "doorward scan"),
            ("doorward src", "doorward scan src"),
            ("doorward --color never --strict", "doorward scan --color never --strict"),
            ("doorward --color=never -q", "doorward scan --color=never -q"),
            ("doorward routes x", "doorward routes x"),
            ("doorward policy derive", "doorward policy derive"),
            ("doorward -v routes", "doorward -v routes"),
            ("doorward --help", "doorward --help"),
            ("doorward help scan", "doorward help scan"),
            ("doorward -q --version", "doorward -q --version"),
        ] {
            assert_eq!(completed(line), expected);
        }
    }
}
