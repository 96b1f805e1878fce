//! The gateways, each as one process on one core, set to do the same; and the origin behind them.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{Owned, command, run};

/// The core of the gateway, and that of the load and the origin.
pub(super) const GATEWAY_CORE: u32 = 0;
pub(super) const LOAD_CORE: u32 = 1;
/// How long a gateway may take to listen.
const START_SECONDS_MAX: u64 = 20;
const MIB: usize = 1024 * 1024;

/// Security headers as `doorward guard` sets them on answers of an API.
const HEADERS: &[(&str, &str)] = &[
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cross-Origin-Resource-Policy", "same-site"),
    ("Cache-Control", "no-store"),
];

/// Everybody is admitted.
const PUBLIC: &str = "[routes.\"GET /orders\"]\naccess = \"public\"\n[routes.\"POST /orders\"]\naccess = \"public\"\n\
     [routes.\"GET /big\"]\naccess = \"public\"\n";

/// How `HAProxy` looks at a token, as its documentation has it (`jwt_verify`), and at the claims that the others look at, too.
const HAPROXY_TOKENS: &str = "  http-request set-var(txn.bearer) http_auth_bearer
  http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
  http-request set-var(txn.iss) var(txn.bearer),jwt_payload_query('$.iss')
  http-request set-var(txn.aud) var(txn.bearer),jwt_payload_query('$.aud')
  http-request set-var(txn.sub) var(txn.bearer),jwt_payload_query('$.sub')
  http-request set-var(txn.scope) var(txn.bearer),jwt_payload_query('$.scope')
  http-request set-var(txn.now) date()
  http-request set-var(txn.left) var(txn.bearer),jwt_payload_query('$.exp','int'),sub(txn.now)
  http-request deny deny_status 401 unless { var(txn.alg) -m str RS256 }
  http-request deny deny_status 401 unless { var(txn.iss) -m str https://id.example } { var(txn.aud) -m str shop }
  http-request deny deny_status 401 unless { var(txn.left) -m int gt 0 }
  http-request deny deny_status 401 unless { var(txn.bearer),jwt_verify(txn.alg,\"PUBLIC_KEY\") -m int 1 }
  http-request deny deny_status 403 unless { var(txn.scope) -m sub orders:read }
  stick-table type string len 64 size 100k expire 60s store http_req_rate(60s)
  http-request track-sc0 var(txn.sub)
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100000000 }
";

/// A gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    Doorward,
    Nginx,
    Haproxy,
}

impl Peer {
    pub(super) const ALL: &[Self] = &[Self::Doorward, Self::Nginx, Self::Haproxy];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Doorward => "doorward guard",
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
        }
    }
}

/// What they are set to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// They forward.
    Plain,
    /// Security headers, CORS, a log of JSON.
    Full,
    /// They forward what comes by TLS.
    Tls,
    /// As [`Self::Full`], for whoever has a token with a scope, so often in a minute.
    Tokens,
}

/// A gateway to start.
pub(super) struct Gateway<'p> {
    pub(super) peer: Peer,
    pub(super) way: Way,
    pub(super) doorward: &'p Path,
    pub(super) folder: &'p Path,
    pub(super) origin: SocketAddr,
    pub(super) address: SocketAddr,
}

/// A process that ends when this is dropped.
pub(super) struct Running {
    process: Owned,
    name: &'static str,
    way: Way,
    log: PathBuf,
    pub(super) address: SocketAddr,
}

impl Running {
    pub(super) fn start(
        mut what: Command,
        name: &'static str,
        way: Way,
        address: SocketAddr,
        log: PathBuf,
    ) -> Result<Self> {
        let process = what.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log)?).spawn();
        let process = process.with_context(|| format!("{name} could not be started"))?;
        let mut running = Self { process: Owned(process), name, way, log, address };
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while TcpStream::connect(address).is_err() {
            if running.process.try_wait()?.is_some() || Instant::now() > deadline {
                bail!("{name} does not listen on {address}:\n{}", running.said());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(running)
    }

    /// The process: `taskset` becomes what it starts.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn url(&self) -> String {
        let scheme = if self.way == Way::Tls { "https" } else { "http" };
        format!("{scheme}://localhost:{}", self.address.port())
    }

    pub(super) fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// A program on one core.
pub(super) fn pinned(core: u32, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut pinned = command("taskset");
    pinned.args(["--cpu-list", &core.to_string()]).arg(program);
    pinned
}

