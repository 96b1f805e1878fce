//! Route tables and requests with the answers of our match, as JSON lines: `cargo xtask test` asks Starlette the same.
//! The same seed gives the same lines.

use std::fmt::Write as _;
use std::io::{self, Write};

use doorward_policy::{Match, Matcher, Policy, RequestPath};
use model::Method;
use serde_json::{Value, json};

/// Tables of routes.
const TABLES: u32 = 400;
/// Requests to each.
const REQUESTS: u32 = 60;

/// Segments of templates; `N` is replaced so that no name stands twice in a template.
const TEMPLATES: &[&str] = &[
    "items",
    "items",
    "me",
    "a",
    "a.b",
    "é",
    "v1",
    "",
    "{pN}",
    "{pN}",
    "{pN}",
    "{pN:int}",
    "{pN:float}",
    "{pN:uuid}",
    "{pN:path}",
    "{pN}.{qN}",
    "v{pN:int}",
    "{pN:int}-{qN}",
    "{pN:path}.json",
    "x{pN}",
];

/// Segments of requests.
const WORDS: &[&str] = &[
    "items",
    "items",
    "me",
    "a",
    "a.b",
    "%C3%A9",
    "v1",
    "",
    "7",
    "007",
    "1.5",
    "1.",
    "x.y.z",
    "v12",
    "12-x",
    "a;b=1",
    "%69tems",
    "%2569tems",
    "a%20b",
    "00000000-0000-0000-0000-00000000000a",
    "0000000000000000000000000000000A",
    "q.json",
    "xé",
    "..",
    "%2e%2e",
    "a%2Fb",
    "x%00",
    "it%65ms",
    "%7Bp%7D",
    "-1",
    "1e5",
    "~",
    "a%3Fb",
    "%F0%9F%9A%AA",
];

const METHODS: &[&str] = &["GET", "GET", "POST", "DELETE", "HEAD", "OPTIONS", "WS"];

/// A generator of numbers (SplitMix64): a test wants the same ones every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from((mixed ^ (mixed >> 31)) % bound).unwrap_or(0)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn template(&mut self) -> String {
        let segments = 1 + self.below(4);
        let mut path = String::new();
        for index in 0..segments {
            path.push('/');
            path.push_str(&self.pick(TEMPLATES).replace('N', &index.to_string()));
        }
        path
    }

    /// A path that often fits a template of the table.
    fn request(&mut self, templates: &[String]) -> String {
        let like = templates[self.below(templates.len())].clone();
        let mut path = String::new();
        for segment in like.split('/').skip(1) {
            path.push('/');
            let keep = self.below(10) > 2 && !segment.contains('{');
            let word = if keep { segment.replace('é', "%C3%A9") } else { self.pick(WORDS).to_owned() };
            path.push_str(&word.replace("xé", "x%C3%A9"));
        }
        match self.below(8) {
            0 => path.push('/'),
            1 => path.truncate(path.trim_end_matches('/').len().max(1)),
            2 => path = path.replacen('/', "//", 1),
            3 => path.push_str("/me"),
            _ => {}
        }
        path
    }
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut numbers = Numbers(3);
    for _ in 0..TABLES {
        writeln!(out, "{}", table(&mut numbers))?;
    }
    Ok(())
}

fn table(numbers: &mut Numbers) -> Value {
    let mut text = String::from("version = 1\n[router]\n");
    let slashes = numbers.below(3) > 0;
    let head = numbers.below(2) == 0;
    text.push_str(if slashes { "trailing_slash = \"redirect\"\n" } else { "trailing_slash = \"strict\"\n" });
    let _ = writeln!(text, "implicit_head = {head}");
    let mut templates = Vec::new();
    for _ in 0..=numbers.below(12) {
        let (method, template) = (numbers.pick(METHODS), numbers.template());
        // Templates that converters tell apart have a variant; the same one twice is refused and never reached.
        let sections = ["", " variant=2"].map(|variant| format!("{text}[routes.\"{method} {template}{variant}\"]\n"));
        if let Some(section) = sections.into_iter().find(|section| Policy::parse(section).is_ok()) {
            text = section;
            templates.push(template);
        }
    }
    if templates.is_empty() {
        text.push_str("[routes.\"GET /\"]\n");
        templates.push("/".to_owned());
    }
    let policy = Policy::parse(&text).expect("the generator writes policies");
    let matcher = Matcher::new(&policy.routes, &policy.router);
    let routes: Vec<Value> = policy
        .routes
        .iter()
        .map(|route| {
            let key = route.key.to_string();
            let (method, path) = key.split_once(' ').expect("a key has a method");
            let path = path.split_once(" variant=").map_or(path, |(path, _)| path);
            json!([method, path, route.key.pattern().parameters().map(|one| one.name.to_string()).collect::<Vec<_>>()])
        })
        .collect();
    let requests: Vec<Value> = (0..REQUESTS)
        .map(|_| {
            let (method, path) = (numbers.pick(METHODS), numbers.request(&templates));
            json!([method, path, answer(&policy, &matcher, method, &path)])
        })
        .collect();
    json!({ "redirect_slashes": slashes, "implicit_head": head, "routes": routes, "requests": requests })
}

fn answer(policy: &Policy, matcher: &Matcher, method: &str, raw: &str) -> Value {
    let path = match RequestPath::new(raw.as_bytes()) {
        Ok(path) => path,
        Err(refusal) => return json!({ "refused": refusal.to_string() }),
    };
    let method: Method = method.parse().expect("a method");
    match matcher.find(&method, None, &path) {
        Match::Found(found) => {
            let pattern = policy.routes[found.route].key.pattern();
            let parameters: serde_json::Map<String, Value> =
                pattern.parameters().map(|one| (one.name.to_string(), json!(found.parameter(&one.name)))).collect();
            json!({ "route": found.route, "parameters": parameters })
        }
        Match::MethodNotAllowed { allow } => json!({ "allow": allow }),
        Match::Redirect { path, status } => json!({ "redirect": path, "status": status }),
        Match::Unclear { route } => json!({ "unclear": route }),
        Match::NotFound => json!({ "unknown": true }),
    }
}