/// Whether a program can be started; where those of servers are is looked at, too.
pub(super) fn is_installed(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(["/usr/sbin".into()]).any(|folder| folder.join(program).is_file())
}

/// A certificate of this machine, and its key, in files of their own and in one.
pub(super) fn certificate(folder: &Path) -> Result<()> {
    let (certificate, key) = (folder.join("tls.pem"), folder.join("tls.key"));
    let mut make = command("openssl");
    make.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "30",
        "-subj",
        "/CN=localhost",
    ]);
    make.args(["-addext", "subjectAltName=DNS:localhost", "-out"]).arg(&certificate).arg("-keyout").arg(&key);
    run(make.stderr(Stdio::null()))?;
    fs::write(folder.join("both.pem"), fs::read_to_string(certificate)? + &fs::read_to_string(key)?)?;
    Ok(())
}

/// What answers behind them: 1 KiB of JSON, or 10 MiB.
pub(super) fn origin(folder: &Path, address: SocketAddr) -> Result<Running> {
    fs::write(folder.join("big"), vec![b'x'; 10 * MIB])?;
    let body = format!("{{\"orders\":\"{}\"}}", "x".repeat(1024 - 13));
    let server = format!(
        "listen {address}; default_type application/json; client_max_body_size 20m;\n\
         location /orders {{ return 200 '{body}'; }}\nlocation /big {{ root {}; }}",
        folder.display()
    );
    let config = folder.join("origin.conf");
    fs::write(&config, nginx_config(folder, "origin", "", &server))?;
    Running::start(nginx(LOAD_CORE, folder, &config), "the origin", Way::Plain, address, folder.join("origin.txt"))
}

fn nginx(core: u32, folder: &Path, config: &Path) -> Command {
    let mut nginx = pinned(core, "nginx");
    nginx.arg("-p").arg(folder).arg("-c").arg(config);
    nginx
}

/// One process, no worker beside it: what it takes is what the work takes.
fn nginx_config(folder: &Path, name: &str, http: &str, server: &str) -> String {
    let pid = folder.join(format!("{name}.pid"));
    format!(
        "daemon off; master_process off; pid {}; error_log stderr crit; worker_rlimit_nofile 8192;\nevents {{ worker_connections 4096; }}\nhttp {{\n\
         keepalive_requests 100000000; client_body_temp_path {}; proxy_temp_path {};\n{}{http}server {{\n{server}\n}}\n}}\n",
        pid.display(),
        folder.join("body").display(),
        folder.join("proxied").display(),
        if http.contains("access_log") { "" } else { "access_log off; " },
    )
}

impl Gateway<'_> {
    /// Starts it and waits until it listens.
    pub(super) fn start(&self) -> Result<Running> {
        let command = match self.peer {
            Peer::Doorward => self.doorward()?,
            Peer::Nginx => self.nginx()?,
            Peer::Haproxy => self.haproxy()?,
        };
        let log = self.folder.join(format!("{}.txt", self.peer.name().replace(' ', "-")));
        Running::start(command, self.peer.name(), self.way, self.address, log)
    }

    fn doorward(&self) -> Result<Command> {
        let mut policy = "version = 1\nmode = \"enforce\"\n[upstream.origin]\n".to_owned();
        writeln!(policy, "servers = [\"http://{}\"]", self.origin)?;
        if self.way == Way::Tokens {
            policy += &self.tokens();
        } else {
            policy += PUBLIC;
        }
        if matches!(self.way, Way::Full | Way::Tokens) {
            policy += "[cors]\norigins = [\"https://shop.example\"]\n";
        }
        let file = self.folder.join("policy.toml");
        fs::write(&file, policy)?;
        let mut guard = pinned(GATEWAY_CORE, self.doorward);
        guard.args(["guard", "--workers", "1", "--listen", &self.address.to_string(), "--policy"]).arg(&file);
        guard.args(["--log", "/dev/null"]);
        if self.way == Way::Tls {
            guard.arg("--tls").arg(format!(
                "{},{}",
                self.folder.join("tls.pem").display(),
                self.folder.join("tls.key").display()
            ));
        }
        Ok(guard)
    }

    /// Whoever has a token with a scope, so often in a minute.
    fn tokens(&self) -> String {
        let key = self.folder.join("rsa.pem");
        format!(
            "[identity.users]\nkind = \"jwt\"\nissuer = \"https://id.example\"\naudience = [\"shop\"]\nalgorithms = [\"RS256\"]\n\
             keys = {{ file = \"{}\" }}\n[limits.each]\nquota = 100000000\nwindow_s = 60\nby = [\"principal\"]\n\
             [routes.\"GET /orders\"]\nallow = [{{ identity = \"users\", scope = \"orders:read\" }}]\nlimits = [\"each\"]\n",
            key.display()
        )
    }

    fn nginx(&self) -> Result<Command> {
        let mut http =
            format!("upstream origin {{ server {}; keepalive 128; keepalive_requests 100000000; }}\n", self.origin);
        let mut server =
            "location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ''; \
             proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header Host $host; }\nclient_max_body_size 20m;\n"
                .to_owned();
        let tls = if self.way == Way::Tls { " ssl http2" } else { "" };
        writeln!(server, "listen {}{tls};", self.address)?;
        if self.way == Way::Tls {
            let (certificate, key) = (self.folder.join("tls.pem"), self.folder.join("tls.key"));
            writeln!(
                server,
                "ssl_certificate {}; ssl_certificate_key {}; ssl_protocols TLSv1.3;",
                certificate.display(),
                key.display()
            )?;
        }
        if self.way == Way::Full {
            http += "map $http_origin $allowed { default ''; 'https://shop.example' $http_origin; }\nlog_format fields escape=json '{\"time\":\"$time_iso8601\",\
                \"client\":\"$remote_addr\",\"method\":\"$request_method\",\"path\":\"$uri\",\"status\":$status,\"bytes\":$body_bytes_sent,\
                \"seconds\":$request_time,\"agent\":\"$http_user_agent\",\"id\":\"$request_id\"}';\naccess_log /dev/null fields buffer=32k;\n";
            server += &HEADERS
                .iter()
                .map(|(name, value)| format!("add_header {name} \"{value}\" always;\n"))
                .collect::<String>();
            server += "add_header Access-Control-Allow-Origin $allowed always;\nadd_header Vary Origin always;\n";
        }
        let config = self.folder.join("nginx.conf");
        fs::write(&config, nginx_config(self.folder, "nginx", &http, &server))?;
        Ok(nginx(GATEWAY_CORE, self.folder, &config))
    }

    fn haproxy(&self) -> Result<Command> {
        let tls = if self.way == Way::Tls {
            let both = self.folder.join("both.pem");
            format!(" ssl crt {} alpn h2,http/1.1 ssl-min-ver TLSv1.3", both.display())
        } else {
            String::new()
        };
        let mut config = "global\n  nbthread 1\n  maxconn 4096\n".to_owned();
        if matches!(self.way, Way::Full | Way::Tokens) {
            // It writes its log to a socket or a descriptor; this one is thrown away, as those of the others are.
            config += "  log stdout format raw local0\n";
        }
        config += "defaults\n  mode http\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n  http-reuse always\n  option forwardfor\n";
        writeln!(config, "frontend front\n  bind {}{tls}\n  default_backend back", self.address)?;
        if matches!(self.way, Way::Full | Way::Tokens) {
            config += "  log global\n  log-format '{\"time\":\"%trl\",\"client\":\"%ci\",\"method\":\"%HM\",\"path\":\"%HP\",\"status\":%ST,\"bytes\":%B,\"ms\":%Ta}'\n";
            config += &HEADERS
                .iter()
                .map(|(name, value)| format!("  http-response set-header {name} \"{value}\"\n"))
                .collect::<String>();
            config += "  http-request set-var(txn.origin) req.hdr(Origin)\n  acl known var(txn.origin) -m str https://shop.example\n";
            config += "  http-response set-header Access-Control-Allow-Origin %[var(txn.origin)] if known\n  http-response add-header Vary Origin\n";
        }
        if self.way == Way::Tokens {
            config += &HAPROXY_TOKENS.replace("PUBLIC_KEY", &self.folder.join("rsa.pem").display().to_string());
        }
        writeln!(config, "backend back\n  server origin {}", self.origin)?;
        let file = self.folder.join("haproxy.cfg");
        fs::write(&file, config)?;
        let mut haproxy = pinned(GATEWAY_CORE, "haproxy");
        haproxy.args(["-db", "-f"]).arg(file);
        Ok(haproxy)
    }
}
